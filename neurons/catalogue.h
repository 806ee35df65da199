// The neuron models of this build, gathered from the files in neurons/models (no list to edit: see
// cmake/).
#pragma once
#include "core/neuron_model.h"

namespace ranvier::neurons {

/// Every model, sorted by name.
NeuronCatalogue make_catalogue();

}  // namespace ranvier::neurons
