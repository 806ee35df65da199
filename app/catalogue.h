// The catalogue of this program: every neuron model and every source.
#pragma once
#include "core/source.h"

namespace ranvier::app {

/// Made once, at the first call.
const Catalogue& catalogue();

}  // namespace ranvier::app
