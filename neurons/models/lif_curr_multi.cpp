// lif_curr_multi: leaky integrate-and-fire neuron with four receptors whose currents jump at a
// spike and decay exponentially, each with a time constant of its own (neurons/four_receptors.inc).
//   cm dv/dt = -(cm/tau_m) (v - v_rest) + sum_k i_k + i_offset + i_injected
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (currents go on)
// Method: exact integration of the linear system over a step (Rotter & Diesmann 1999); dynamics,
// arrivals, threshold. PyNN: PointNeuron of LIF with CurrExp receptors. NEST:
// iaf_psc_exp_multisynapse. Tested by tests/unit/neurons/test_multi.cpp.
#include "core/neuron_model.h"
#include "neurons/four_receptors.inc"

struct LifCurrMulti : FourCurrents {
  static constexpr const char* summary = "leaky integrate-and-fire, four synaptic currents";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source = "Rotter & Diesmann 1999; NEST iaf_psc_exp_multisynapse";
  struct Parameters : Constants {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr auto parameters = LifTable<Parameters>::with(rows<Parameters>());
  template <class V>
  struct State {
    V v;
    Each<V> i;
    V refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        {"i_1", "nA", "current of receptor 1"},
                                        {"i_2", "nA", "current of receptor 2"},
                                        {"i_3", "nA", "current of receptor 3"},
                                        {"i_4", "nA", "current of receptor 4"},
                                        field::refractory};
  template <class V>
  struct Derived {
    V p_mm, p_mc, v_rest, i_offset, v_reset, v_thresh, refractory_steps;
    Each<V> to_v, decay;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {
        exact::decay(dt, p.tau_m),
        exact::constant_to_v(dt, p.tau_m, p.cm),
        p.v_rest,
        p.i_offset,
        p.v_reset,
        p.v_thresh,
        exact::steps(p.tau_refrac, dt),
        each([&](std::size_t k) { return exact::current_to_v(dt, p.tau_m, p.tau_syn()[k], p.cm); }),
        decays(p, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, {}, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V drive = fma(c.p_mc, c.i_offset + in.current, sum(c.to_v, s.i));
    move_unless_refractory(s, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    unrolled<n>([&](auto k) { s.i[k] = fma(c.decay[k], s.i[k], in.sum[k]); });
    return spike_at_threshold(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, lif_curr_multi, LifCurrMulti)
