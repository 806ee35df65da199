// izhikevich_2003: the simple model of Izhikevich (2003), integrated as in the script that the
// paper prints.
//   v' = 0.04 v^2 + 5 v + 140 - u + I;   u' = a (b v - u)   (mV, ms)
//   v >= 30 mV: spike, v = c, u = u + d
// Method: the script's own: two half steps of v (forward Euler) under the old u, then a whole step
// of u under the new v, in the script's order of operations. dt is meant to be 1 ms, for which the
// parameters were fitted; other steps are taken in the same way. One turn of the script is: test v
// >= 30 and reset, take the input of this turn, move. Here a step takes its arrivals, moves, tests
// and resets; so the spikes that the script finds in turn t + 1 are stamped t ms, a synapse with a
// delay of one step acts as the script's matrix S does, and v is recorded after the reset. A weight
// w adds I = w / dt for one step: a jump of w mV. The paper's I has no unit; it is taken as mV/ms,
// and injected current by PyNN's rule (1 pA = 1 mV/ms). Same as NEST's izhikevich with
// consistent_integration = false. Source: Izhikevich, IEEE Trans. Neural Networks 14:1569 (2003).
// Tested by tests/unit/neurons/test_izhikevich.cpp.
#include "core/neuron_model.h"
#include "neurons/presets.h"

struct Izhikevich2003 {
  static constexpr const char* summary =
      "Izhikevich's simple model, integrated as in the published script (dt 1 ms)";
  static constexpr Method methods[] = {
      {"published", "two half steps of v, then one step of u (forward Euler)"}};
  static constexpr const char* source =
      "Izhikevich 2003; NEST izhikevich, consistent_integration = false";
  struct Parameters {
    double a = 0.02, b = 0.2, c = -65, d = 8, i_offset = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"a", &Parameters::a, "1/ms", Range::any, "rate of recovery"},
      {"b", &Parameters::b, "1/ms", Range::any, "sensitivity of the recovery to v"},
      {"c", &Parameters::c, "mV", Range::any, "potential after a spike"},
      {"d", &Parameters::d, "mV/ms", Range::any, "jump of the recovery at a spike"},
      {"i_offset", &Parameters::i_offset, "mV/ms", Range::any, "constant input"}};
  static Presets presets() { return izhikevich_presets(); }
  template <class V>
  struct State {
    V v, u;
  };
  static constexpr FieldText state[] = {field::v, {"u", "mV/ms", "membrane recovery"}};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V a, b, c, d, i_offset, dt, inverse_dt;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {p.a, p.b, p.c, p.d, p.i_offset, dt, 1 / dt};
  }
  static State<double> initial(const Parameters& p) { return {-65, p.b * -65}; }
  static const char* check(const Parameters& p) { return p.c < 30 ? "" : "c must be below 30 mV"; }

  template <class V>
  static V slope(V v, V u, V input) {
    return 0.04 * (v * v) + 5.0 * v + 140.0 - u + input;
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V input = c.i_offset + 1000.0 * in.current + (in.sum[0] + in.sum[1]) * c.inverse_dt;
    const V half = 0.5 * c.dt;
    s.v += half * slope(s.v, s.u, input);
    s.v += half * slope(s.v, s.u, input);
    s.u += c.dt * (c.a * (c.b * s.v - s.u));
    const auto fired = s.v >= V(30.0);
    s.v = select(fired, c.c, s.v);
    s.u = select(fired, s.u + c.d, s.u);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, izhikevich_2003, Izhikevich2003)
