// DistinctNumbers: which k of n, each set of k equally likely; memory goes with k, not with n.
// Tested by tests/unit/core/test_draw.cpp.
#pragma once
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/draw.h"

namespace ranvier {

/// Draws numbers and leaves out those it has already, or, of more than half, those that shall not
/// be among them: below 1.4 draws a number.
class DistinctNumbers {
 public:
  /// f(number, i) for k distinct numbers of [0, n) and i = 0 ... k - 1, from the odd words under
  /// `row`. k <= n.
  template <class F>
  void draw(std::uint64_t row, std::uint64_t k, std::uint64_t n, const F& f) {
    const bool are_chosen = k <= n / 2;
    const std::uint64_t count = are_chosen ? k : n - k;
    const std::uint64_t slots = std::bit_ceil(2 * count + 2);
    slots_.assign(slots, nobody);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots));
    for (std::uint64_t i = 0, word = 1; i < count; word += 2) {
      const std::uint64_t number = below(hash_word(row, word), n);
      std::uint64_t& slot = slots_[slot_of(number)];
      if (slot == number) continue;
      slot = number;
      if (are_chosen) f(number, i);
      ++i;
    }
    if (are_chosen) return;
    for (std::uint64_t number = 0, i = 0; i < k; ++number)
      if (slots_[slot_of(number)] != number) f(number, i++);
  }

 private:
  static constexpr std::uint64_t nobody = std::numeric_limits<std::uint64_t>::max();

  /// Where the number is, or would be (Fibonacci hashing, the next free slot).
  std::uint64_t slot_of(std::uint64_t number) const {
    std::uint64_t at = number * 0x9E3779B97F4A7C15ULL >> shift_;
    while (slots_[at] != number && slots_[at] != nobody) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<std::uint64_t> slots_;
  unsigned shift_ = 0;
};

}  // namespace ranvier
