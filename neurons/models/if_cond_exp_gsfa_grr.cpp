// if_cond_exp_gsfa_grr: leaky integrate-and-fire neuron with exponentially decaying synaptic
// conductances, spike-frequency adaptation and a relative refractory period, both conductances
// that a spike raises.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) - g_e (v - e_rev_E) - g_i (v - e_rev_I)
//              - g_s (v - e_rev_sfa) - g_r (v - e_rev_rr) + i_offset + i_injected
//   tau_syn_X dg_X/dt = -g_X;   g_X += w at an arrival
//   tau_sfa dg_s/dt = -g_s;   tau_rr dg_r/dt = -g_r
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac, g_s += q_sfa, g_r += q_rr
// Methods: magnus, conductances exactly, the membrane by a Magnus step of order 4
// (neurons/membrane.h), for steps of up to about a membrane's time under all conductances,
// cm/(g_e + ... + g_r); the general ones of neurons/methods.h, of which rk_adaptive is for any.
// Dynamics, arrivals, threshold.
// Source: Muller, Buesing, Schemmel & Meier 2007, Neural Computation 19:2958, eqs. (2.1) to (2.4).
// PyNN: IF_cond_exp_gsfa_grr; NEST: iaf_cond_exp_sfa_rr. Tested by
// tests/unit/neurons/test_multi.cpp.
#include "core/neuron_model.h"

struct IfCondExpGsfaGrr {
  static constexpr const char* summary =
      "leaky integrate-and-fire, synaptic conductances, adaptation and relative refractoriness by "
      "conductances";
  static constexpr Method methods[] = {
      {"magnus", "Magnus expansion (order 4)"}, method::rk4, method::rk_adaptive};
  static constexpr const char* source =
      "Muller et al. 2007; NEST iaf_cond_exp_sfa_rr; PyNN IF_cond_exp_gsfa_grr";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 5, tau_syn_I = 5,
           e_rev_E = 0, e_rev_I = -70, v_thresh = -50, v_reset = -65, i_offset = 0, tau_sfa = 100,
           e_rev_sfa = -75, q_sfa = 15, tau_rr = 2, e_rev_rr = -75, q_rr = 3000;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,
      field::cm<Parameters>,
      field::tau_m<Parameters>,
      field::tau_refrac<Parameters>,
      field::tau_syn_E<Parameters>("decay of the excitatory conductance"),
      field::tau_syn_I<Parameters>("decay of the inhibitory conductance"),
      field::e_rev_E<Parameters>,
      field::e_rev_I<Parameters>,
      field::v_thresh<Parameters>,
      field::v_reset<Parameters>,
      field::i_offset<Parameters>,
      {"tau_sfa", &Parameters::tau_sfa, "ms", Range::positive, "decay of the adaptation"},
      {"e_rev_sfa", &Parameters::e_rev_sfa, "mV", Range::any, "reversal potential of adaptation"},
      {"q_sfa", &Parameters::q_sfa, "nS", Range::not_negative, "adaptation that a spike adds"},
      {"tau_rr", &Parameters::tau_rr, "ms", Range::positive, "decay of the refractoriness"},
      {"e_rev_rr", &Parameters::e_rev_rr, "mV", Range::any,
       "reversal potential of the relative refractoriness"},
      {"q_rr", &Parameters::q_rr, "nS", Range::not_negative, "refractoriness that a spike adds"}};
  template <class V>
  struct State {
    V v, g_e, g_i, g_s, g_r, refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        field::g_e,
                                        field::g_i,
                                        {"g_s", "nS", "conductance of the adaptation"},
                                        {"g_r", "nS", "conductance of the refractoriness"},
                                        field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  /// Four conductances: what is left of each at Gauss's two points, in 1/ms of the membrane's rate
  /// (with the 1/cm, and nS as uS), and at the step's end; what drives it; and its rate of decay.
  template <class V>
  struct Derived {
    V dt, leak, per_cm, v_rest, i_offset, v_reset, v_thresh, refractory_steps, q_sfa, q_rr;
    std::array<V, 4> first, second, end, drive, per_tau;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const std::array<double, 4> tau{p.tau_syn_E, p.tau_syn_I, p.tau_sfa, p.tau_rr};
    const auto rates = [&](double ms) {
      return std::array<double, 4>{exact::decay(ms, tau[0]) / p.cm, exact::decay(ms, tau[1]) / p.cm,
                                   exact::decay(ms, tau[2]) / p.cm * 1e-3,
                                   exact::decay(ms, tau[3]) / p.cm * 1e-3};
    };
    return {
        dt,
        1 / p.tau_m,
        1 / p.cm,
        p.v_rest,
        p.i_offset,
        p.v_reset,
        p.v_thresh,
        exact::steps(p.tau_refrac, dt),
        p.q_sfa,
        p.q_rr,
        rates(exact::first_point(dt)),
        rates(exact::second_point(dt)),
        {exact::decay(dt, tau[0]), exact::decay(dt, tau[1]), exact::decay(dt, tau[2]),
         exact::decay(dt, tau[3])},
        {p.e_rev_E - p.v_rest, p.e_rev_I - p.v_rest, p.e_rev_sfa - p.v_rest, p.e_rev_rr - p.v_rest},
        {1 / tau[0], 1 / tau[1], 1 / tau[2], 1 / tau[3]}};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  struct Rates {
    V rate, slope;  ///< 1/ms, mV/ms
  };
  template <class V>
  static Rates<V> rates(const std::array<V, 4>& factor, const State<V>& s, const Derived<V>& c,
                        V current) {
    const V e = factor[0] * s.g_e, i = factor[1] * s.g_i, a = factor[2] * s.g_s,
            r = factor[3] * s.g_r;
    return {
        c.leak + (e + i) + (a + r),
        fma(e, c.drive[0], fma(i, c.drive[1], fma(a, c.drive[2], fma(r, c.drive[3], current))))};
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V current = c.per_cm * (c.i_offset + in.current);
    const Rates<V> one = rates(c.first, s, c, current), two = rates(c.second, s, c, current);
    const V moved = membrane_step(s.v - c.v_rest, c.dt, one.rate, one.slope, two.rate, two.slope);
    s.v = select(s.refractory > V(0.0), s.v, c.v_rest + moved);
    s.g_e = c.end[0] * s.g_e;
    s.g_i = c.end[1] * s.g_i;
    s.g_s = c.end[2] * s.g_s;
    s.g_r = c.end[3] * s.g_r;
    return settle(s, s, c, in);
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const V u = s.v - c.v_rest;
    const V synaptic = fma(s.g_e, c.drive[0] - u, s.g_i * (c.drive[1] - u));
    const V own = fma(s.g_s, c.drive[2] - u, s.g_r * (c.drive[3] - u)) * V(1e-3);
    const V v = fma(c.per_cm, c.i_offset + current + synaptic + own, -(c.leak * u));
    return {select(s.refractory > V(0.0), V(0.0), v),
            -(c.per_tau[0] * s.g_e),
            -(c.per_tau[1] * s.g_i),
            -(c.per_tau[2] * s.g_s),
            -(c.per_tau[3] * s.g_r),
            V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    move_unless_refractory(s, s.v);
    s.g_e += in.sum[0];
    s.g_i += in.sum[1];
    const auto fired = spike_at_threshold(s, c);
    s.g_s = select(fired, s.g_s + c.q_sfa, s.g_s);
    s.g_r = select(fired, s.g_r + c.q_rr, s.g_r);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, if_cond_exp_gsfa_grr, IfCondExpGsfaGrr)
