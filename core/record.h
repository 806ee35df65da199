// Recorder: where a run's spikes and samples go. The kernel feeds one; a run folder
// (core/run_folder.h) and a sink in memory are the two kinds, with the same content.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/network.h"

namespace ranvier {

/// A spike as it is recorded.
struct RecordedSpike {
  std::int64_t time;  ///< ns
  Gid gid;
  friend auto operator<=>(const RecordedSpike&, const RecordedSpike&) = default;
};

/// One variable of one population, or of the synapses of one projection ("weight" or one of its
/// rule's state), sampled at 0, interval, 2 interval, ...
struct Report {
  std::string population;  ///< or projection
  std::string variable;
  std::string unit;
  std::vector<std::int64_t> neurons;  ///< indices in the population: the columns; or synapses, by
                                      ///< source as the connector draws them
  double interval = 0.1;              ///< ms
  bool of_projection = false;
  std::vector<std::int64_t> sources{}, targets{};  ///< of a projection: what the columns join
};

/// A population as the record names it.
struct RecordedPopulation {
  std::string name;
  Gid first = 0;
  std::int64_t size = 0;
  bool spikes = true;  ///< whether its spikes are recorded
};

/// What a run records.
struct RecordPlan {
  std::vector<RecordedPopulation> populations;
  std::vector<Report> reports;
  double duration = 0;  ///< ms
};

/// How a run ended.
struct Outcome {
  bool complete = true;
  double ended_at = 0;       ///< ms of biological time
  std::string state_digest;  ///< SHA-256 of the final state, hexadecimal
};

/// Takes what a run records, window by window.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// A chunk's spikes of a window, before spikes() hands them over with those of the other chunks.
  /// A neuron's spikes come in rising time and from one chunk, which a worker of its own may move:
  /// several are in here at once. Must not throw.
  virtual void count(std::span<const RecordedSpike>) {}
  /// This rank's spikes of a window, in any order; only of populations whose spikes are recorded.
  virtual void spikes(std::span<const RecordedSpike> spikes) = 0;
  /// This rank's columns of frame `frame` of a report.
  virtual void sample(std::size_t report, std::int64_t frame,
                      std::span<const std::uint32_t> columns, std::span<const double> values) = 0;
  /// Everything up to `until` (ns) has been handed over by every rank. Collective, at the same
  /// times on all ranks.
  virtual void flush(std::int64_t until) = 0;
  /// What was flushed would outlive a crash of the machine. Collective.
  virtual void sync() = 0;
  /// The run has failed on this rank; all may be ended before destructors run. Must not throw.
  virtual void fail() {}
  /// Collective; `outcome` is the same on all ranks.
  virtual void finish(const Outcome& outcome) = 0;
};

/// Takes what is recorded and keeps nothing.
class NoRecorder : public Recorder {
 public:
  void spikes(std::span<const RecordedSpike>) override {}
  void sample(std::size_t, std::int64_t, std::span<const std::uint32_t>,
              std::span<const double>) override {}
  void flush(std::int64_t) override {}
  void sync() override {}
  void finish(const Outcome&) override {}
};

/// Keeps everything in memory, on the rank it belongs to.
class MemoryRecorder final : public Recorder {
 public:
  explicit MemoryRecorder(const RecordPlan& plan) : frames(plan.reports.size()) {}
  void spikes(std::span<const RecordedSpike> window) override {
    recorded.insert(recorded.end(), window.begin(), window.end());
  }
  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override {
    for (std::size_t i = 0; i < columns.size(); ++i)
      frames[report].push_back({frame, columns[i], values[i]});
  }
  void flush(std::int64_t) override {}
  void sync() override {}
  void finish(const Outcome& result) override { outcome = result; }

  struct Sample {
    std::int64_t frame;
    std::uint32_t column;
    double value;
    friend auto operator<=>(const Sample&, const Sample&) = default;
  };
  std::vector<RecordedSpike> recorded;      ///< sort before comparing
  std::vector<std::vector<Sample>> frames;  ///< a report each
  Outcome outcome;
};

}  // namespace ranvier
