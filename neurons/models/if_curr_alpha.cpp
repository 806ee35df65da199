// if_curr_alpha: leaky integrate-and-fire neuron, synaptic currents of alpha shape; a spike of
// weight w makes a current w (t/tau) exp(1 - t/tau), whose peak w comes after tau.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) + i_e + i_i + i_offset + i_injected
//   di_X/dt = y_X - i_X/tau_syn_X,  dy_X/dt = -y_X/tau_syn_X;   y_X += w e/tau_syn_X at a spike
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (currents go on)
// Method: exact integration (Rotter & Diesmann 1999), in NEST's order of events (iaf_psc_alpha):
// dynamics, arrivals, threshold; event-driven by the same closed forms over any time, with the
// crossing of neurons/alpha_crossing.h: it can predict, but not bound, its next firing, and so
// enters the firing queue. PyNN: IF_curr_alpha. Tested by tests/unit/neurons/test_lif_current.cpp
// and tests/unit/neurons/test_event_driven.cpp.
#include "core/neuron_model.h"
#include "neurons/alpha_crossing.h"

struct IfCurrAlpha {
  static constexpr const char* summary = "leaky integrate-and-fire, alpha-shaped synaptic currents";
  static constexpr Method methods[] = {method::exact};
  static constexpr const char* source =
      "Rotter & Diesmann 1999; NEST iaf_psc_alpha; PyNN IF_curr_alpha";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 0.5, tau_syn_I = 0.5,
           i_offset = 0, v_reset = -65, v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,
      field::cm<Parameters>,
      field::tau_m<Parameters>,
      field::tau_refrac<Parameters>,
      field::tau_syn_E<Parameters>("time to peak of the excitatory current"),
      field::tau_syn_I<Parameters>("time to peak of the inhibitory current"),
      field::i_offset<Parameters>,
      field::v_reset<Parameters>,
      field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, i_e, y_e, i_i, y_i, refractory;
  };
  static constexpr FieldText state[] = {field::v,   field::i_e, field::y_e,
                                        field::i_i, field::y_i, field::refractory_left};
  static constexpr Receptor receptors[] = {{"excitatory", "nA"}, {"inhibitory", "nA"}};
  static constexpr const char* alike_parameters[] = {"tau_syn_E", "tau_syn_I"};
  static constexpr std::size_t inert_when_alike[] = {3, 4};
  template <class V>
  struct Derived {
    V dt, p_mm, p_mc, p_me, p_mye, p_ee, jump_e, p_mi, p_myi, p_ii, jump_i, v_rest, i_offset,
        v_reset, v_thresh, refractory_steps;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    constexpr double e = 2.718281828459045;
    return {dt,
            exact::decay(dt, p.tau_m),
            exact::constant_to_v(dt, p.tau_m, p.cm),
            exact::current_to_v(dt, p.tau_m, p.tau_syn_E, p.cm),
            exact::alpha_to_v(dt, p.tau_m, p.tau_syn_E, p.cm),
            exact::decay(dt, p.tau_syn_E),
            e / p.tau_syn_E,
            exact::current_to_v(dt, p.tau_m, p.tau_syn_I, p.cm),
            exact::alpha_to_v(dt, p.tau_m, p.tau_syn_I, p.cm),
            exact::decay(dt, p.tau_syn_I),
            e / p.tau_syn_I,
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_thresh,
            exact::steps(p.tau_refrac, dt)};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V excitation = fma(c.p_me, s.i_e, c.p_mye * s.y_e);
    const V inhibition = fma(c.p_mi, s.i_i, c.p_myi * s.y_i);
    const V drive = fma(c.p_mc, c.i_offset + in.current, excitation + inhibition);
    move_unless_refractory(s, c.v_rest + fma(c.p_mm, s.v - c.v_rest, drive));
    s.i_e = c.p_ee * fma(c.dt, s.y_e, s.i_e);
    s.y_e = fma(c.p_ee, s.y_e, c.jump_e * in.sum[0]);
    s.i_i = c.p_ii * fma(c.dt, s.y_i, s.i_i);
    s.y_i = fma(c.p_ii, s.y_i, c.jump_i * in.sum[1]);
    return spike_at_threshold(s, c);
  }

  struct Event {
    struct Derived {
      exact::AlphaMembrane membrane;
      double jump_e, jump_i, resistance, v_rest, i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived derive(const Parameters& p) {
      constexpr double e = 2.718281828459045;
      return {{p.tau_m, p.tau_syn_E, p.tau_syn_I, p.cm},
              e / p.tau_syn_E,
              e / p.tau_syn_I,
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
        const auto later = exact::moved(d.membrane, {0, s.i_e, s.y_e, s.i_i, s.y_i}, held);
        s = {s.v, later.i_e, later.y_e, later.i_i, later.y_i, s.refractory - held};
      }
      if (ms <= held) return;
      const double v_inf = v_infinity(d, current);
      const auto later =
          exact::moved(d.membrane, {s.v - v_inf, s.i_e, s.y_e, s.i_i, s.y_i}, ms - held);
      s = {v_inf + later.u, later.i_e, later.y_e, later.i_i, later.y_i, s.refractory};
    }
    /// A current that begins to rise does not move v at once, so an arrival never fires by itself.
    static bool receive(State<double>& s, const Derived& d, std::span<const double> sums) {
      s.y_e += d.jump_e * sums[0];
      s.y_i += d.jump_i * sums[1];
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
      return held + exact::first_crossing(d.membrane, {s.v - v_inf, s.i_e, s.y_e, s.i_i, s.y_i},
                                          d.v_thresh - v_inf);
    }
  };
};
RANVIER_REGISTER(NeuronModel, if_curr_alpha, IfCurrAlpha)
