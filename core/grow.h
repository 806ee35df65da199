// Grow: the same network at another size, for plans and scaling curves: `factor` times the neurons,
// as many synapses a neuron.
#pragma once
#include <cstdint>

#include "core/network.h"

namespace ranvier {

/// The network with `factor` times the neurons of every population. Connections that fix a number a
/// neuron keep it; a probability, all-to-all and a total number become the fixed in-degree that the
/// network as given has on average, rounded. Variables are recorded of as many neurons as before.
/// \param factor  >= 1
/// Throws Error(unsupported) naming what lists single neurons or synapses, or depends on distance,
/// and so says nothing of a larger network.
Network grown(const Network& network, std::int64_t factor);

}  // namespace ranvier
