// Exact propagators of linear membranes over a step (Rotter & Diesmann 1999), as free functions
// over doubles. Units: ms, nF, nA, mV (nA ms / nF = mV).
#pragma once
#include <cmath>

#include "core/math.h"

namespace ranvier::neurons::exact {

/// exp(-dt / tau).
inline double decay(double dt, double tau) { return math::exp(-dt / tau); }

/// mV of the membrane at the step's end for 1 nA of a constant current: (tau_m / cm) (1 - exp(-dt /
/// tau_m)).
inline double constant_to_v(double dt, double tau_m, double cm) {
  return -tau_m / cm * math::expm1(-dt / tau_m);
}

/// mV at the step's end for 1 nA at its start of a current that decays with tau_s. The common form
/// tau_m tau_s / (cm (tau_m - tau_s)) (exp(-dt/tau_m) - exp(-dt/tau_s)), written so that it stays
/// exact as tau_s -> tau_m and finite for any dt: with the slower of the two decays taken out.
inline double current_to_v(double dt, double tau_m, double tau_s, double cm) {
  const double x = std::fabs(dt / tau_s - dt / tau_m);
  const double shape = x < 1e-9 ? 1.0 - x / 2 : -math::expm1(-x) / x;
  return dt / cm * math::exp(-dt / std::fmax(tau_m, tau_s)) * shape;
}

/// Alpha current i = a t exp(-t/tau_s) (state: i and its slope y = di/dt + i/tau_s): mV at the
/// step's end for slope 1 nA/ms and current 0 at its start: (1/cm) integral_0^dt s exp(-s/tau_s)
/// exp(-(dt-s)/tau_m) ds, finite for any dt. With the slower of the two decays taken out and s = u
/// dt the integral is (1 - (1 + x) exp(-x)) / x^2 for the membrane slower (x >= 0), else (z - 1 +
/// exp(-z)) / z^2 with z = -x; for small x the series sum_n (-x)^n / (n! (n + 2)).
inline double alpha_to_v(double dt, double tau_m, double tau_s, double cm) {
  const double x = dt / tau_s - dt / tau_m;
  if (x <= -0.5) return dt * dt / cm * math::exp(-dt / tau_s) * (math::expm1(x) - x) / (x * x);
  double shape = 0;
  if (x < 0.5) {
    double term = 1;
    for (int n = 0; n < 16; ++n) {
      shape += term / (n + 2);
      term *= -x / (n + 1);
    }
  } else {
    shape = (1.0 - (1.0 + x) * math::exp(-x)) / (x * x);
  }
  return dt * dt / cm * math::exp(-dt / tau_m) * shape;
}

/// The two points of Gauss's rule in a step (neurons/membrane.h), ms from its start.
inline double first_point(double dt) { return dt * (0.5 - std::sqrt(3.0) / 6); }
inline double second_point(double dt) { return dt * (0.5 + std::sqrt(3.0) / 6); }

/// Whole steps of dt that hold a period, to half a nanosecond: the last one begun counts, as in
/// NEST.
inline double steps(double ms, double dt) { return std::fmax(0.0, std::ceil((ms - 5e-7) / dt)); }

}  // namespace ranvier::neurons::exact
