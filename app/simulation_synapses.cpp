// The synapses of a simulation between slices: weights, delays and parameters as lists in the order
// in which the connector draws them. Tested by tests/unit/python/test_synapses.py.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/simulation.h"
#include "core/connect.h"
#include "core/error.h"

namespace ranvier::app {

// f(number as drawn, number by (source, target), synapse): the kernel's state is in the latter
// order, synapses of one pair as they are drawn.
template <class F>
void Simulation::each_drawn(std::size_t projection, F&& f) const {
  const ProjectionLayout& part = layout_->projections[projection];
  const auto n_targets = static_cast<std::uint32_t>(layout_->partition.sizes[part.target]);
  const auto rows = make_rows(document_->network, projection, document_->run, {0, n_targets},
                              part.estimate.values);
  std::vector<Synapse> row;
  std::vector<std::uint32_t> order;
  std::size_t first = 0;
  for (std::uint32_t source = 0; source < layout_->partition.sizes[part.source]; ++source) {
    row.clear();
    rows->append(source, row);
    order.resize(row.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&row](std::uint32_t a, std::uint32_t b) {
      return row[a].target < row[b].target;
    });
    for (std::size_t k = 0; k < order.size(); ++k) f(first + order[k], first + k, row[order[k]]);
    first += row.size();
  }
}

std::vector<double> Simulation::synapse_values(std::size_t projection, const std::string& name) {
  const ProjectionLayout& part = layout_->projections.at(projection);
  const SynapseRule* rule = part.rule;
  const int parameter = rule ? find_field(rule->parameters, name) : -1;
  if (parameter >= 0)
    return synapse_parameter(*layout_, projection, static_cast<std::size_t>(parameter));
  if (name != "weight" && name != "delay") {
    std::vector<std::string> known{"weight", "delay"};
    for (std::size_t k = 0; rule && k < rule->parameters.size(); ++k)
      known.push_back(rule->parameters[k].name);
    throw Error(ErrorKind::range, fmt::format("projection \"{}\": its synapses have no \"{}\"{}",
                                              document_->network.projections[projection].name, name,
                                              did_you_mean(name, known)));
  }
  std::vector<double> values;
  const auto place = [&values](std::size_t drawn) -> double& {
    if (drawn >= values.size()) values.resize(drawn + 1);
    return values[drawn];
  };
  if (name == "delay" || !rule) {
    each_drawn(projection, [&](std::size_t drawn, std::size_t, const Synapse& s) {
      place(drawn) = name == "delay" ? to_ms(Time{s.delay * layout_->dt_ns}) : s.weight;
    });
    return values;
  }
  const PlasticState state = kernel().plastic(projection);
  const std::size_t width = 2 + rule->widths(!part.varied.empty()).synapse;
  each_drawn(projection, [&](std::size_t drawn, std::size_t sorted, const Synapse&) {
    place(drawn) = state.synapses[sorted * width];
  });
  return values;
}

void Simulation::set_weights(std::size_t projection, std::span<const std::int64_t> synapses,
                             std::span<const double> weights) {
  const std::string where =
      fmt::format("projection \"{}\"", document_->network.projections.at(projection).name);
  const ProjectionLayout& part = layout_->projections[projection];
  if (!part.rule)
    throw Error(ErrorKind::unsupported,
                where + ": static synapses keep the weights that the network gives them");
  const Receptor& receptor = layout_->populations[part.target].model->receptors[part.receptor];
  std::vector<double> all = synapse_values(projection, "weight");
  for (std::size_t i = 0; i < synapses.size(); ++i) {
    if (synapses[i] < 0 || synapses[i] >= static_cast<std::int64_t>(all.size()))
      throw Error(ErrorKind::range, fmt::format("{}: synapse {}, must be from 0 to {}", where,
                                                synapses[i], all.size() - 1));
    if (!std::isfinite(weights[i]))
      throw Error(ErrorKind::range,
                  fmt::format("{}: weight: {}, must be finite", where, weights[i]));
    require_conductance(receptor, weights[i], where);
    all[static_cast<std::size_t>(synapses[i])] = weights[i];
  }
  PlasticState state = kernel().plastic(projection);
  state.synapses.resize(all.size());
  each_drawn(projection, [&](std::size_t drawn, std::size_t sorted, const Synapse&) {
    state.synapses[sorted] = all[drawn];
  });
  kernel().set_weights(projection, state);
}

}  // namespace ranvier::app
