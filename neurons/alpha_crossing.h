// When a leaky membrane with two synaptic currents of alpha shape first reaches its threshold:
// exact, without a grid.
//   u(t) = u_0 exp(-t/tau_m) + sum over X of i_X K_X(t) + y_X L_X(t), with
//   K_X(t) = (1/cm) integral_0^t exp(-s/tau_X) exp(-(t-s)/tau_m) ds,  L_X(t) the same of s
//   exp(-s/tau_X)
// u = v - v_inf, t in ms since the state; current X is (i_X + y_X t) exp(-t/tau_X).
//
// No crossing is missed, because every function is searched between the turns of it, which are the
// zeros of another, down to one that is known in closed form (Rolle's theorem, as in Brette 2007):
//   u turns where u' = 0;  exp(t/tau_m) u' turns where the slope of the total current is 0
//   that slope, over its slower decay, is J(t) = a + b t + (c + d t) exp(-k t), k >= 0, which turns
//   where J' = 0;  J' turns once at most, where J'' = 0: at 2/k - c/d.
// Two turns of which rounding (1e-13 of u) makes one are the only ones that may be overlooked.
// There is no cheap lower bound that is of use: an alpha current rises from zero, and bounds by its
// peak come too early; so the model that uses this predicts, and enters the firing queue
// (core/firing_queue.h). Tested by tests/unit/neurons/test_event_driven.cpp.
#pragma once

namespace ranvier::neurons::exact {

/// The constants of such a membrane, in ms, nF.
struct AlphaMembrane {
  double tau_m, tau_e, tau_i, cm;
};

/// u (mV), currents (nA) and their rises (nA/ms) at the time from which the others count.
struct AlphaState {
  double u, i_e, y_e, i_i, y_i;
};

/// The state `ms` later.
AlphaState moved(const AlphaMembrane& m, const AlphaState& s, double ms);

/// ms until u first reaches `threshold` (mV above v_inf): 0 if it is there already, infinity if it
/// never does.
double first_crossing(const AlphaMembrane& m, const AlphaState& s, double threshold);

}  // namespace ranvier::neurons::exact
