// ARS-5 against Random123's own implementation, and the SIMD loops against single draws.
#define HWY_WANT_AVX3_DL  // as core/step_random.cpp does
#include "core/step_random.h"

#include <Random123/ars.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

#include "core/draw.h"
#include "tests/catch.h"
#include "tests/simd_targets.h"

using namespace ranvier;

TEST_CASE("step_block is Random123's ARS1xm128i_R<5>", "[core]") {
  Words words(5);
  for (int i = 0; i < 200; ++i) {
    const RandomKey key{words.next()};
    const std::uint64_t a = words.next(), b = words.next();
    r123::ARS1xm128i_R<5>::ctr_type counter;
    r123::ARS1xm128i_R<5>::key_type k;
    counter.v[0].m = _mm_set_epi64x(static_cast<long long>(b), static_cast<long long>(a));
    k.v[0].m = _mm_set_epi64x(static_cast<long long>(hash_word(key.value, 0)),
                              static_cast<long long>(key.value));
    const auto expected = r123::ARS1xm128i_R<5>()(counter, k);
    const auto got = step_block(key, a, b);
    CHECK(std::memcmp(&expected, got.data(), 16) == 0);
  }
}

TEMPLATE_TEST_CASE("the loop of every SIMD target adds the numbers of single draws", "[core]",
                   std::int32_t, std::int64_t) {
  AliasTable table;
  Words words(6);
  for (std::size_t k = 0; k < 16; ++k) {
    const std::uint64_t threshold = k == 3 ? 4096 : below(words.next(), 4097);
    table.threshold_low[k] = static_cast<std::uint8_t>(threshold & 255);
    table.threshold_high[k] = static_cast<std::uint8_t>(threshold >> 8);
    table.alias[k] = static_cast<std::uint8_t>(below(words.next(), 16));
  }
  const TestType large = std::numeric_limits<TestType>::max() / 17;
  test::for_every_simd_target([&] {
    for (const std::uint32_t n : {1u, 8u, 63u, 64u, 1000u, 4099u})
      for (const TestType weight : {TestType{-5}, large, static_cast<TestType>(-large)}) {
        const RandomKey key{words.next()};
        std::vector<TestType> sums(n, 7);
        add_alias_numbers(table, key, 4096, n, 99, weight, sums.data());
        for (std::uint32_t i = 0; i < n; ++i)
          REQUIRE(sums[i] == 7 + weight * static_cast<TestType>(table.number(
                                              step_block(key, 512 + i / 8, 99)[i % 8])));
      }
  });
}

TEMPLATE_TEST_CASE("uniform numbers are a block's halves, however a row is cut", "[core]", float,
                   double) {
  const RandomKey key{78};
  test::for_every_simd_target([&] {
    for (const auto& [first, n] :
         {std::pair{64u, 2001u}, std::pair{65u, 1u}, std::pair{7u, 500u}}) {
      std::vector<TestType> got(n);
      uniform_numbers(key, first, n, 9, got.data());
      for (std::uint32_t i = 0; i < n; ++i) {
        const auto block = step_block(key, (first + i) / 2, 9);
        std::array<std::uint64_t, 2> halves;
        std::memcpy(halves.data(), block.data(), sizeof halves);
        REQUIRE(got[i] == static_cast<TestType>(to_open_uniform(halves[(first + i) % 2])));
      }
    }
  });
}

TEST_CASE("normal numbers are Box and Muller's of a block's halves, however a row is cut",
          "[core]") {
  const RandomKey key{77};
  constexpr std::uint32_t n = 2001;
  std::vector<double> whole(n, 0.25), cut(n, 0.25);
  add_normal_numbers(key, 64, n, 9, 1.5, 2, whole.data());
  for (std::uint32_t at = 0; at < n; at += 62)
    add_normal_numbers(key, 64 + at, std::min(62u, n - at), 9, 1.5, 2, cut.data() + at);
  CHECK(cut == whole);
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto block = step_block(key, (64 + i) / 2, 9);
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), block.data(), sizeof halves);
    const auto uniform = [](std::uint64_t bits) {
      return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
    };
    const double radius = std::sqrt(-2 * std::log(uniform(halves[0]))),
                 angle = 2 * std::numbers::pi * uniform(halves[1]),
                 expected = radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
    REQUIRE(whole[i] == Approx(0.25 + 1.5 + 2 * expected).margin(1e-13));
  }
}

// The distance of Kolmogorov and Smirnov from the normal law, and the moments' standard errors.
TEST_CASE("normal numbers follow the normal law, pairs and steps do not follow each other",
          "[core]") {
  constexpr std::uint32_t n = 100'000;
  std::vector<double> x(n), later(n);
  add_normal_numbers({3}, 0, n, 1, 0, 1, x.data());
  add_normal_numbers({3}, 0, n, 2, 0, 1, later.data());
  double pairs = 0, steps = 0, fourth = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i % 2 == 0) pairs += x[i] * x[i + 1];
    steps += x[i] * later[i];
    fourth += x[i] * x[i] * x[i] * x[i];
  }
  CHECK(std::fabs(pairs) < 5 * std::sqrt(n / 2.0));
  CHECK(std::fabs(steps) < 5 * std::sqrt(n));
  CHECK(fourth / n == Approx(3).margin(5 * std::sqrt(96.0 / n)));
  std::sort(x.begin(), x.end());
  double distance = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const double law = 0.5 * std::erfc(-x[i] / std::numbers::sqrt2);
    distance = std::max(
        {distance, law - i / static_cast<double>(n), (i + 1) / static_cast<double>(n) - law});
  }
  CHECK(distance < 1.63 / std::sqrt(n));  // 1 % point
}
