// The closed forms of neurons/lif_crossing.h over V, one number or as many as a SIMD register
// holds: the same bits of each. For that unit alone, which includes it once for every target, hence
// the toggle in place of `#pragma once`.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/math.h"
#include "core/simd.h"
#include "neurons/lif_crossing.h"
#include "neurons/solvers.h"

#if defined(RANVIER_NEURONS_LIF_CROSSING_LANES_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_NEURONS_LIF_CROSSING_LANES_TOGGLE
#undef RANVIER_NEURONS_LIF_CROSSING_LANES_TOGGLE
#else
#define RANVIER_NEURONS_LIF_CROSSING_LANES_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::neurons::exact::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using ranvier::HWY_NAMESPACE::Lanes;

/// What Lanes have, for one number.
inline bool any(bool m) { return m; }
/// yes where m is true, else no.
inline double select(bool m, double yes, double no) { return m ? yes : no; }
/// The larger one.
inline double max(double a, double b) { return std::max(a, b); }
/// |x|.
inline double abs(double x) { return std::fabs(x); }
/// e^x.
inline double exp(double x) { return math::exp(x); }
/// The natural logarithm.
inline double log(double x) { return math::log(x); }
/// a b + c, rounded once.
inline double fma(double a, double b, double c) { return std::fma(a, b, c); }

/// du/dt, mV/ms.
template <class V>
HWY_INLINE V slope(const TwoCurrentMembrane& m, const StateOf<V>& s) {
  return (s.i_e + s.i_i) * V(m.per_cm) - s.u * V(m.rate_m);
}

/// K_X after `ms`, by which the membrane has decayed by e_m and the current by e. Membranes of
/// which several move at once have their time constants apart.
template <class V>
HWY_INLINE V response(const TwoCurrentMembrane& m, double rate, double jump, V e_m, V e, V ms) {
  if constexpr (std::is_same_v<V, double>)
    if (jump == 0) return current_to_v(ms, 1 / m.rate_m, 1 / rate, 1 / m.per_cm);
  return V(jump) * (e_m - e);
}

/// The state after a stretch that membrane and currents decay over by these factors; a current that
/// is not there stays so whatever its factor.
template <class V>
HWY_INLINE StateOf<V> decayed(const TwoCurrentMembrane& m, const StateOf<V>& s, V e_m, V e_e, V e_i,
                              V ms) {
  V u = s.u * e_m;
  u = fma(s.i_e, response(m, m.rate_e, m.jump_e, e_m, e_e, ms), u);
  u = fma(s.i_i, response(m, m.rate_i, m.jump_i, e_m, e_i, ms), u);
  return {u, s.i_e * e_e, s.i_i * e_i};
}

/// The state `ms` later.
template <class V>
HWY_INLINE StateOf<V> moved_by(const TwoCurrentMembrane& m, const StateOf<V>& s, V ms) {
  const V e_m = exp(-ms * V(m.rate_m)), e_e = exp(-ms * V(m.rate_e));
  const V e_i = m.rate_i == m.rate_e ? e_e : exp(-ms * V(m.rate_i));
  return decayed(m, s, e_m, e_e, e_i, ms);
}

/// Whether moved_a_little is exact.
template <class V>
HWY_INLINE auto is_little(const TwoCurrentMembrane& m, V ms) {
  return abs(ms) * V(std::max({m.rate_m, m.rate_e, m.rate_i})) < V(0x1p-7);
}

/// As moved_by, by the first terms of the exponentials.
template <class V>
HWY_INLINE StateOf<V> moved_a_little(const TwoCurrentMembrane& m, const StateOf<V>& s, V ms) {
  const auto exp_near_0 = [](V x) {
    const V two(1. / 2), three(1. / 6), four(1. / 24), five(1. / 120), six(1. / 720), one(1.0);
    return fma(x, fma(x, fma(x, fma(x, fma(x, fma(x, six, five), four), three), two), one), one);
  };
  return decayed(m, s, exp_near_0(-ms * V(m.rate_m)), exp_near_0(-ms * V(m.rate_e)),
                 exp_near_0(-ms * V(m.rate_i)), ms);
}

/// As crossing_not_before, from s alone; `log` may lie below the logarithm.
template <class V, class Log>
HWY_INLINE V bound_from(const TwoCurrentMembrane& m, const StateOf<V>& s, V threshold,
                        const Log& log) {
  constexpr double margin = 1e-9;  // mV and relative: far above the rounding of either bound
  const V zero(0.0), i_e = max(zero, s.i_e), i_i = max(zero, s.i_i);
  const V surely = threshold - V(margin) * (V(1.0) + abs(threshold));
  const V held_at = (i_e + i_i) * V(m.per_cm / m.rate_m);
  const V charge = i_e * V(m.jump_e) + i_i * V(m.jump_i);  // may nearly cancel u: its rounding
  const V all_at_once = s.u + charge + V(1e-12) * (abs(s.u) + abs(charge));
  const bool outlasts = m.jump_e > 0 && m.jump_i > 0;
  const auto there = s.u >= threshold, soon = held_at <= threshold;
  auto never = (max(zero, s.u) + i_e * V(m.peak_e) + i_i * V(m.peak_i) < surely) |
               (held_at < surely);  // u falls towards it
  if (outlasts) never = never | ((surely > zero) & (all_at_once < surely));
  V ms = zero;
  if (any(!(there | never | soon))) {
    V decays = (held_at - s.u) / (held_at - threshold);
    if (outlasts)
      decays = select((threshold < zero) & (all_at_once < threshold),
                      max(decays, all_at_once / threshold), decays);
    ms = max(zero, log(decays) * V((1 - margin) / m.rate_m) - V(1e-9));
  }
  const V infinity(std::numeric_limits<double>::infinity());
  return select(there, zero, select(never, infinity, select(soon, zero, ms)));
}

/// Whether the sum of the currents is positive from now on and decays, so that u is concave while
/// it rises.
template <class V>
HWY_INLINE auto rises_concavely(const TwoCurrentMembrane& m, const StateOf<V>& s) {
  const V zero(0.0);
  const auto both = (s.i_e >= zero) & (s.i_i >= zero);
  return m.rate_e == m.rate_i ? s.i_e + s.i_i >= zero : both;
}

constexpr double nanosecond = 1e-6;  // ms
constexpr double converged = 1e-13;  // ms, or mV

/// first_crossing of a state below the threshold that rises concavely, bounded by `at` (not beyond
/// `ms`), or -1 where that takes long. Each tangent meets the threshold before u does, so that
/// Newton's method comes from below, and a step beyond `ms` is a bound.
template <class V>
HWY_INLINE V concave_crossing(const TwoCurrentMembrane& m, const StateOf<V>& s, V threshold, V ms,
                              V at) {
  constexpr int most = 24;
  const V limit = ms + V(nanosecond), zero(0.0);
  auto goes_on = at < limit;
  StateOf<V> now = moved_by(m, s, select(goes_on, at, zero));
  for (int n = 0; n < most; ++n) {
    const V up = slope(m, now), step = (threshold - now.u) / up;
    const auto rises = up > zero;  // beyond its summit it falls for good
    at = select(goes_on, select(rises, at + step, V(std::numeric_limits<double>::infinity())), at);
    // What Newton's method leaves is half the bend times the square of the step.
    const V bend =
        up * V(m.rate_m) + (abs(now.i_e) * V(m.rate_e) + abs(now.i_i) * V(m.rate_i)) * V(m.per_cm);
    goes_on = goes_on & rises & (at < limit) & (step * step * bend > V(converged) * up);
    if (!any(goes_on)) return at;
    const auto little = is_little(m, step);
    const StateOf<V> near = moved_a_little(m, now, step);
    now = near;
    if (any(goes_on & !little)) {
      const StateOf<V> far = moved_by(m, s, select(goes_on, at, zero));
      now = {select(little, near.u, far.u), select(little, near.i_e, far.i_e),
             select(little, near.i_i, far.i_i)};
    }
  }
  return select(goes_on, V(-1.0), at);
}

/// Bound after bound from `at`, the first, each from where the last one leads, until one lies
/// beyond `ms`, a crossing is close, or `most` are made.
template <class V>
HWY_INLINE V closing_in(const TwoCurrentMembrane& m, const StateOf<V>& s, V threshold, V ms, V at,
                        int most) {
  constexpr double close = 1e-5;  // ms
  V last = at;
  for (int n = 1; n < most; ++n) {
    const auto goes_on = (at < ms) & (last > V(close));
    if (!any(goes_on)) break;
    const StateOf<V> there = moved_by(m, s, select(goes_on, at, V(0.0)));
    const V next = bound_from(m, there, threshold, [](V x) { return log(x); });
    last = select(goes_on, next, last);
    at = select(goes_on, at + next, at);
  }
  return at;
}

/// first_crossing of any other state below the threshold, bounded by `at`, or -1 where brackets
/// have to decide. The bound is a crossing under too much current, by an amount that vanishes with
/// the distance: bound after bound closes in from below, and faster the nearer. What is left then
/// is one of Newton's steps or two.
template <class V>
HWY_INLINE V closing_crossing(const TwoCurrentMembrane& m, const StateOf<V>& s, V threshold, V ms,
                              V at) {
  constexpr double near = 1e-3;  // ms
  constexpr int most = 12, most_steps = 4;
  const V limit = ms + V(nanosecond);
  at = closing_in(m, s, threshold, limit, at, most);
  auto goes_on = at < limit;
  V found = select(goes_on, V(-1.0), at);
  for (int n = 0; n < most_steps && any(goes_on); ++n) {
    const StateOf<V> now = moved_by(m, s, select(goes_on, at, V(0.0)));
    const V up = slope(m, now), step = (threshold - now.u) / up;
    goes_on = goes_on & (up > V(0.0)) & (step < V(near));
    at = select(goes_on, at + step, at);
    const auto there = goes_on & (abs(step) <= V(converged));
    found = select(there, at, found);
    goes_on = goes_on & !there;
  }
  return found;
}

}  // namespace ranvier::neurons::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
