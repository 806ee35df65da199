// Newton's method kept inside a bracket. Used by the crossings of event-driven membranes.
#pragma once
#include <cmath>

namespace ranvier::neurons::exact {

/// A function's value and its derivative.
struct Value {
  double f, df;
};

/// The root in [low, high] of a function that is negative at low, not negative at high and changes
/// sign once between: Newton's method, halving where it leaves the bracket. `value(t)` returns a
/// Value.
template <class Function>
double bracketed_root(const Function& value, double low, double high) {
  double t = 0.5 * (low + high);
  for (int n = 0; n < 200; ++n) {
    const auto [f, df] = value(t);
    (f < 0 ? low : high) = t;
    double next = t - f / df;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::fabs(next - t) <= 1e-14 * high || high - low <= 1e-14 * high) return next;
    t = next;
  }
  return high;
}

}  // namespace ranvier::neurons::exact
