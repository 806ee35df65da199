#include "core/rng.h"
#include "tests/catch.h"

using namespace ranvier;

TEST_CASE(
    "Philox 4x32-10 gives Random123's third known answer, which tells the words of counter and key "
    "apart",
    "[core]") {
  // Random123 1.14, tests/kat_vectors: philox4x32 10, counter and key from the digits of pi.
  CHECK(random_block(RandomKey{0x299f31d0a4093822ULL}, 0x85a308d3243f6a88ULL,
                     0x0370734413198a2eULL) ==
        std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("hash_word is SplitMix64", "[core]") {
  // First outputs of Vigna's splitmix64.c from the state 1234567 (the test vector of Rosetta Code,
  // "Pseudo-random numbers/Splitmix64").
  const std::uint64_t expected[] = {6457827717110365317ULL, 3203168211198807973ULL,
                                    9817491932198370423ULL, 4593380528125082431ULL,
                                    16408922859458223821ULL};
  for (std::uint64_t n = 0; n < 5; ++n) CHECK(hash_word(1234567, n) == expected[n]);
}

TEST_CASE("uniform numbers keep to their intervals", "[core]") {
  CHECK(to_uniform(0) == 0.0);
  CHECK(to_uniform(~0ULL) < 1.0);
  CHECK(to_open_uniform(0) > 0.0);
  CHECK(to_open_uniform(~0ULL) < 1.0);
}

TEST_CASE("keys differ by seed, stream, object and sub-index", "[core]") {
  const std::uint64_t base = derive_key(1, Stream::connect, 2, 3).value;
  CHECK(base == derive_key(1, Stream::connect, 2, 3).value);
  CHECK(base != derive_key(2, Stream::connect, 2, 3).value);
  CHECK(base != derive_key(1, Stream::weight, 2, 3).value);
  CHECK(base != derive_key(1, Stream::connect, 3, 3).value);
  CHECK(base != derive_key(1, Stream::connect, 2, 4).value);
}
