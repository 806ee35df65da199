// Poisson numbers that are drawn for every neuron in every step, at one rate or at a rate a neuron.
// One rate: from a 16-column alias table (Walker 1977) at 16 random bits a draw where the mean is
// good to 1e-4 so, else by inverting the law at 32 bits. A rate a neuron: by inversion. A large
// mean is the sum of equal parts. A neuron's number depends on (key, neuron, step) and its own rate
// alone; the bits are those of core/step_random.h. Tested by tests/unit/core/test_drive.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/rng.h"
#include "core/step_random.h"

namespace ranvier {

/// Largest mean of a Poisson drive, spikes a neuron and step.
inline constexpr double max_poisson_mean = 4096;

/// Numbers of a Poisson law of one mean.
class PoissonTable {
 public:
  /// \param mean  0 <= mean <= max_poisson_mean
  explicit PoissonTable(double mean);
  /// The number of (key, neuron, step); step < 2^48.
  std::uint32_t draw(RandomKey key, std::uint64_t neuron, std::uint64_t step) const;
  std::uint32_t largest() const { return largest_; }
  /// Adds weight * draw to sums[0, n) for neurons first, first + 1, ...: the same numbers as
  /// draw(), a block for 8 neurons.
  template <class Sum>
  void add(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t step,
           std::int64_t weight, Sum* sums) const;

 private:
  std::array<std::uint32_t, 8> draw_eight(RandomKey key, std::uint64_t eight,
                                          std::uint64_t step) const;

  bool alias_form_ = false;
  std::uint32_t parts_ = 1;  ///< a large mean is the sum of equal parts
  std::uint32_t largest_ = 0;
  AliasTable alias_;
  std::vector<double> sums_;           ///< of the inverting form: those below poisson_limit
  std::array<double, 8> none_, mean_;  ///< and what SIMD loops make them of
};

/// Numbers of Poisson laws of a mean a neuron.
class PoissonTables {
 public:
  /// \param means  [n] 0 ... max_poisson_mean, of the neurons first, first + 1, ...
  PoissonTables(std::span<const double> means, std::uint64_t first);
  /// The largest number of neuron first + i.
  std::uint32_t largest(std::uint32_t i) const;
  /// Adds weight * number of neuron first + i to sums[i - begin], for begin <= i < end.
  template <class Sum>
  void add(RandomKey key, std::uint32_t begin, std::uint32_t end, std::uint64_t step,
           std::int64_t weight, Sum* sums) const;

 private:
  std::uint64_t first_;
  double most_parts_ = 1;
  std::vector<double> none_, mean_, parts_;  ///< from the multiple of 8 at or before `first` on
};

}  // namespace ranvier
