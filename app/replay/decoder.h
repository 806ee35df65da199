// What a network says about a recording: the evidence for every class in the spikes or membranes of
// an output population, whose neurons are divided among the classes in equal groups, in order.
//   rate              spikes of the group; the largest number wins
//   first_spike       time of the group's first spike (Thorpe et al. 2001); the earliest wins
//   membrane_maximum  highest potential `v` of the group at any step; the highest wins
// Of equal evidence the class that comes first wins; without any (no spike at all) there is no
// answer. Tested by tests/mpi/test_experiment.py.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/record.h"

namespace ranvier::app {

/// Which evidence counts.
enum class DecodeRule { rate, first_spike, membrane_maximum };

/// By its name. Throws Error(usage).
DecodeRule decode_rule_named(const std::string& name);
const char* name_of(DecodeRule rule);

/// Gathers the evidence of one run; records nothing else.
class OutputDecoder final : public Recorder {
 public:
  /// \param plan  has the output population's spikes, or its `v` as report 0
  /// \param classes  divides the population's size (Error(range) else)
  OutputDecoder(const RecordPlan& plan, const std::string& population, DecodeRule rule,
                std::size_t classes);

  void spikes(std::span<const RecordedSpike> window) override;
  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override;
  void flush(std::int64_t) override {}
  void sync() override {}
  void finish(const Outcome&) override {}

  /// A class: spikes, ms, or mV; none where the class has no evidence.
  const std::vector<std::optional<double>>& evidence() const { return evidence_; }
  /// The class that the evidence is for, or none.
  std::optional<std::size_t> decoded() const;

 private:
  std::size_t class_of(std::int64_t neuron) const {
    return static_cast<std::size_t>(neuron / group_);
  }

  DecodeRule rule_;
  Gid first_ = 0;
  std::int64_t size_ = 0, group_ = 1;
  std::vector<std::int64_t> columns_;  ///< neurons of the report
  std::vector<std::optional<double>> evidence_;
};

}  // namespace ranvier::app
