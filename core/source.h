// Spike sources: populations that have no dynamics and no input. A slice of one emits the spikes of
// its own neurons, window by window; what it emits depends on (seed, population, neuron) alone.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/network.h"
#include "core/neuron_model.h"
#include "core/plasticity.h"
#include "core/rng.h"

namespace ranvier {

/// The sources of a slice, as one object that emits their spikes.
class SpikeSource {
 public:
  virtual ~SpikeSource() = default;
  /// Appends the spikes in (begin, end]; `Firing::neuron` counts from the slice's first neuron.
  /// Windows come in order.
  virtual void spikes(Window window, std::vector<Firing>& out) = 0;
  /// Forgets what was emitted and goes on from `at`, as after a run from 0 to there (resuming a
  /// checkpoint).
  virtual void restart_at(Time at) = 0;
  /// Throws where change would not do: Error(unsupported) for a source that cannot change,
  /// Error(range) for parameters or spike times that it cannot have.
  virtual void check_change(const Population& population) const;
  /// Takes the population's parameters and spike times as they are now; they count from `at` on,
  /// where the source stands. check_change comes first.
  virtual void change(const Population& population, Time at);
  /// What restart_at cannot make again of source i after a change, appended; what takes this
  /// object's place gets it with load. Nothing where a spike depends on none before it.
  virtual void save(std::uint32_t i, std::vector<std::int64_t>& out) const;
  virtual void load(std::uint32_t i, std::span<const std::int64_t> in);
};

/// What a slice of sources is made from.
struct SourceSpec {
  const Population* population = nullptr;
  std::int64_t first = 0;
  std::uint32_t size = 0;
  RandomKey random{};
};

/// The sources that a program knows.
struct SourceModel {
  std::string name;
  std::string summary;
  std::vector<FieldInfo> parameters;
  bool whole = false;  ///< one reader for the whole population (files and streams): never split
  std::unique_ptr<SpikeSource> (*make)(const SourceSpec&) = nullptr;
  /// A fault among the population's data and options, or ""; null: nothing to check before making.
  std::string (*check)(const Population&) = nullptr;
};

/// All that a network document may name: handed to readers of documents and to the kernel.
struct Catalogue {
  NeuronCatalogue neurons;
  std::vector<SourceModel> sources;
  std::vector<SynapseRule> rules{};
  /// The rule of synapses of that name, or null (also for "static", which is none).
  const SynapseRule* find_rule(std::string_view name) const {
    for (const SynapseRule& rule : rules)
      if (rule.name == name) return &rule;
    return nullptr;
  }
  /// The source of that name, or null.
  const SourceModel* find_source(std::string_view name) const {
    for (const SourceModel& source : sources)
      if (source.name == name) return &source;
    return nullptr;
  }
  /// What a message adds to a name that no neuron model or source has: the model that is NEST's of
  /// that name (as its `source` says), or else the nearest name; "" where there is neither.
  std::string near_model(const std::string& name) const;
};

}  // namespace ranvier
