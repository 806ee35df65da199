// eif_cond_exp_isfa_ista: adaptive exponential integrate-and-fire neuron (AdEx; equations in
// neurons/adex.h), synaptic conductances that jump at a spike and decay exponentially.
//   tau_syn_X dg_X/dt = -g_X;   g_X += weight at a spike
// Methods: rk4 (default), classical Runge-Kutta of order 4 for v and w, the conductances exact at
// the step's beginning, middle and end; rk_adaptive (neurons/methods.h). Arrivals, then the test
// against v_spike, at the step's end. Below v_spike the error is of order 4; spikes lie on the
// grid. PyNN: EIF_cond_exp_isfa_ista. NEST: aeif_cond_exp. Tested by
// tests/unit/neurons/test_adex.cpp.
#include "core/neuron_model.h"

struct EifCondExp : Adex {
  static constexpr const char* summary =
      "adaptive exponential integrate-and-fire (AdEx), exponentially decaying synaptic "
      "conductances";
  static constexpr const char* source =
      "Brette & Gerstner 2005; NEST aeif_cond_exp; PyNN EIF_cond_exp_isfa_ista";
  static constexpr auto parameters =
      table("decay of the excitatory conductance", "decay of the inhibitory conductance");
  template <class V>
  struct State {
    V v, w, g_e, g_i, refractory;
  };
  static constexpr FieldText state[] = {
      field::v, {"w", "nA", "adaptation current"}, field::g_e, field::g_i, field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  template <class V>
  struct Derived : Membrane<V> {
    V decay_e, decay_i, per_tau_e, per_tau_i;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {membrane(p, dt), exact::decay(dt / 2, p.tau_syn_E), exact::decay(dt / 2, p.tau_syn_I),
            1 / p.tau_syn_E, 1 / p.tau_syn_I};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0}; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const Synapses<V> middle = {c.decay_e * s.g_e, c.decay_i * s.g_i};
    const Synapses<V> end = {c.decay_e * middle.e, c.decay_i * middle.i};
    move<V>(s, {s.g_e, s.g_i}, middle, end, in.current, c);
    s.g_e = end.e + in.sum[0];
    s.g_i = end.i + in.sum[1];
    return spike<V>(s, c);
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const Slope<V> k =
        slope_of<V>(s.v, s.w, {s.g_e, s.g_i}, c.i_offset + current, s.refractory > V(0.0), c);
    return {k.v, k.w, -(c.per_tau_e * s.g_e), -(c.per_tau_i * s.g_i), V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    s.g_e += in.sum[0];
    s.g_i += in.sum[1];
    return spike<V>(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, eif_cond_exp_isfa_ista, EifCondExp)
