#include "core/step_random.h"

#include <algorithm>

#define HWY_WANT_AVX3_DL  // AES on whole registers (VAES)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/step_random.cpp"
#include <hwy/foreach_target.h>

#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {
namespace {

/// Both halves of the key and of the schedule's increment, alternating over the 64-bit lanes.
template <class D>
HWY_INLINE hn::Vec<D> alternating(D d, std::uint64_t even, std::uint64_t odd) {
  return hn::OddEven(hn::Set(d, odd), hn::Set(d, even));
}

/// ARS-5 of as many counters (low, high: alternating 64-bit lanes) as the register holds. Unrolled:
/// in a loop GCC stores the registers after every round, which takes twice as long.
template <class D, std::size_t n>
HWY_INLINE void ars5(D d, RandomKey key, std::array<hn::Vec<D>, n>& v) {
  const hn::Repartition<std::uint8_t, D> bytes;
  const auto step = alternating(d, 0x9E3779B97F4A7C15ULL, 0xBB67AE8584CAA73BULL);
  auto round_key = alternating(d, key.value, hash_word(key.value, 0));
  unrolled<n>([&](auto i) { v[i] = hn::Xor(v[i], round_key); });
  for (int round = 1; round < 5; ++round) {
    round_key = hn::Add(round_key, step);
    unrolled<n>([&](auto i) {
      v[i] = hn::BitCast(d, hn::AESRound(hn::BitCast(bytes, v[i]), hn::BitCast(bytes, round_key)));
    });
  }
  round_key = hn::Add(round_key, step);
  unrolled<n>([&](auto i) {
    v[i] =
        hn::BitCast(d, hn::AESLastRound(hn::BitCast(bytes, v[i]), hn::BitCast(bytes, round_key)));
  });
}

/// The table's columns, repeated in every 128-bit block, and the choice by 16 bits a lane.
template <class D>
struct AliasLanes {
  using Bytes = hn::Repartition<std::uint8_t, D>;
  hn::Vec<Bytes> low, high, alias;

  explicit AliasLanes(const AliasTable& t)
      : low(hn::LoadDup128(Bytes(), t.threshold_low.data())),
        high(hn::LoadDup128(Bytes(), t.threshold_high.data())),
        alias(hn::LoadDup128(Bytes(), t.alias.data())) {}

  HWY_INLINE hn::Vec<D> numbers(D d, hn::Vec<D> bits) const {
    const Bytes bytes;
    const auto column = hn::ShiftRight<12>(bits);
    // An index with its highest bit set looks up a zero: the high byte of each lane.
    const auto index = hn::BitCast(bytes, hn::Or(column, hn::Set(d, 0x8000)));
    const auto look_up = [&](hn::Vec<Bytes> table) {
      return hn::BitCast(d, hn::TableLookupBytesOr0(table, index));
    };
    const auto threshold = hn::Or(look_up(low), hn::ShiftLeft<8>(look_up(high)));
    const auto below = hn::Lt(hn::And(bits, hn::Set(d, 4095)), threshold);
    return hn::IfThenElse(below, column, look_up(alias));
  }
};

}  // namespace

void add_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                 std::uint64_t b, std::int32_t weight, std::int32_t* sums) {
  constexpr std::uint32_t unroll = 4;  // AES rounds have a latency of four
  const hn::ScalableTag<std::uint64_t> d;
  const hn::Repartition<std::uint16_t, decltype(d)> d16;
  const hn::Half<decltype(d16)> half16;
  const hn::Repartition<std::int32_t, decltype(d)> d32;
  const std::size_t blocks = hn::Lanes(d) / 2, lanes = hn::Lanes(d32);
  const AliasLanes<decltype(d16)> law(table);
  const auto w = hn::Set(d32, weight);
  auto counter =
      hn::OddEven(hn::Set(d, b), hn::Add(hn::Set(d, first / 8), hn::ShiftRight<1>(hn::Iota(d, 0))));
  const auto next = alternating(d, blocks, 0);
  const auto add = [&](hn::Vec<decltype(half16)> part, std::int32_t* to) {
    const auto number = hn::BitCast(d32, hn::PromoteTo(d32, part));
    hn::StoreU(hn::Add(hn::LoadU(d32, to), hn::Mul(number, w)), d32, to);
  };
  const auto add_register = [&](hn::Vec<decltype(d)> v, std::int32_t* to) {
    const auto k = law.numbers(d16, hn::BitCast(d16, v));
    add(hn::LowerHalf(half16, k), to);
    add(hn::UpperHalf(half16, k), to + lanes);
  };
  const auto a_register = static_cast<std::uint32_t>(blocks * 8);
  std::uint32_t i = 0;
  for (; i + unroll * a_register <= n; i += unroll * a_register) {
    std::array<hn::Vec<decltype(d)>, unroll> v;
    unrolled<unroll>([&](auto u) { v[u] = counter, counter = hn::Add(counter, next); });
    ars5(d, key, v);
    unrolled<unroll>([&](auto u) { add_register(v[u], sums + i + u * a_register); });
  }
  for (; i < n; i += a_register) {
    std::array<hn::Vec<decltype(d)>, 1> v{counter};
    counter = hn::Add(counter, next);
    ars5(d, key, v);
    if (i + a_register <= n) {
      add_register(v[0], sums + i);
      continue;
    }
    alignas(64) std::array<std::int32_t, hn::MaxLanes(d16)> rest{};
    add_register(v[0], rest.data());
    for (std::uint32_t k = i; k < n; ++k) sums[k] += rest[k - i];
  }
}

/// Uniform in (0, 1), from the high 52 of 64 bits.
template <class D>
HWY_INLINE hn::Vec<D> open_uniform(D d, hn::Vec<hn::RebindToUnsigned<D>> bits) {
  const hn::RebindToUnsigned<D> du;
  const auto from_1_to_2 =
      hn::BitCast(d, hn::Or(hn::ShiftRight<12>(bits), hn::Set(du, std::uint64_t{0x3FF} << 52)));
  return hn::Sub(from_1_to_2, hn::Set(d, 1 - 0x1p-53));
}

void add_normals(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b, double mean,
                 double stdev, double* out) {
  const hn::ScalableTag<std::uint64_t> du;
  const hn::RebindToFloat<decltype(du)> d;
  constexpr double pi = 3.14159265358979323846;
  constexpr std::size_t most = 16;
  const auto group = static_cast<std::uint32_t>(2 * hn::Lanes(d));
  static_assert(2 * hn::MaxLanes(d) <= most);
  alignas(64) double buffer[most];
  for (std::uint32_t i = 0; i < n; i += group) {
    std::array<hn::Vec<decltype(du)>, 2> v;
    const std::uint64_t pair = (first + i) / 2;
    const auto halves = hn::ShiftRight<1>(hn::Iota(du, 0));
    v[0] = hn::OddEven(hn::Set(du, b), hn::Add(hn::Set(du, pair), halves));
    v[1] = hn::OddEven(hn::Set(du, b), hn::Add(hn::Set(du, pair + group / 4), halves));
    ars5(du, key, v);
    const auto u = open_uniform(d, hn::ConcatEven(du, v[1], v[0]));
    const auto angle = hn::Mul(hn::Set(d, 2 * pi), open_uniform(d, hn::ConcatOdd(du, v[1], v[0])));
    const auto radius =
        hn::Mul(hn::Set(d, stdev), hn::Sqrt(hn::Mul(hn::Set(d, -2.0), hn::Log(d, u))));
    const auto m = hn::Set(d, mean);
    hn::StoreInterleaved2(hn::MulAdd(radius, hn::Cos(d, angle), m),
                          hn::MulAdd(radius, hn::Sin(d, angle), m), d, buffer);
    for (std::uint32_t k = 0; k < std::min(group, n - i); ++k) out[i + k] += buffer[k];
  }
}

#if HWY_ONCE
std::array<std::uint16_t, 8> one_block(RandomKey key, std::uint64_t a, std::uint64_t b) {
  const hn::FixedTag<std::uint64_t, 2> d;
  std::array<hn::Vec<decltype(d)>, 1> v{alternating(d, a, b)};
  ars5(d, key, v);
  alignas(16) std::array<std::uint16_t, 8> out;
  hn::Store(hn::BitCast(hn::FixedTag<std::uint16_t, 8>(), v[0]), hn::FixedTag<std::uint16_t, 8>(),
            out.data());
  return out;
}
#endif

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ranvier {
HWY_EXPORT(add_numbers);
HWY_EXPORT(add_normals);

std::array<std::uint16_t, 8> step_block(RandomKey key, std::uint64_t a, std::uint64_t b) {
  return HWY_STATIC_DISPATCH(one_block)(key, a, b);
}

void add_alias_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                       std::uint64_t b, std::int32_t weight, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_numbers)(table, key, first, n, b, weight, sums);
}

void add_normal_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                        double mean, double stdev, double* out) {
  HWY_DYNAMIC_DISPATCH(add_normals)(key, first, n, b, mean, stdev, out);
}
}  // namespace ranvier
#endif
