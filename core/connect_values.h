// Weights and delays of one projection, made ready for drawing row by row (used by
// core/connect*.cpp alone).
//
// Drawn weights come from a table of 16,384 equally likely quantiles (at (i + 1/2) / 16,384: a
// normal law ends at 4.0 standard deviations). Drawn delays come from the cumulated law on the grid
// of dt, with thresholds of 32 bits. One random word serves a synapse: its low 32 bits the delay,
// its high 14 bits the weight. Tested by tests/unit/core/test_connect.cpp.
#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "core/connect.h"

namespace ranvier {

/// What gives a pair of neurons its weight (in the receptor's unit) and delay (steps of dt).
class SynapseValues {
 public:
  /// Checks and compiles weight and delay of `projection`. Throws Error(range); messages name the
  /// field, not the projection.
  SynapseValues(const Projection& projection, const Population& source, const Population& target,
                double dt);

  /// The synapse of a pair. `word`: its own 64 random bits; `given`: its position in weight and
  /// delay arrays.
  Synapse make(std::uint64_t source, std::uint64_t target, std::uint64_t word,
               std::size_t given) const {
    return {static_cast<std::uint32_t>(target),
            delay_of(source, target, static_cast<std::uint32_t>(word), given),
            weight_of(source, target, word, given)};
  }

  double distance(std::uint64_t source, std::uint64_t target) const;

  std::uint32_t delay_of(std::uint64_t source, std::uint64_t target, std::uint32_t bits,
                         std::size_t given) const {
    if (delay_form_ == Form::table) {
      std::uint32_t i = guide_[bits >> 20];
      while (bits > thresholds_[i]) ++i;
      return min_delay + i;
    }
    if (delay_form_ == Form::constant) return delay_;
    if (delay_form_ == Form::array) return delays_[given];
    return delay_at(source, target);
  }
  double weight_of(std::uint64_t source, std::uint64_t target, std::uint64_t word,
                   std::size_t given) const {
    if (weight_form_ == Form::constant) return weight_;
    if (weight_form_ == Form::table) return weights_[word >> 50];
    if (weight_form_ == Form::array) return (*weight_array_)[given];
    return weight_at(source, target);
  }
  /// The drawn weights' quantiles, the one weight, or nothing (weights that depend on the pair).
  std::span<const double> weight_table() const {
    if (weight_form_ == Form::table) return weights_;
    return {&weight_, weight_form_ == Form::constant ? std::size_t{1} : 0};
  }

  /// Whether a synapse's random bits are looked at: weights or delays are drawn.
  bool are_drawn() const { return weight_form_ == Form::table || delay_form_ == Form::table; }

  double max_abs_weight = 0;
  std::uint32_t min_delay = 1, max_delay = 1;
  std::int64_t rounded_delays = 0;  // among the given ones; one value counts once

 private:
  enum class Form { constant, array, table, distance };
  void compile_weight(const Value& value);
  void compile_delay(const Value& value);
  void compile_delay_law(Distribution law);
  std::uint32_t given_delay(double ms);
  std::uint32_t steps(double ms) const;

  double weight_at(std::uint64_t source, std::uint64_t target) const;
  std::uint32_t delay_at(std::uint64_t source, std::uint64_t target) const;

  const Population* source_;
  const Population* target_;
  double dt_;
  Form weight_form_ = Form::constant, delay_form_ = Form::constant;
  double weight_ = 0;
  std::uint32_t delay_ = 1;
  Array weight_array_;
  std::vector<double> weights_;
  std::vector<std::uint32_t> delays_;
  std::vector<std::uint32_t>
      thresholds_;  // the i-th delay has bits <= thresholds_[i]; the last is 2^32 - 1
  std::vector<std::uint32_t> guide_;  // first candidate for the highest 12 bits
  DistanceFunction weight_function_, delay_function_;
};

/// The same synapses in a chunk's terms: local targets, weights in quanta.
class PlacedValues {
 public:
  PlacedValues() = default;
  PlacedValues(const SynapseValues& values, const TargetRange& range);

  template <class Target, class Weight>
  void put(Placed<Target, Weight>& out, std::uint64_t source, std::uint64_t target,
           std::uint64_t word, std::size_t given) const {
    out.target = static_cast<Target>(target + shift_);
    out.receptor = receptor_;
    out.delay = static_cast<std::uint16_t>(
        values_->delay_of(source, target, static_cast<std::uint32_t>(word), given));
    const auto& quanta = std::get<std::vector<Weight>>(quanta_);
    out.weight =
        quanta.empty()
            ? static_cast<Weight>(quanta_of(values_->weight_of(source, target, word, given)))
            : quanta[word >> shift_of_word_];
  }

 private:
  std::int64_t quanta_of(double weight) const { return std::llrint(weight * per_quantum_); }

  const SynapseValues* values_ = nullptr;
  std::uint64_t shift_ = 0;  ///< from a target's index to its local number, modulo 2^64
  std::uint16_t receptor_ = 0;
  double per_quantum_ = 1;
  int shift_of_word_ = 63;
  /// The weight table in quanta; the short form stays in the cache while rows are drawn.
  std::tuple<std::vector<std::int16_t>, std::vector<std::int64_t>> quanta_;
};

}  // namespace ranvier
