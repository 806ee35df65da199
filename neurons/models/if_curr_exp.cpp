// if_curr_exp: leaky integrate-and-fire neuron, synaptic currents that jump at a spike and decay
// exponentially.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) + i_e + i_i + i_offset + i_injected
//   tau_syn_X di_X/dt = -i_X;   i_X += w at a spike
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (currents go on)
// Method: exact integration of the linear system over a step (Rotter & Diesmann 1999), in NEST's
// order of events (iaf_psc_exp): dynamics, then arrivals, then threshold; event-driven by the same
// closed forms over any time, with the crossing of neurons/lif_crossing.h. PyNN: IF_curr_exp.
// Tested by tests/unit/neurons/test_lif_current.cpp and tests/unit/neurons/test_event_driven.cpp.
#include "core/neuron_model.h"
#include "neurons/lif_crossing.h"

struct IfCurrExp {
  static constexpr const char* summary =
      "leaky integrate-and-fire, exponentially decaying synaptic currents";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source =
      "Rotter & Diesmann 1999; NEST iaf_psc_exp; PyNN IF_curr_exp";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 5, tau_syn_I = 5,
           i_offset = 0, v_reset = -65, v_thresh = -50;
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
      field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, i_e, i_i, refractory;
  };
  static constexpr FieldText state[] = {field::v, field::i_e, field::i_i, field::refractory_left};
  static constexpr Receptor receptors[] = {{"excitatory", "nA"}, {"inhibitory", "nA"}};
  static constexpr const char* alike_parameters[] = {"tau_syn_E", "tau_syn_I"};
  static constexpr std::size_t inert_when_alike[] = {2};
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
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V drive = fma(c.p_mc, c.i_offset + in.current, fma(c.p_me, s.i_e, c.p_mi * s.i_i));
    move_unless_refractory(s, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    s.i_e = fma(c.p_ee, s.i_e, in.sum[0]);
    s.i_i = fma(c.p_ii, s.i_i, in.sum[1]);
    return spike_at_threshold(s, c);
  }

  struct Event {
    struct Derived {
      exact::TwoCurrentMembrane membrane;
      double resistance, v_rest, i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived derive(const Parameters& p) {
      return {exact::two_current_membrane(p.tau_m, p.tau_syn_E, p.tau_syn_I, p.cm),
              p.tau_m / p.cm,
              p.v_rest,
              p.i_offset,
              p.v_reset,
              p.v_thresh,
              p.tau_refrac};
    }
    static double v_infinity(const Derived& d, double current) {
      return d.v_rest + d.resistance * (d.i_offset + current);
    }
    static void decay(State<double>& s, const Derived& d, double current, double ms) {
      const double held = std::min(s.refractory, ms);
      if (held > 0) {
        s.refractory -= held;
        s.i_e *= exact::decay(held, d.membrane.tau_e);
        s.i_i *= exact::decay(held, d.membrane.tau_i);
      }
      if (ms <= held) return;
      const double v_inf = v_infinity(d, current);
      const auto later = exact::moved(d.membrane, {s.v - v_inf, s.i_e, s.i_i}, ms - held);
      s = {v_inf + later.u, later.i_e, later.i_i, s.refractory};
    }
    /// A current that jumps does not move v at once, so an arrival never fires by itself.
    static bool receive(State<double>& s, const Derived&, std::span<const double> sums) {
      s.i_e += sums[0];
      s.i_i += sums[1];
      return false;
    }
    static void fire(State<double>& s, const Derived& d) {
      s.v = d.v_reset;
      s.refractory = d.tau_refrac;
    }
    static double next_spike(State<double> s, const Derived& d, double current) {
      const double held = s.refractory;
      decay(s, d, current, held);
      const double v_inf = v_infinity(d, current);
      return held +
             exact::first_crossing(d.membrane, {s.v - v_inf, s.i_e, s.i_i}, d.v_thresh - v_inf);
    }
    static double earliest_spike(State<double> s, const Derived& d, double current) {
      const double held = s.refractory;
      decay(s, d, current, held);
      const double v_inf = v_infinity(d, current);
      return held + exact::crossing_not_before(d.membrane, {s.v - v_inf, s.i_e, s.i_i},
                                               d.v_thresh - v_inf);
    }
  };
};
RANVIER_REGISTER(NeuronModel, if_curr_exp, IfCurrExp)
