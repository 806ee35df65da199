// The description of a rule from what its type declares (core/plasticity.h), with the loops over
// its synapses compiled for both precisions. Tested through the rules (tests/unit/learning).
#pragma once
#include <iterator>

#include "core/plastic_table.h"

namespace ranvier {

/// A rule's description, for the catalogue.
template <class Rule>
SynapseRule describe_rule(const char* name) {
  SynapseRule rule;
  rule.name = name;
  rule.summary = Rule::summary;
  rule.source = Rule::source;
  const typename Rule::Parameters defaults;
  for (const auto& field : Rule::parameters) {
    const int position = static_cast<int>(rule.parameters.size());
    if constexpr (SeesPost<Rule>) {
      if (field.member == Rule::post_time) rule.post_time = position;
      if (field.member == Rule::dendritic) rule.dendritic = position;
      if (field.member == Rule::post_time || field.member == Rule::dendritic)
        rule.uniform.emplace_back(field.name);
    }
    rule.parameters.push_back(
        {field.name, field.unit, defaults.*field.member, field.range, field.meaning});
  }
  if constexpr (HasChoices<Rule>)
    for (const auto& choice : Rule::choices())
      rule.choices.push_back(
          {choice.name, {choice.words.begin(), choice.words.end()}, choice.meaning});
  if constexpr (!std::is_empty_v<typename Rule::Trace>) {
    static_assert(std::size(Rule::trace) * sizeof(double) == sizeof(typename Rule::Trace));
    rule.trace.assign(std::begin(Rule::trace), std::end(Rule::trace));
  }
  if constexpr (HasSynapse<Rule>) {
    static_assert(std::size(Rule::synapse) * sizeof(double) == sizeof(typename Rule::Synapse));
    rule.synapse.assign(std::begin(Rule::synapse), std::end(Rule::synapse));
  }
  rule.stochastic = is_stochastic<Rule>;
  rule.check = [](std::span<const double> p) {
    return std::string(Rule::check(rule_parameters<Rule>(p)));
  };
  rule.full_weight = [](std::span<const double> p) {
    if constexpr (requires { Rule::full_weight(rule_parameters<Rule>(p)); })
      return Rule::full_weight(rule_parameters<Rule>(p));
    else return 0.0;
  };
  rule.widths = [](bool varied) { return SynapseTableOf<Rule, double>::widths(varied); };
  rule.bytes = [](bool single_precision, std::size_t varied) -> std::size_t {
    using Synapse = typename SynapseOf<Rule>::type;
    return 4 + (single_precision ? 4 : 8) + (HasSynapse<Rule> ? sizeof(Synapse) : 0) +
           (is_stochastic<Rule> ? 4 : 0) +
           (varied > 0 ? 8 * varied + 2 * sizeof(typename Rule::Trace) : 0);
  };
  rule.make = [](const SynapseTableSpec& spec) -> std::unique_ptr<SynapseTable> {
    if (spec.single_precision) return std::make_unique<SynapseTableOf<Rule, float>>(spec);
    return std::make_unique<SynapseTableOf<Rule, double>>(spec);
  };
  return rule;
}

}  // namespace ranvier
