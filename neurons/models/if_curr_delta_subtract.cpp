// if_curr_delta_subtract: if_curr_delta whose spike takes v_thresh - v_reset off the potential
// instead of setting it, so that what was above the threshold is kept (rates then follow the input
// without a bias; Rueckauer et al. 2017).
//   tau_m dv/dt = -(v - v_rest) + (tau_m/cm) (i_offset + i_injected)
//   v += w at a spike (not while refractory)
//   v >= v_thresh: spike, v -= v_thresh - v_reset, held for tau_refrac
// Method: exact integration; dynamics, arrivals, threshold. At most one spike a step: a larger
// excess fires in the next ones. Tested by tests/unit/neurons/test_lif_current.cpp.
#include "core/neuron_model.h"

struct IfCurrDeltaSubtract {
  static constexpr const char* summary =
      "leaky integrate-and-fire, delta synapses, reset by subtraction";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source = "Rueckauer et al. 2017; subthreshold as NEST iaf_psc_delta";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,
      field::cm<Parameters>,
      field::tau_m<Parameters>,
      field::tau_refrac<Parameters>,
      field::i_offset<Parameters>,
      {"v_reset", &Parameters::v_reset, "mV", Range::any,
       "v_thresh - v_reset is taken off at a spike"},
      field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, refractory;
  };
  static constexpr FieldText state[] = {field::v, field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V p_mm, p_mc, v_rest, i_offset, v_reset, v_thresh, refractory_steps;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {exact::decay(dt, p.tau_m),
            exact::constant_to_v(dt, p.tau_m, p.cm),
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_thresh,
            exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V drive = fma(c.p_mc, c.i_offset + in.current, in.sum[0] + in.sum[1]);
    move_unless_refractory(s, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    const auto fired = s.v >= c.v_thresh;
    s.v = select(fired, s.v - (c.v_thresh - c.v_reset), s.v);
    s.refractory = select(fired, c.refractory_steps, s.refractory);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, if_curr_delta_subtract, IfCurrDeltaSubtract)
