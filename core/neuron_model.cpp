#include "core/neuron_model.h"

#include <fmt/core.h>

#include "core/error.h"
#include "core/event_slice.h"

namespace ranvier {

void refuse_to_fire_for_ever(std::int64_t neuron, Time at) {
  throw Error(
      ErrorKind::range,
      fmt::format("neuron {} fires at {} ms again and again: a parameter, weight or input is "
                  "beyond what can be computed with; tau_refrac > 0 ends it",
                  neuron, to_ms(at)));
}

const NeuronModel* NeuronCatalogue::find(std::string_view name) const {
  for (const NeuronModel& model : models_)
    if (model.name == name) return &model;
  return nullptr;
}

std::vector<std::string> NeuronCatalogue::names() const {
  std::vector<std::string> names;
  for (const NeuronModel& model : models_) names.push_back(model.name);
  return names;
}

const Method* find_method(const NeuronModel& model, std::string_view name) {
  for (const Method& method : model.methods)
    if (name.empty() || method.name == name) return &method;
  return nullptr;
}

}  // namespace ranvier
