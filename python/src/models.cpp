// The tables of models, as `ranvier info models NAME` prints them, and of rules of synapses.
#include <pybind11/stl.h>

#include "app/catalogue.h"
#include "convert.h"

namespace ranvier::python {

namespace py = pybind11;

py::list fields_of(const std::vector<FieldInfo>& fields) {
  py::list list;
  for (const FieldInfo& f : fields)
    list.append(
        py::make_tuple(f.name, f.unit, f.default_value, std::string(describe(f.range)), f.meaning));
  return list;
}

namespace {

py::dict describe_any(const std::string& name) {
  py::dict d;
  if (const NeuronModel* m = app::catalogue().neurons.find(name)) {
    d["summary"] = m->summary;
    py::list methods;
    for (const Method& method : m->methods)
      methods.append(py::make_tuple(method.name, method.text));
    d["methods"] = methods;
    d["presets"] = m->presets;
    d["source"] = m->source;
    d["parameters"] = fields_of(m->parameters);
    d["state"] = fields_of(m->state);
    py::list receptors;
    for (const Receptor& r : m->receptors) receptors.append(py::make_tuple(r.name, r.unit));
    d["receptors"] = receptors;
    d["event_driven"] = m->make_event != nullptr;
    return d;
  }
  const SourceModel* s = app::catalogue().find_source(name);
  if (!s)
    throw Error(ErrorKind::range,
                "unknown model \"" + name + "\"" + app::catalogue().near_model(name));
  d["summary"] = s->summary;
  d["parameters"] = fields_of(s->parameters);
  return d;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names{"static"};
  for (const SynapseRule& rule : app::catalogue().rules) names.push_back(rule.name);
  return names;
}

py::dict describe_rule(const std::string& name) {
  const SynapseRule* rule = app::catalogue().find_rule(name);
  if (!rule)
    throw Error(ErrorKind::range,
                "unknown rule \"" + name + "\"" + did_you_mean(name, rule_names()));
  py::dict d;
  d["summary"] = rule->summary;
  d["source"] = rule->source;
  d["parameters"] = fields_of(rule->parameters);
  py::dict choices;
  for (const ChoiceInfo& choice : rule->choices) choices[py::str(choice.name)] = choice.words;
  d["choices"] = choices;
  d["uniform"] = rule->uniform;
  for (const auto& [key, variables] :
       {std::pair{"trace", &rule->trace}, std::pair{"synapse", &rule->synapse}}) {
    py::list list;
    for (const RuleVariable& v : *variables)
      list.append(py::make_tuple(v.name, v.unit, std::string(describe(v.range)), v.meaning));
    d[key] = list;
  }
  d["stochastic"] = rule->stochastic;
  return d;
}

std::vector<std::string> source_names() {
  std::vector<std::string> names;
  for (const SourceModel& s : app::catalogue().sources) names.push_back(s.name);
  return names;
}

}  // namespace

void bind_models(py::module_& module) {
  module.def("neuron_models", [] { return app::catalogue().neurons.names(); });
  module.def("source_models", &source_names);
  module.def("describe_model", &describe_any);
  module.def("synapse_rules", &rule_names);
  module.def("describe_rule", &describe_rule);
}

}  // namespace ranvier::python
