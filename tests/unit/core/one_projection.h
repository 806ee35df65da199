// A network of one projection, and all its synapses (tests of the connection rules).
#pragma once
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/connect.h"

namespace ranvier::test {

/// Populations "a" and "b" (or "a" alone, connected to itself), on a line with 1 um between
/// neighbours.
inline Network one_projection(std::int64_t n_sources, std::int64_t n_targets,
                              const Connector& connector, bool within_one = false) {
  Network network;
  for (const std::string name : {"a", "b"}) {
    Population p;
    p.name = name;
    p.size = name == "a" ? n_sources : n_targets;
    for (std::int64_t i = 0; i < p.size; ++i) p.positions.push_back({static_cast<double>(i), 0, 0});
    network.populations.push_back(p);
  }
  Projection projection;
  projection.name = "p";
  projection.source = "a";
  projection.target = within_one ? "a" : "b";
  projection.connector = connector;
  network.projections.push_back(projection);
  return network;
}

using Edge = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t,
                        double>;  ///< source, target, delay, weight

/// The synapses whose targets lie in [begin, end), sorted.
inline std::vector<Edge> edges(const Network& network, std::uint32_t begin, std::uint32_t end,
                               std::uint64_t seed = 1) {
  RunSettings run;
  run.seed = seed;
  const auto rows = make_rows(network, 0, run, {begin, end});
  std::vector<Edge> all;
  const auto n_sources = static_cast<std::uint32_t>(
      network.populations[network.find(network.projections[0].source)].size);
  std::vector<Synapse> row;
  for (std::uint32_t s = 0; s < n_sources; ++s) {
    row.clear();
    rows->append(s, row);
    for (const Synapse& x : row) all.emplace_back(s, x.target, x.delay, x.weight);
  }
  std::sort(all.begin(), all.end());
  return all;
}

inline std::vector<Edge> edges(const Network& network, std::uint64_t seed = 1) {
  return edges(network, 0,
               static_cast<std::uint32_t>(
                   network.populations[network.find(network.projections[0].target)].size),
               seed);
}

}  // namespace ranvier::test
