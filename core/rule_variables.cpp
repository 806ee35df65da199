#include "core/rule_variables.h"

namespace ranvier {
namespace {

constexpr std::size_t before_trace = 3;  // of a row: last spike, what it has taken in, spikes

std::optional<std::size_t> position(const std::vector<RuleVariable>& variables,
                                    std::string_view name) {
  for (std::size_t k = 0; k < variables.size(); ++k)
    if (variables[k].name == name) return k;
  return {};
}

}  // namespace

std::optional<VariablePlace> find_variable(const SynapseRule& rule, bool varied,
                                           std::string_view name) {
  if (const auto k = position(rule.trace, name))
    return VariablePlace{&rule.trace[*k], !varied,
                         *k + (varied ? rule.synapse.size() : before_trace)};
  if (const auto k = position(rule.synapse, name))
    return VariablePlace{&rule.synapse[*k], false, *k};
  return {};
}

std::vector<std::string> variable_names(const SynapseRule& rule) {
  std::vector<std::string> names;
  for (const auto* variables : {&rule.trace, &rule.synapse})
    for (const RuleVariable& v : *variables) names.emplace_back(v.name);
  return names;
}

void append_variable(const SynapseTable& synapses, const VariablePlace& variable,
                     const SynapseWidths& widths, std::span<const std::uint32_t> rows,
                     std::span<const std::uint32_t> places, std::vector<double>& values) {
  std::vector<double> saved(variable.of_row ? widths.row : widths.synapse);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (!variable.of_row) synapses.save_synapse(rows[k], places[k], saved.data());
    else if (k == 0 || rows[k] != rows[k - 1]) synapses.save_row(rows[k], saved.data());
    values.push_back(saved[variable.at]);
  }
}

}  // namespace ranvier
