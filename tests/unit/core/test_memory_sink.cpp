// The sink in memory holds what was recorded, sorted and whole on every rank, slice by slice.
#include "core/memory_sink.h"

#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using ranvier::tests::SampleRun;

namespace {

/// What a slice of windows [from, to) has to hold of one population.
void require_spikes(const RecordedSlice::Spikes& got, Gid first, Gid n, std::int64_t from,
                    std::int64_t to) {
  std::vector<double> times;
  std::vector<std::int64_t> neurons;
  for (const RecordedSpike& s : SampleRun::expected(first, n)) {
    if (s.time <= from * SampleRun::window_ns || s.time > to * SampleRun::window_ns) continue;
    times.push_back(to_ms(Time{s.time}));
    neurons.push_back(static_cast<std::int64_t>(s.gid - first));
  }
  RANVIER_ASSERT(got.times == times, "not as the run was");
  RANVIER_ASSERT(got.neurons == neurons, "not as the run was");
}

void require_frames(const RecordedSlice::Frames& got, std::size_t report, std::int64_t from,
                    std::int64_t to) {
  const std::size_t width = SampleRun::plan().reports[report].neurons.size();
  RANVIER_ASSERT(got.first == from, "not as the run was");
  RANVIER_ASSERT(got.count == to - from, "not as the run was");
  RANVIER_ASSERT(got.values.size() == static_cast<std::size_t>(to - from) * width,
                 "not as the run was");
  for (std::int64_t f = from; f < to; ++f)
    for (std::uint32_t c = 0; c < width; ++c)
      RANVIER_ASSERT(got.values[static_cast<std::size_t>(f - from) * width + c] ==
                         SampleRun::value(report, f, c),
                     "not as the run was");
}

/// Keeps what was to be counted.
class Counting final : public NoRecorder {
 public:
  void count(std::span<const RecordedSpike> of_chunk) override {
    counted.insert(counted.end(), of_chunk.begin(), of_chunk.end());
  }
  std::vector<RecordedSpike> counted;
};

}  // namespace

TEST_CASE("a memory sink holds every slice whole on every rank", "[core]") {
  for (const int ranks : {1, 3})
    run_as_ranks(ranks, [](Comm& comm) {
      const RecordPlan plan = SampleRun::plan();
      MemorySink sink(plan, comm);
      SampleRun::run(sink, comm, 0, 100);
      const RecordedSlice first = sink.take();
      SampleRun::run(sink, comm, 100, 130);
      const RecordedSlice second = sink.take();
      require_spikes(first.spikes[0], 0, 50, 0, 100);
      require_spikes(first.spikes[1], 50, 15, 0, 100);
      RANVIER_ASSERT(first.spikes[2].times.empty(), "not as the run was");
      require_spikes(second.spikes[0], 0, 50, 100, 130);
      require_frames(first.reports[0], 0, 0, 101);
      require_frames(first.reports[1], 1, 0, 101);
      require_frames(second.reports[0], 0, 101, 131);
      RANVIER_ASSERT(sink.take().spikes[0].times.empty(), "not as the run was");
    });
}

TEST_CASE("a memory sink passes everything on", "[core]") {
  const auto comm = make_local_comm();
  const RecordPlan plan = SampleRun::plan();
  MemoryRecorder plain(plan), behind(plan);
  MemorySink sink(plan, *comm, &behind);
  SampleRun::run(plain, *comm, 0, 60);
  SampleRun::run(sink, *comm, 0, 60);
  sink.finish(SampleRun::outcome());
  REQUIRE(behind.recorded == plain.recorded);
  REQUIRE(behind.frames == plain.frames);
  REQUIRE(behind.outcome.state_digest == SampleRun::outcome().state_digest);
  Counting counting;
  MemorySink(plan, *comm, &counting).count(plain.recorded);
  REQUIRE(counting.counted == plain.recorded);
}
