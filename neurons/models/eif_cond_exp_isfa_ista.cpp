// eif_cond_exp_isfa_ista: adaptive exponential integrate-and-fire neuron (AdEx), synaptic
// conductances that jump at a spike and decay exponentially.
//   cm dv/dt = -g_l (v - v_rest) + g_l delta_T exp((v - v_thresh)/delta_T) - w - g_e (v - e_rev_E)
//   - g_i (v - e_rev_I)
//              + i_offset + i_injected;   g_l = cm/tau_m;   tau_w dw/dt = a (v - v_rest) - w
//   tau_syn_X dg_X/dt = -g_X;   g_X += weight at a spike
//   v >= v_spike: spike, v = v_reset, w = w + b, v held for tau_refrac (w and the conductances go
//   on)
// Method: classical Runge-Kutta of order 4 for v and w over a step, the conductances exact at its
// beginning, middle and end; arrivals, then the test against v_spike, at the step's end. Below
// v_spike the error is of order 4; spikes lie on the grid. In the slopes v is cut at v_spike, as in
// NEST, so that the upswing of the exponential stays finite. Source: Brette & Gerstner, J.
// Neurophysiol. 94:3637 (2005). PyNN: EIF_cond_exp_isfa_ista. NEST: aeif_cond_exp. Tested by
// tests/unit/neurons/test_adex.cpp.
#include "core/neuron_model.h"

struct EifCondExp {
  static constexpr const char* summary =
      "adaptive exponential integrate-and-fire (AdEx), exponentially decaying synaptic "
      "conductances";
  static constexpr const char* method = "Runge-Kutta of order 4, conductances exact";
  static constexpr const char* source =
      "Brette & Gerstner 2005; NEST aeif_cond_exp; PyNN EIF_cond_exp_isfa_ista";
  struct Parameters {
    double cm = 0.281, tau_refrac = 0.1, v_spike = -40, v_reset = -70.6, v_rest = -70.6,
           tau_m = 9.3667, i_offset = 0, a = 4, b = 0.0805, delta_T = 2, tau_w = 144,
           v_thresh = -50.4, e_rev_E = 0, tau_syn_E = 5, e_rev_I = -80, tau_syn_I = 5;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"cm", &Parameters::cm, "nF", Range::positive, "membrane capacity"},
      {"tau_refrac", &Parameters::tau_refrac, "ms", Range::not_negative, "refractory period"},
      {"v_spike", &Parameters::v_spike, "mV", Range::any, "potential at which a spike is emitted"},
      {"v_reset", &Parameters::v_reset, "mV", Range::any, "potential after a spike"},
      {"v_rest", &Parameters::v_rest, "mV", Range::any, "resting (leak reversal) potential"},
      {"tau_m", &Parameters::tau_m, "ms", Range::positive, "membrane time constant"},
      {"i_offset", &Parameters::i_offset, "nA", Range::any, "constant current"},
      {"a", &Parameters::a, "nS", Range::any, "subthreshold adaptation"},
      {"b", &Parameters::b, "nA", Range::any, "jump of the adaptation at a spike"},
      {"delta_T", &Parameters::delta_T, "mV", Range::positive,
       "slope factor of the spike's upswing"},
      {"tau_w", &Parameters::tau_w, "ms", Range::positive, "time constant of the adaptation"},
      {"v_thresh", &Parameters::v_thresh, "mV", Range::any, "threshold of the exponential upswing"},
      {"e_rev_E", &Parameters::e_rev_E, "mV", Range::any, "excitatory reversal potential"},
      {"tau_syn_E", &Parameters::tau_syn_E, "ms", Range::positive,
       "decay of the excitatory conductance"},
      {"e_rev_I", &Parameters::e_rev_I, "mV", Range::any, "inhibitory reversal potential"},
      {"tau_syn_I", &Parameters::tau_syn_I, "ms", Range::positive,
       "decay of the inhibitory conductance"}};
  template <class V>
  struct State {
    V v, w, g_e, g_i, refractory;
  };
  static constexpr FieldText state[] = {
      {"v", "mV", "membrane potential"},
      {"w", "nA", "adaptation current"},
      {"g_e", "uS", "excitatory synaptic conductance"},
      {"g_i", "uS", "inhibitory synaptic conductance"},
      {"refractory", "steps", "steps of dt left in the refractory period"}};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  template <class V>
  struct Derived {
    V dt, per_cm, g_l, per_delta_T, delta_T, v_rest, v_thresh, v_spike, v_reset, i_offset, a, b,
        per_tau_w, e_rev_E, e_rev_I, decay_e, decay_i, refractory_steps;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {dt,
            1 / p.cm,
            p.cm / p.tau_m,
            1 / p.delta_T,
            p.delta_T,
            p.v_rest,
            p.v_thresh,
            p.v_spike,
            p.v_reset,
            p.i_offset,
            p.a * 1e-3,
            p.b,
            1 / p.tau_w,
            p.e_rev_E,
            p.e_rev_I,
            exact::decay(dt / 2, p.tau_syn_E),
            exact::decay(dt / 2, p.tau_syn_I),
            exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0}; }
  static const char* check(const Parameters& p) {
    if (!(p.v_reset < p.v_spike)) return "v_reset must be below v_spike";
    if (p.v_spike < p.v_thresh) return "v_spike must not be below v_thresh";
    return (p.v_spike - p.v_thresh) / p.delta_T <= 80
               ? ""
               : "(v_spike - v_thresh) / delta_T must not exceed 80";
  }

  template <class V>
  struct Slope {
    V v, w;
  };

  template <class V>
  static Slope<V> slope(V v, V w, V g_e, V g_i, V current, const Derived<V>& c) {
    const V cut = min(v, c.v_spike);
    const V from_rest = cut - c.v_rest;
    const V upswing = c.delta_T * exp((cut - c.v_thresh) * c.per_delta_T) - from_rest;
    const V synaptic = fma(g_e, c.e_rev_E - cut, g_i * (c.e_rev_I - cut));
    return {c.per_cm * (fma(c.g_l, upswing, synaptic) - w + current),
            c.per_tau_w * fma(c.a, from_rest, -w)};
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto refractory = s.refractory > V(0.0);
    const V current = c.i_offset + in.current;
    const V half_dt = 0.5 * c.dt;
    const auto slope_at = [&](V v, V w, V g_e, V g_i) {
      Slope<V> k = slope(v, w, g_e, g_i, current, c);
      k.v = select(refractory, V(0.0), k.v);
      return k;
    };
    const V half_e = c.decay_e * s.g_e, half_i = c.decay_i * s.g_i;
    const V end_e = c.decay_e * half_e, end_i = c.decay_i * half_i;
    const Slope<V> k1 = slope_at(s.v, s.w, s.g_e, s.g_i);
    const Slope<V> k2 = slope_at(fma(half_dt, k1.v, s.v), fma(half_dt, k1.w, s.w), half_e, half_i);
    const Slope<V> k3 = slope_at(fma(half_dt, k2.v, s.v), fma(half_dt, k2.w, s.w), half_e, half_i);
    const Slope<V> k4 = slope_at(fma(c.dt, k3.v, s.v), fma(c.dt, k3.w, s.w), end_e, end_i);
    const V sixth = c.dt * (1.0 / 6);
    s.v = fma(sixth, k1.v + 2.0 * (k2.v + k3.v) + k4.v, s.v);
    s.w = fma(sixth, k1.w + 2.0 * (k2.w + k3.w) + k4.w, s.w);
    s.refractory = max(s.refractory - V(1.0), V(0.0));
    s.g_e = end_e + in.sum[0];
    s.g_i = end_i + in.sum[1];

    const auto fired = s.v >= c.v_spike;
    s.v = select(fired, c.v_reset, s.v);
    s.w = select(fired, s.w + c.b, s.w);
    s.refractory = select(fired, c.refractory_steps, s.refractory);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, eif_cond_exp_isfa_ista, EifCondExp)
