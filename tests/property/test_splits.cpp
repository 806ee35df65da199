// The same bits whatever the split: spikes, sampled variables, counts and the digest of the final
// state for ranks x threads = 1x1, 1x2, 2x1, 2x2, 4x1, for every SIMD target of the processor, and
// for the widest SIMD loop against the plain one-lane loop. That equal bits are the right bits is
// test_delivery.cpp's matter: a fault that all splits share is not seen here.
#include <map>
#include <set>
#include <thread>

#include "tests/catch.h"
#include "tests/property/networks.h"
#include "tests/simd_targets.h"

using namespace ranvier;
using namespace ranvier::test;

TEST_CASE("results do not depend on ranks and threads", "[core][threads]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run whole = run(c, {{1, 1}, {100'000'000}});
    // The networks live: every population fires between 1 and 200 Hz, and something was sampled.
    for (std::size_t p = 0; p < whole.spikes_of.size(); ++p) {
      const double rate = static_cast<double>(whole.spikes_of[p]) /
                          static_cast<double>(c.network.populations[p].size) / 0.1;
      INFO(c.network.populations[p].name << " " << rate << " Hz");
      CHECK(rate > 1);
      CHECK(rate < 200);
    }
    CHECK(whole.synaptic_events > 10'000);
    for (const auto& frames : whole.frames) CHECK(frames.size() > 50);
    for (const Split split : {Split{1, 2}, Split{2, 1}, Split{2, 2}, Split{4, 1}}) {
      INFO(split.ranks << " ranks x " << split.threads << " threads");
      const Run other = run(c, {split, {100'000'000}});
      CHECK(other.spikes == whole.spikes);
      CHECK(other.frames == whole.frames);
      CHECK(other.digest == whole.digest);
      CHECK(other.synapses == whole.synapses);
      CHECK(other.same_as(whole));
    }
  }
}

TEST_CASE("two threads really move the chunks, with the same bits", "[core][threads]") {
  const Case c = cases()[2];
  const Run whole = run(c, {{1, 1}, {100'000'000}});
  const Run other = run(c, {{1, 2}, {100'000'000}});
  CHECK(other.threads == 2);
  CHECK(other.same_as(whole));
}

namespace {

/// Who counted a neuron's spikes, and how many; what was recorded of them.
class Counted final : public Recorder {
 public:
  explicit Counted(const Layout& layout)
      : of_thread(static_cast<std::size_t>(layout.partition.first_gid.back() +
                                           static_cast<Gid>(layout.partition.sizes.back()))),
        recorded(layout.record) {}
  void count(std::span<const RecordedSpike> of_chunk) override {
    for (const RecordedSpike& s : of_chunk) ++of_thread[s.gid][std::this_thread::get_id()];
  }
  void spikes(std::span<const RecordedSpike> window) override { recorded.spikes(window); }
  void sample(std::size_t, std::int64_t, std::span<const std::uint32_t>,
              std::span<const double>) override {}
  void flush(std::int64_t) override {}
  void sync() override {}
  void finish(const Outcome&) override {}

  std::vector<std::map<std::thread::id, std::int64_t>> of_thread;  ///< a gid
  MemoryRecorder recorded;
};

}  // namespace

TEST_CASE("a worker counts the spikes of its own neurons, each once", "[core][threads]") {
  const Case c = cases()[2];
  for (const Split split : {Split{1, 1}, Split{1, 2}, Split{2, 2}})
    run_as_ranks(split.ranks, [&](Comm& comm) {
      Workers workers(split.threads);
      const Layout layout =
          make_layout(c.network, c.run, app::catalogue(), {split.ranks, split.threads, false});
      Kernel kernel(layout, comm, workers);
      Counted counted(layout);
      kernel.run(100'000'000, counted, [](std::int64_t) { return true; });
      std::map<Gid, std::int64_t> expected;
      for (const RecordedSpike& s : counted.recorded.recorded) ++expected[s.gid];
      std::set<std::thread::id> threads;
      for (const auto& [gid, n] : expected) {
        const auto& by = counted.of_thread[gid];
        RANVIER_ASSERT(by.size() == 1 && by.begin()->second == n, "not counted once");
        threads.insert(by.begin()->first);
      }
      RANVIER_ASSERT(threads.size() == static_cast<std::size_t>(split.threads), "others idle");
    });
}

TEST_CASE("results do not depend on whether a slice has one neuron alone", "[core][threads]") {
  const Case c = cases().back();  // 65 neurons in B, of which the last is in the last of 66 parts
  const Run whole = run(c, {{1, 1}, {50'000'000}});
  CHECK(run(c, {{1, 66}, {50'000'000}}).same_as(whole));
}

TEST_CASE("another seed gives other spikes", "[core]") {
  for (Case c : cases()) {
    INFO(c.name);
    const Run first = run(c, {{1, 1}, {50'000'000}});
    c.run.seed += 1;
    const Run second = run(c, {{1, 1}, {50'000'000}});
    CHECK(first.spikes != second.spikes);
    CHECK(first.digest != second.digest);
  }
}

TEST_CASE("the widest SIMD loop gives the bits of the one-lane loop", "[core]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    CHECK(run(c, {{1, 1}, {100'000'000}, true}).same_as(run(c, {{1, 1}, {100'000'000}, false})));
  }
}

TEST_CASE("every SIMD target of this processor gives the same bits", "[core]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run widest = run(c, {{1, 1}, {100'000'000}});
    for_every_simd_target([&] { CHECK(run(c, {{1, 1}, {100'000'000}}).same_as(widest)); });
  }
}
