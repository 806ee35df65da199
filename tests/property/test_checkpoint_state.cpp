// Kernel::save on one split, Kernel::load on another, and on: the bits of the run that was never
// interrupted.
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <mutex>

#include "app/interval_recorder.h"
#include "core/checkpoint.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"
#include "core/sha256.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

/// The spikes and samples after `time`; frame f of a report was taken at f * interval.
Run after(Run whole, std::int64_t time, const Case& c) {
  std::erase_if(whole.spikes, [time](const RecordedSpike& s) { return s.time <= time; });
  const Layout layout = make_layout(c.network, c.run, app::catalogue(), {});
  for (std::size_t r = 0; r < whole.frames.size(); ++r) {
    const std::int64_t every = from_ms(layout.record.reports[r].interval).count();
    std::erase_if(whole.frames[r],
                  [&](const MemoryRecorder::Sample& s) { return s.frame * every <= time; });
  }
  return whole;
}

/// A rank of a run that stands at some time, its intervals counted.
struct Counted {
  Comm& comm;
  const Layout& layout;
  Kernel& kernel;
  const MemoryRecorder& recorder;
  const app::IntervalRecorder& counts;
};

/// f(Counted) on every rank of a run up to `until` (ns).
template <class F>
void run_counting(const Case& c, Split split, std::int64_t until, const F& f) {
  run_as_ranks(split.ranks, [&](Comm& comm) {
    Workers workers(split.threads);
    const Layout layout =
        make_layout(c.network, c.run, app::catalogue(), {split.ranks, split.threads, false});
    Kernel kernel(layout, comm, workers);
    MemoryRecorder recorder(layout.record);
    app::IntervalRecorder counts(layout, comm.rank(), &recorder);
    kernel.run(until, counts, [](std::int64_t) { return true; });
    f(Counted{comm, layout, kernel, recorder, counts});
  });
}

}  // namespace

TEST_CASE("a saved state goes on with the same bits on any split", "[core]") {
  constexpr std::int64_t until = 100'000'000;
  for (const Case& c : cases()) {
    const Run whole = run(c, {{1, 1}, {until}});
    for (const std::int64_t middle :
         {20'300'000, 50'000'000}) {  // 20.3 ms: 0.05 ms before a current is switched on
      INFO(c.name << ", saved at " << middle << " ns");
      const Run expected = after(whole, middle, c);
      for (const auto& [from, to] :
           {std::pair{Split{1, 1}, Split{1, 1}}, std::pair{Split{1, 1}, Split{2, 2}},
            std::pair{Split{4, 1}, Split{1, 2}}}) {
        INFO(from.ranks << "x" << from.threads << " to " << to.ranks << "x" << to.threads);
        const Run first = run(c, {from, {middle}});
        CHECK(first.state.now == middle);
        const Run second = run(c, {to, {until}, false, &first.state});
        CHECK(second.spikes == expected.spikes);
        CHECK(second.frames == expected.frames);
        CHECK(second.digest == expected.digest);
        CHECK(second.spikes_of == expected.spikes_of);
        CHECK(second.synaptic_events == expected.synaptic_events);
      }
    }
  }
}

TEST_CASE("a state saved beyond 2^53 ns goes on with the same bits", "[core]") {
  Case c;
  for (const char* form : {"amplitudes", "general"}) {
    Population p = population(form, "if_curr_exp", 16);
    p.advance = Advance::event;
    std::vector<double> drives(16);  // nA: each fires at its own ns
    for (std::size_t i = 0; i < 16; ++i) drives[i] = 1 + 0.1 * static_cast<double>(i);
    p.parameters["i_offset"] = std::make_shared<const std::vector<double>>(drives);
    if (form[0] == 'g') p.parameters["cm"] = std::make_shared<const std::vector<double>>(16, 1.1);
    c.network.populations.push_back(p);
    c.network.probes.push_back({form, {"spikes"}, {}, 0});
  }
  constexpr std::int64_t late = 10'000'000'000'000'000, ms = 1'000'000;  // 116 days
  KernelState begin = run(c, {{1, 1}, {1}}).state;
  begin.now = late;
  for (StatePiece& piece : begin.states)
    for (std::size_t at = piece.values.size() / 16; at <= piece.values.size();
         at += piece.values.size() / 16)
      piece.values[at - 1] = static_cast<double>(late);  // as earlier versions saved it
  const Run whole = run(c, {{1, 1}, {late + 200 * ms}, false, &begin});
  const Run first = run(c, {{1, 1}, {late + 100 * ms}, false, &begin});
  const Run second = run(c, {{1, 1}, {late + 200 * ms}, false, &first.state});
  CHECK(whole.spikes.size() > 100);
  CHECK(second.spikes == after(whole, late + 100 * ms, c).spikes);
  CHECK(second.digest == whole.digest);
}

// A current that changes is a sum of changes: 1e6 - (1e6 - 0.1) nA is not 0.1 nA.
TEST_CASE("a current that has changed goes on with the same bits", "[core]") {
  Case c{"steps", {}, cases()[0].run};
  c.network.populations = {population("A", "if_curr_exp", 3)};
  c.network.populations[0].advance = Advance::event;
  Stimulus steps;
  steps.type = Stimulus::Type::step;
  steps.target = "A";
  steps.times = {1, 2, 30};
  steps.values = {1e6, 0.7, 0.9};
  c.network.stimuli = {steps};
  const Run whole = run(c, {{1, 1}, {100'000'000}});
  const Run first = run(c, {{1, 1}, {20'000'000}});
  const Run second = run(c, {{1, 1}, {100'000'000}, false, &first.state});
  CHECK(second.digest == whole.digest);
  CHECK(second.spikes == after(whole, 20'000'000, c).spikes);
}

TEST_CASE("the digest is the SHA-256 of all values in the order of neurons, however many",
          "[core]") {
  Case c{"many", {}, cases()[0].run};
  c.network.populations = {population("A", "if_curr_exp", 70),
                           population("B", "if_curr_exp", 100'000),
                           population("C", "if_curr_exp", 70)};
  for (const std::size_t p : {0u, 1u}) {
    c.network.populations[p].advance = Advance::event;
    c.network.populations[p].initial["v"] = Distribution{Distribution::Kind::uniform, -65, -55};
  }
  for (const Split split : {Split{1, 1}, Split{1, 2}, Split{3, 2}}) {
    INFO(split.ranks << "x" << split.threads);
    const Run ended = run(c, {split, {1'000'000}});
    const std::vector<double> values = values_of(ended.state);
    CHECK(values.size() > 500'000);
    Sha256 sha;
    sha.add(values.data(), values.size() * sizeof(double));
    CHECK(ended.digest == sha.hex());
  }
}

TEST_CASE("intervals are those of the spikes that are recorded, on any split", "[core]") {
  const Case c = cases()[2];
  for (const Split split : {Split{1, 1}, Split{2, 2}})
    run_counting(c, split, 100'000'000, [](const Counted& run) {
      std::map<Gid, Intervals> expected;
      std::vector<RecordedSpike> recorded = run.recorder.recorded;
      std::sort(recorded.begin(), recorded.end());
      for (const RecordedSpike& s : recorded) {
        Intervals& of = expected[s.gid];
        if (of.spikes++ > 0) of.sum += to_ms(Time{s.time}) - to_ms(Time{of.last});
        of.last = s.time;
      }
      const std::vector<IntervalCount> counts = run.counts.save();
      RANVIER_ASSERT(counts.size() == expected.size(), "not those that fired");
      for (const IntervalCount& count : counts) {
        const Intervals& of = expected[count.gid];
        RANVIER_ASSERT(count.spikes == of.spikes && count.last == of.last &&
                           std::abs(count.sum - of.sum) <= 1e-9,
                       "intervals of other spikes");
      }
    });
}

TEST_CASE("the saved state is the same for every split", "[core]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run one = run(c, {{1, 1}, {30'000'000}}), four = run(c, {{2, 2}, {30'000'000}});
    CHECK(values_of(one.state) == values_of(four.state));
    REQUIRE(one.neurons_held.size() == 1);
    REQUIRE(four.neurons_held.size() == 2);
    for (const std::int64_t held : four.neurons_held)
      CHECK(std::abs(held - one.neurons_held[0] / 2) <= 128);  // a rank has its own alone
    CHECK(one.state.in_flight == four.state.in_flight);
    CHECK(one.state.spikes_of == four.state.spikes_of);
    CHECK(one.state.synaptic_events == four.state.synaptic_events);
    CHECK(one.state.arrivals == four.state.arrivals);
    CHECK(one.state.drives == four.state.drives);
    REQUIRE(one.state.plastic.size() == four.state.plastic.size());
    for (std::size_t p = 0; p < one.state.plastic.size(); ++p) {
      CHECK(one.state.plastic[p].synapses == four.state.plastic[p].synapses);
      CHECK(one.state.plastic[p].rows == four.state.plastic[p].rows);
      CHECK(one.state.plastic[p].waiting == four.state.plastic[p].waiting);
    }
    for (std::size_t h = 0; h < one.state.histories.size(); ++h)
      CHECK(one.state.histories[h].traces == four.state.histories[h].traces);
  }
}

TEST_CASE("a checkpoint's bytes are the same for every split, and any split reads its share of it",
          "[core]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ranvier_checkpoint_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  constexpr std::int64_t middle = 30'000'000, until = 60'000'000;
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run whole = run(c, {{1, 1}, {middle, until}});
    std::string one;
    for (const Split split : {Split{1, 1}, Split{1, 2}, Split{3, 1}, Split{2, 2}}) {
      INFO(split.ranks << "x" << split.threads);
      const auto path = folder / "checkpoint.h5";
      run_counting(c, split, middle, [&](const Counted& run) {
        write_checkpoint(path, {run.kernel.save(), run.counts.save()}, {"the same"}, run.layout,
                         run.comm);
      });
      const std::string bytes = read_text(path);
      if (one.empty()) one = bytes;
      CHECK(bytes == one);
      CHECK_FALSE(std::filesystem::exists(folder / "checkpoint.h5.new"));
      const Layout layout = make_layout(c.network, c.run, app::catalogue(), {1, 1, false});
      CHECK_THROWS_WITH(read_checkpoint(path, {"another"}, layout, 0),
                        Catch::Matchers::Contains("belongs to another network or input"));
    }
    std::mutex one_at_a_time;  // ranks of one process share the HDF5 library
    run_as_ranks(3, [&](Comm& comm) {
      Workers workers(1);
      const Layout layout = make_layout(c.network, c.run, app::catalogue(), {3, 1, false});
      Checkpoint share;
      {
        const std::lock_guard lock(one_at_a_time);
        share = read_checkpoint(folder / "checkpoint.h5", {"the same"}, layout, comm.rank());
      }
      Kernel kernel(layout, comm, workers);
      kernel.load(share.kernel);
      app::IntervalRecorder counts(layout, comm.rank(), nullptr);
      counts.load(share.intervals);
      RANVIER_ASSERT(counts.save().size() == share.intervals.size(), "another's neurons were read");
      kernel.run(until, counts, [](std::int64_t) { return true; });
      RANVIER_ASSERT(kernel.state_digest() == whole.digest, "other bits after a checkpoint");
      RANVIER_ASSERT(kernel.totals().spikes_of == whole.spikes_of, "other counts");
    });
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a checkpoint that cannot be put in its place leaves nothing aside", "[core]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ranvier_taken_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "checkpoint.h5" / "by a folder");
  const Case c = cases().front();
  run_as_ranks(2, [&](Comm& comm) {
    Workers workers(1);
    const Layout layout = make_layout(c.network, c.run, app::catalogue(), {2, 1, false});
    Kernel kernel(layout, comm, workers);
    std::string told;
    try {
      write_checkpoint(folder / "checkpoint.h5", {kernel.save(), {}}, {}, layout, comm);
    } catch (const Error& error) {
      told = error.what();
    }
    RANVIER_ASSERT(told.find("checkpoint.h5: cannot be written: ") != std::string::npos,
                   told.c_str());
  });
  CHECK_FALSE(std::filesystem::exists(folder / "checkpoint.h5.new"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a checkpoint of another form is refused by name", "[core]") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("ranvier_form_" + std::to_string(::getpid()) + ".h5");
  for (const char* form : {"", "1", "99"}) {  // "": before forms had numbers
    {
      hdf5::File file = hdf5::File::create(path);
      file.set_attribute("/", "fingerprint", "the same");
      if (*form) file.set_attribute("/", "format", form);
      if (*form) file.set_attribute("/", "version", "0.0.7");
    }
    CHECK_THROWS_WITH(
        read_checkpoint(path, {"the same"}, Layout{}, 0),
        Catch::Matchers::Contains(path.string() + ": was written by Ranvier " +
                                  (*form ? "0.0.7" : "") + " in another form (\"" + form + "\")") &&
            Catch::Matchers::Contains("`ranvier recover`"));
  }
  std::filesystem::remove(path);
}

TEST_CASE("the digest sees one changed bit", "[core]") {
  const Case c = cases().front();
  Run first = run(c, {{1, 1}, {10'000'000}});
  const Run same = run(c, {{1, 1}, {10'000'000}, false, &first.state});
  CHECK(same.digest == first.digest);
  double& changed = first.state.states[0].values[4];
  changed = std::nextafter(changed, 0.0);
  CHECK(run(c, {{1, 1}, {10'000'000}, false, &first.state}).digest != first.digest);
}
