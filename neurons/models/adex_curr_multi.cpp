// adex_curr_multi: adaptive exponential integrate-and-fire neuron (AdEx; equations in
// neurons/adex.h) with four receptors whose currents jump at a spike and decay exponentially, each
// with a time constant of its own (neurons/four_receptors.inc).
//   cm dv/dt = I_AdEx(v, w) + sum_k i_k + i_offset + i_injected
// Method: rk4, classical Runge-Kutta of order 4 for v and w, the currents exact at the step's
// beginning, middle and end. Arrivals, then the test against v_spike, at the step's end.
// PyNN: PointNeuron of AdExp with CurrExp receptors. Tested by tests/unit/neurons/test_multi.cpp.
#include "core/neuron_model.h"
#include "neurons/four_receptors.inc"

struct AdexCurrMulti : AdexWith<FourCurrents> {
  static constexpr const char* summary =
      "adaptive exponential integrate-and-fire (AdEx), four synaptic currents";
  static constexpr const char* source = "Brette & Gerstner 2005; PyNN PointNeuron";
  static constexpr auto parameters = table();
  template <class V>
  struct State {
    V v, w;
    Each<V> i;
    V refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        {"w", "nA", "adaptation current"},
                                        {"i_1", "nA", "current of receptor 1"},
                                        {"i_2", "nA", "current of receptor 2"},
                                        {"i_3", "nA", "current of receptor 3"},
                                        {"i_4", "nA", "current of receptor 4"},
                                        field::refractory};
  template <class V>
  struct Derived : Membrane<V> {
    Each<V> middle, end;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {membrane(p, dt), decays(p, dt / 2), decays(p, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, {}, 0}; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V none(0.0), begin = (s.i[0] + s.i[1]) + (s.i[2] + s.i[3]);
    move<V>(s, synapses(none, begin), synapses(none, sum(c.middle, s.i)),
            synapses(none, sum(c.end, s.i)), in.current, c);
    unrolled<n>([&](auto k) { s.i[k] = fma(c.end[k], s.i[k], in.sum[k]); });
    return spike<V>(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, adex_curr_multi, AdexCurrMulti)
