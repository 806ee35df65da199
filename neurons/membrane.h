// One step of a membrane whose conductances change while it is integrated: dv/dt = -a(t) v + b(t),
// with a and b known at the two points of Gauss's rule. Magnus expansion of fourth order in its
// form with two evaluations (Iserles & Norsett 1999): for this equation the exponential of the
// matrix has a closed form, v -> v + (B - A v) (1 - exp(-A)) / A, and the commutator only moves B.
// Exact where a and b are constant; stable at any conductance. Tested by
// tests/unit/neurons/test_lif_conductance.cpp. And what happens to every such membrane besides: it
// is held while refractory, and reset at the threshold.
//
// Included once for every target by the units that cmake/model.cpp.in makes, hence the toggle in
// place of `#pragma once`.
#include "core/simd.h"

#if defined(RANVIER_NEURONS_MEMBRANE_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_NEURONS_MEMBRANE_TOGGLE
#undef RANVIER_NEURONS_MEMBRANE_TOGGLE
#else
#define RANVIER_NEURONS_MEMBRANE_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// (1 - exp(-a)) / a, the mean of exp(-x) over 0 <= x <= a. Where a <= 1/2, as in most steps, by
/// its series, without a division: its remainder is below half a unit in the last place.
template <class D>
HWY_INLINE Lanes<D> mean_decay(Lanes<D> a) {
  using V = Lanes<D>;
  constexpr std::size_t terms = sizeof(typename V::Real) == 4 ? 8 : 14;
  V series = 1.0;
  unrolled<terms - 1>([&](auto k) {
    constexpr double n = terms - k;
    series = fma(a * V(-1 / n), series, V(1.0));
  });
  const auto large = a > V(0.5);
  return any(large) ? select(large, -expm1(-a) / a, series) : series;
}

/// v after a step of dt (ms). `rate_1`, `rate_2`: a at the points, 1/ms, > 0; `slope_1`, `slope_2`:
/// b there, mV/ms.
template <class D>
HWY_INLINE Lanes<D> membrane_step(Lanes<D> v, Lanes<D> dt, Lanes<D> rate_1, Lanes<D> slope_1,
                                  Lanes<D> rate_2, Lanes<D> slope_2) {
  using V = Lanes<D>;
  const V sqrt3_over_12(0.14433756729740643);
  const V a = V(0.5) * dt * (rate_1 + rate_2);
  const V commutator = sqrt3_over_12 * (dt * dt) * (rate_1 * slope_2 - rate_2 * slope_1);
  const V drive = fma(V(0.5) * dt, slope_1 + slope_2, commutator);
  return fma(drive - a * v, mean_decay(a), v);
}

/// Moves the time left of a refractory period (ms) over `ms`; returns how much of it lies behind
/// the period. On the grid an arrival at the very end of the period is lost, and so it is here: a
/// period that ends just now (times are whole nanoseconds) leaves a time > 0 that no sum can see.
template <class V>
HWY_INLINE V pass_refractory(V& left, V ms) {
  const V quarter_ns = 2.5e-7, just_over = 1e-300, behind = ms - left;
  const auto held = left > V(0.0), over = behind > quarter_ns;
  const V rest = select(over, V(0.0), select(behind < -quarter_ns, -behind, just_over));
  left = select(held, rest, left);
  return select(held, select(over, behind, V(0.0)), ms);
}

/// Arrivals of an instant that move v at once; those that are refractory are deaf. Who is at the
/// threshold then.
template <class State, class Derived, class V>
HWY_INLINE auto jump_unless_refractory(State& s, const Derived& d, V jump) {
  const auto hears = !(s.refractory > V(0.0));
  s.v = select(hears, s.v + jump, s.v);
  return hears & (s.v >= d.v_thresh);
}

inline constexpr double log2_e = 1.4426950408889634;

/// A lower bound (ms) of a firing, for an Event part's `earliest`: what is in `ms`, less what its
/// rounding may be; 0 where `now`; infinity where `never`.
template <class V, class Mask>
HWY_INLINE V not_before(Mask never, Mask now, V ms) {
  const V bound = max(V(0.0), fma(ms, V(1 - 1e-9), V(-1e-9)));
  return select(never, V(std::numeric_limits<double>::infinity()), select(now, V(0.0), bound));
}

/// v = moved, but held in the refractory period, of which one step is over.
template <class State, class V>
HWY_INLINE void move_unless_refractory(State& s, V moved) {
  s.v = select(s.refractory > V(0.0), s.v, moved);
  s.refractory = max(s.refractory - V(1.0), V(0.0));
}

/// Those of `fired`: v = v_reset, held for tau_refrac.
template <class State, class Derived, class Mask>
HWY_INLINE void reset_where(Mask fired, State& s, const Derived& c) {
  s.v = select(fired, c.v_reset, s.v);
  s.refractory = select(fired, c.refractory_steps, s.refractory);
}

/// v >= v_thresh: spike and reset.
template <class State, class Derived>
HWY_INLINE auto spike_at_threshold(State& s, const Derived& c) {
  const auto fired = s.v >= c.v_thresh;
  reset_where(fired, s, c);
  return fired;
}

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
