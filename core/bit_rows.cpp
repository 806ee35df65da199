#include "core/bit_rows.h"

#include <algorithm>
#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/bit_rows.cpp"
#include <hwy/foreach_target.h>

#include "core/prefetch.h"
#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {
namespace {

/// Counters of `levels` bits, one below the other: plane k has bit k of every neuron's count.
template <std::size_t levels, class D>
class Counters {
 public:
  using V = hn::Vec<D>;
  Counters() { planes_.fill(hn::Zero(D())); }
  HWY_INLINE void add(V one) { carry_from(0, one); }
  HWY_INLINE void add(V one, V other) {
    const V either = hn::Xor(one, other);
    const V both = hn::Or(hn::And(one, other), hn::And(planes_[0], either));
    planes_[0] = hn::Xor(planes_[0], either);
    carry_from(1, both);
  }
  const std::array<V, levels>& planes() const { return planes_; }

 private:
  HWY_INLINE void carry_from(std::size_t level, V carry) {
#pragma GCC unroll 8  // so that the planes stay in registers
    for (std::size_t k = level; k < levels; ++k) {
      const V next = hn::And(planes_[k], carry);
      planes_[k] = hn::Xor(planes_[k], carry);
      carry = next;
    }
  }
  std::array<V, levels> planes_;
};

/// Fewer than 2^levels rows.
template <std::size_t levels>
void add_rows(const std::uint64_t* const* rows, std::size_t n, std::size_t neurons,
              std::int32_t weight, std::int32_t* sums) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::ScalableTag<std::int32_t> d32;
  constexpr std::size_t lanes = hn::MaxLanes(d32), words_ahead = 16;
  static_assert(lanes % 8 == 0, "masks are loaded by whole bytes");
  std::array<hn::Vec<decltype(d32)>, levels> worth;
  for (std::size_t k = 0; k < levels; ++k) worth[k] = hn::Set(d32, weight * (1 << k));
  for (std::size_t first = 0; first < neurons; first += 64 * hn::Lanes(d)) {
    const std::size_t word = first / 64;
    Counters<levels, decltype(d)> counters;
    std::size_t r = 0;
    for (; r + 1 < n; r += 2) {
      prefetch(rows[r] + word + words_ahead);
      prefetch(rows[r + 1] + word + words_ahead);
      counters.add(hn::LoadU(d, rows[r] + word), hn::LoadU(d, rows[r + 1] + word));
    }
    if (r < n) counters.add(hn::LoadU(d, rows[r] + word));
    constexpr std::size_t bytes = hn::MaxLanes(d) * 8;
    alignas(64) std::array<std::array<std::uint8_t, bytes + 8>, levels> bits;
    for (std::size_t k = 0; k < levels; ++k)
      hn::StoreU(hn::BitCast(hn::ScalableTag<std::uint8_t>(), counters.planes()[k]),
                 hn::ScalableTag<std::uint8_t>(), bits[k].data());
    const std::size_t here = std::min(neurons - first, 8 * bytes);
    for (std::size_t i = 0; i < here; i += lanes) {
      auto sum = hn::LoadU(d32, sums + first + i);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < levels; ++k)
        sum = hn::Add(sum, hn::IfThenElseZero(hn::LoadMaskBits(d32, &bits[k][i / 8]), worth[k]));
      hn::StoreU(sum, d32, sums + first + i);
    }
  }
}

}  // namespace

void add_all_rows(const std::uint64_t* const* rows, std::size_t n, std::size_t neurons,
                  std::int32_t weight, std::int32_t* sums) {
  switch (std::bit_width(n)) {
    case 0:
      return;
    case 1:
      return add_rows<1>(rows, n, neurons, weight, sums);
    case 2:
      return add_rows<2>(rows, n, neurons, weight, sums);
    case 3:
      return add_rows<3>(rows, n, neurons, weight, sums);
    case 4:
      return add_rows<4>(rows, n, neurons, weight, sums);
    case 5:
      return add_rows<5>(rows, n, neurons, weight, sums);
    default:
      return add_rows<6>(rows, n, neurons, weight, sums);
  }
}

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ranvier {
HWY_EXPORT(add_all_rows);

void add_bit_rows(std::span<const std::uint64_t* const> rows, std::size_t neurons,
                  std::int32_t weight, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_all_rows)(rows.data(), rows.size(), neurons, weight, sums);
}

void add_bit_rows(std::span<const std::uint64_t* const> rows, std::size_t neurons,
                  std::int64_t weight, std::int64_t* sums) {
  for (const std::uint64_t* row : rows)
    for (std::size_t word = 0; 64 * word < neurons; ++word)
      for (std::uint64_t left = row[word]; left != 0; left &= left - 1)
        sums[64 * word + static_cast<std::size_t>(std::countr_zero(left))] += weight;
}
}  // namespace ranvier
#endif
