// Synapses of a projection in a network document: "static", the name of a rule, or a rule with
// parameters.
#include "app/document_parts.h"

#include <fmt/core.h>

#include <algorithm>

namespace ranvier::app {
namespace {

const SynapseRule* find_rule(const Loading& loading, const Place& model) {
  const std::string& name = model.text();
  if (name.find("electrical") != std::string::npos ||
      name.find("gap_junction") != std::string::npos)
    model.fail(fmt::format("\"{}\", electrical synapses are not part of Ranvier", name),
               ErrorKind::unsupported);
  if (name == "static" || !loading.catalogue) return nullptr;
  if (const SynapseRule* rule = loading.catalogue->find_rule(name)) return rule;
  std::vector<std::string> known{"static"};
  for (const SynapseRule& rule : loading.catalogue->rules) known.push_back(rule.name);
  model.fail_choice(known);
}

bool is_uniform(const SynapseRule& rule, const std::string& name) {
  return std::find(rule.uniform.begin(), rule.uniform.end(), name) != rule.uniform.end();
}

/// The rule's own check, where every parameter is one number: others are checked synapse by synapse
/// in their ranges alone.
void check_parameters(const Place& place, const SynapseRule& rule, const Projection& projection) {
  std::vector<double> values;
  for (const FieldInfo& field : rule.parameters) {
    const auto given = projection.parameters.find(field.name);
    if (given == projection.parameters.end()) values.push_back(field.default_value);
    else if (const double* one = std::get_if<double>(&given->second)) values.push_back(*one);
    else return;
  }
  for (const ChoiceInfo& choice : rule.choices) {
    const auto given = projection.options.find(choice.name);
    values.push_back(given == projection.options.end()
                         ? 0.0
                         : static_cast<double>(
                               std::find(choice.words.begin(), choice.words.end(), given->second) -
                               choice.words.begin()));
  }
  if (const std::string fault = rule.check(values); !fault.empty()) place.fail(fault);
}

void read_parameters(const Loading& loading, const Place& place, const SynapseRule& rule,
                     const Ends& ends, Projection& projection) {
  std::vector<std::string> known{"model"};
  for (const FieldInfo& field : rule.parameters) known.push_back(field.name);
  for (const ChoiceInfo& choice : rule.choices) known.push_back(choice.name);
  const Fields fields(place, known);
  const std::int64_t length = values_of_connections(projection.connector, ends);
  for (const FieldInfo& field : rule.parameters) {
    const auto given = fields.find(field.name);
    if (!given) continue;
    const ValueRule accepted{.unit = field.unit, .range = field.range, .length = length};
    if (is_uniform(rule, field.name) && !given->value().is_number())
      given->fail_kind("one number for the whole projection");
    projection.parameters[field.name] = read_synapse_value(loading, *given, accepted);
  }
  for (const ChoiceInfo& choice : rule.choices) {
    const auto given = fields.find(choice.name);
    if (!given) continue;
    const bool is_known =
        given->value().is_string() && std::find(choice.words.begin(), choice.words.end(),
                                                given->value().as_string()) != choice.words.end();
    if (!is_known) given->fail_choice(choice.words);
    projection.options[choice.name] = given->text();
  }
  check_parameters(place, rule, projection);
}

}  // namespace

void read_synapse(const Loading& loading, const Place& place, const Ends& ends,
                  Projection& projection) {
  const bool bare = !place.value().is_object();
  const Place model = bare ? place : place.inside("model", [&]() -> const Json& {
    const Json* found = place.value().find("model");
    if (!found) place.fail("\"model\" is missing", ErrorKind::parse);
    return *found;
  }());
  const SynapseRule* rule = find_rule(loading, model);
  projection.synapse = model.text();
  if (rule && ends.target.advance == Advance::event)
    model.fail(fmt::format("\"{}\" needs a clocked target, \"{}\" is advanced by events",
                           projection.synapse, ends.target.name),
               ErrorKind::unsupported);
  if (bare) return;
  if (rule) return read_parameters(loading, place, *rule, ends, projection);
  if (projection.synapse == "static") {
    const Fields none(place, {"model"});
    return;
  }
  // Without a catalogue the form alone is read.
  for (const auto& [name, value] : place.object()) {
    if (name == "model") continue;
    if (value.is_string()) projection.options[name] = value.as_string();
    else
      projection.parameters[name] =
          read_synapse_value(loading, place.inside(name, value),
                             {.length = values_of_connections(projection.connector, ends)});
  }
}

}  // namespace ranvier::app
