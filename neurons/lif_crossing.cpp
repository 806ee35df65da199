#include "neurons/lif_crossing.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/math.h"
#include "neurons/root.h"
#include "neurons/solvers.h"

namespace ranvier::neurons::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double slope(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  return (s.i_e + s.i_i) * m.per_cm - s.u * m.rate_m;
}

/// Maximum over t of current_to_v.
double peak(double tau_m, double tau_s, double cm) {
  const double ratio = tau_m / tau_s;
  const double at = std::fabs(ratio - 1) < 1e-6 ? std::sqrt(tau_m * tau_s)
                                                : math::log(ratio) / (1 / tau_s - 1 / tau_m);
  return current_to_v(at, tau_m, tau_s, cm) * (1 + 1e-9);
}

/// When the sum of the currents has its extremum, or 0 when it has none later than now.
double current_extremum(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  const double ratio = -(s.i_i * m.rate_i) / (s.i_e * m.rate_e);
  const double rate = m.rate_i - m.rate_e;
  if (!(ratio > 0 && std::isfinite(ratio)) || rate == 0) return 0;
  return std::max(0.0, math::log(ratio) / rate);
}

/// The first crossing in [from, to], where u turns at most once; infinity if there is none. u(from)
/// is below the threshold.
double crossing_between(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                        double from, double to) {
  const auto height = [&](double t) {
    const TwoCurrentState x = moved(m, s, t);
    return Value{x.u - threshold, slope(m, x)};
  };
  double high = to;
  if (height(to).f < 0) {
    if (!(height(from).df > 0 && height(to).df < 0)) return infinity;
    const auto fall = [&](double t) {
      const TwoCurrentState x = moved(m, s, t);
      const double up = slope(m, x);
      return Value{-up, up * m.rate_m + (x.i_e * m.rate_e + x.i_i * m.rate_i) * m.per_cm};
    };
    high = bracketed_root(fall, from, to);
    if (height(high).f < 0) return infinity;
  }
  return bracketed_root(height, from, high);
}

double response(const TwoCurrentMembrane& m, double rate, double jump, double e_m, double e,
                double ms) {
  return jump != 0 ? jump * (e_m - e) : current_to_v(ms, 1 / m.rate_m, 1 / rate, 1 / m.per_cm);
}

/// When u is 0 to 1e-27 of what it was. A current that is not there does not count: with its time
/// constant the others might underflow to 0 by then, which has no sign.
double silence_after(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  constexpr double nothing = 1e-200;  // nA
  double slowest = m.rate_m;
  if (std::fabs(s.i_e) > nothing) slowest = std::min(slowest, m.rate_e);
  if (std::fabs(s.i_i) > nothing) slowest = std::min(slowest, m.rate_i);
  return 64 / slowest;
}

/// The first crossing found by brackets, from any state below the threshold.
double bracketed_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold) {
  const double silence = silence_after(m, s), turn = std::min(current_extremum(m, s), silence);
  if (turn > 0) {
    const double at = crossing_between(m, s, threshold, 0, turn);
    if (at < infinity || moved(m, s, turn).u >= threshold) return std::min(at, turn);
  }
  return crossing_between(m, s, threshold, turn, turn + silence);
}

/// At most the natural logarithm of a normal number x > 0, by less than 0.015: its exponent, and a
/// parabola below that of its mantissa (as log2_below of core/simd.h).
double log_below(double x) {
  constexpr std::int64_t one = std::int64_t{1023} << 52, mantissa = (std::int64_t{1} << 52) - 1;
  const auto bits = std::bit_cast<std::int64_t>(x);
  const double f = std::bit_cast<double>((bits & mantissa) | one) - 1;
  return (static_cast<double>(bits - one) * 0x1p-52 + 0.2786 * f * (1 - f)) * 0.69314718055994529;
}

/// As crossing_not_before, from s alone; `log` may lie below the logarithm.
template <class Log>
double bound_from(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                  const Log& log) {
  if (s.u >= threshold) return 0;
  const double i_e = std::max(0.0, s.i_e), i_i = std::max(0.0, s.i_i);
  constexpr double margin = 1e-9;  // mV and relative: far above the rounding of either bound
  const double surely = threshold - margin * (1 + std::fabs(threshold));
  if (std::max(0.0, s.u) + i_e * m.peak_e + i_i * m.peak_i < surely) return infinity;
  const double held_at = (i_e + i_i) * m.per_cm / m.rate_m;
  if (held_at < surely) return infinity;                  // u falls towards it
  const double charge = i_e * m.jump_e + i_i * m.jump_i;  // may nearly cancel u: with its rounding
  const double all_at_once = s.u + charge + 1e-12 * (std::fabs(s.u) + std::fabs(charge));
  const bool outlasts = m.jump_e > 0 && m.jump_i > 0;
  if (outlasts && surely > 0 && all_at_once < surely) return infinity;
  if (held_at <= threshold) return 0;
  double decays = (held_at - s.u) / (held_at - threshold);
  if (outlasts && threshold < 0 && all_at_once < threshold)
    decays = std::max(decays, all_at_once / threshold);
  const double ms = log(decays) / m.rate_m;
  return std::max(0.0, ms * (1 - margin) - 1e-9);
}

constexpr double close = 1e-5;  // ms

/// Bound after bound, each from where the last one leads, until one lies beyond `ms`, a crossing is
/// close, or `most` are made.
double closing_in(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                  double ms, int most) {
  double at = bound_from(m, s, threshold, math::log), last = at;
  for (int n = 1; n < most && at < ms && last > close; ++n) {
    last = bound_from(m, moved(m, s, at), threshold, math::log);
    at += last;
  }
  return at;
}

}  // namespace

TwoCurrentMembrane two_current_membrane(double tau_m, double tau_e, double tau_i, double cm) {
  const auto jump = [&](double tau) {
    const bool close = std::fabs(tau_m - tau) < 0.05 * tau_m;
    return close ? 0 : tau_m * tau / (cm * (tau_m - tau));
  };
  return {1 / tau_m,
          1 / tau_e,
          1 / tau_i,
          1 / cm,
          jump(tau_e),
          jump(tau_i),
          peak(tau_m, tau_e, cm),
          peak(tau_m, tau_i, cm)};
}

TwoCurrentState moved(const TwoCurrentMembrane& m, const TwoCurrentState& s, double ms) {
  const double e_m = math::exp(-ms * m.rate_m);
  const double e_e = s.i_e != 0 ? math::exp(-ms * m.rate_e) : 0;
  const double e_i = s.i_i == 0                           ? 0
                     : s.i_e != 0 && m.rate_i == m.rate_e ? e_e
                                                          : math::exp(-ms * m.rate_i);
  double u = s.u * e_m;
  if (s.i_e != 0) u = std::fma(s.i_e, response(m, m.rate_e, m.jump_e, e_m, e_e, ms), u);
  if (s.i_i != 0) u = std::fma(s.i_i, response(m, m.rate_i, m.jump_i, e_m, e_i, ms), u);
  return {u, s.i_e * e_e, s.i_i * e_i};
}

// Under a current that is positive and decays, u is concave while it rises: each tangent meets the
// threshold before u does, so that Newton's method comes from below, and a step beyond `ms` is a
// bound. Otherwise the bound is a crossing under too much current, by an amount that vanishes with
// the distance: bound after bound closes in from below, and faster the nearer. What is left then is
// one of Newton's steps or two; where the membrane only grazes the threshold, and where that takes
// long, brackets decide.
double first_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                      double ms) {
  if (s.u >= threshold) return 0;
  constexpr double nanosecond = 1e-6, converged = 1e-13;
  const bool concave = m.rate_e == m.rate_i ? s.i_e + s.i_i >= 0 : s.i_e >= 0 && s.i_i >= 0;
  double at = closing_in(m, s, threshold, ms + nanosecond, concave ? 1 : 12);
  for (int n = 0; n < (concave ? 24 : 4); ++n) {
    if (at == infinity || ((concave || n == 0) && at >= ms + nanosecond)) return at;
    const TwoCurrentState now = moved(m, s, at);
    const double up = slope(m, now), step = (threshold - now.u) / up;
    if (concave && !(up > 0)) return infinity;  // beyond its summit it falls for good
    if (!concave && !(up > 0 && step < 100 * close)) break;
    if (std::fabs(step) <= converged) return at + step;
    at += step;
  }
  return bracketed_crossing(m, s, threshold);
}

double crossing_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                           double ms) {
  return closing_in(m, s, threshold, ms, 4);
}

double crossing_roughly_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s,
                                   double threshold) {
  return bound_from(m, s, threshold, log_below);
}

}  // namespace ranvier::neurons::exact
