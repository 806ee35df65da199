// if_curr_delta: leaky integrate-and-fire neuron whose potential jumps by the weight at a spike.
//   tau_m dv/dt = -(v - v_rest) + (tau_m/cm) (i_offset + i_injected);   v += w at a spike (not
//   while refractory) v >= v_thresh: spike, v = v_reset, held for tau_refrac
// Method: exact integration; clocked in NEST's order (iaf_psc_delta: dynamics, arrivals, threshold;
// arrivals in the refractory period are lost), event-driven with a firing at the arrival itself or,
// by constant current, at the exact crossing v_inf + (v - v_inf) exp(-t/tau_m) = v_thresh. Gerstner
// et al. 2014, eq. (1.5). PyNN: IF_curr_delta. Tested by tests/unit/neurons/test_lif_current.cpp
// and tests/unit/neurons/test_event_driven.cpp.
#include "core/neuron_model.h"

struct IfCurrDelta {
  static constexpr const char* summary =
      "leaky integrate-and-fire, delta synapses (jumps of the potential)";
  static constexpr const char* method = "exact integration";
  static constexpr const char* source =
      "Gerstner et al. 2014, eq. (1.5); NEST iaf_psc_delta; PyNN IF_curr_delta";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"v_rest", &Parameters::v_rest, "mV", Range::any, "resting potential"},
      {"cm", &Parameters::cm, "nF", Range::positive, "membrane capacity"},
      {"tau_m", &Parameters::tau_m, "ms", Range::positive, "membrane time constant"},
      {"tau_refrac", &Parameters::tau_refrac, "ms", Range::not_negative, "refractory period"},
      {"i_offset", &Parameters::i_offset, "nA", Range::any, "constant current"},
      {"v_reset", &Parameters::v_reset, "mV", Range::any, "potential after a spike"},
      {"v_thresh", &Parameters::v_thresh, "mV", Range::any, "threshold"}};
  template <class V>
  struct State {
    V v, refractory;
  };
  static constexpr FieldText state[] = {
      {"v", "mV", "membrane potential"},
      {"refractory", "steps or ms",
       "left in the refractory period: steps of dt when clocked, ms when event-driven"}};
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
  static const char* check(const Parameters& p) {
    return p.v_reset < p.v_thresh ? "" : "v_reset must be below v_thresh";
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto refractory = s.refractory > V(0.0);
    const V drive = fma(c.p_mc, c.i_offset + in.current, in.sum[0] + in.sum[1]);
    s.v = select(refractory, s.v, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    s.refractory = max(s.refractory - V(1.0), V(0.0));
    const auto fired = s.v >= c.v_thresh;
    s.v = select(fired, c.v_reset, s.v);
    s.refractory = select(fired, c.refractory_steps, s.refractory);
    return fired;
  }

  struct Event {
    struct Derived {
      double tau_m, resistance, v_rest, i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived derive(const Parameters& p) {
      return {p.tau_m, p.tau_m / p.cm, p.v_rest, p.i_offset, p.v_reset, p.v_thresh, p.tau_refrac};
    }
    static double v_infinity(const Derived& d, double current) {
      return d.v_rest + d.resistance * (d.i_offset + current);
    }
    static void decay(State<double>& s, const Derived& d, double current, double ms) {
      const double held = std::min(s.refractory, ms);
      s.refractory -= held;
      const double v_inf = v_infinity(d, current);
      s.v = std::fma(s.v - v_inf, math::exp(-(ms - held) / d.tau_m), v_inf);
    }
    static bool receive(State<double>& s, const Derived& d, std::span<const double> sums) {
      if (s.refractory > 0) return false;
      s.v += sums[0] + sums[1];
      return s.v >= d.v_thresh;
    }
    static void fire(State<double>& s, const Derived& d) {
      s.v = d.v_reset;
      s.refractory = d.tau_refrac;
    }
    static double next_spike(const State<double>& s, const Derived& d, double current) {
      if (s.v >= d.v_thresh) return s.refractory;
      const double v_inf = v_infinity(d, current);
      if (v_inf <= d.v_thresh) return std::numeric_limits<double>::infinity();
      return s.refractory + d.tau_m * math::log((v_inf - s.v) / (v_inf - d.v_thresh));
    }
    static double earliest_spike(const State<double>& s, const Derived& d, double current) {
      return next_spike(s, d, current);
    }
  };
};
RANVIER_REGISTER(NeuronModel, if_curr_delta, IfCurrDelta)
