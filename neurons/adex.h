// What the two AdEx models share: parameters, slopes, the step of v and w, spike and reset; they
// differ in how a synaptic conductance goes on.
//   cm dv/dt = -g_l (v - v_rest) + g_l delta_T exp((v - v_thresh)/delta_T) - w
//              - g_e (v - e_rev_E) - g_i (v - e_rev_I) + i_offset + i_injected;   g_l = cm/tau_m
//   tau_w dw/dt = a (v - v_rest) - w
//   v >= v_spike: spike, v = v_reset, w = w + b, v held for tau_refrac (w and the conductances go
//   on)
// In the slopes v is cut at v_spike, as in NEST, so that the upswing of the exponential stays
// finite. Source: Brette & Gerstner, J. Neurophysiol. 94:3637 (2005). Tested by
// tests/unit/neurons/test_adex.cpp.
//
// Included once for every target by the units that cmake/model.cpp.in makes, hence the toggle in
// place of `#pragma once`.
#include "core/simd.h"
#include "neurons/membrane.h"

#if defined(RANVIER_NEURONS_ADEX_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_NEURONS_ADEX_TOGGLE
#undef RANVIER_NEURONS_ADEX_TOGGLE
#else
#define RANVIER_NEURONS_ADEX_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// The part that the AdEx models derive from.
struct Adex {
  struct Parameters {
    double cm = 0.281, tau_refrac = 0.1, v_spike = -40, v_reset = -70.6, v_rest = -70.6,
           tau_m = 9.3667, i_offset = 0, a = 4, b = 0.0805, delta_T = 2, tau_w = 144,
           v_thresh = -50.4, e_rev_E = 0, tau_syn_E = 5, e_rev_I = -80, tau_syn_I = 5;
  };
  /// The table; `syn_E`, `syn_I`: the meaning of the synaptic time constants.
  static constexpr std::array<Field<Parameters>, 16> table(const char* syn_E, const char* syn_I) {
    namespace field = neurons::field;
    using P = Parameters;
    return {field::cm<P>,
            field::tau_refrac<P>,
            {"v_spike", &P::v_spike, "mV", Range::any, "potential at which a spike is emitted"},
            field::v_reset<P>,
            field::v_rest<P>,
            field::tau_m<P>,
            field::i_offset<P>,
            {"a", &P::a, "nS", Range::any, "subthreshold adaptation"},
            {"b", &P::b, "nA", Range::any, "jump of the adaptation at a spike"},
            {"delta_T", &P::delta_T, "mV", Range::positive, "slope factor of the spike's upswing"},
            {"tau_w", &P::tau_w, "ms", Range::positive, "time constant of the adaptation"},
            {"v_thresh", &P::v_thresh, "mV", Range::any, "threshold of the exponential upswing"},
            field::e_rev_E<P>,
            field::tau_syn_E<P>(syn_E),
            field::e_rev_I<P>,
            field::tau_syn_I<P>(syn_I)};
  }
  static const char* check(const Parameters& p) {
    if (!(p.v_reset < p.v_spike)) return "v_reset must be below v_spike";
    if (p.v_spike < p.v_thresh) return "v_spike must not be below v_thresh";
    return (p.v_spike - p.v_thresh) / p.delta_T <= 80
               ? ""
               : "(v_spike - v_thresh) / delta_T must not exceed 80";
  }
  static constexpr Method methods[] = {{"rk4", "Runge-Kutta (order 4), conductances exact"},
                                       method::rk_adaptive};

  /// The coefficients of v and w; those of a model begin with them.
  template <class V>
  struct Membrane {
    V dt, per_cm, g_l, per_delta_T, delta_T, v_rest, v_thresh, v_spike, v_reset, i_offset, a, b,
        per_tau_w, e_rev_E, e_rev_I, refractory_steps;
  };
  static Membrane<double> membrane(const Parameters& p, double dt) {
    return {dt,          1 / p.cm,   p.cm / p.tau_m, 1 / p.delta_T,
            p.delta_T,   p.v_rest,   p.v_thresh,     p.v_spike,
            p.v_reset,   p.i_offset, p.a * 1e-3,     p.b,
            1 / p.tau_w, p.e_rev_E,  p.e_rev_I,      neurons::exact::steps(p.tau_refrac, dt)};
  }

  /// Synaptic conductances, uS.
  template <class V>
  struct Synapses {
    V e, i;
  };
  template <class V>
  struct Slope {
    V v, w;
  };

  /// mV/ms and nA/ms; v stands still where `refractory`.
  template <class V>
  static Slope<V> slope_of(V v, V w, Synapses<V> g, V current, typename V::Mask refractory,
                           const Membrane<V>& c) {
    const V cut = min(v, c.v_spike);
    const V from_rest = cut - c.v_rest;
    const V upswing = c.delta_T * exp((cut - c.v_thresh) * c.per_delta_T) - from_rest;
    const V synaptic = fma(g.e, c.e_rev_E - cut, g.i * (c.e_rev_I - cut));
    const V slope = c.per_cm * (fma(c.g_l, upswing, synaptic) - w + current);
    return {select(refractory, V(0.0), slope), c.per_tau_w * fma(c.a, from_rest, -w)};
  }

  /// The Runge-Kutta step of v and w, with the conductances at its beginning, middle and end.
  template <class V, class State>
  static void move(State& s, Synapses<V> begin, Synapses<V> middle, Synapses<V> end, V injected,
                   const Membrane<V>& c) {
    const auto refractory = s.refractory > V(0.0);
    const V current = c.i_offset + injected;
    const V half_dt = 0.5 * c.dt;
    const auto slope_at = [&](V v, V w, Synapses<V> g) {
      return slope_of(v, w, g, current, refractory, c);
    };
    const Slope<V> k1 = slope_at(s.v, s.w, begin);
    const Slope<V> k2 = slope_at(fma(half_dt, k1.v, s.v), fma(half_dt, k1.w, s.w), middle);
    const Slope<V> k3 = slope_at(fma(half_dt, k2.v, s.v), fma(half_dt, k2.w, s.w), middle);
    const Slope<V> k4 = slope_at(fma(c.dt, k3.v, s.v), fma(c.dt, k3.w, s.w), end);
    const V sixth = c.dt * (1.0 / 6);
    s.v = fma(sixth, k1.v + 2.0 * (k2.v + k3.v) + k4.v, s.v);
    s.w = fma(sixth, k1.w + 2.0 * (k2.w + k3.w) + k4.w, s.w);
  }

  /// A step of the refractory period is over; v >= v_spike: spike and reset.
  template <class V, class State>
  static typename V::Mask spike(State& s, const Membrane<V>& c) {
    s.refractory = max(s.refractory - V(1.0), V(0.0));
    const auto fired = s.v >= c.v_spike;
    s.w = select(fired, s.w + c.b, s.w);
    reset_where(fired, s, c);
    return fired;
  }
};

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
