// Layout: what is decided once, before anything is built, and the same on every rank: models,
// receptors' quanta, storage, precision, the window, the reports. A function of (network, run
// settings, catalogue, ranks, workers).
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/connect.h"
#include "core/network.h"
#include "core/partition.h"
#include "core/record.h"
#include "core/source.h"
#include "core/target_table.h"

namespace ranvier {

/// Spikes that a source, or an event-driven neuron, sends at most in one step of dt where sums may
/// be narrow: what their width is proved for. Clocked neurons send one.
inline constexpr int max_spikes_a_step = 255;

/// What was decided for a population.
struct PopulationLayout {
  const NeuronModel* model = nullptr;  ///< null for sources
  const SourceModel* source = nullptr;
  const Method* method = nullptr;  ///< of a clocked population
  bool event = false;
  bool single_precision = false;
  bool receptors_alike = false;  ///< the first receptor takes every input
  std::vector<double> quantum;   ///< unit of the integer weights, a receptor in use
};

/// What was decided for a projection.
struct ProjectionLayout {
  std::size_t source = 0, target = 0;  ///< populations
  std::uint32_t receptor = 0;
  ProjectionEstimate estimate;
  bool procedural = false;            ///< rows are not stored
  const SynapseRule* rule = nullptr;  ///< null: static synapses
  std::vector<double> parameters;     ///< of the rule: one a parameter, then one a choice
  std::vector<std::size_t> varied;    ///< parameters that each synapse has a value of its own of
  std::size_t history = 0;  ///< in Layout::histories, where the rule sees the targets' spikes
};

/// Spikes of a population that rules look back at, with a trace of one time constant.
struct HistoryLayout {
  std::size_t population = 0;
  double tau = 20;  ///< ms
};

/// All that was decided; refers to the network and the catalogue, which must outlive it.
struct Layout {
  const Network* network = nullptr;
  RunSettings run;
  const Catalogue* catalogue = nullptr;
  Partition partition;
  std::vector<PopulationLayout> populations;
  std::vector<ProjectionLayout> projections;
  std::vector<HistoryLayout> histories;
  std::vector<std::vector<std::size_t>>
      projections_from;                          ///< a population: its outgoing projections
  std::vector<std::uint32_t> stimulus_receptor;  ///< of poisson stimuli
  RecordPlan record;
  bool compact = false;
  /// What clocked targets' static synapses can be told by, compact storage's records having then no
  /// weight; empty where weights are drawn or given one by one, or more than max_kinds occur.
  std::vector<GroupKind> kinds;
  bool plain = false;  ///< one-lane reference loops (tests)
  bool has_clocked = false;
  bool has_event = false;
  bool has_rules = false;       ///< some synapses have a state of their own
  bool has_procedural = false;  ///< some rows are not stored
  std::int64_t dt_ns = 100'000;
  std::int64_t window_steps = 1;  ///< the least delay
  std::int64_t ring_steps = 2;    ///< buckets of the calendar
  double expected_synapses = 0;
  std::int64_t rounded_delays = 0;
  std::vector<std::int64_t>
      cuts;  ///< ns, sorted: windows end there (currents of event-driven targets change)

  /// Whether sums may have 32 bits: clocked targets' in compact storage, of static synapses. Then
  /// max_spikes_a_step holds.
  bool may_narrow_sums() const { return compact && has_clocked && !has_rules; }
  /// Whether sums have 64 bits where the largest that can meet in a step is `largest` (quanta).
  bool has_wide_sums(std::int64_t largest) const {
    return !may_narrow_sums() || largest > std::numeric_limits<std::int32_t>::max();
  }
};

/// Whether weights into a receptor are conductances: those must be >= 0, as PyNN and NEST have it
/// (a sign is a current's; here the receptor says which way a conductance pulls).
bool is_conductance(const Receptor& receptor);
/// Throws Error(range), beginning with `where`, for a conductance below zero.
void require_conductance(const Receptor& receptor, double weight, const std::string& where);

/// The split that a layout is made for.
struct LayoutOptions {
  int ranks = 1;
  int workers = 1;
  bool plain = false;
  const Layout* before = nullptr;  ///< of the network whose place this one takes; null: none
};

/// Throws Error(range | unsupported) naming the population, projection, stimulus or probe.
Layout make_layout(const Network& network, const RunSettings& run, const Catalogue& catalogue,
                   const LayoutOptions& options);

}  // namespace ranvier
