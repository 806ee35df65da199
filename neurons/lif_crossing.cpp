#include "neurons/lif_crossing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/math.h"
#include "neurons/root.h"
#include "neurons/solvers.h"

namespace ranvier::neurons::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double slope(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  return (s.i_e + s.i_i) / m.cm - s.u / m.tau_m;
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
  const double ratio = -(s.i_i * m.tau_e) / (s.i_e * m.tau_i);
  const double rate = 1 / m.tau_i - 1 / m.tau_e;
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
      return Value{-up, up / m.tau_m + (x.i_e / m.tau_e + x.i_i / m.tau_i) / m.cm};
    };
    high = bracketed_root(fall, from, to);
    if (height(high).f < 0) return infinity;
  }
  return bracketed_root(height, from, high);
}

}  // namespace

TwoCurrentMembrane two_current_membrane(double tau_m, double tau_e, double tau_i, double cm) {
  return {tau_m, tau_e, tau_i, cm, peak(tau_m, tau_e, cm), peak(tau_m, tau_i, cm)};
}

TwoCurrentState moved(const TwoCurrentMembrane& m, const TwoCurrentState& s, double ms) {
  double u = s.u * decay(ms, m.tau_m);
  if (s.i_e != 0) u = std::fma(s.i_e, current_to_v(ms, m.tau_m, m.tau_e, m.cm), u);
  if (s.i_i != 0) u = std::fma(s.i_i, current_to_v(ms, m.tau_m, m.tau_i, m.cm), u);
  return {u, s.i_e * decay(ms, m.tau_e), s.i_i * decay(ms, m.tau_i)};
}

double first_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold) {
  if (s.u >= threshold) return 0;
  const double turn = current_extremum(m, s);
  if (turn > 0) {
    const double at = crossing_between(m, s, threshold, 0, turn);
    if (at < infinity || moved(m, s, turn).u >= threshold) return std::min(at, turn);
  }
  const double silence =
      64 * std::max({m.tau_m, m.tau_e, m.tau_i});  // after it u is 0 to 1e-27 of what it was
  return crossing_between(m, s, threshold, turn, turn + silence);
}

double crossing_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s,
                           double threshold) {
  if (s.u >= threshold) return 0;
  const double i_e = std::max(0.0, s.i_e), i_i = std::max(0.0, s.i_i);
  constexpr double margin = 1e-9;  // mV and relative: far above the rounding of either bound
  if (std::max(0.0, s.u) + i_e * m.peak_e + i_i * m.peak_i <
      threshold - margin * (1 + std::fabs(threshold)))
    return infinity;
  const double drive = m.tau_m / m.cm * (i_e + i_i);
  if (drive <= threshold) return 0;
  const double ms = m.tau_m * math::log((drive - s.u) / (drive - threshold));
  return std::max(0.0, ms * (1 - margin) - 1e-9);
}

}  // namespace ranvier::neurons::exact
