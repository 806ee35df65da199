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

}  // namespace ranvier
