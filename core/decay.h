// Decay: e^(-n dt / tau) for whole steps n, as traces of spikes on the grid need it. A trace that
// has decayed by e^-50 counts as gone. Tested by tests/unit/core/test_power.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "core/math.h"
#include "core/power.h"

namespace ranvier {

/// The factor by which a trace of time constant tau decays in n steps.
class Decay {
 public:
  Decay() = default;
  /// \param tau  ms; 0: gone at once, within the step too
  /// \param dt   ms, > 0
  Decay(double tau, double dt)
      : rate_(tau > 0 ? dt / tau : 0),
        reach_(tau > 0 ? static_cast<std::int64_t>(gone * tau / dt) + 1 : 0) {}

  /// Steps from which on the factor is 0.
  std::int64_t reach() const { return reach_; }

  /// \param n  steps, >= 0
  double operator()(std::int64_t n) const {
    if (n >= reach_) return 0;
    if (!table_) return math::exp(-static_cast<double>(n) * rate_);
    return table_[low_size + (n >> low_bits)] * table_[n & (low_size - 1)];
  }

  /// Makes it quick: by two tables, one of the lowest 8 bits of n. Long ones are left as they are.
  void tabulate(std::vector<double>& table) {
    if (reach_ > (std::int64_t{1} << 24)) return;
    table.resize(static_cast<std::size_t>(low_size + (reach_ >> low_bits) + 1));
    for (std::int64_t n = 0; n < low_size; ++n)
      table[static_cast<std::size_t>(n)] = math::exp(-static_cast<double>(n) * rate_);
    for (std::int64_t n = 0; n <= reach_ >> low_bits; ++n)
      table[static_cast<std::size_t>(low_size + n)] =
          math::exp(-static_cast<double>(n << low_bits) * rate_);
    table_ = table.data();
  }

 private:
  static constexpr double gone = 50;
  static constexpr int low_bits = 8;
  static constexpr std::int64_t low_size = std::int64_t{1} << low_bits;
  double rate_ = 0;
  std::int64_t reach_ = 1;
  const double* table_ = nullptr;
};

/// Gives out decays for one step dt, and powers: quick ones, whose tables it keeps, or plain ones
/// for parameters that differ from synapse to synapse.
class Decays {
 public:
  enum class Form { tables, plain };
  Decays(double step, Form form) : dt(step), form_(form) {}
  Decay operator()(double tau) {
    Decay decay(tau, dt);
    if (form_ == Form::plain) return decay;
    tables_.push_back(std::make_unique<std::vector<double>>());
    decay.tabulate(*tables_.back());
    return decay;
  }
  /// x^p, quick in the same case.
  Power power(double p) {
    Power power(p);
    if (form_ == Form::plain) return power;
    tables_.push_back(std::make_unique<std::vector<double>>());
    power.tabulate(*tables_.back());
    return power;
  }
  const double dt;  ///< ms

 private:
  Form form_;
  std::vector<std::unique_ptr<std::vector<double>>> tables_;
};

}  // namespace ranvier
