// eif_cond_alpha_isfa_ista: adaptive exponential integrate-and-fire neuron (AdEx; equations in
// neurons/adex.h), synaptic conductances that rise and fall as an alpha function, which peaks at
// the weight, tau_syn after the arrival.
//   dg_X/dt = r_X - g_X/tau_syn_X;   dr_X/dt = -r_X/tau_syn_X
//   r_X += weight e/tau_syn_X at a spike
// Methods: rk4 (default), classical Runge-Kutta of order 4 for v and w, the conductances exact at
// the step's beginning, middle and end; rk_adaptive (neurons/methods.h). Arrivals, then the test
// against v_spike, at the step's end. Below v_spike the error is of order 4; spikes lie on the
// grid. PyNN: EIF_cond_alpha_isfa_ista. NEST: aeif_cond_alpha. Tested by
// tests/unit/neurons/test_adex.cpp.
#include "core/neuron_model.h"

struct EifCondAlpha : Adex {
  static constexpr const char* summary =
      "adaptive exponential integrate-and-fire (AdEx), alpha-shaped synaptic conductances";
  static constexpr const char* source =
      "Brette & Gerstner 2005; NEST aeif_cond_alpha; PyNN EIF_cond_alpha_isfa_ista";
  static constexpr auto parameters = table("time to the peak of the excitatory conductance",
                                           "time to the peak of the inhibitory conductance");
  template <class V>
  struct State {
    V v, w, g_e, r_e, g_i, r_i, refractory;
  };
  static constexpr FieldText state[] = {
      field::v,         {"w", "nA", "adaptation current"},
      field::g_e,       {"r_e", "uS/ms", "rise of the excitatory conductance"},
      field::g_i,       {"r_i", "uS/ms", "rise of the inhibitory conductance"},
      field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  template <class V>
  struct Derived : Membrane<V> {
    V decay_e, decay_i, jump_e, jump_i, per_tau_e, per_tau_i;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {membrane(p, dt),
            exact::decay(dt / 2, p.tau_syn_E),
            exact::decay(dt / 2, p.tau_syn_I),
            math::exp(1) / p.tau_syn_E,
            math::exp(1) / p.tau_syn_I,
            1 / p.tau_syn_E,
            1 / p.tau_syn_I};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0, 0, 0}; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V half_dt = 0.5 * c.dt, full_e = c.decay_e * c.decay_e, full_i = c.decay_i * c.decay_i;
    const Synapses<V> middle = {c.decay_e * fma(half_dt, s.r_e, s.g_e),
                                c.decay_i * fma(half_dt, s.r_i, s.g_i)};
    const Synapses<V> end = {full_e * fma(c.dt, s.r_e, s.g_e), full_i * fma(c.dt, s.r_i, s.g_i)};
    move<V>(s, {s.g_e, s.g_i}, middle, end, in.current, c);
    s.g_e = end.e;
    s.g_i = end.i;
    s.r_e = fma(full_e, s.r_e, c.jump_e * in.sum[0]);
    s.r_i = fma(full_i, s.r_i, c.jump_i * in.sum[1]);
    return spike<V>(s, c);
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const Slope<V> k =
        slope_of<V>(s.v, s.w, {s.g_e, s.g_i}, c.i_offset + current, s.refractory > V(0.0), c);
    return {k.v,
            k.w,
            s.r_e - c.per_tau_e * s.g_e,
            -(c.per_tau_e * s.r_e),
            s.r_i - c.per_tau_i * s.g_i,
            -(c.per_tau_i * s.r_i),
            V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    s.r_e = fma(c.jump_e, in.sum[0], s.r_e);
    s.r_i = fma(c.jump_i, in.sum[1], s.r_i);
    return spike<V>(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, eif_cond_alpha_isfa_ista, EifCondAlpha)
