// Events written as many at a time as a vector register has 64-bit lanes: for records of fixed
// size, whose decoding is a few shifts and masks. The vectors are those of the build's baseline.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/simd.h"
#include "encoding/event.h"

namespace ranvier::encoding {

namespace hn = hwy::HWY_NAMESPACE;

/// 64 bits of as many records as a register holds.
using Records = hn::ScalableTag<std::uint64_t>;
using RecordLanes = hn::Vec<Records>;
inline std::size_t n_lanes() { return hn::Lanes(Records()); }

/// The bits of `mask` after a shift to the left.
template <int bits>
RecordLanes shifted_left(RecordLanes v, std::uint64_t mask) {
  return hn::And(hn::ShiftLeft<bits>(v), hn::Set(Records(), mask));
}
/// The bits of `mask` after a shift to the right.
template <int bits>
RecordLanes shifted_right(RecordLanes v, std::uint64_t mask) {
  return hn::And(hn::ShiftRight<bits>(v), hn::Set(Records(), mask));
}

/// Stores n_lanes() events; `rest` has x from bit 0, y from bit 16, `on` in bit 32, and no others.
inline void put_lanes(DvsEvent* event, RecordLanes t, RecordLanes rest) {
  hn::StoreInterleaved2(t, rest, Records(), reinterpret_cast<std::uint64_t*>(event));
}

/// n_lanes() little-endian words of 64 bits at p.
inline RecordLanes load_lanes(const std::byte* p) {
  return hn::LoadU(Records(), reinterpret_cast<const std::uint64_t*>(p));
}
/// n_lanes() little-endian words of 32 bits at p.
inline RecordLanes load_lanes32(const std::byte* p) {
  const hn::Rebind<std::uint32_t, Records> half;
  return hn::PromoteTo(Records(), hn::LoadU(half, reinterpret_cast<const std::uint32_t*>(p)));
}

}  // namespace ranvier::encoding
