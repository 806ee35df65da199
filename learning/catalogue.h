// The rules of synapses of this build, gathered from the files in learning/rules (no list to edit:
// see cmake/).
#pragma once
#include <vector>

#include "core/plasticity.h"

namespace ranvier::learning {

/// Every rule, sorted by name.
std::vector<SynapseRule> make_rules();

}  // namespace ranvier::learning
