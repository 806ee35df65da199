#include "core/neuron_model.h"

namespace ranvier {

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
