// Two steps: vectors are taken apart into words of one pixel, and these are events a register at a
// time. Nearly all vectors have one to four pixels, and which cannot be foreseen: of such ones four
// words are written in any case, each without the lowest pixel of the one before, and the next
// vector's words over those that have none.
#include "encoding/pixel_vectors.h"

#include <algorithm>
#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "encoding/pixel_vectors.cpp"
#include <hwy/foreach_target.h>

#include "core/prefetch.h"
#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace ranvier::encoding::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Events = hn::CappedTag<std::uint64_t, room_behind_vectors>;
/// What vectors are taken apart in, where it has four lanes: those of wider registers would have to
/// be put in order through memory.
using Four = hn::CappedTag<std::uint64_t, 4>;

constexpr std::uint64_t pixels = 0xFFFF'FFFF, no_vector = std::uint64_t{7} << 61;
constexpr std::size_t block = 128;  // words
/// How many events ahead memory is fetched: in a fresh array the stores would else wait in line.
constexpr std::size_t ahead = 256;

HWY_INLINE std::size_t n_pixels(std::uint64_t word) {
  return static_cast<std::size_t>(std::popcount(static_cast<std::uint32_t>(word)));
}

template <HalfOrder order>
HWY_INLINE std::uint64_t load_word(const std::byte* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return order == HalfOrder::low_first ? word : std::rotl(word, 32);
}

template <HalfOrder order>
HWY_INLINE hn::Vec<Four> load_four(const std::byte* p) {
  const auto words = hn::LoadU(Four(), reinterpret_cast<const std::uint64_t*>(p));
  if constexpr (order == HalfOrder::low_first) return words;
  const hn::RepartitionToNarrow<Four> halves;
  return hn::BitCast(Four(), hn::Shuffle2301(hn::BitCast(halves, words)));
}

HWY_INLINE hn::Vec<Four> without_lowest(hn::Vec<Four> v) {
  return hn::And(v, hn::Sub(v, hn::Set(Four(), 1)));
}

/// Appends words of one pixel each for four vectors, which have at most four; null if one has more
/// or is no vector.
template <HalfOrder order>
HWY_INLINE std::uint64_t* take_four(const std::byte* p, std::uint64_t* next) {
  const Four d;
  const auto a = load_four<order>(p), b = without_lowest(a), c = without_lowest(b);
  const auto e = without_lowest(c), fifth = without_lowest(e);
  const auto others = hn::Or(hn::And(a, hn::Set(d, no_vector)), hn::And(fifth, hn::Set(d, pixels)));
  if (!hn::AllTrue(d, hn::Eq(others, hn::Zero(d)))) return nullptr;
  const auto ab_even = hn::InterleaveLower(a, b), ab_odd = hn::InterleaveUpper(d, a, b);
  const auto ce_even = hn::InterleaveLower(c, e), ce_odd = hn::InterleaveUpper(d, c, e);
  const std::size_t second = n_pixels(load_word<order>(p));
  const std::size_t third = second + n_pixels(load_word<order>(p + 8));
  const std::size_t fourth = third + n_pixels(load_word<order>(p + 16));
  hn::StoreU(hn::ConcatLowerLower(d, ce_even, ab_even), d, next);
  hn::StoreU(hn::ConcatLowerLower(d, ce_odd, ab_odd), d, next + second);
  hn::StoreU(hn::ConcatUpperUpper(d, ce_even, ab_even), d, next + third);
  hn::StoreU(hn::ConcatUpperUpper(d, ce_odd, ab_odd), d, next + fourth);
  return next + fourth + n_pixels(load_word<order>(p + 24));
}

/// Appends the words of a vector of whatever number of pixels, and up to three that do not count.
HWY_INLINE std::uint64_t* take_one(std::uint64_t word, std::uint64_t* next) {
  std::uint64_t* const end = next + n_pixels(word);
  for (; next < end; next += 4)
    for (std::size_t k = 0; k < 4; ++k, word &= word - 1) next[k] = word;
  return end;
}

/// The lanes in the order that InterleaveLower and InterleaveUpper turn into the one they had.
HWY_INLINE hn::Vec<Events> parted(hn::Vec<Events> v) {
  const Events d;
  alignas(64) std::array<std::uint64_t, hn::MaxLanes(d)> from;
  for (std::size_t k = 0; k < hn::Lanes(d); ++k) from[k] = k / 2 + k % 2 * (hn::Lanes(d) / 2);
  return hn::TableLookupLanes(v, hn::SetTableIndices(d, from.data()));
}

/// The bits of `mask` after a shift to the right.
template <int bits>
HWY_INLINE hn::Vec<Events> shifted_right(hn::Vec<Events> v, std::uint64_t mask) {
  return hn::And(hn::ShiftRight<bits>(v), hn::Set(Events(), mask));
}

/// Writes an event for the lowest pixel of each word.
HWY_INLINE void put_events(const std::uint64_t* words, hn::Vec<Events> time, DvsEvent* out) {
  const Events d;
  const hn::Rebind<double, Events> real;
  const auto w = parted(hn::LoadU(d, words));
  const auto x = shifted_right<43>(w, 0x7FF), y = shifted_right<16>(w, 0x7FF'0000);
  const auto on = shifted_right<28>(w, std::uint64_t{1} << 32);
  // Where the pixel's bit is: the exponent of 2^k as a double, which 2^52 + 2^k - 2^52 makes.
  const auto two_52 = hn::Set(real, 0x1p52);
  const auto bit = hn::And(w, hn::Sub(hn::Zero(d), w));
  const auto sum = hn::BitCast(real, hn::Or(bit, hn::BitCast(d, two_52)));
  const auto exponent = hn::ShiftRight<52>(hn::BitCast(d, hn::Sub(sum, two_52)));
  const auto t = hn::Or(time, shifted_right<54>(w, 0x3F));
  const auto rest = hn::Add(hn::Or(hn::Or(x, y), on), hn::Sub(exponent, hn::Set(d, 1023)));
  auto* to = reinterpret_cast<std::uint64_t*>(out);
  hn::StoreU(hn::InterleaveLower(t, rest), d, to);
  hn::StoreU(hn::InterleaveUpper(d, t, rest), d, to + hn::Lanes(d));
}

template <HalfOrder order>
HWY_INLINE PixelVectors put(const std::byte* p, std::size_t n, std::uint64_t time, DvsEvent* out) {
  const Events d;
  n = std::min(n, block);
  // Words of one event each, their lowest pixel; behind them what is written or read but not used.
  std::array<std::uint64_t, 32 * block + room_behind_vectors> single;
  std::uint64_t* next = single.data();
  std::size_t i = 0;
  while (i < n) {
    if (hn::Lanes(Four()) == 4 && i + 4 <= n)
      if (auto* const behind = take_four<order>(p + 8 * i, next)) {
        next = behind;
        i += 4;
        continue;
      }
    const std::size_t end = std::min(i + 4, n);
    for (; i < end; ++i) {
      const std::uint64_t word = load_word<order>(p + 8 * i);
      if (word & no_vector) break;
      next = take_one(word, next);
    }
    if (i < end) break;
  }
  const auto n_events = static_cast<std::size_t>(next - single.data());
  for (std::size_t k = 0; k < n_events; k += hn::Lanes(d)) {
    prefetch_to_write(out + k + ahead);
    prefetch_to_write(out + k + ahead + 64 / sizeof(DvsEvent));
    put_events(single.data() + k, hn::Set(d, time), out + k);
  }
  return {i, n_events};
}

}  // namespace

PixelVectors put_vectors(const std::byte* words, std::size_t n, HalfOrder order, std::uint64_t time,
                         DvsEvent* out) {
  return order == HalfOrder::low_first ? put<HalfOrder::low_first>(words, n, time, out)
                                       : put<HalfOrder::high_first>(words, n, time, out);
}

}  // namespace ranvier::encoding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ranvier::encoding {
HWY_EXPORT(put_vectors);

PixelVectors put_pixel_vectors(const std::byte* words, std::size_t n, HalfOrder order,
                               std::uint64_t time, DvsEvent* out) {
  return HWY_DYNAMIC_DISPATCH(put_vectors)(words, n, order, time, out);
}
}  // namespace ranvier::encoding
#endif
