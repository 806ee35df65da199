#include "neurons/catalogue.h"

namespace ranvier::neurons {

#define RANVIER_ENTRY(name) NeuronModel name##_model();
#include "generated/neurons/models.inc"
#undef RANVIER_ENTRY

NeuronCatalogue make_catalogue() {
  std::vector<NeuronModel> models;
#define RANVIER_ENTRY(name) models.push_back(name##_model());
#include "generated/neurons/models.inc"
#undef RANVIER_ENTRY
  return NeuronCatalogue(std::move(models));
}

}  // namespace ranvier::neurons
