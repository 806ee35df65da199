// Drives: input that is evaluated where the target lives and costs no traffic: Poisson trains
// (independent for every neuron) and currents. A neuron's drive in a step depends on (seed,
// stimulus, neuron, step) alone. Tested by tests/unit/core/test_drive.cpp.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "core/network.h"
#include "core/poisson.h"

namespace ranvier {

/// Neurons [begin, end) of a slice.
struct Stretch {
  std::uint32_t begin, end;
};

/// The neurons of a slice that a stimulus reaches.
class ReachedNeurons {
 public:
  ReachedNeurons(const Stimulus& stimulus, std::int64_t first, std::uint32_t size);
  /// In rising order, with others between them.
  std::span<const Stretch> stretches() const { return stretches_; }
  bool has(std::uint32_t i) const;
  /// Adds to values[i] of each of them what `add(begin, end, to)` adds to to[i - begin]. It is
  /// asked for many neurons at a time, where few of them are reached for others, too.
  template <class T, class Add>
  void add_to(T* values, const Add& add) const {
    constexpr std::uint32_t many = 32, group = 64;
    std::uint32_t done = 0;
    for (std::size_t k = 0; k < stretches_.size();) {
      const std::uint32_t begin = std::max(stretches_[k].begin, done), end = stretches_[k].end;
      if (end - begin >= many) {
        add(begin, end, values + begin);
        ++k;
        continue;
      }
      const std::uint32_t first = begin / group * group, last = std::min(first + group, size_);
      std::array<T, group> all{};
      add(first, last, all.data());
      for (; k < stretches_.size() && stretches_[k].begin < last; ++k) {
        const std::uint32_t from = std::max(stretches_[k].begin, done);
        done = std::min(stretches_[k].end, last);
        for (std::uint32_t i = from; i < done; ++i) values[i] += all[i - first];
        if (stretches_[k].end > last) break;
      }
    }
  }

 private:
  std::uint32_t size_;
  std::vector<Stretch> stretches_;
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
    return by_neuron_ ? by_neuron_->largest(i) : largest_;
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
  bool has_train(std::uint32_t i) const { return reached_.has(i); }

 private:
  double rate_at(std::uint32_t i, double ms) const;
  void next_arrival(std::uint32_t i);

  RandomKey key_;
  double dt_;
  std::int64_t first_;
  std::uint32_t size_;
  ReachedNeurons reached_;
  double start_, stop_;
  std::vector<double> times_;         ///< pieces of a piecewise rate (ms), times_[0] = start
  std::vector<PoissonTable> tables_;  ///< one a piece
  std::optional<PoissonTables> by_neuron_;
  std::uint32_t largest_ = 0;  ///< of all tables
  std::vector<double> rates_;  ///< Hz, a piece or a neuron
  std::vector<Next> next_;
};

/// Injected currents of one stimulus into a slice, in nA.
class CurrentDrive {
 public:
  CurrentDrive(const Stimulus& stimulus, std::size_t number, const RunSettings& run,
               std::int64_t first, std::uint32_t size, std::int64_t population_size);
  /// Number of the stretch of time that the step which ends at step * dt lies in: in two steps of
  /// one number the current is the same. -1: there is none.
  std::int64_t piece(std::int64_t step) const;
  /// Adds the current of that step (its value at the step's begin) to current[0, size).
  void add(std::int64_t step, double* current) const;
  /// The current of neuron i from `ms` on.
  double at(std::uint32_t i, double ms) const;

 private:
  bool is_on(double ms) const;
  std::uint64_t piece_of_noise(double ms) const;
  double noise_of(std::uint32_t i, double ms) const;
  double phase(double ms) const;

  Stimulus stimulus_;
  RandomKey key_;
  double dt_;
  std::int64_t first_;
  ReachedNeurons reached_;
  std::vector<double> amplitude_;
};

/// The currents of all stimuli into a slice, and their sum.
class Currents {
 public:
  void add(CurrentDrive drive) { drives_.push_back(std::move(drive)); }
  void replace(std::size_t number, CurrentDrive drive);
  const std::vector<CurrentDrive>& drives() const { return drives_; }
  /// Makes sum() that of the step which ends at step * dt, for `size` neurons. Returns whether it
  /// may be another than it was: most hold for many steps.
  bool make(std::int64_t step, std::uint32_t size);
  const double* sum() const { return sum_.data(); }

 private:
  std::vector<CurrentDrive> drives_;
  std::vector<std::int64_t> pieces_;  ///< a drive, of which the sum was made; or none
  AlignedVector<double> sum_;
};

/// Times (ms) at which a dc or step stimulus changes: windows are cut there where event-driven
/// targets exist.
std::vector<double> change_times(const Stimulus& stimulus);

}  // namespace ranvier
