#include "core/step_random.h"

#include <algorithm>
#include <limits>
#include <type_traits>

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

/// What the target's AES instructions take: whole registers (VAES), else 128 bits. Highway makes do
/// for longer registers, taking them apart and together again in every round (AVX2: 3.4 times the
/// time).
constexpr std::size_t aes_words = HWY_TARGET == HWY_AVX3_DL ? HWY_MAX_BYTES / 8 : 2;
using AesTag = hn::CappedTag<std::uint64_t, aes_words>;

/// ARS-5 of as many counters (low, high: alternating 64-bit lanes) as the registers hold. Unrolled:
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

/// One register of those, one behind another, from `first` on.
template <std::size_t first, class D, class Parts>
HWY_INLINE hn::Vec<D> joined(D d, const Parts& parts) {
  if constexpr (hn::MaxLanes(d) == hn::MaxLanes(AesTag())) {
    return parts[first];
  } else {
    const hn::Half<D> half;
    constexpr std::size_t n = hn::MaxLanes(half) / hn::MaxLanes(AesTag());
    return hn::Combine(d, joined<first + n>(half, parts), joined<first>(half, parts));
  }
}

/// The blocks (a, b), (a + 1, b), ... that n registers hold.
template <std::size_t n, class D>
HWY_INLINE std::array<hn::Vec<D>, n> blocks(D d, RandomKey key, std::uint64_t a, std::uint64_t b) {
  const AesTag aes;
  constexpr std::size_t parts = hn::MaxLanes(d) / hn::MaxLanes(aes);
  std::array<hn::Vec<AesTag>, n * parts> v;
  auto counter =
      hn::OddEven(hn::Set(aes, b), hn::Add(hn::Set(aes, a), hn::ShiftRight<1>(hn::Iota(aes, 0))));
  const auto next = alternating(aes, hn::Lanes(aes) / 2, 0);
  unrolled<n * parts>([&](auto i) { v[i] = counter, counter = hn::Add(counter, next); });
  ars5(aes, key, v);
  std::array<hn::Vec<D>, n> result;
  unrolled<n>([&](auto i) { result[i] = joined<i * parts>(d, v); });
  return result;
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
    const hn::RebindToSigned<D> i16;  // both fit, and AVX2 compares signed numbers
    const auto below =
        hn::Lt(hn::BitCast(i16, hn::And(bits, hn::Set(d, 4095))), hn::BitCast(i16, threshold));
    return hn::IfThenElse(hn::RebindMask(d, below), column, look_up(alias));
  }
};

/// sums[k] += numbers[k] * weight, in 32 bits ...
template <class D>
HWY_INLINE void add_products(D, hn::Vec<D> numbers, std::int32_t weight, std::int32_t* sums) {
  const hn::RebindToSigned<D> sum;
  const auto products = hn::Mul(hn::BitCast(sum, numbers), hn::Set(sum, weight));
  hn::StoreU(hn::Add(hn::LoadU(sum, sums), products), sum, sums);
}
/// ... and in 64, for which the numbers are multiplied by each half of the weight.
template <class D>
HWY_INLINE void add_products(D d, hn::Vec<D> numbers, std::int64_t weight, std::int64_t* sums) {
  const hn::Repartition<std::uint64_t, D> wide;
  const hn::RebindToSigned<decltype(wide)> sum;
  const hn::Half<D> half;
  const auto low = hn::Set(d, static_cast<std::uint32_t>(weight));
  const auto high = hn::Set(d, static_cast<std::uint32_t>(weight >> 32));
  const auto add = [&](hn::Vec<decltype(half)> part, std::int64_t* to) {
    const auto number = hn::BitCast(d, hn::PromoteTo(wide, part));
    const auto product =
        hn::Add(hn::MulEven(number, low), hn::ShiftLeft<32>(hn::MulEven(number, high)));
    hn::StoreU(hn::Add(hn::LoadU(sum, to), hn::BitCast(sum, product)), sum, to);
  };
  add(hn::LowerHalf(half, numbers), sums);
  add(hn::UpperHalf(half, numbers), sums + hn::Lanes(wide));
}

template <class Sum>
HWY_INLINE void add_numbers(const AliasTable& table, RandomKey key, std::uint64_t first,
                            std::uint32_t n, std::uint64_t b, Sum weight, Sum* sums) {
  const hn::ScalableTag<std::uint64_t> d;
  // AES rounds have a latency of four, and two begin in a cycle.
  constexpr std::uint32_t unroll = hn::MaxLanes(d) == 4 * hn::MaxLanes(AesTag()) ? 2 : 4;
  const hn::Repartition<std::uint16_t, decltype(d)> d16;
  const hn::Repartition<std::uint32_t, decltype(d)> d32;
  const hn::Half<decltype(d16)> half16;
  const AliasLanes<decltype(d16)> law(table);
  const auto add_register = [&](hn::Vec<decltype(d)> v, Sum* to) {
    const auto k = law.numbers(d16, hn::BitCast(d16, v));
    add_products(d32, hn::PromoteTo(d32, hn::LowerHalf(half16, k)), weight, to);
    add_products(d32, hn::PromoteTo(d32, hn::UpperHalf(half16, k)), weight, to + hn::Lanes(d32));
  };
  const auto a_register = static_cast<std::uint32_t>(hn::Lanes(d16));
  std::uint32_t i = 0;
  for (; i + unroll * a_register <= n; i += unroll * a_register) {
    const auto v = blocks<unroll>(d, key, (first + i) / 8, b);
    unrolled<unroll>([&](auto u) { add_register(v[u], sums + i + u * a_register); });
  }
  for (; i < n; i += a_register) {
    const auto v = blocks<1>(d, key, (first + i) / 8, b);
    if (i + a_register <= n) {
      add_register(v[0], sums + i);
      continue;
    }
    alignas(64) std::array<Sum, hn::MaxLanes(d16)> rest{};
    add_register(v[0], rest.data());
    for (std::uint32_t k = i; k < n; ++k) sums[k] += rest[k - i];
  }
}

/// 1 / k, by which one term of a Poisson law follows from the one before.
constexpr auto reciprocals = [] {
  std::array<double, 64> r{};
  for (std::size_t k = 1; k < r.size(); ++k) r[k] = 1.0 / static_cast<double>(k);
  return r;
}();

/// How many of the law's sums lie below each lane's u: Poisson numbers where no sum is 2^32.
template <class D>
HWY_INLINE hn::Vec<D> invert(D d, hn::Vec<D> u, hn::Vec<D> none, hn::Vec<D> mean,
                             hn::Mask<D> above) {
  const auto one = hn::Set(d, 1.0);
  auto count = hn::IfThenElseZero(above, one);
  auto term = none, sum = none;
  const auto next = [&](std::size_t k) {
    term = hn::Mul(term, hn::Mul(mean, hn::Set(d, reciprocals[k])));
    sum = hn::Add(sum, term);
    above = hn::And(above, hn::Gt(u, sum));
    count = hn::Add(count, hn::IfThenElseZero(above, one));
  };
  next(1), next(2);  // for all: a processor guesses wrong at whether there is one at all
  for (std::size_t k = 3; k + 1 < reciprocals.size() && !hn::AllFalse(d, above); k += 2)
    next(k), next(k + 1);
  return count;
}

/// The 32-bit random numbers of the neurons of some blocks, in turn.
template <std::size_t n, class D>
HWY_INLINE void put_bits(D d, RandomKey key, std::uint64_t block, std::uint64_t b,
                         std::uint32_t* bits) {
  const hn::Repartition<std::uint16_t, D> d16;
  const hn::Repartition<std::uint32_t, D> d32;
  const hn::Half<decltype(d16)> half;
  const auto low = blocks<n>(d, key, block, b);
  const auto high = blocks<n>(d, key, block, b | std::uint64_t{1} << 63);
  const auto put = [&](auto of_low, auto of_high, std::size_t at) {
    const auto upper = hn::ShiftLeft<16>(hn::PromoteTo(d32, of_high));
    hn::Store(hn::Or(hn::PromoteTo(d32, of_low), upper), d32, bits + at);
  };
  unrolled<n>([&](auto r) {
    const auto l = hn::BitCast(d16, low[r]), h = hn::BitCast(d16, high[r]);
    put(hn::LowerHalf(half, l), hn::LowerHalf(half, h), r * hn::Lanes(d16));
    put(hn::UpperHalf(half, l), hn::UpperHalf(half, h), r * hn::Lanes(d16) + hn::Lanes(d32));
  });
}

template <class Sum>
HWY_INLINE void add_inverted(const PoissonLaws& law, RandomKey key, std::uint64_t first,
                             std::uint32_t n, std::uint64_t b, std::uint32_t part, Sum weight,
                             Sum* sums) {
  constexpr std::size_t registers = 2;
  const hn::ScalableTag<double> d;
  const hn::Repartition<std::uint32_t, decltype(d)> d32;
  const hn::Rebind<std::int32_t, decltype(d)> some32;
  constexpr std::size_t together = registers * 4 * hn::MaxLanes(d);
  const auto limit = hn::Set(d, poisson_limit), half_and_one = hn::Set(d, 0x1p31 + 1);
  const auto half = hn::Set(some32, std::numeric_limits<std::int32_t>::min());
  const std::uint64_t lead = first % 8, end = lead + n;
  for (std::uint64_t i = 0; i < end; i += together) {
    alignas(64) std::array<std::uint32_t, together> bits;
    alignas(64) std::array<double, together> u;
    alignas(64) std::array<std::int32_t, together> numbers{};
    put_bits<registers>(hn::RebindToUnsigned<decltype(d)>(), key, (first - lead + i) / 8, b,
                        bits.data());
    const auto of_all = [&](const auto& f) {
      for (std::size_t j = 0; j < together && i + j < end; j += hn::Lanes(d))
        f(j, (i + j) & law.mask);
    };
    auto beyond = hn::Zero(d);
    of_all([&](std::size_t j, std::uint64_t at) {
      // By way of signed numbers, which every target converts.
      const auto raw =
          hn::BitCast(some32, hn::Load(hn::RebindToUnsigned<decltype(some32)>(), bits.data() + j));
      const auto x = hn::Min(hn::Add(hn::PromoteTo(d, hn::Xor(raw, half)), half_and_one), limit);
      hn::Store(x, d, u.data() + j);
      beyond = hn::Max(beyond, hn::Sub(x, hn::LoadU(d, law.none + at)));
    });
    if (hn::AllFalse(d, hn::Gt(beyond, hn::Zero(d)))) continue;
    of_all([&](std::size_t j, std::uint64_t at) {
      const auto x = hn::Load(d, u.data() + j), none = hn::LoadU(d, law.none + at);
      auto above = hn::Gt(x, none);
      if (part > 0) above = hn::And(above, hn::Gt(hn::LoadU(d, law.parts + at), hn::Set(d, part)));
      const auto number = invert(d, x, none, hn::LoadU(d, law.mean + at), above);
      hn::Store(hn::DemoteTo(some32, number), some32, numbers.data() + j);
    });
    if (i >= lead && i + together <= end) {
      for (std::size_t j = 0; j < together; j += hn::Lanes(d32))
        add_products(
            d32,
            hn::BitCast(d32, hn::Load(hn::RebindToSigned<decltype(d32)>(), numbers.data() + j)),
            weight, sums + i - lead + j);
      continue;
    }
    for (std::uint64_t k = std::max(lead, i); k < std::min(end, i + together); ++k)
      sums[k - lead] += numbers[k - i] * weight;
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

template <class T>
HWY_INLINE void put_uniform(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                            T* out) {
  constexpr std::size_t registers = 4;
  const hn::ScalableTag<double> d;
  const hn::Rebind<T, decltype(d)> as_out;
  constexpr std::size_t together = registers * hn::MaxLanes(d);
  const std::uint64_t lead = first % 2, end = lead + n;
  for (std::uint64_t i = 0; i < end; i += together) {
    alignas(64) std::array<T, together> some;
    const bool whole = i >= lead && i + together <= end;
    T* const to = whole ? out + (i - lead) : some.data();
    const auto v =
        blocks<registers>(hn::RebindToUnsigned<decltype(d)>(), key, (first - lead + i) / 2, b);
    unrolled<registers>([&](auto r) {
      const auto u = open_uniform(d, v[r]);
      if constexpr (std::is_same_v<T, double>) hn::StoreU(u, d, to + r * hn::Lanes(d));
      else hn::StoreU(hn::DemoteTo(as_out, u), as_out, to + r * hn::Lanes(d));
    });
    if (!whole)
      for (std::uint64_t k = std::max(lead, i); k < std::min(end, i + together); ++k)
        out[k - lead] = some[k - i];
  }
}

}  // namespace

void add_numbers32(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                   std::uint64_t b, std::int32_t weight, std::int32_t* sums) {
  add_numbers(table, key, first, n, b, weight, sums);
}
void add_numbers64(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                   std::uint64_t b, std::int64_t weight, std::int64_t* sums) {
  add_numbers(table, key, first, n, b, weight, sums);
}

void add_inverted32(const PoissonLaws& law, RandomKey key, std::uint64_t first, std::uint32_t n,
                    std::uint64_t b, std::uint32_t part, std::int32_t weight, std::int32_t* sums) {
  add_inverted(law, key, first, n, b, part, weight, sums);
}
void add_inverted64(const PoissonLaws& law, RandomKey key, std::uint64_t first, std::uint32_t n,
                    std::uint64_t b, std::uint32_t part, std::int64_t weight, std::int64_t* sums) {
  add_inverted(law, key, first, n, b, part, weight, sums);
}

void put_uniform32(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                   float* out) {
  put_uniform(key, first, n, b, out);
}
void put_uniform64(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                   double* out) {
  put_uniform(key, first, n, b, out);
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
    const auto v = blocks<2>(du, key, (first + i) / 2, b);
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
HWY_EXPORT(add_numbers32);
HWY_EXPORT(add_numbers64);
HWY_EXPORT(add_inverted32);
HWY_EXPORT(add_inverted64);
HWY_EXPORT(put_uniform32);
HWY_EXPORT(put_uniform64);
HWY_EXPORT(add_normals);

std::array<std::uint16_t, 8> step_block(RandomKey key, std::uint64_t a, std::uint64_t b) {
  return HWY_STATIC_DISPATCH(one_block)(key, a, b);
}

void add_alias_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                       std::uint64_t b, std::int32_t weight, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_numbers32)(table, key, first, n, b, weight, sums);
}

void add_alias_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                       std::uint64_t b, std::int64_t weight, std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_numbers64)(table, key, first, n, b, weight, sums);
}

void add_poisson_numbers(const PoissonLaws& law, RandomKey key, std::uint64_t first,
                         std::uint32_t n, std::uint64_t b, std::uint32_t part, std::int32_t weight,
                         std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_inverted32)(law, key, first, n, b, part, weight, sums);
}
void add_poisson_numbers(const PoissonLaws& law, RandomKey key, std::uint64_t first,
                         std::uint32_t n, std::uint64_t b, std::uint32_t part, std::int64_t weight,
                         std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(add_inverted64)(law, key, first, n, b, part, weight, sums);
}

void uniform_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                     float* out) {
  HWY_DYNAMIC_DISPATCH(put_uniform32)(key, first, n, b, out);
}
void uniform_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                     double* out) {
  HWY_DYNAMIC_DISPATCH(put_uniform64)(key, first, n, b, out);
}

void add_normal_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                        double mean, double stdev, double* out) {
  HWY_DYNAMIC_DISPATCH(add_normals)(key, first, n, b, mean, stdev, out);
}
}  // namespace ranvier
#endif
