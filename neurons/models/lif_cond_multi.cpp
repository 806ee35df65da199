// lif_cond_multi: leaky integrate-and-fire neuron with four receptors whose conductances jump or
// rise, and decay, each with a reversal potential and time constants of its own
// (neurons/four_receptors.inc).
//   cm dv/dt = -(cm/tau_m) (v - v_rest) - sum_k g_k (v - e_rev_k) + i_offset + i_injected
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (conductances go on)
// Method: magnus, conductances exactly, the membrane by a Magnus step of order 4
// (neurons/membrane.h). Dynamics, arrivals, threshold.
// PyNN: PointNeuron of LIF with CondExp, CondAlpha or CondBeta receptors. Tested by
// tests/unit/neurons/test_multi.cpp.
#include "core/neuron_model.h"
#include "neurons/four_receptors.inc"

struct LifCondMulti : FourConductances {
  static constexpr const char* summary = "leaky integrate-and-fire, four synaptic conductances";
  static constexpr Method methods[] = {{"magnus", "Magnus expansion (order 4)"}};
  static constexpr const char* source =
      "Gerstner et al. 2014, section 1.3; Roth & van Rossum 2009; PyNN PointNeuron";
  struct Parameters : Constants {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr auto parameters = LifTable<Parameters>::with(rows<Parameters>());
  template <class V>
  struct State {
    V v;
    Each<V> g, x;
    V refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        {"g_1", "uS", "conductance of receptor 1"},
                                        {"g_2", "uS", "conductance of receptor 2"},
                                        {"g_3", "uS", "conductance of receptor 3"},
                                        {"g_4", "uS", "conductance of receptor 4"},
                                        {"x_1", "uS/ms", "rise of conductance 1"},
                                        {"x_2", "uS/ms", "rise of conductance 2"},
                                        {"x_3", "uS/ms", "rise of conductance 3"},
                                        {"x_4", "uS/ms", "rise of conductance 4"},
                                        field::refractory};
  /// first, second: at the two points of Gauss's rule.
  template <class V>
  struct Derived {
    V dt, leak, per_cm, v_rest, i_offset, v_reset, v_thresh, refractory_steps;
    Propagator<V> first, second;
    Step<V> step;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {dt,
            1 / p.tau_m,
            1 / p.cm,
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_thresh,
            exact::steps(p.tau_refrac, dt),
            propagator(p, exact::first_point(dt)),
            propagator(p, exact::second_point(dt)),
            whole_step(p, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, {}, {}, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V current = c.i_offset + in.current;
    const auto one = total(c.first, s.g, s.x, c.step.e_rev),
               two = total(c.second, s.g, s.x, c.step.e_rev);
    // Potentials from v_rest on: the drive of a receptor is g (e_rev - v_rest).
    const V moved = membrane_step(s.v - c.v_rest, c.dt, fma(c.per_cm, one.g, c.leak),
                                  c.per_cm * (fma(-one.g, c.v_rest, one.drive) + current),
                                  fma(c.per_cm, two.g, c.leak),
                                  c.per_cm * (fma(-two.g, c.v_rest, two.drive) + current));
    move_unless_refractory(s, c.v_rest + moved);
    settle(s.g, s.x, c.step, in);
    return spike_at_threshold(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, lif_cond_multi, LifCondMulti)
