// Exact and reproducible draws: integers, binomials, quantiles, permutations, from counter-based
// words. Nothing here calls the C library's elementary functions, whose bits differ between
// processors. Tested by tests/unit/core/test_draw.cpp (chi-square at fixed seeds, quantiles against
// published values).
#pragma once
#include <cstdint>

#include "core/network.h"
#include "core/rng.h"

namespace ranvier {

/// Words 0, 1, 2, ... under one key.
class Words {
 public:
  explicit Words(std::uint64_t key) : key_(key) {}
  std::uint64_t next() { return hash_word(key_, n_++); }

 private:
  std::uint64_t key_;
  std::uint64_t n_ = 0;
};

__extension__ using uint128 = unsigned __int128;

/// Uniform in [0, n), n > 0: the high half of the product (bias below n / 2^64).
inline std::uint64_t below(std::uint64_t word, std::uint64_t n) {
  return static_cast<std::uint64_t>((static_cast<uint128>(word) * n) >> 64);
}

/// Binomial(n, numerator / denominator), exact: every trial's uniform number is compared with the
/// quotient's binary digits, all undecided trials at once, by counting random bits (2 n bits on
/// average). 0 <= numerator <= denominator < 2^62.
std::uint64_t binomial(std::uint64_t n, std::uint64_t numerator, std::uint64_t denominator,
                       Words& words);

/// Quantile of the standard normal law: Wichura 1988, algorithm AS 241 (PPND16), relative error
/// about 1e-16 (of its own form).
double normal_quantile(double u);

/// One value of a law from the word `h` (and words derived from it, when values out of bounds are
/// drawn again). Throws Error(range) when a million draws all miss the bounds.
double draw(const Distribution& law, std::uint64_t h);

/// A law by its quantile function, restricted to the bounds: what "drawn again" yields, from one
/// word and without a loop.
class Law {
 public:
  /// Throws Error(range) when less than 1e-9 of a redrawn law lies within its bounds.
  explicit Law(const Distribution& distribution);
  /// The value at u in (0, 1), within the bounds; u is kept 2^-53 away from 0 and 1.
  double quantile(double u) const;
  /// Probability of a value <= x, by bisection of `quantile`; absolute error below 1e-15.
  double cdf(double x) const;

 private:
  double unbounded(double p) const;
  Distribution law_;
  double from_ = 0, span_ = 1;
};

/// A keyed permutation of [0, n): six Feistel rounds on the next even power of two, walked until
/// inside. n <= 2^62.
class Permutation {
 public:
  Permutation(std::uint64_t key, std::uint64_t n);
  std::uint64_t operator()(std::uint64_t i) const;

 private:
  std::uint64_t key_, n_;
  unsigned half_;
};

}  // namespace ranvier
