// IntervalRecorder: counts intervals between spikes on their way to another recorder, so that the
// table at a run's end needs no second look at the spikes. A neuron's counts are sums in the order
// of its spikes, whoever holds it, and go on from a checkpoint: the same for every split and for a
// run that was resumed. Tested by tests/mpi/test_run_splits.py and test_kills.py.
#pragma once
#include <cstdint>
#include <vector>

#include "core/aligned.h"
#include "core/checkpoint.h"
#include "core/layout.h"
#include "core/record.h"

namespace ranvier::app {

/// Counts intervals, chunk by chunk, and hands everything on.
class IntervalRecorder final : public Recorder {
 public:
  /// \param next  may be nullptr: nothing is recorded
  IntervalRecorder(const Layout& layout, int rank, Recorder* next);

  void count(std::span<const RecordedSpike> of_chunk) override;
  void spikes(std::span<const RecordedSpike> window) override;
  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override;
  void flush(std::int64_t until) override;
  void sync() override;
  void fail() override;
  void finish(const Outcome& outcome) override;

  /// A population: sum over this rank's neurons of their CV (in 1e-9), and number of neurons with
  /// at least three spikes. Integers, so that the table does not depend on the split.
  std::vector<std::int64_t> cv_sums() const;

  /// The counts of this rank's neurons that have fired, by gid.
  std::vector<IntervalCount> save() const;
  /// Takes over those of this rank's neurons.
  void load(const std::vector<IntervalCount>& counts);

 private:
  struct Stretch {
    std::uint64_t size, begin;  // neurons, first of them in counts_
    std::size_t population;
  };
  Intervals* count_of(Gid gid);  // nullptr: another rank's

  std::vector<Gid> firsts_;  // of stretches_, rising
  std::vector<Stretch> stretches_;
  AlignedVector<Intervals> counts_;  // read here and there
  std::size_t n_populations_;
  Recorder* next_;
};

}  // namespace ranvier::app
