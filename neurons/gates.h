// Pieces of Hodgkin-Huxley models: gates, the potential under given conductances, the detection of
// an action potential. Tested by tests/unit/neurons/test_hodgkin_huxley.cpp.
//
// Included once for every target by the units that cmake/model.cpp.in makes, hence the toggle in
// place of `#pragma once`.
#include "core/simd.h"

#if defined(RANVIER_NEURONS_GATES_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_NEURONS_GATES_TOGGLE
#undef RANVIER_NEURONS_GATES_TOGGLE
#else
#define RANVIER_NEURONS_GATES_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// x / (exp(x) - 1), given exp(x); by its series where the difference would lose digits.
template <class D>
HWY_INLINE Lanes<D> ratio(Lanes<D> x, Lanes<D> exp_x) {
  using V = Lanes<D>;
  const V x2 = x * x;
  const V series = fma(x2, fma(x2, fma(x2, 1.0 / 30240, -1.0 / 720), 1.0 / 12), fma(x, -0.5, 1.0));
  const auto near_zero = abs(x) < V(0.1);
  return select(near_zero, series, x / select(near_zero, V(1.0), exp_x - 1.0));
}

/// Trapezoidal step of dx/dt = alpha (1 - x) - beta x under constant rates (1/ms); half_dt in ms.
template <class D>
HWY_INLINE Lanes<D> trapezoidal_gate(Lanes<D> x, Lanes<D> alpha, Lanes<D> beta, Lanes<D> half_dt) {
  const Lanes<D> rate = half_dt * (alpha + beta);
  return (fma(-rate, x, x) + 2.0 * half_dt * alpha) / (1.0 + rate);
}

/// The exact step of that equation under constant rates.
template <class D>
HWY_INLINE Lanes<D> exponential_gate(Lanes<D> x, Lanes<D> alpha, Lanes<D> beta, Lanes<D> dt) {
  const Lanes<D> rate = alpha + beta;
  return fma(x - alpha / rate, expm1(-(dt * rate)), x);
}

/// The exact step of dv/dt = drive - g v under constant g >= 0 and drive; dt in the inverse unit of
/// g.
template <class D>
HWY_INLINE Lanes<D> exponential_potential(Lanes<D> v, Lanes<D> g, Lanes<D> drive, Lanes<D> dt) {
  using V = Lanes<D>;
  const auto still = g < V(1e-30);
  const V exponential = expm1(-(dt * g)) / select(still, V(1.0), g);
  return v + (g * v - drive) * select(still, -dt, exponential);
}

/// Once an action potential: where v falls while it is above `level` (mV) for the first time since
/// it was below. `before`: v at the step's beginning.
template <class State, class V>
HWY_INLINE auto action_potential(State& s, V before, V level) {
  const auto above = s.v >= level;
  const auto fired = above & (s.v < before) & (s.spiking < V(0.5));
  s.spiking = select(fired, V(1.0), select(above, s.spiking, V(0.0)));
  return fired;
}

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
