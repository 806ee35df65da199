#include "core/grow.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/titles.h"

namespace ranvier {
namespace {

[[noreturn]] void refuse(const std::string& where, const char* what) {
  throw Error(ErrorKind::unsupported,
              fmt::format("{}: {}, which a network of another size does not have", where, what));
}

void require_laws(const std::string& where, const std::map<std::string, Value>& values) {
  for (const auto& [name, value] : values)
    if (std::holds_alternative<Array>(value))
      refuse(where + ": " + name, "lists a value for each neuron or synapse");
}

void grow_population(Population& p, std::int64_t factor) {
  const std::string where = fmt::format("population \"{}\"", p.name);
  require_laws(where, p.parameters);
  require_laws(where, p.initial);
  if (!p.positions.empty()) refuse(where, "has a position for each neuron");
  if (!p.spike_times.empty() || p.values || !p.file.empty())
    refuse(where, "has the spikes of each source");
  p.size *= factor;
}

/// \param sources, targets  of the network as given
void grow_projection(Projection& p, std::int64_t sources, std::int64_t targets) {
  using Rule = Connector::Rule;
  const std::string where = fmt::format("projection \"{}\"", p.name);
  require_laws(where, {{"weight", p.weight}, {"delay", p.delay}});
  require_laws(where, p.parameters);
  Connector& c = p.connector;
  const auto fix = [&c](double in_degree) {
    c.rule = Rule::fixed_indegree;
    c.number = std::llround(in_degree);
  };
  switch (c.rule) {
    case Rule::list:
      refuse(where, "lists its connections");
    case Rule::distance_dependent:
      refuse(where, "depends on positions");
    case Rule::fixed_probability:
      return fix(c.probability * static_cast<double>(sources));
    case Rule::all_to_all:
      return fix(static_cast<double>(sources));
    case Rule::fixed_total_number:
      return fix(targets > 0 ? static_cast<double>(c.number) / static_cast<double>(targets) : 0);
    case Rule::one_to_one:
    case Rule::fixed_indegree:
    case Rule::fixed_outdegree:
    case Rule::small_world:
      return;
  }
}

}  // namespace

Network grown(const Network& network, std::int64_t factor) {
  Network large = network;
  for (Population& p : large.populations) grow_population(p, factor);
  for (Projection& p : large.projections)
    grow_projection(p, network.populations[network.find(p.source)].size,
                    network.populations[network.find(p.target)].size);
  for (std::size_t i = 0; i < large.stimuli.size(); ++i)
    if (!large.stimuli[i].neurons.empty()) refuse(title_of_stimulus(large, i), "lists its neurons");
  for (Probe& probe : large.probes) {
    if (!probe.projection.empty() || !probe.neurons.empty()) continue;
    if (probe.variables == std::vector<std::string>{"spikes"}) continue;
    probe.neurons.resize(
        static_cast<std::size_t>(network.populations[network.find(probe.population)].size));
    std::iota(probe.neurons.begin(), probe.neurons.end(), std::int64_t{0});
  }
  return large;
}

}  // namespace ranvier
