// A synapse on its way into a chunk's table: where it lies in the chunk, and its weight in quanta
// of its receptor.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

/// Where a source has no row in a table.
inline constexpr std::uint32_t no_row = ~std::uint32_t{0};

/// A row that is drawn again and again: keeps its memory, and adding one is a store and a count.
template <class P>
class RowBuffer {
 public:
  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  std::span<const P> row() const { return {memory_.data(), size_}; }
  P& add() {
    if (size_ == memory_.size()) [[unlikely]]
      memory_.resize(2 * size_ + 64);
    return memory_[size_++];
  }

 private:
  std::vector<P> memory_;
  std::size_t size_ = 0;
};

/// How a projection's synapses lie in a chunk: the local number of the first target in the range,
/// the receptor, and the unit of its weights.
struct Placement {
  std::uint32_t local = 0;
  std::uint16_t receptor = 0;
  double quantum = 1;
};

}  // namespace ranvier
