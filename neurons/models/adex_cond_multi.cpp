// adex_cond_multi: adaptive exponential integrate-and-fire neuron (AdEx; equations in
// neurons/adex.h) with four receptors whose conductances jump or rise, and decay, each with a
// reversal potential and time constants of its own (neurons/four_receptors.inc).
//   cm dv/dt = I_AdEx(v, w) - sum_k g_k (v - e_rev_k) + i_offset + i_injected
// Method: rk4, classical Runge-Kutta of order 4 for v and w, the conductances exact at the step's
// beginning, middle and end. Arrivals, then the test against v_spike, at the step's end.
// PyNN: PointNeuron of AdExp with CondExp, CondAlpha or CondBeta receptors. NEST:
// aeif_cond_alpha_multisynapse, aeif_cond_beta_multisynapse. Tested by
// tests/unit/neurons/test_multi.cpp.
#include "core/neuron_model.h"
#include "neurons/four_receptors.inc"

struct AdexCondMulti : AdexWith<FourConductances> {
  static constexpr const char* summary =
      "adaptive exponential integrate-and-fire (AdEx), four synaptic conductances";
  static constexpr const char* source = "Brette & Gerstner 2005; NEST aeif_cond_beta_multisynapse";
  static constexpr auto parameters = table();
  template <class V>
  struct State {
    V v, w;
    Each<V> g, x;
    V refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        {"w", "nA", "adaptation current"},
                                        {"g_1", "uS", "conductance of receptor 1"},
                                        {"g_2", "uS", "conductance of receptor 2"},
                                        {"g_3", "uS", "conductance of receptor 3"},
                                        {"g_4", "uS", "conductance of receptor 4"},
                                        {"x_1", "uS/ms", "rise of conductance 1"},
                                        {"x_2", "uS/ms", "rise of conductance 2"},
                                        {"x_3", "uS/ms", "rise of conductance 3"},
                                        {"x_4", "uS/ms", "rise of conductance 4"},
                                        field::refractory};
  template <class V>
  struct Derived : Membrane<V> {
    Propagator<V> middle;
    Step<V> step;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {membrane(p, dt), propagator(p, dt / 2), whole_step(p, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, {}, {}, 0}; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto& e_rev = c.step.e_rev;
    const auto begin = total(s.g, e_rev), middle = total(c.middle, s.g, s.x, e_rev),
               end = total(c.step.end, s.g, s.x, e_rev);
    move<V>(s, synapses(begin.g, begin.drive), synapses(middle.g, middle.drive),
            synapses(end.g, end.drive), in.current, c);
    settle(s.g, s.x, c.step, in);
    return spike<V>(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, adex_cond_multi, AdexCondMulti)
