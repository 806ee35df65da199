// A synapse on its way into a chunk's table: where it lies in the chunk, and its weight in quanta
// of its receptor.
#pragma once
#include <cstdint>

namespace ranvier {

/// `target`: local number in the chunk; `delay`: whole steps, >= 1.
template <class Target, class Weight>
struct Placed {
  Weight weight;
  Target target;
  std::uint16_t delay;
  std::uint16_t receptor;
};
using CompactPlaced = Placed<std::uint16_t, std::int16_t>;
using ExactPlaced = Placed<std::uint32_t, std::int64_t>;

/// How a projection's synapses lie in a chunk: the local number of the first target in the range,
/// the receptor, and the unit of its weights.
struct Placement {
  std::uint32_t local = 0;
  std::uint16_t receptor = 0;
  double quantum = 1;
};

}  // namespace ranvier
