// Spools (core/spool.h), what is made of them (core/results.h), and folders recovered from them,
// where files end anywhere: a kill cuts a file, never changes what it held.
#include "core/spool.h"

#include <csignal>
#include <optional>
#include <random>
#include <thread>

#include <sys/resource.h>

#include "core/error.h"
#include "core/json.h"
#include "core/record_plan.h"
#include "core/results.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using tests::SampleRun;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

/// A run of `ranks` ranks that is killed after `windows` windows.
void killed_run(const fs::path& path, int ranks, std::int64_t windows) {
  run_as_ranks(ranks, [&](Comm& comm) {
    const auto recorder = make_run_folder(SampleRun::plan(), {path, "{}"}, comm);
    SampleRun::run(*recorder, comm, 0, windows);
  });
}

std::vector<RecordedSpike> read_spikes(const fs::path& path) {
  std::vector<RecordedSpike> spikes;
  SpikeReader reader(path);
  while (const auto s = reader.next()) spikes.push_back(*s);
  return spikes;
}

}  // namespace

TEST_CASE("spikes and samples come back from a spool, window by window", "[core]") {
  const TemporaryFolder here;
  fs::create_directories(here / "");
  const std::vector<std::uint32_t> few{4, 1, 9}, one{0};
  const std::vector<double> values{0.5, -0.0, 1e300}, value{7};
  {
    SpoolWriter writer(here / "", 3, 11, 1, 5);
    writer.spikes(std::vector<RecordedSpike>{{10, 2}, {8, 1}});
    for (const std::int64_t frame : {0, 1}) {
      writer.sample(0, frame, few, values);
      writer.sample(0, frame, one, value);
    }
    writer.mark(10);
  }
  CHECK(
      read_spikes(here / "3-11.spikes") ==
      std::vector<RecordedSpike>{{5, SpikeReader::mark}, {10, 2}, {8, 1}, {10, SpikeReader::mark}});
  std::vector<RecordedSpike> last(3);
  const SpikeReader anywhere(here / "3-11.spikes");
  CHECK(anywhere.size() == 4);
  CHECK(anywhere.read(2, last) == 2);
  CHECK(last == std::vector<RecordedSpike>{{8, 1}, {10, SpikeReader::mark}, {}});
  FrameReader reader(here / "3-11.report-0");
  for (const std::int64_t frame : {0, 1})
    for (const bool first : {true, false}) {
      const SpooledFrame* block = reader.next();
      REQUIRE(block);
      CHECK(block->frame == frame);
      CHECK(std::vector<std::uint32_t>(block->columns.begin(), block->columns.end()) ==
            (first ? few : one));
      CHECK(block->values == (first ? values : value));
    }
  CHECK(reader.next() == nullptr);
}

TEST_CASE("a file that was cut anywhere gives its whole records, and no other", "[core]") {
  const TemporaryFolder here;
  {
    SpoolWriter writer(here / "", 0, 0, 1, -1);
    for (std::int64_t frame = 0; frame < 20; ++frame)
      for (const std::uint32_t column : {3u, 8u, 5u})
        writer.sample(0, frame, std::array{column},
                      std::array{static_cast<double>(frame) + column * 0.01});
    writer.spikes(std::vector<RecordedSpike>(50, {1, 2}));
    writer.mark(1);
  }
  for (const char* name : {"0-0.spikes", "0-0.report-0"}) {
    const std::string whole = read_text(here / name);
    std::size_t before = 0;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      write_file(here / "cut", whole.substr(0, length));
      std::size_t records = 0, wrong = 0;
      if (std::string(name) == "0-0.spikes") {
        records = read_spikes(here / "cut").size();
        wrong = records == length / 16 ? 0 : 1;
      } else {
        FrameReader reader(here / "cut");
        for (; const SpooledFrame* f = reader.next(); ++records)
          wrong += f->values[0] == static_cast<double>(f->frame) + f->columns[0] * 0.01 &&
                           f->frame == static_cast<std::int64_t>(records / 3)
                       ? 0
                       : 1;
        wrong += reader.end() <= length && records >= before ? 0 : 1;
      }
      if (wrong > 0) FAIL_CHECK(name << " cut to " << length << " bytes");
      before = records;
    }
    CHECK(before == (std::string(name) == "0-0.spikes" ? 52u : 60u));
  }
}

TEST_CASE("a plan comes back from its file", "[core]") {
  const TemporaryFolder here;
  RecordPlan plan = SampleRun::plan();
  plan.reports[1].unit = "";
  plan.reports[1].interval = 0.1;
  plan.reports.push_back(
      {"p", "weight", "nA", {0, 1, 2}, 1, true, {0, 0, 4'000'000'000}, {2, 1, 3}});
  save_record_plan(here / "plan.json", plan);
  const RecordPlan read = load_record_plan(here / "plan.json");
  REQUIRE(read.populations.size() == plan.populations.size());
  for (std::size_t p = 0; p < plan.populations.size(); ++p) {
    CHECK(read.populations[p].name == plan.populations[p].name);
    CHECK(read.populations[p].first == plan.populations[p].first);
    CHECK(read.populations[p].size == plan.populations[p].size);
    CHECK(read.populations[p].spikes == plan.populations[p].spikes);
  }
  REQUIRE(read.reports.size() == 3);
  CHECK_FALSE(read.reports[1].of_projection);
  CHECK(read.reports[2].of_projection);
  CHECK(read.reports[2].neurons == plan.reports[2].neurons);
  CHECK(read.reports[2].sources == plan.reports[2].sources);
  CHECK(read.reports[2].targets == plan.reports[2].targets);
  CHECK(read.reports[0].neurons == plan.reports[0].neurons);
  CHECK(read.reports[0].unit == "mV");
  CHECK(read.reports[1].unit.empty());
  CHECK(read.reports[1].interval == 0.1);
  CHECK(read.duration == 600);
  write_file(here / "bad.json", R"({"populations": [], "reports": [], "duraton": 1})");
  CHECK_THROWS_WITH(load_record_plan(here / "bad.json"), Catch::Contains("bad.json: /duraton"));
  fs::resize_file(here / "plan.synapses-2", 71);
  CHECK_THROWS_WITH(load_record_plan(here / "plan.json"),
                    Catch::Contains("plan.synapses-2: 71 bytes, must be 24 a synapse"));
}

TEST_CASE("spikes are sorted by time, then gid, however they come", "[core]") {
  std::mt19937_64 random(5);
  for (const std::int64_t times : {1, 7, 1'000'000'000}) {
    std::vector<RecordedSpike> spikes(5'000);
    for (RecordedSpike& s : spikes)
      s = {static_cast<std::int64_t>(random()) % times, random() % 300};
    std::vector<RecordedSpike> expected = spikes;
    std::sort(expected.begin(), expected.end());
    const std::span<const RecordedSpike> all(spikes);
    std::vector<RecordedSpike> sorted(7);
    sort_spikes(std::vector{all.first(1'000), all.subspan(1'000, 0), all.subspan(1'000)}, sorted);
    CHECK(sorted == expected);
    sort_spikes({}, sorted);
    CHECK(sorted.empty());
  }
}

TEST_CASE("results made in many small passes have the bytes of those made in one",
          "[core][threads]") {
  const TemporaryFolder here;
  const int recorded_by = GENERATE(1, 3);  // ranks; a file of one alone is read in several blocks
  killed_run(here / "run", recorded_by, 500);
  const fs::path spool = here / "run.partial" / "spool";
  const auto make = [&](const char* name, int ranks, int threads, const ResultsBudget& budget) {
    run_as_ranks(ranks, [&](Comm& comm) {
      const RecordPlan plan = SampleRun::plan();
      const SpoolFiles files = list_spool(spool, plan.reports.size(), comm);
      Workers workers(threads);
      write_results(here / name, plan, files, 500 * SampleRun::window_ns, comm, workers, budget);
    });
  };
  make("one", 1, 1, {});
  make("many", 1, 1, {.spikes = 100, .values = 13});
  make("by_workers", 1, 3, {.spikes = 100});
  make("shared", 4, 1, {.spikes = 1'000, .all_spikes = 500, .values = 7});
  make("shared_by_workers", 3, 2, {.spikes = 1'000, .all_spikes = 500, .values = 7});
  for (const char* name : {"spikes.h5", "reports/exc_v.h5", "reports/inh_w.h5"})
    for (const char* other : {"many", "by_workers", "shared", "shared_by_workers"}) {
      const bool equal = read_text(here / "one" / name) == read_text(here / other / name);
      INFO(other << ", " << name);
      CHECK(equal);
    }
}

TEST_CASE(
    "a killed run is recovered up to the last time that all ranks had written, and stays as it is",
    "[core][threads]") {
  const TemporaryFolder here;
  killed_run(here / "run", 3, 430);  // flushed at 400 ms
  const fs::path spool = here / "run.partial" / "spool";
  std::int64_t until = 400;
  SECTION("as it was left") {}
  SECTION("with the last write of a rank cut short") {
    fs::resize_file(spool / "0-1.spikes", fs::file_size(spool / "0-1.spikes") - 5);
    until = 350;  // its mark at 400 ms is gone
  }
  const int ranks = GENERATE(1, 2);
  double told = 0;
  run_as_ranks(ranks, [&](Comm& comm) {
    const double ms = recover_run_folder(here / "run.partial", {here / "out", ""}, comm);
    if (comm.rank() == 0) told = ms;
  });
  CHECK(told == static_cast<double>(until));
  CHECK(fs::exists(spool / "0-0.spikes"));
  const RunFolder folder = read_run_folder(here / "out");
  CHECK(folder.status_json ==
        "{\n  \"complete\": false,\n  \"ended_at\": " + std::to_string(until) + ".0\n}\n");
  for (const SpikeTrainData& data : folder.spikes) {
    const Gid first = data.population == "exc" ? 0 : 50;
    auto expected = SampleRun::expected(first, data.population == "exc" ? 50 : 15);
    std::erase_if(expected,
                  [&](const RecordedSpike& s) { return s.time > until * SampleRun::window_ns; });
    std::vector<RecordedSpike> read;
    for (std::size_t i = 0; i < data.times.size(); ++i)
      read.push_back({from_ms(data.times[i]).count(), first + static_cast<Gid>(data.neurons[i])});
    CHECK(read == expected);
  }
  const ReportData& v = folder.reports.at(0);
  REQUIRE(v.values.size() == static_cast<std::size_t>(until + 1) * 3);
  CHECK(v.values.back() == SampleRun::value(0, until, 2));
}

TEST_CASE("what cannot be recovered or resumed is refused with the reason", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  const auto recover = [&](const char* from) {
    recover_run_folder(here / from, {here / "out", ""}, *comm);
  };
  fs::create_directories(here / "thesis");
  CHECK_THROWS_WITH(recover("thesis"), Catch::Contains("holds no spool"));
  {
    const auto early =
        make_run_folder(SampleRun::plan(), {.path = here / "early", .run_json = "{}"}, *comm);
    SampleRun::run(*early, *comm, 0, 10);  // and still going on
    CHECK_THROWS_WITH(recover("early.partial"), Catch::Contains("nothing had been recorded yet"));
  }
  killed_run(here / "run", 2, 100);
  for (const char* same : {"run", "run.partial"})
    CHECK_THROWS_WITH(recover_run_folder(here / "run.partial", {here / same, "", true}, *comm),
                      Catch::Contains("run.partial: is what is recovered; give another name than"));
  const auto resume = [&] {
    make_run_folder(SampleRun::plan(),
                    {.path = here / "run",
                     .run_json = "{}",
                     .resume_at = 50 * SampleRun::window_ns,
                     .resume_spikes = 2'000'000},
                    *comm);
  };
  CHECK_THROWS_WITH(resume(), Catch::Contains("of 2000000 spikes before 50 ms"));
  fs::remove(here / "run.partial/spool/0-1.report-0");
  CHECK_THROWS_WITH(recover("run.partial"), Catch::Contains("the spool is damaged: it holds"));
}

TEST_CASE("where one rank cannot write, all of them end with its message", "[core][threads]") {
  const TemporaryFolder here;
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{30'000, before.rlim_max};  // stands for a full disk
  setrlimit(RLIMIT_FSIZE, &small);
  std::vector<std::string> told(3);
  run_as_ranks(3, [&](Comm& comm) {
    const auto recorder = make_run_folder(SampleRun::plan(), {here / "run", "{}"}, comm);
    try {
      if (comm.rank() == 1) recorder->spikes(std::vector<RecordedSpike>(3'000, {1, 2}));
      recorder->flush(1);
    } catch (const Error& error) {
      told[static_cast<std::size_t>(comm.rank())] = error.what();
    }
  });
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK_THAT(told[0], Catch::Contains("0-1.spikes: cannot be written: File too large"));
  CHECK(told == std::vector<std::string>(3, told[0]));
}

TEST_CASE("a folder that a process is writing is neither resumed nor replaced", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  RunFolderOptions options{here / "run", "{}"};
  const auto running = make_run_folder(SampleRun::plan(), options, *comm);
  SampleRun::run(*running, *comm, 0, 100);
  const auto refused = Catch::Contains("run.partial: is still being written by another process");
  options.overwrite = true;
  CHECK_THROWS_WITH(make_run_folder(SampleRun::plan(), options, *comm), refused);
  options.resume_at = 50 * SampleRun::window_ns;
  CHECK_THROWS_WITH(make_run_folder(SampleRun::plan(), options, *comm), refused);
  CHECK(recover_run_folder(here / "run.partial", {here / "peek", ""}, *comm) == 100);
  SampleRun::run(*running, *comm, 100, SampleRun::windows);
  running->finish(SampleRun::outcome());
  SampleRun::write({here / "whole", "{}"}, *comm);
  CHECK(digest(read_run_folder(here / "run")) == digest(read_run_folder(here / "whole")));
}

TEST_CASE("a folder that a rank writes that outlived the first is neither resumed nor replaced",
          "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  RunFolderOptions options{here / "run", "{}"};
  SampleRun::run(*make_run_folder(SampleRun::plan(), options, *comm), *comm, 0, 100);
  RawFile written = RawFile::edit(here / "run.partial/spool/0-0.spikes");
  REQUIRE(written.try_lock());
  const auto refused = Catch::Contains("0-0.spikes: is still being written by another process");
  options.overwrite = true;
  CHECK_THROWS_WITH(make_run_folder(SampleRun::plan(), options, *comm), refused);
  options.resume_at = 50 * SampleRun::window_ns;
  CHECK_THROWS_WITH(make_run_folder(SampleRun::plan(), options, *comm), refused);
}

TEST_CASE("of runs that begin in one folder at one moment one goes on", "[core][threads]") {
  const TemporaryFolder here;
  for (int round = 0; round < 3; ++round) {
    if (round == 1) killed_run(here / "run", 1, 100);
    constexpr std::size_t n = 8;
    std::vector<std::unique_ptr<Recorder>> recorders(n);
    std::vector<std::string> told(n);
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < n; ++k)
      threads.emplace_back([&, k] {
        const auto comm = make_local_comm();
        try {
          recorders[k] = make_run_folder(SampleRun::plan(), {here / "run", "{}", true}, *comm);
        } catch (const Error& error) {
          told[k] = error.what();
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(std::count(told.begin(), told.end(), "") == 1);
    CHECK(fs::exists(here / "run.partial/spool/0-0.spikes"));
    recorders.clear();
    CHECK(fs::is_empty(here / ""));
  }
}

TEST_CASE("a folder is not named by --resume while the run that made it does", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  const RunFolderOptions options{here / "run", "{}"};
  SampleRun::write(options, *comm);
  fs::rename(here / "run", here / "run.partial");
  {
    RawFile naming = RawFile::edit(here / "run.partial/run.json");
    REQUIRE(naming.try_lock());
    CHECK_THROWS_WITH(finish_left(options, *comm),
                      Catch::Contains("run.partial: is still being written by another process"));
  }
  CHECK(finish_left(options, *comm) == Leftover::complete);
}

TEST_CASE("a file that was removed or replaced is told from the one of its name", "[core]") {
  const TemporaryFolder here;
  const fs::path path = here / "run.json";
  CHECK_FALSE(take_unused(path, here / "run"));
  write_file(path, "old");
  const std::optional<RawFile> old = take_unused(path, here / "run");
  REQUIRE(old);
  CHECK(old->has_its_name());
  CHECK_THROWS_WITH(take_unused(path, here / "run"),
                    Catch::Contains("run: is still being written by another process"));
  fs::remove(path);
  CHECK_FALSE(old->has_its_name());
  write_file(path, "new");
  CHECK_FALSE(old->has_its_name());
  const std::optional<RawFile> other = take_unused(path, here / "run");
  REQUIRE(other);
  CHECK(other->has_its_name());
}

TEST_CASE("a kill in the last moment leaves what --resume only has to name", "[core]") {
  const TemporaryFolder here;
  const auto comm = make_local_comm();
  const RunFolderOptions options{here / "run", "{}"};
  CHECK(finish_left(options, *comm) == Leftover::unfinished);
  SampleRun::write(options, *comm);
  CHECK(finish_left(options, *comm) == Leftover::complete);
  CHECK(finish_left({here / "run", "{\"seed\": 2}"}, *comm) == Leftover::unfinished);
  const std::string before = digest(read_run_folder(here / "run"));
  fs::rename(here / "run", here / "run.partial");
  fs::create_directories(here / "run.partial/spool");  // half removed
  write_file(here / "run.partial/spool/plan.json", "{}");
  CHECK(finish_left(options, *comm) == Leftover::complete);
  CHECK_FALSE(fs::exists(here / "run.partial"));
  CHECK_FALSE(fs::exists(here / "run/spool"));
  CHECK(digest(read_run_folder(here / "run")) == before);
}
