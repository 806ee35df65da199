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
#include "neurons/amplitude_slice.h"
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
    /// The first eight as in exact::TwoCurrentMembrane.
    template <class V>
    struct Derived {
      V rate_m, rate_e, rate_i, per_cm, jump_e, jump_i, peak_e, peak_i, resistance, v_rest,
          i_offset, v_reset, v_thresh, tau_refrac;
    };
    static Derived<double> derive(const Parameters& p) {
      const auto m = exact::two_current_membrane(p.tau_m, p.tau_syn_E, p.tau_syn_I, p.cm);
      return {m.rate_m, m.rate_e,       m.rate_i, m.per_cm,   m.jump_e,  m.jump_i,   m.peak_e,
              m.peak_i, p.tau_m / p.cm, p.v_rest, p.i_offset, p.v_reset, p.v_thresh, p.tau_refrac};
    }
    template <class V>
    static V v_infinity(const Derived<V>& d, V current) {
      return d.v_rest + d.resistance * (d.i_offset + current);
    }
    /// mV after `ms` for 1 nA of a current that decays at `rate`; `e_m`, `e`: the two decays.
    template <class V>
    static V response(const Derived<V>& d, V rate, V jump, V e_m, V e, V ms) {
      const V apart = jump * (e_m - e);
      const auto close = (jump <= V(0.0)) & (jump >= V(0.0));
      if (!any(close)) return apart;
      const V x = abs(ms * (rate - d.rate_m));
      const V shape = select(x < V(1e-9), V(1.0) - x * V(0.5), -expm1(-x) / max(x, V(1e-300)));
      return select(close, ms * d.per_cm * max(e_m, e) * shape, apart);
    }
    template <class V>
    static void decay(State<V>& s, const Derived<V>& d, V current, V ms) {
      const V held = min(s.refractory, ms), moving = ms - held;
      const auto is_held = held > V(0.0);
      if (any(is_held)) {
        s.i_e = select(is_held, s.i_e * exp(-held * d.rate_e), s.i_e);
        s.i_i = select(is_held, s.i_i * exp(-held * d.rate_i), s.i_i);
        s.refractory = s.refractory - held;
      }
      const V e_m = exp(-moving * d.rate_m), e_e = exp(-moving * d.rate_e);
      const auto alike = (d.rate_i <= d.rate_e) & (d.rate_i >= d.rate_e);
      const V e_i = any(!alike) ? exp(-moving * d.rate_i) : e_e;
      const V v_inf = v_infinity(d, current);
      const V driven = fma(s.i_e, response(d, d.rate_e, d.jump_e, e_m, e_e, moving),
                           s.i_i * response(d, d.rate_i, d.jump_i, e_m, e_i, moving));
      s.v = select(moving > V(0.0), v_inf + fma(s.v - v_inf, e_m, driven), s.v);
      s.i_e = s.i_e * e_e;
      s.i_i = s.i_i * e_i;
    }
    /// A current that jumps does not move v at once, so an arrival never fires by itself.
    template <class V>
    static typename V::Mask receive(State<V>& s, const Derived<V>&, const std::array<V, 2>& sums) {
      s.i_e += sums[0];
      s.i_i += sums[1];
      return s.v < s.v;
    }
    /// One look of exact::crossing_not_before, with a logarithm that lies below.
    template <class V>
    static V earliest(const State<V>& s, const Derived<V>& d, V current) {
      const V v_inf = v_infinity(d, current), threshold = d.v_thresh - v_inf, u = s.v - v_inf;
      const V surely = threshold - V(1e-9) * (V(1.0) + abs(threshold));
      const V i_e = max(V(0.0), s.i_e), i_i = max(V(0.0), s.i_i);
      const V most = fma(i_e, d.peak_e, fma(i_i, d.peak_i, max(V(0.0), u)));
      const V held_at = d.resistance * (i_e + i_i);
      const V charge = fma(i_e, d.jump_e, i_i * d.jump_i);
      const V all_at_once = u + charge + V(1e-12) * (abs(u) + abs(charge));
      const auto outlasts = (d.jump_e > V(0.0)) & (d.jump_i > V(0.0));
      const auto falls = (most < surely) | (held_at < surely) |
                         (outlasts & (surely > V(0.0)) & (all_at_once < surely));
      const auto never = (u < surely) & falls;
      if (!any(!never)) return V(std::numeric_limits<double>::infinity());
      const auto rises = outlasts & (threshold < V(0.0)) & (all_at_once < threshold);
      const V decays = max((held_at - u) / (held_at - threshold),
                           select(rises, all_at_once / threshold, V(1.0)));
      return s.refractory + not_before(never, (u >= threshold) | (held_at <= threshold),
                                       log2_below(decays) / (d.rate_m * V(log2_e)));
    }
    static void fire(State<double>& s, const Derived<double>& d) {
      s.v = d.v_reset;
      s.refractory = d.tau_refrac;
    }
    static double next_spike(const State<double>& s, const Derived<double>& d, double current,
                             double ms = std::numeric_limits<double>::infinity()) {
      return s.refractory + exact::first_crossing(membrane(d), when_it_moves(s, d, current),
                                                  d.v_thresh - v_infinity(d, current),
                                                  ms - s.refractory);
    }
    static double earliest_spike(const State<double>& s, const Derived<double>& d, double current,
                                 double ms) {
      return s.refractory + exact::crossing_not_before(membrane(d), when_it_moves(s, d, current),
                                                       d.v_thresh - v_infinity(d, current),
                                                       ms - s.refractory);
    }

    /// The form by amplitudes, where neurons differ in no more than the level and the threshold.
    static std::unique_ptr<EventSlice> of_one_kind(const SliceSpec& spec) {
      for (const auto member :
           {&Parameters::cm, &Parameters::tau_m, &Parameters::tau_refrac, &Parameters::tau_syn_E,
            &Parameters::tau_syn_I, &Parameters::v_reset})
        if (is_varied<IfCurrExp>(spec, member)) return nullptr;
      const auto parameters = parameters_from<IfCurrExp>(spec);
      const Parameters p = parameters(0);
      return make_amplitude_slice(
          spec, {p.cm, p.tau_m, p.tau_syn_E, p.tau_syn_I, p.tau_refrac, p.v_reset},
          [&parameters](std::uint32_t i) {
            const Parameters one = parameters(i);
            return OneNeuron{one.v_rest, one.i_offset, one.v_thresh};
          });
    }

   private:
    static exact::TwoCurrentMembrane membrane(const Derived<double>& d) {
      return {d.rate_m, d.rate_e, d.rate_i, d.per_cm, d.jump_e, d.jump_i, d.peak_e, d.peak_i};
    }
    /// At the end of the refractory period.
    static exact::TwoCurrentState when_it_moves(const State<double>& s, const Derived<double>& d,
                                                double current) {
      const double u = s.v - v_infinity(d, current);
      if (!(s.refractory > 0)) return {u, s.i_e, s.i_i};
      return {u, s.i_e * math::exp(-s.refractory * d.rate_e),
              s.i_i * math::exp(-s.refractory * d.rate_i)};
    }
  };
};
RANVIER_REGISTER(NeuronModel, if_curr_exp, IfCurrExp)
