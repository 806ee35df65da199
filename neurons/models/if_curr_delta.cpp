// if_curr_delta: leaky integrate-and-fire neuron whose potential jumps by the weight at a spike.
//   tau_m dv/dt = -(v - v_rest) + (tau_m/cm) (i_offset + i_injected)
//   v += w at a spike (not while refractory)
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac
// Method: exact integration; clocked in NEST's order (iaf_psc_delta: dynamics, arrivals, threshold;
// arrivals in the refractory period are lost), event-driven with a firing at the arrival itself or,
// by constant current, at the exact crossing v_inf + (v - v_inf) exp(-t/tau_m) = v_thresh. Gerstner
// et al. 2014, eq. (1.5). PyNN: IF_curr_delta. Tested by tests/unit/neurons/test_lif_current.cpp
// and tests/unit/neurons/test_event_driven.cpp.
#include "core/neuron_model.h"

struct IfCurrDelta {
  static constexpr const char* summary =
      "leaky integrate-and-fire, delta synapses (jumps of the potential)";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source =
      "Gerstner et al. 2014, eq. (1.5); NEST iaf_psc_delta; PyNN IF_curr_delta";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, i_offset = 0, v_reset = -65,
           v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,     field::cm<Parameters>,       field::tau_m<Parameters>,
      field::tau_refrac<Parameters>, field::i_offset<Parameters>, field::v_reset<Parameters>,
      field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, refractory;
  };
  static constexpr FieldText state[] = {field::v, field::refractory_left};
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
    return spike_at_threshold(s, c);
  }

  struct Event {
    template <class V>
    struct Derived {
      V rate_m, resistance, v_rest, i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived<double> derive(const Parameters& p) {
      return {1 / p.tau_m, p.tau_m / p.cm, p.v_rest,    p.i_offset,
              p.v_reset,   p.v_thresh,     p.tau_refrac};
    }
    template <class V>
    static V v_infinity(const Derived<V>& d, V current) {
      return d.v_rest + d.resistance * (d.i_offset + current);
    }
    template <class V>
    static void decay(State<V>& s, const Derived<V>& d, V current, V ms) {
      const V moving = pass_refractory(s.refractory, ms);
      const V v_inf = v_infinity(d, current);
      s.v = select(moving > V(0.0), fma(s.v - v_inf, exp(-moving * d.rate_m), v_inf), s.v);
    }
    template <class V>
    static typename V::Mask receive(State<V>& s, const Derived<V>& d,
                                    const std::array<V, 2>& sums) {
      return jump_unless_refractory(s, d, sums[0] + sums[1]);
    }
    template <class V>
    static V earliest(const State<V>& s, const Derived<V>& d, V current) {
      const V v_inf = v_infinity(d, current);
      const V decays = (v_inf - s.v) / (v_inf - d.v_thresh);
      return s.refractory + not_before((s.v < d.v_thresh) & (v_inf <= d.v_thresh),
                                       s.v >= d.v_thresh,
                                       log2_below(decays) / (d.rate_m * V(log2_e)));
    }
    static void fire(State<double>& s, const Derived<double>& d) {
      s.v = d.v_reset;
      s.refractory = d.tau_refrac;
    }
    static double next_spike(const State<double>& s, const Derived<double>& d, double current) {
      if (s.v >= d.v_thresh) return s.refractory;
      const double v_inf = v_infinity(d, current);
      if (v_inf <= d.v_thresh) return std::numeric_limits<double>::infinity();
      return s.refractory + math::log((v_inf - s.v) / (v_inf - d.v_thresh)) / d.rate_m;
    }
    static double earliest_spike(const State<double>& s, const Derived<double>& d, double current,
                                 double) {
      return next_spike(s, d, current);
    }
  };
};
RANVIER_REGISTER(NeuronModel, if_curr_delta, IfCurrDelta)
