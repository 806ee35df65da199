#include "neurons/alpha_crossing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/math.h"
#include "neurons/root.h"
#include "neurons/solvers.h"

namespace ranvier::neurons::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A few times in rising order: zeros of one of the functions.
struct Times {
  std::array<double, 6> at{};
  std::size_t n = 0;
  void add(double t) { at[n++] = t; }
};

/// The zeros in (0, end) of a function that turns at `turns` alone.
template <class Function>
Times zeros_between(const Function& function, const Times& turns, double end) {
  Times zeros;
  double low = 0, at_low = function(0.0).f;
  for (std::size_t k = 0; k <= turns.n; ++k) {
    const double high = k < turns.n ? turns.at[k] : end;
    const double at_high = function(high).f;
    if ((at_low < 0) != (at_high < 0))
      zeros.add(bracketed_root(
          [&](double t) {
            const Value v = function(t);
            return at_low < 0 ? v : Value{-v.f, -v.df};
          },
          low, high));
    low = high;
    at_low = at_high;
  }
  return zeros;
}

/// The slope of the total current, which is exp(-t/tau_slow) (a + b t + (c + d t) exp(-k t)).
class CurrentSlope {
 public:
  CurrentSlope(const AlphaMembrane& m, const AlphaState& s) {
    a_ = s.y_e - s.i_e / m.tau_e;
    b_ = -s.y_e / m.tau_e;
    c_ = s.y_i - s.i_i / m.tau_i;
    d_ = -s.y_i / m.tau_i;
    k_ = 1 / m.tau_i - 1 / m.tau_e;
    if (k_ < 0) {
      std::swap(a_, c_);
      std::swap(b_, d_);
      k_ = -k_;
    }
  }

  /// Its zeros in (0, end).
  Times zeros(double end) const {
    Times bend;
    const double at = 2 / k_ - c_ / d_;
    if (at > 0 && at < end) bend.add(at);
    const Times turns = zeros_between(
        [this](double t) {
          return Value{first(t), second(t)};
        },
        bend, end);
    return zeros_between([this](double t) { return Value{value(t), first(t)}; }, turns, end);
  }

 private:
  double value(double t) const { return a_ + b_ * t + (c_ + d_ * t) * math::exp(-k_ * t); }
  double first(double t) const { return b_ + (d_ - k_ * (c_ + d_ * t)) * math::exp(-k_ * t); }
  double second(double t) const { return k_ * (k_ * (c_ + d_ * t) - 2 * d_) * math::exp(-k_ * t); }

  double a_, b_, c_, d_, k_;
};

double slope(const AlphaMembrane& m, const AlphaState& s) {
  return (s.i_e + s.i_i) / m.cm - s.u / m.tau_m;
}

double second_slope(const AlphaMembrane& m, const AlphaState& s) {
  const double currents = s.y_e - s.i_e / m.tau_e + s.y_i - s.i_i / m.tau_i;
  return currents / m.cm - slope(m, s) / m.tau_m;
}

/// Whether u stays below the threshold for sure: the positive parts of the currents raise it by no
/// more than their peak through the membrane's resistance, nor than their charge over its capacity.
bool stays_below(const AlphaMembrane& m, const AlphaState& s, double threshold) {
  constexpr double per_e = 0.36787944117144233, margin = 1e-9;
  const auto rise = [&m](double i, double y, double tau) {
    return (std::max(0.0, i) * std::min(m.tau_m, tau) +
            std::max(0.0, y) * std::min(m.tau_m * tau * per_e, tau * tau)) /
           m.cm;
  };
  const double most =
      std::max(0.0, s.u) + rise(s.i_e, s.y_e, m.tau_e) + rise(s.i_i, s.y_i, m.tau_i);
  return most * (1 + margin) < threshold - margin;
}

/// When every part of u is 1e-25 of what it was. A current that is not there does not count: with
/// its time constant the others might underflow to 0 by then, which has no sign.
double silence_after(const AlphaMembrane& m, const AlphaState& s) {
  constexpr double nothing = 1e-200;  // nA, nA/ms
  double slowest = m.tau_m;
  if (std::fabs(s.i_e) > nothing || std::fabs(s.y_e) > nothing)
    slowest = std::max(slowest, m.tau_e);
  if (std::fabs(s.i_i) > nothing || std::fabs(s.y_i) > nothing)
    slowest = std::max(slowest, m.tau_i);
  return 64 * slowest;
}

}  // namespace

AlphaState moved(const AlphaMembrane& m, const AlphaState& s, double ms) {
  double u = s.u * decay(ms, m.tau_m);
  const auto add = [&](double i, double y, double tau) {
    if (i != 0) u = std::fma(i, current_to_v(ms, m.tau_m, tau, m.cm), u);
    if (y != 0) u = std::fma(y, alpha_to_v(ms, m.tau_m, tau, m.cm), u);
  };
  add(s.i_e, s.y_e, m.tau_e);
  add(s.i_i, s.y_i, m.tau_i);
  const double p_e = decay(ms, m.tau_e), p_i = decay(ms, m.tau_i);
  return {u, p_e * std::fma(ms, s.y_e, s.i_e), p_e * s.y_e, p_i * std::fma(ms, s.y_i, s.i_i),
          p_i * s.y_i};
}

double first_crossing(const AlphaMembrane& m, const AlphaState& s, double threshold) {
  if (s.u >= threshold) return 0;
  if (stays_below(m, s, threshold)) return infinity;
  const double silence = silence_after(m, s);
  const Times turns = zeros_between(
      [&](double t) {
        const AlphaState x = moved(m, s, t);
        return Value{slope(m, x), second_slope(m, x)};
      },
      CurrentSlope(m, s).zeros(silence), silence);
  const auto height = [&](double t) {
    const AlphaState x = moved(m, s, t);
    return Value{x.u - threshold, slope(m, x)};
  };
  double low = 0;
  for (std::size_t k = 0; k <= turns.n; ++k) {
    const double high = k < turns.n ? turns.at[k] : silence;
    if (height(high).f >= 0) return bracketed_root(height, low, high);
    low = high;
  }
  return infinity;
}

}  // namespace ranvier::neurons::exact
