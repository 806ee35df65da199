// MemorySink: a recorder into memory, for closed loops and other languages: the content of a run
// folder as columns, whole on every rank, handed over slice by slice. It may pass everything on to
// another recorder (a run folder). Tested by tests/unit/core/test_memory_sink.cpp.
#pragma once
#include <vector>

#include "core/comm/comm.h"
#include "core/record.h"

namespace ranvier {

/// What was recorded in one stretch of time.
struct RecordedSlice {
  /// Of one population, sorted by time, then neuron.
  struct Spikes {
    std::vector<double> times;          ///< ms
    std::vector<std::int64_t> neurons;  ///< indices in the population
  };
  /// Of one report. Frame k of the slice is the report's frame `first` + k.
  struct Frames {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::vector<double> values;  ///< [count, columns of the report]
  };
  std::vector<Spikes> spikes;   ///< one a population of the plan; empty where none are recorded
  std::vector<Frames> reports;  ///< one a report of the plan
};

/// A recorder into memory, with what was recorded since it was last asked.
class MemorySink final : public Recorder {
 public:
  /// \param next  gets everything too; may be null
  MemorySink(const RecordPlan& plan, Comm& comm, Recorder* next = nullptr);

  void count(std::span<const RecordedSpike> of_chunk) override;
  void spikes(std::span<const RecordedSpike> window) override;
  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override;
  void flush(std::int64_t until) override;
  void sync() override;
  void fail() override;
  void finish(const Outcome& outcome) override;

  /// What was recorded since the last call, the same on every rank. Collective.
  RecordedSlice take();

 private:
  void gather_frames(RecordedSlice::Frames& frames, std::size_t report);

  const RecordPlan* plan_;
  Comm* comm_;
  Recorder* next_;
  std::vector<RecordedSpike> recorded_;
  std::vector<RecordedSlice::Frames> frames_;
  std::vector<std::vector<std::uint32_t>> columns_;  ///< this rank's, a report
};

}  // namespace ranvier
