// When a leaky membrane with two decaying synaptic currents first reaches its threshold: exact,
// without a grid.
//   u(t) = u_0 exp(-t/tau_m) + i_e K_E(t) + i_i K_I(t),   K_X(t) = (1/cm) integral_0^t
//   exp(-s/tau_X) exp(-(t-s)/tau_m) ds
// with u = v - v_inf and t in ms since the state. exp(t/tau_m) u'(t) is monotonic where the sum of
// the currents is, and that sum has at most one extremum, at a time known in closed form: on either
// side of it u turns at most once. So a turn and a crossing are bracketed before Newton's method
// starts (Brette 2007, Neural Computation 19:2604, has the same idea by Descartes' rule). Any signs
// of the currents and any time constants, also equal ones. Tested by
// tests/unit/neurons/test_event_driven.cpp against a dense scan of v(t).
#pragma once
#include <array>
#include <cstddef>
#include <limits>

namespace ranvier::neurons::exact {

/// The constants of such a membrane: rates 1/tau in 1/ms, 1/cm in 1/nF; with tau_m and tau_X apart
/// K_X is jump_X (exp(-t/tau_m) - exp(-t/tau_X)), jump_X = tau_m tau_X / (cm (tau_m - tau_X))
/// mV/nA, and where they lie close jump_X is 0; the peaks of K_X in mV/nA.
struct TwoCurrentMembrane {
  double rate_m, rate_e, rate_i, per_cm, jump_e, jump_i, peak_e, peak_i;
};

/// Throws nothing. \param tau_m, tau_e, tau_i  ms, > 0  \param cm  nF, > 0
TwoCurrentMembrane two_current_membrane(double tau_m, double tau_e, double tau_i, double cm);

/// u (mV) and currents (nA) at the time from which the others count.
template <class V>
struct StateOf {
  V u, i_e, i_i;
};
using TwoCurrentState = StateOf<double>;

/// The state `ms` later.
TwoCurrentState moved(const TwoCurrentMembrane& m, const TwoCurrentState& s, double ms);

/// ms until u first reaches `threshold` (mV above v_inf): 0 if it is there already, infinity if it
/// never does. Where that is later than `ms`, a time before it may come instead, 1 ns or more later
/// than `ms`.
double first_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                      double ms = std::numeric_limits<double>::infinity());

/// States of several neurons, and what first_crossing of each is asked and answers.
struct ManyStates {
  static constexpr std::size_t most = 64;
  struct alignas(64) Column : std::array<double, most> {};
  Column u{}, i_e{}, i_i{};                ///< mV, nA, nA
  Column threshold{}, until{};             ///< mV above v_inf; ms
  Column at{};                             ///< ms
  static constexpr std::size_t lanes = 8;  ///< of the widest register
  void put(std::size_t k, const ManyStates& from, std::size_t j) {
    u[k] = from.u[j];
    i_e[k] = from.i_e[j];
    i_i[k] = from.i_i[j];
    threshold[k] = from.threshold[j];
    until[k] = from.until[j];
    at[k] = from.at[j];
  }
};

/// first_crossing of the first n states, to the bit; several at once.
void first_crossings(const TwoCurrentMembrane& m, ManyStates& s, std::size_t n);

/// A time not after first_crossing, or infinity where there is none for sure: u stays below u_0^+ +
/// sum i_X^+ peak_X, and is not sooner at the threshold than under the positive currents held
/// constant, nor, where they decay faster than the membrane, than if all their charge came at once,
/// (u_0 + sum i_X^+ jump_X) exp(-t/tau_m). A bound below `ms` is made again from where it leads,
/// some times over.
double crossing_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                           double ms = 0);

/// The same bound for less, of one look and a logarithm that is read off a number's bits.
double crossing_roughly_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s,
                                   double threshold);

}  // namespace ranvier::neurons::exact
