// pif_curr_delta: perfect (non-leaky) integrate-and-fire neuron whose potential jumps by the weight
// at a spike.
//   cm dv/dt = i_offset + i_injected;   v += w at a spike (not while refractory)
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac
// Method: exact; clocked in the order dynamics, arrivals, threshold; event-driven with a firing at
// the arrival itself or, by constant current, at the exact crossing. Lapicque 1907 without leak;
// Burkitt 2006. Tested by tests/unit/neurons/test_lif_current.cpp and
// tests/unit/neurons/test_event_driven.cpp.
#include "core/neuron_model.h"

struct PifCurrDelta {
  static constexpr const char* summary =
      "perfect integrate-and-fire, delta synapses (jumps of the potential)";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source = "Burkitt 2006";
  struct Parameters {
    double cm = 1, tau_refrac = 0.1, i_offset = 0, v_reset = -65, v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::cm<Parameters>, field::tau_refrac<Parameters>, field::i_offset<Parameters>,
      field::v_reset<Parameters>, field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, refractory;
  };
  static constexpr FieldText state[] = {field::v, field::refractory_left};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V p_mc, i_offset, v_reset, v_thresh, refractory_steps;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {dt / p.cm, p.i_offset, p.v_reset, p.v_thresh, exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_reset, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    move_unless_refractory(s, fma(c.p_mc, c.i_offset + in.current, s.v + (in.sum[0] + in.sum[1])));
    return spike_at_threshold(s, c);
  }

  struct Event {
    template <class V>
    struct Derived {
      V cm, i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived<double> derive(const Parameters& p) {
      return {p.cm, p.i_offset, p.v_reset, p.v_thresh, p.tau_refrac};
    }
    template <class V>
    static void decay(State<V>& s, const Derived<V>& d, V current, V ms) {
      const V moving = pass_refractory(s.refractory, ms);
      s.v += (d.i_offset + current) / d.cm * moving;
    }
    template <class V>
    static typename V::Mask receive(State<V>& s, const Derived<V>& d,
                                    const std::array<V, 2>& sums) {
      return jump_unless_refractory(s, d, sums[0] + sums[1]);
    }
    template <class V>
    static V earliest(const State<V>& s, const Derived<V>& d, V current) {
      const V nA = d.i_offset + current;
      return s.refractory + not_before((s.v < d.v_thresh) & (nA <= V(0.0)), s.v >= d.v_thresh,
                                       (d.v_thresh - s.v) * d.cm / nA);
    }
    static void fire(State<double>& s, const Derived<double>& d) {
      s.v = d.v_reset;
      s.refractory = d.tau_refrac;
    }
    static double next_spike(const State<double>& s, const Derived<double>& d, double current) {
      if (s.v >= d.v_thresh) return s.refractory;
      const double slope = (d.i_offset + current) / d.cm;
      return slope > 0 ? s.refractory + (d.v_thresh - s.v) / slope
                       : std::numeric_limits<double>::infinity();
    }
    static double earliest_spike(const State<double>& s, const Derived<double>& d, double current,
                                 double) {
      return next_spike(s, d, current);
    }
  };
};
RANVIER_REGISTER(NeuronModel, pif_curr_delta, PifCurrDelta)
