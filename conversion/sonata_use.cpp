// What a simulation configuration does with the nodes of a SonataNetwork: initial potential, input
// spikes, probes.
#include "conversion/sonata_network.h"
#include "core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace ranvier::conversion {

void SonataNetwork::set_initial_potential(double mV) {
  for (std::size_t p = 0; p < nest_.size(); ++p)
    if (nest_[p]) model_.network.populations[p].initial["v"] = mV;
}

std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> SonataNetwork::members(
    const SonataNodeSet& part, const SonataConfig& config, const std::string& place) const {
  std::map<std::size_t, std::vector<std::int64_t>> result;
  for (const NodePopulation& population : populations_) {
    if (!part.population.empty() && population.name != part.population) continue;
    if (part.nodes.empty())
      for (const std::size_t p : population.parts) result[p];
    for (const std::int64_t id : part.nodes) {
      const Spot& found = spot(population, id, {place, "", -1});
      result[found.population].push_back(found.index);
    }
  }
  if (result.empty()) {
    std::vector<std::string> known;
    for (const NodePopulation& population : populations_) known.push_back(population.name);
    config.fail(place, fmt::format("there is no node population \"{}\"{}", part.population,
                                   did_you_mean(part.population, known)));
  }
  return {result.begin(), result.end()};
}

void SonataNetwork::add_spikes(const SonataNodeSet& part, const SonataSpikes& spikes,
                               const std::string& file, const SonataConfig& config,
                               const std::string& place) {
  auto chosen = members(part, config, place);
  for (auto& [number, nodes] : chosen) std::sort(nodes.begin(), nodes.end());
  const NodePopulation& population = find(part.population, place);
  std::size_t left = 0;
  for (std::size_t i = 0; i < spikes.times.size(); ++i) {
    if (!(spikes.times[i] > 0 && spikes.times[i] < max_ms))
      throw Error(ErrorKind::range,
                  fmt::format("{}: spike {}: {} ms, must be > 0", file, i, spikes.times[i]));
    const Spot& to =
        spot(population, spikes.nodes[i], {file, "spike", static_cast<std::int64_t>(i)});
    const auto found = std::find_if(chosen.begin(), chosen.end(),
                                    [&to](const auto& one) { return one.first == to.population; });
    const bool wanted = found != chosen.end() && !nest_[to.population] &&
                        (found->second.empty() ||
                         std::binary_search(found->second.begin(), found->second.end(), to.index));
    if (wanted)
      model_.network.populations[to.population]
          .spike_times[static_cast<std::size_t>(to.index)]
          .push_back(spikes.times[i]);
    else ++left;
  }
  if (left > 0)
    note(fmt::format("{}: {} spikes of nodes outside the node set or not virtual are left aside",
                     file, left));
}

void SonataNetwork::add_probe(const SonataNodeSet& part, const std::string& variable,
                              double interval, const SonataConfig& config,
                              const std::string& place) {
  for (const auto& [population, nodes] : members(part, config, place)) {
    if (!nest_[population]) continue;
    Probe probe;
    probe.population = model_.network.populations[population].name;
    probe.variables = {variable};
    probe.neurons = nodes;
    probe.interval = interval;
    model_.network.probes.push_back(std::move(probe));
  }
}

SonataModel SonataNetwork::finish() {
  for (std::size_t p = 0; p < nest_.size(); ++p) {
    Population& population = model_.network.populations[p];
    for (std::vector<double>& train : population.spike_times) std::sort(train.begin(), train.end());
    if (nest_[p]) model_.network.probes.push_back({population.name, {"spikes"}, {}, 0});
  }
  return std::move(model_);
}

}  // namespace ranvier::conversion
