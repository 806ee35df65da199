// Counter-based random numbers: a pure function of (key, counter), so that results never depend on
// who draws first. Philox 4x32-10: Salmon, Moraes, Dror, Shaw 2011 (Random123's known-answer
// vectors are the test). A key for each use is derived from the run's seed, the named stream and
// the object's index, so that uses never share a counter. Tested by tests/unit/core/test_rng.cpp.
#pragma once
#include <array>
#include <cstdint>

namespace ranvier {

/// What a random number is for: uses do not share numbers.
enum class Stream : std::uint32_t {
  parameter = 1,
  initial_state,
  connect,
  weight,
  delay,
  poisson_drive,
  noise_current,
  source,
  escape_noise,
  position,
  event_filter
};

/// The 64-bit key of a stream of one object.
struct RandomKey {
  std::uint64_t value = 0;
};

/// Key of one use: (seed, stream, index of the population, projection or stimulus, sub-index such
/// as a parameter's number).
RandomKey derive_key(std::uint64_t seed, Stream stream, std::uint64_t object,
                     std::uint64_t sub = 0);

/// 128 random bits: Philox 4x32-10 with the key and the counter (a, b).
std::array<std::uint32_t, 4> random_block(RandomKey key, std::uint64_t a, std::uint64_t b);

/// 64 random bits of (key, a, b).
inline std::uint64_t random_bits(RandomKey key, std::uint64_t a, std::uint64_t b) {
  const auto r = random_block(key, a, b);
  return (static_cast<std::uint64_t>(r[1]) << 32) | r[0];
}

/// A cheap stateless 64-bit hash for the n-th word under a random row key (SplitMix64's finaliser
/// over a Weyl sequence; Steele, Lea, Flood 2014). Use only with row keys that come from
/// random_bits.
inline std::uint64_t hash_word(std::uint64_t row_key, std::uint64_t n) {
  std::uint64_t z = row_key + (n + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// Uniform in [0, 1) from 53 of the bits.
inline double to_uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

/// Uniform in (0, 1): never 0, for logarithms and quantile functions.
inline double to_open_uniform(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

}  // namespace ranvier
