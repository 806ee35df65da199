// izhikevich: Izhikevich's simple model in PyNN's form (Izhikevich), synapses that make v jump.
//   v' = 0.04 v^2 + 5 v + 140 - u + I;   u' = a (b v - u);   v += w at a spike
//   v >= 30 mV: spike, v = c, u = u + d
// Method: forward Euler of both variables from the step's beginning (order 1), then arrivals, then
// the threshold: that of NEST's izhikevich with consistent_integration = true, on which PyNN
// stands. Current: 1 pA = 1 mV/ms (PyNN's rule). Source: Izhikevich, IEEE Trans. Neural Networks
// 14:1569 (2003). Tested by tests/unit/neurons/test_izhikevich.cpp.
#include "core/neuron_model.h"
#include "neurons/presets.h"

struct Izhikevich {
  static constexpr const char* summary =
      "Izhikevich's simple model in PyNN's form, synapses as jumps of the potential";
  static constexpr Method methods[] = {{"euler", "forward Euler (order 1)"}};
  static constexpr const char* source =
      "Izhikevich 2003; PyNN Izhikevich; NEST izhikevich, consistent_integration = true";
  struct Parameters {
    double a = 0.02, b = 0.2, c = -65, d = 2, i_offset = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"a", &Parameters::a, "1/ms", Range::any, "rate of recovery"},
      {"b", &Parameters::b, "1/ms", Range::any, "sensitivity of the recovery to v"},
      {"c", &Parameters::c, "mV", Range::any, "potential after a spike"},
      {"d", &Parameters::d, "mV/ms", Range::any, "jump of the recovery at a spike"},
      field::i_offset<Parameters>};
  static Presets presets() { return izhikevich_presets(); }
  template <class V>
  struct State {
    V v, u;
  };
  static constexpr FieldText state[] = {field::v, {"u", "mV/ms", "membrane recovery"}};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V a, b, c, d, i_offset, dt;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {p.a, p.b, p.c, p.d, p.i_offset, dt};
  }
  static State<double> initial(const Parameters&) { return {-70, -14}; }
  static const char* check(const Parameters& p) { return p.c < 30 ? "" : "c must be below 30 mV"; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V input = 1000.0 * (c.i_offset + in.current);
    const V v_slope = 0.04 * (s.v * s.v) + 5.0 * s.v + 140.0 - s.u + input;
    const V u_slope = c.a * (c.b * s.v - s.u);
    s.v += c.dt * v_slope + (in.sum[0] + in.sum[1]);
    s.u += c.dt * u_slope;
    const auto fired = s.v >= V(30.0);
    s.v = select(fired, c.c, s.v);
    s.u = select(fired, s.u + c.d, s.u);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, izhikevich, Izhikevich)
