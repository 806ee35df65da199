// if_curr_exp: leaky integrate-and-fire neuron, synaptic currents that jump at a spike and decay exponentially.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) + i_e + i_i + i_offset + i_injected;   tau_syn_X di_X/dt = -i_X;   i_X += w at a spike
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (currents go on)
// Method: exact integration of the linear system over a step (Rotter & Diesmann 1999), in NEST's order of events
// (iaf_psc_exp): dynamics, then arrivals, then threshold. PyNN: IF_curr_exp. Tested by tests/unit/neurons/test_lif_current.cpp.
#include "core/neuron_model.h"

struct IfCurrExp {
  static constexpr const char* summary = "leaky integrate-and-fire, exponentially decaying synaptic currents";
  static constexpr const char* method = "exact integration";
  static constexpr const char* source = "Rotter & Diesmann 1999; NEST iaf_psc_exp; PyNN IF_curr_exp";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 5, tau_syn_I = 5, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"v_rest", &Parameters::v_rest, "mV", Range::any, "resting potential"},
      {"cm", &Parameters::cm, "nF", Range::positive, "membrane capacity"},
      {"tau_m", &Parameters::tau_m, "ms", Range::positive, "membrane time constant"},
      {"tau_refrac", &Parameters::tau_refrac, "ms", Range::not_negative, "refractory period"},
      {"tau_syn_E", &Parameters::tau_syn_E, "ms", Range::positive, "decay of the excitatory current"},
      {"tau_syn_I", &Parameters::tau_syn_I, "ms", Range::positive, "decay of the inhibitory current"},
      {"i_offset", &Parameters::i_offset, "nA", Range::any, "constant current"},
      {"v_reset", &Parameters::v_reset, "mV", Range::any, "potential after a spike"},
      {"v_thresh", &Parameters::v_thresh, "mV", Range::any, "threshold"}};
  template <class V>
  struct State {
    V v, i_e, i_i, refractory;
  };
  static constexpr FieldText state[] = {{"v", "mV", "membrane potential"},
                                        {"i_e", "nA", "excitatory synaptic current"},
                                        {"i_i", "nA", "inhibitory synaptic current"},
                                        {"refractory", "steps", "steps of dt left in the refractory period"}};
  static constexpr Receptor receptors[] = {{"excitatory", "nA"}, {"inhibitory", "nA"}};
  template <class V>
  struct Derived {
    V p_mm, p_me, p_mi, p_mc, p_ee, p_ii, v_rest, i_offset, v_reset, v_thresh, refractory_steps;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {exact::decay(dt, p.tau_m),
            exact::current_to_v(dt, p.tau_m, p.tau_syn_E, p.cm),
            exact::current_to_v(dt, p.tau_m, p.tau_syn_I, p.cm),
            exact::constant_to_v(dt, p.tau_m, p.cm),
            exact::decay(dt, p.tau_syn_E),
            exact::decay(dt, p.tau_syn_I),
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_thresh,
            exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0}; }
  static const char* check(const Parameters& p) { return p.v_reset < p.v_thresh ? "" : "v_reset must be below v_thresh"; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto refractory = s.refractory > V(0.0);
    const V drive = fma(c.p_mc, c.i_offset + in.current, fma(c.p_me, s.i_e, c.p_mi * s.i_i));
    s.v = select(refractory, s.v, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    s.refractory = max(s.refractory - V(1.0), V(0.0));
    s.i_e = fma(c.p_ee, s.i_e, in.sum[0]);
    s.i_i = fma(c.p_ii, s.i_i, in.sum[1]);
    const auto fired = s.v >= c.v_thresh;
    s.v = select(fired, c.v_reset, s.v);
    s.refractory = select(fired, c.refractory_steps, s.refractory);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, if_curr_exp, IfCurrExp)
