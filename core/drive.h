// Drives: input that is evaluated where the target lives and costs no traffic: Poisson trains
// (independent for every neuron) and currents. A neuron's drive in a step depends on (seed,
// stimulus, neuron, step) alone. Poisson numbers come from a 16-column alias table (Walker 1977) at
// 16 random bits a draw where its rate is good to 1e-4, else from inverting the distribution at 32
// bits; the bits are those of core/step_random.h. Tested by tests/unit/core/test_drive.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/network.h"
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
  std::vector<std::uint32_t> cumulative_;  ///< 32-bit thresholds of the inverting form
};

/// Poisson trains of one stimulus into a slice.
class PoissonDrive {
 public:
  /// Where the train of an event-driven target stands.
  struct Next {
    std::int64_t time = 0;    ///< ns, of the next arrival
    std::uint64_t drawn = 0;  ///< arrivals so far and this one; 0: the target has no train
  };
  /// Throws Error(range) where a rate that was drawn makes more than max_poisson_mean spikes a step
  /// (given ones are looked at by check(), core/network.h).
  PoissonDrive(const Stimulus& stimulus, std::size_t number, const RunSettings& run,
               std::int64_t first, std::uint32_t size, std::int64_t population_size);
  /// Adds number * weight to sums[0, size) for the step that ends at step * dt.
  template <class Sum>
  void add(std::int64_t step, std::int64_t weight, Sum* sums);
  /// Appends the arrivals in (begin, end] of event-driven targets: (time, index in the slice),
  /// unsorted.
  void arrivals(Window window, std::vector<std::pair<std::int64_t, std::uint32_t>>& out);
  /// The largest number of spikes that neuron i of the slice can get in a step.
  std::uint32_t largest(std::uint32_t i) const {
    if (!has_train(i)) return 0;
    return table_of_.empty() ? largest_ : tables_[table_of_[i]].largest();
  }
  void restart_at(Time at);
  /// Takes the place of `before`, whose rates counted up to `at`: event-driven targets wait for
  /// what was left of their intervals at the new rate. Both of one rate a neuron, or of one course.
  void go_on_from(const PoissonDrive& before, Time at);
  /// Of the slice's neurons; empty before arrivals() was called.
  const std::vector<Next>& next() const { return next_; }
  /// Goes on from what next() was.
  void set_next(std::vector<Next> next) { next_ = std::move(next); }
  /// Whether neuron i of the slice is one of the stimulus's.
  bool has_train(std::uint32_t i) const { return chosen_.empty() || chosen_[i]; }

 private:
  double rate_at(std::uint32_t i, double ms) const;
  void next_arrival(std::uint32_t i);

  RandomKey key_;
  double dt_;
  std::int64_t first_;
  std::uint32_t size_;
  std::vector<bool> chosen_;  ///< empty: all
  double start_, stop_;
  std::vector<double> times_;            ///< pieces of a piecewise rate (ms), times_[0] = start
  std::vector<PoissonTable> tables_;     ///< one a distinct (piece or neuron) rate
  std::vector<std::uint32_t> table_of_;  ///< a neuron (array rates), or empty
  std::uint32_t largest_ = 0;            ///< of all tables
  std::vector<double> rates_;            ///< Hz, a piece or a neuron
  std::vector<Next> next_;
};

/// Injected currents of one stimulus into a slice, in nA.
class CurrentDrive {
 public:
  CurrentDrive(const Stimulus& stimulus, std::size_t number, const RunSettings& run,
               std::int64_t first, std::uint32_t size, std::int64_t population_size);
  /// Adds the current of the step that ends at step * dt (its value at the step's begin) to
  /// current[0, size).
  void add(std::int64_t step, double* current) const;
  /// The current of neuron i from `ms` on.
  double at(std::uint32_t i, double ms) const;

 private:
  std::uint64_t piece_of_noise(double ms) const;

  Stimulus stimulus_;
  RandomKey key_;
  double dt_;
  std::int64_t first_;
  std::uint32_t size_;
  std::vector<bool> chosen_;
  std::vector<double> amplitude_;
};

/// Times (ms) at which a dc or step stimulus changes: windows are cut there where event-driven
/// targets exist.
std::vector<double> change_times(const Stimulus& stimulus);

}  // namespace ranvier
