// Run folders (core/run_folder.h): content, refusals, resuming. What other programs read in them:
// test_run_folder_readers.py; equal bytes under MPI: tests/mpi/test_mpi_run_folder.cpp.
#include "core/run_folder.h"

#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using tests::SampleRun;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

TEST_CASE("what was recorded is read back: spikes by time then neuron, frames by time", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  SampleRun::write({.path = here / "run", .run_json = "{\"seed\": 1}"}, *comm);
  CHECK_FALSE(fs::exists(here / "run.partial"));
  const RunFolder folder = read_run_folder(here / "run");
  CHECK(folder.run_json == "{\"seed\": 1}");
  REQUIRE(folder.spikes.size() == 2);
  for (const SpikeTrainData& data : folder.spikes) {
    const Gid first = data.population == "exc" ? 0 : 50;
    const auto expected = SampleRun::expected(first, data.population == "exc" ? 50 : 15);
    std::vector<RecordedSpike> read;
    for (std::size_t i = 0; i < data.times.size(); ++i)
      read.push_back({from_ms(data.times[i]).count(), first + static_cast<Gid>(data.neurons[i])});
    CHECK(expected.size() > 5000);
    CHECK(read == expected);
  }
  REQUIRE(folder.reports.size() == 2);
  const ReportData& v = folder.reports[0];
  CHECK(v.population + " " + v.variable + " " + v.unit == "exc v mV");
  CHECK(v.interval == 1.0);
  CHECK(v.neurons == std::vector<std::int64_t>{3, 20, 49});
  REQUIRE(v.values.size() == 601 * 3);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < v.values.size(); ++i)
    wrong += v.values[i] == SampleRun::value(0, static_cast<std::int64_t>(i / 3),
                                             static_cast<std::uint32_t>(i % 3))
                 ? 0
                 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("any number of ranks writes the same bytes", "[core][threads]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  SampleRun::write({.path = here / "one", .run_json = "{}"}, *comm);
  for (const int n : {2, 4}) {
    const fs::path path = here / std::to_string(n);
    run_as_ranks(n,
                 [&](Comm& ranks) { SampleRun::write({.path = path, .run_json = "{}"}, ranks); });
    for (const char* name : tests::run_folder_files) {
      const bool equal = read_text(here / "one" / name) == read_text(path / name);
      INFO(n << " ranks, " << name);
      CHECK(equal);
    }
  }
}

TEST_CASE("a digest changes with any spike, sample or end, and with nothing else", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  SampleRun::write({.path = here / "run", .run_json = "{}"}, *comm);
  RunFolder folder = read_run_folder(here / "run");
  const std::string before = digest(folder);
  CHECK(before.size() == 64);
  RunFolder other = folder;
  other.run_json = "{ }";
  other.path = "elsewhere";
  CHECK(digest(other) == before);
  other.spikes[1].times.back() += 1e-6;
  CHECK(digest(other) != before);
  other = folder;
  other.reports[0].values[7] += 1e-12;
  CHECK(digest(other) != before);
  other = folder;
  other.status_json += " ";
  CHECK(digest(other) != before);
}

TEST_CASE("an existing run folder is replaced only when asked to, anything else never", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  const auto write = [&](const std::string& name, bool overwrite) {
    SampleRun::write({.path = here / name, .run_json = "{}", .overwrite = overwrite}, *comm);
  };
  write("run", false);
  CHECK_THROWS_WITH(write("run", false), Catch::Contains("run: exists already"));
  CHECK_NOTHROW(write("run", true));
  fs::create_directories(here / "thesis");
  write_file(here / "thesis/chapter", "years of work");
  CHECK_THROWS_WITH(write("thesis", true), Catch::Contains("is no run folder"));
  CHECK(read_text(here / "thesis/chapter") == "years of work");
}

TEST_CASE("a run that was killed leaves its .partial, which a new one does not discard unasked",
          "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  {
    const auto killed =
        make_run_folder(SampleRun::plan(), {.path = here / "run", .run_json = "{}"}, *comm);
    SampleRun::run(*killed, *comm, 0, 100);
  }
  CHECK(fs::exists(here / "run.partial"));
  CHECK_FALSE(fs::exists(here / "run"));
  CHECK_THROWS_WITH(SampleRun::write({.path = here / "run", .run_json = "{}"}, *comm),
                    Catch::Contains("run.partial: a run was cut short here, or is under way; "
                                    "`ranvier recover"));
  CHECK_NOTHROW(
      SampleRun::write({.path = here / "run", .run_json = "{}", .overwrite = true}, *comm));
}

TEST_CASE("a run that fails before its first flush leaves no folder, one that is gone on in stays",
          "[core][threads]") {
  const TemporaryFolder here;
  const RunFolderOptions begun{.path = here / "run", .run_json = "{}"};
  run_as_ranks(2, [&](Comm& ranks) {
    const auto failing = make_run_folder(SampleRun::plan(), begun, ranks);
    if (ranks.rank() == 0) CHECK(fs::exists(here / "run.partial/spool/plan.json"));
    ranks.all_gather({});  // before another rank fails
    SampleRun::run(*failing, ranks, 0, SampleRun::flush_every - 1);
  });
  CHECK(fs::is_empty(here / ""));
  const auto comm = make_local_comm();
  {
    const auto failed = make_run_folder(SampleRun::plan(), begun, *comm);
    failed->fail();
    CHECK(fs::is_empty(here / ""));
    const auto killed = make_run_folder(SampleRun::plan(), begun, *comm);
    SampleRun::run(*killed, *comm, 0, SampleRun::flush_every);
  }
  RunFolderOptions again = begun;
  again.resume_at = SampleRun::flush_every * SampleRun::window_ns;
  make_run_folder(SampleRun::plan(), again, *comm);
  CHECK(recover_run_folder(here / "run.partial", {here / "saved", ""}, *comm) == 50);
}

TEST_CASE(
    "a run resumed at an earlier time, again and again, on other ranks, has the bytes of one that "
    "was never stopped",
    "[core][threads]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  SampleRun::write({.path = here / "whole", .run_json = "{}"}, *comm);
  {
    const auto killed =
        make_run_folder(SampleRun::plan(), {.path = here / "run", .run_json = "{}"}, *comm);
    SampleRun::run(*killed, *comm, 0, 430);
  }
  // Windows: within a stretch between flushes, at its end, at the last that was written.
  const std::int64_t stopped = GENERATE(37, 250, 400);
  RunFolderOptions options{
      .path = here / "run", .run_json = "{}", .resume_at = stopped * SampleRun::window_ns};
  run_as_ranks(3, [&](Comm& ranks) {
    const auto resumed = make_run_folder(SampleRun::plan(), options, ranks);
    SampleRun::run(*resumed, ranks, stopped, 530);
  });
  const std::int64_t again = GENERATE(0, 90);  // windows later
  options.resume_at += again * SampleRun::window_ns;
  run_as_ranks(2, [&](Comm& ranks) {
    const auto resumed = make_run_folder(SampleRun::plan(), options, ranks);
    SampleRun::run(*resumed, ranks, stopped + again, SampleRun::windows);
    resumed->finish(SampleRun::outcome());
  });
  for (const char* name : tests::run_folder_files) {
    const bool equal = read_text(here / "whole" / name) == read_text(here / "run" / name);
    INFO(name);
    CHECK(equal);
  }
  CHECK_FALSE(fs::exists(here / "run/spool"));
}

TEST_CASE(
    "resuming refuses a missing run and a time that was not reached, and takes the new run.json",
    "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  const auto resume = [&](const std::string& json, std::int64_t window) {
    make_run_folder(
        SampleRun::plan(),
        {.path = here / "run", .run_json = json, .resume_at = window * SampleRun::window_ns},
        *comm);
  };
  CHECK_THROWS_WITH(resume("{}", 10), Catch::Contains("there is no run to resume"));
  {
    const auto killed =
        make_run_folder(SampleRun::plan(), {.path = here / "run", .run_json = "{}"}, *comm);
    SampleRun::run(*killed, *comm, 0, 100);
  }
  CHECK_THROWS_WITH(resume("{}", 101),
                    Catch::Contains("holds 303 of 306 values of exc v before 101 ms"));
  CHECK_NOTHROW(resume("{\"duration\": 2}", 10));
  CHECK(read_text(here / "run.partial/run.json") == "{\"duration\": 2}");
}

TEST_CASE("an error while the folder is made reaches every rank", "[core][threads]") {
  const TemporaryFolder here;
  write_file(here / "file", "");
  std::vector<std::string> told(3);
  run_as_ranks(3, [&](Comm& ranks) {
    try {
      make_run_folder(SampleRun::plan(), {.path = here / "file" / "run", .run_json = "{}"}, ranks);
    } catch (const Error& error) {
      told[static_cast<std::size_t>(ranks.rank())] = error.what();
    }
  });
  CHECK(told[0].find("cannot be created") != std::string::npos);
  CHECK(told == std::vector<std::string>(3, told[0]));
}

TEST_CASE("two reports that would be one file are refused, and nothing is written", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  RecordPlan plan;
  plan.populations = {{"a", 0, 10, true}};
  plan.reports = {{"a", "v", "mV", {0}, 1}, {"a", "v", "mV", {1, 2}, 0.5}};
  CHECK_THROWS_WITH(make_run_folder(plan, {.path = here / "run", .run_json = "{}"}, *comm),
                    Catch::Contains("v of \"a\" is recorded twice"));
  CHECK(fs::is_empty(here / ""));
  plan.reports[1].variable = "i_e";
  CHECK_NOTHROW(require_names(plan));
}

TEST_CASE("a text that cannot be put in its place leaves nothing aside", "[core]") {
  const TemporaryFolder here;
  fs::create_directories(here / "taken" / "by a folder");
  CHECK_THROWS_WITH(write_file(here / "taken", "text"), Catch::Contains("cannot be written"));
  CHECK_FALSE(fs::exists(here / "taken.new"));
  CHECK_NOTHROW(write_file(here / "free", "text"));
}

TEST_CASE("a name that no file can have is refused before anything is recorded", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  RecordPlan plan;
  plan.populations = {{std::string(253, 'x'), 0, 10, true}};  // and ".h5"
  CHECK_THROWS_WITH(make_run_folder(plan, {.path = here / "run", .run_json = "{}"}, *comm),
                    Catch::Contains("the name may have 252 bytes at most"));
  CHECK(fs::is_empty(here / ""));
  plan.populations[0].name.pop_back();
  CHECK_NOTHROW(require_names(plan));
  plan.reports = {{plan.populations[0].name, "v", "mV", {0}, 1}};  // and "_v.h5"
  CHECK_THROWS_WITH(require_names(plan), Catch::Contains("the name may have 250 bytes at most"));
}
