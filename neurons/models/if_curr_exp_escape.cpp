// if_curr_exp_escape: if_curr_exp that fires at random, the likelier the closer v is to the
// threshold (escape noise).
//   cm dv/dt = -(cm/tau_m) (v - v_rest) + i_e + i_i + i_offset + i_injected
//   tau_syn_X di_X/dt = -i_X;   i_X += w at a spike
//   a step of dt fires with probability 1 - exp(-dt lambda),
//   lambda = lambda0 exp((v - v_thresh)/delta_v);
//   then v = v_reset, held for tau_refrac without firing
// Method: exact integration; dynamics, arrivals, then the draw with v at the step's end. The
// exponent is cut off at 80, where the probability is 1. Gerstner et al. 2014, chapter 9. Tested by
// tests/unit/neurons/test_lif_escape.cpp.
#include "core/neuron_model.h"

struct IfCurrExpEscape {
  static constexpr const char* summary =
      "leaky integrate-and-fire, exponential synaptic currents, escape noise";
  static constexpr Method methods[] = {{"exact", "exact integration; hazard held over a step"}};
  static constexpr const char* source =
      "Gerstner et al. 2014, chapter 9; subthreshold as NEST iaf_psc_exp";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 5, tau_syn_I = 5,
           i_offset = 0, v_reset = -65, v_thresh = -50, delta_v = 0.5, lambda0 = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,
      field::cm<Parameters>,
      field::tau_m<Parameters>,
      field::tau_refrac<Parameters>,
      field::tau_syn_E<Parameters>("decay of the excitatory current"),
      field::tau_syn_I<Parameters>("decay of the inhibitory current"),
      field::i_offset<Parameters>,
      field::v_reset<Parameters>,
      {"v_thresh", &Parameters::v_thresh, "mV", Range::any, "potential of intensity lambda0"},
      {"delta_v", &Parameters::delta_v, "mV", Range::positive, "sharpness of the threshold"},
      {"lambda0", &Parameters::lambda0, "1/s", Range::not_negative,
       "firing intensity at v_thresh"}};
  template <class V>
  struct State {
    V v, i_e, i_i, refractory;
  };
  static constexpr FieldText state[] = {field::v, field::i_e, field::i_i, field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "nA"}, {"inhibitory", "nA"}};
  template <class V>
  struct Derived {
    V p_mm, p_me, p_mi, p_mc, p_ee, p_ii, v_rest, i_offset, v_reset, v_thresh, per_delta_v,
        expected, refractory_steps;
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
            1 / p.delta_v,
            p.lambda0 * 1e-3 * dt,
            exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0}; }
  static const char* check(const Parameters&) { return ""; }
  static constexpr bool stochastic = true;

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto refractory = s.refractory > V(0.0);
    const V drive = fma(c.p_mc, c.i_offset + in.current, fma(c.p_me, s.i_e, c.p_mi * s.i_i));
    move_unless_refractory(s, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    s.i_e = fma(c.p_ee, s.i_e, in.sum[0]);
    s.i_i = fma(c.p_ii, s.i_i, in.sum[1]);
    const V intensity = c.expected * exp(min(c.per_delta_v * (s.v - c.v_thresh), V(80.0)));
    const auto fired = (in.uniform < -expm1(-intensity)) & !refractory;
    reset_where(fired, s, c);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, if_curr_exp_escape, IfCurrExpEscape)
