// The synapses of a simulation between slices: weights, delays, parameters and the rule's state as
// lists in the order in which the connector draws them. Tested by
// tests/unit/python/test_synapses.py.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

#include "app/simulation.h"
#include "core/connect.h"
#include "core/error.h"

namespace ranvier::app {

// f(number as drawn, number by (source, target), synapse): the kernel's state is in the latter
// order, synapses of one pair as they are drawn.
template <class F>
void Simulation::each_drawn(std::size_t projection, F&& f) const {
  const ProjectionLayout& part = layout_->projections[projection];
  const auto n_sources = static_cast<std::uint64_t>(layout_->partition.sizes[part.source]),
             n_targets = static_cast<std::uint64_t>(layout_->partition.sizes[part.target]);
  const auto rows = make_rows(document_->network, projection, document_->run, {0, n_targets},
                              part.estimate.values);
  std::vector<Synapse> row;
  std::vector<std::uint32_t> order;
  std::size_t first = 0;
  for (std::uint64_t source = 0; source < n_sources; ++source) {
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

namespace {

/// Where a variable of a rule's state lies in a PlasticState.
class StateColumn {
 public:
  StateColumn(const SynapseRule& rule, bool varied, const VariablePlace& variable)
      : of_row_(variable.of_row),
        width_(of_row_ ? 1 + rule.widths(varied).row : 2 + rule.widths(varied).synapse),
        at_((of_row_ ? 1 : 2) + variable.at) {}  // behind the source; behind two weights
  bool of_row() const { return of_row_; }
  /// Of the synapse of that number by source, then target.
  double& in(PlasticState& state, std::size_t synapse) const {
    if (!of_row_) return state.synapses[synapse * width_ + at_];
    std::size_t low = 0, high = state.rows.size() / width_;
    const auto source = static_cast<double>(state.sources[synapse]);
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (state.rows[middle * width_] < source) low = middle + 1;
      else high = middle;
    }
    return state.rows[low * width_ + at_];
  }

 private:
  bool of_row_;
  std::size_t width_, at_;
};

std::string place_of(const Projection& projection) {
  return fmt::format("projection \"{}\"", projection.name);
}

[[noreturn]] void refuse_name(const Projection& projection, const SynapseRule* rule,
                              const std::string& name) {
  std::vector<std::string> known{"weight", "delay"};
  if (rule) {
    for (const FieldInfo& field : rule->parameters) known.push_back(field.name);
    for (std::string& variable : variable_names(*rule)) known.push_back(std::move(variable));
  }
  throw Error(ErrorKind::range, fmt::format("{}: its synapses have no \"{}\"{}",
                                            place_of(projection), name, did_you_mean(name, known)));
}

}  // namespace

std::vector<double> Simulation::synapse_values(std::size_t projection, const std::string& name) {
  const ProjectionLayout& part = layout_->projections.at(projection);
  const SynapseRule* rule = part.rule;
  const int parameter = rule ? find_field(rule->parameters, name) : -1;
  if (parameter >= 0)
    return synapse_parameter(*layout_, projection, static_cast<std::size_t>(parameter));
  std::optional<VariablePlace> variable;
  if (rule) variable = find_variable(*rule, !part.varied.empty(), name);
  if (name != "weight" && name != "delay" && !variable)
    refuse_name(document_->network.projections[projection], rule, name);
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
  PlasticState state = kernel().plastic(projection);
  const std::size_t width = 2 + rule->widths(!part.varied.empty()).synapse;
  std::optional<StateColumn> column;
  if (variable) column.emplace(*rule, !part.varied.empty(), *variable);
  each_drawn(projection, [&](std::size_t drawn, std::size_t sorted, const Synapse&) {
    place(drawn) = column ? column->in(state, sorted) : state.synapses[sorted * width];
  });
  return values;
}

void Simulation::set_synapse_values(std::size_t projection, const std::string& name,
                                    std::span<const std::int64_t> synapses,
                                    std::span<const double> values) {
  const Projection& given = document_->network.projections.at(projection);
  const std::string where = place_of(given);
  const ProjectionLayout& part = layout_->projections[projection];
  if (!part.rule)
    throw Error(ErrorKind::unsupported,
                where + ": static synapses keep the weights that the network gives them");
  const bool weight = name == "weight";
  const auto variable = find_variable(*part.rule, !part.varied.empty(), name);
  if (!weight && !variable && name != "delay" && find_field(part.rule->parameters, name) < 0)
    refuse_name(given, part.rule, name);
  const RuleVariable* text = variable ? variable->text : nullptr;
  if (!weight && (!text || text->range == Range::any))
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: {}: cannot be set while it runs", where, name));
  std::vector<double> all = synapse_values(projection, name);
  const Receptor& receptor = layout_->populations[part.target].model->receptors[part.receptor];
  for (std::size_t i = 0; i < synapses.size(); ++i) {
    if (synapses[i] < 0 || synapses[i] >= static_cast<std::int64_t>(all.size()))
      throw Error(ErrorKind::range, fmt::format("{}: synapse {}, must be from 0 to {}", where,
                                                synapses[i], all.size() - 1));
    if (!std::isfinite(values[i]))
      throw Error(ErrorKind::range,
                  fmt::format("{}: {}: {}, must be finite", where, name, values[i]));
    if (weight) require_conductance(receptor, values[i], where);
    else if (!in_range(values[i], text->range))
      throw Error(ErrorKind::range,
                  fmt::format("{}: {}: {}, {}", where, name, values[i], describe(text->range)));
    all[static_cast<std::size_t>(synapses[i])] = values[i];
  }
  if (weight) set_weights(projection, all);
  else set_variable(projection, *variable, all);
}

void Simulation::set_weights(std::size_t projection, std::span<const double> all) {
  PlasticState state = kernel().plastic(projection);
  state.synapses.resize(all.size());
  each_drawn(projection, [&](std::size_t drawn, std::size_t sorted, const Synapse&) {
    state.synapses[sorted] = all[drawn];
  });
  kernel().set_weights(projection, state);
}

void Simulation::set_variable(std::size_t projection, const VariablePlace& variable,
                              std::span<const double> all) {
  const ProjectionLayout& part = layout_->projections[projection];
  const StateColumn column(*part.rule, !part.varied.empty(), variable);
  PlasticState state = kernel().plastic(projection);
  std::int64_t source = -1;
  double first = 0;
  each_drawn(projection, [&](std::size_t drawn, std::size_t sorted, const Synapse&) {
    if (state.sources[sorted] != source) {
      source = state.sources[sorted];
      first = all[drawn];
    }
    if (column.of_row() && all[drawn] != first)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: {}: is kept once a source, but {} and {} are given for source "
                              "{}; where a parameter differs from synapse to synapse, so may it",
                              place_of(document_->network.projections[projection]),
                              variable.text->name, first, all[drawn], source));
    column.in(state, sorted) = all[drawn];
  });
  kernel().set_plastic(projection, std::move(state));
}

}  // namespace ranvier::app
