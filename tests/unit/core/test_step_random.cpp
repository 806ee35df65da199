// ARS-5 against Random123's own implementation, and the SIMD loop against single draws.
#include "core/step_random.h"

#include <Random123/ars.h>

#include <cstring>

#include "core/draw.h"
#include "tests/catch.h"

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

TEST_CASE("the SIMD loop adds the numbers of single draws", "[core]") {
  AliasTable table;
  Words words(6);
  for (std::size_t k = 0; k < 16; ++k) {
    const std::uint64_t threshold = k == 3 ? 4096 : below(words.next(), 4097);
    table.threshold_low[k] = static_cast<std::uint8_t>(threshold & 255);
    table.threshold_high[k] = static_cast<std::uint8_t>(threshold >> 8);
    table.alias[k] = static_cast<std::uint8_t>(below(words.next(), 16));
  }
  for (const std::uint32_t n : {1u, 8u, 63u, 64u, 1000u, 4099u}) {
    const RandomKey key{words.next()};
    std::vector<std::int32_t> sums(n, 7);
    add_alias_numbers(table, key, 4096, n, 99, -5, sums.data());
    for (std::uint32_t i = 0; i < n; ++i)
      REQUIRE(sums[i] == 7 - 5 * static_cast<std::int32_t>(
                                     table.number(step_block(key, 512 + i / 8, 99)[i % 8])));
  }
}
