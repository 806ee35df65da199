// gif_cond_exp: generalised integrate-and-fire neuron; every spike leaves a current and a rise of
// the threshold, both sums of three decaying parts, and firing is random.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) - g_e (v - e_rev_E) - g_i (v - e_rev_I) - sum eta_k
//              + i_offset + i_injected
//   tau_syn_X dg_X/dt = -g_X;   g_X += w at an arrival
//   tau_eta_k deta_k/dt = -eta_k;   tau_gamma_k dgamma_k/dt = -gamma_k
//   a step of dt fires with probability 1 - exp(-dt lambda),
//   lambda = lambda0 exp((v - v_t_star - sum gamma_k)/delta_v);
//   then v = v_reset, held for tau_refrac without firing, eta_k += a_eta_k, gamma_k += a_gamma_k
// Methods: magnus (default), conductances, currents and threshold exactly, the membrane by a Magnus
// step of order 4 (neurons/membrane.h); rk4 and rk_adaptive (neurons/methods.h). Dynamics,
// arrivals, then the draw with the values at the step's end (NEST's gif_cond_exp takes eta and
// gamma at its start). The exponent is cut off at 80, where the probability is 1. Mensi et al.
// 2012, Pozzorini et al. 2015; PyNN GIF_cond_exp. Tested by tests/unit/neurons/test_lif_escape.cpp.
#include "core/neuron_model.h"

struct GifCondExp {
  static constexpr const char* summary =
      "generalised integrate-and-fire: adaptive current and threshold, escape noise";
  static constexpr Method methods[] = {
      {"magnus", "Magnus expansion (order 4); hazard held over a step"},
      method::rk4,
      method::rk_adaptive};
  static constexpr const char* source =
      "Mensi et al. 2012; Pozzorini et al. 2015; NEST gif_cond_exp; PyNN GIF_cond_exp";
  static constexpr bool stochastic = true;
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 4, tau_syn_E = 5, tau_syn_I = 5,
           e_rev_E = 0, e_rev_I = -70, i_offset = 0, v_reset = -65, delta_v = 0.5, v_t_star = -48,
           lambda0 = 1;
    double tau_eta_1 = 1, tau_eta_2 = 10, tau_eta_3 = 100, a_eta_1 = 1, a_eta_2 = 1, a_eta_3 = 1;
    double tau_gamma_1 = 1, tau_gamma_2 = 10, tau_gamma_3 = 100, a_gamma_1 = 1, a_gamma_2 = 1,
           a_gamma_3 = 1;
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
      field::i_offset<Parameters>,
      field::v_reset<Parameters>,
      {"delta_v", &Parameters::delta_v, "mV", Range::positive, "sharpness of the threshold"},
      {"v_t_star", &Parameters::v_t_star, "mV", Range::any, "threshold long after a spike"},
      {"lambda0", &Parameters::lambda0, "1/s", Range::not_negative,
       "firing intensity at the threshold"},
      {"tau_eta_1", &Parameters::tau_eta_1, "ms", Range::positive,
       "decay of the current after a spike, part 1"},
      {"tau_eta_2", &Parameters::tau_eta_2, "ms", Range::positive,
       "decay of the current after a spike, part 2"},
      {"tau_eta_3", &Parameters::tau_eta_3, "ms", Range::positive,
       "decay of the current after a spike, part 3"},
      {"a_eta_1", &Parameters::a_eta_1, "nA", Range::any,
       "jump of that current at a spike, part 1"},
      {"a_eta_2", &Parameters::a_eta_2, "nA", Range::any,
       "jump of that current at a spike, part 2"},
      {"a_eta_3", &Parameters::a_eta_3, "nA", Range::any,
       "jump of that current at a spike, part 3"},
      {"tau_gamma_1", &Parameters::tau_gamma_1, "ms", Range::positive,
       "decay of the threshold after a spike, part 1"},
      {"tau_gamma_2", &Parameters::tau_gamma_2, "ms", Range::positive,
       "decay of the threshold after a spike, part 2"},
      {"tau_gamma_3", &Parameters::tau_gamma_3, "ms", Range::positive,
       "decay of the threshold after a spike, part 3"},
      {"a_gamma_1", &Parameters::a_gamma_1, "mV", Range::any,
       "jump of the threshold at a spike, part 1"},
      {"a_gamma_2", &Parameters::a_gamma_2, "mV", Range::any,
       "jump of the threshold at a spike, part 2"},
      {"a_gamma_3", &Parameters::a_gamma_3, "mV", Range::any,
       "jump of the threshold at a spike, part 3"}};
  template <class V>
  struct State {
    V v, g_e, g_i, eta[3], gamma[3], refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        field::g_e,
                                        field::g_i,
                                        {"eta_1", "nA", "current after spikes, part 1"},
                                        {"eta_2", "nA", "current after spikes, part 2"},
                                        {"eta_3", "nA", "current after spikes, part 3"},
                                        {"gamma_1", "mV", "rise of the threshold, part 1"},
                                        {"gamma_2", "mV", "rise of the threshold, part 2"},
                                        {"gamma_3", "mV", "rise of the threshold, part 3"},
                                        field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  /// X_1, X_2: decays to Gauss's two points, with the 1/cm in them, so that rates are g/cm in 1/ms;
  /// p_X: decays over dt.
  template <class V>
  struct Derived {
    V dt, leak, per_cm, e_1, e_2, p_ee, i_1, i_2, p_ii, eta_1[3], eta_2[3], p_eta[3], a_eta[3],
        p_gamma[3], a_gamma[3], drive_e, drive_i, v_rest, i_offset, v_reset, v_t_star, per_delta_v,
        expected, refractory_steps, per_tau_e, per_tau_i, per_tau_eta[3], per_tau_gamma[3];
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const double t_1 = exact::first_point(dt), t_2 = exact::second_point(dt);
    const auto decayed = [](double t, double tau, double cm) { return exact::decay(t, tau) / cm; };
    return {dt,
            1 / p.tau_m,
            1 / p.cm,
            decayed(t_1, p.tau_syn_E, p.cm),
            decayed(t_2, p.tau_syn_E, p.cm),
            decayed(dt, p.tau_syn_E, 1),
            decayed(t_1, p.tau_syn_I, p.cm),
            decayed(t_2, p.tau_syn_I, p.cm),
            decayed(dt, p.tau_syn_I, 1),
            {decayed(t_1, p.tau_eta_1, p.cm), decayed(t_1, p.tau_eta_2, p.cm),
             decayed(t_1, p.tau_eta_3, p.cm)},
            {decayed(t_2, p.tau_eta_1, p.cm), decayed(t_2, p.tau_eta_2, p.cm),
             decayed(t_2, p.tau_eta_3, p.cm)},
            {decayed(dt, p.tau_eta_1, 1), decayed(dt, p.tau_eta_2, 1), decayed(dt, p.tau_eta_3, 1)},
            {p.a_eta_1, p.a_eta_2, p.a_eta_3},
            {decayed(dt, p.tau_gamma_1, 1), decayed(dt, p.tau_gamma_2, 1),
             decayed(dt, p.tau_gamma_3, 1)},
            {p.a_gamma_1, p.a_gamma_2, p.a_gamma_3},
            p.e_rev_E - p.v_rest,
            p.e_rev_I - p.v_rest,
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_t_star,
            1 / p.delta_v,
            p.lambda0 * 1e-3 * dt,
            exact::steps(p.tau_refrac, dt),
            1 / p.tau_syn_E,
            1 / p.tau_syn_I,
            {1 / p.tau_eta_1, 1 / p.tau_eta_2, 1 / p.tau_eta_3},
            {1 / p.tau_gamma_1, 1 / p.tau_gamma_2, 1 / p.tau_gamma_3}};
  }
  static State<double> initial(const Parameters& p) {
    return {p.v_rest, 0, 0, {0, 0, 0}, {0, 0, 0}, 0};
  }
  static const char* check(const Parameters&) { return ""; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto refractory = s.refractory > V(0.0);
    V current_1 = c.per_cm * (c.i_offset + in.current), current_2 = current_1,
      threshold = c.v_t_star;
    for (int k = 0; k < 3; ++k) {
      current_1 -= c.eta_1[k] * s.eta[k];
      current_2 -= c.eta_2[k] * s.eta[k];
      s.eta[k] *= c.p_eta[k];
      s.gamma[k] *= c.p_gamma[k];
      threshold += s.gamma[k];
    }
    const V e_1 = c.e_1 * s.g_e, e_2 = c.e_2 * s.g_e, i_1 = c.i_1 * s.g_i, i_2 = c.i_2 * s.g_i;
    const V moved =
        membrane_step(s.v - c.v_rest, c.dt, c.leak + e_1 + i_1,
                      fma(e_1, c.drive_e, fma(i_1, c.drive_i, current_1)), c.leak + e_2 + i_2,
                      fma(e_2, c.drive_e, fma(i_2, c.drive_i, current_2)));
    move_unless_refractory(s, c.v_rest + moved);
    s.g_e = fma(c.p_ee, s.g_e, in.sum[0]);
    s.g_i = fma(c.p_ii, s.g_i, in.sum[1]);
    return draw_spike(s, refractory, threshold, c, in.uniform);
  }

  /// Fires with the step's probability, unless it was refractory.
  template <class V>
  static typename V::Mask draw_spike(State<V>& s, typename V::Mask refractory, V threshold,
                                     const Derived<V>& c, V uniform) {
    const V intensity = c.expected * exp(min(c.per_delta_v * (s.v - threshold), V(80.0)));
    const auto fired = (uniform < -expm1(-intensity)) & !refractory;
    for (int k = 0; k < 3; ++k) {
      s.eta[k] = select(fired, s.eta[k] + c.a_eta[k], s.eta[k]);
      s.gamma[k] = select(fired, s.gamma[k] + c.a_gamma[k], s.gamma[k]);
    }
    reset_where(fired, s, c);
    return fired;
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const V u = s.v - c.v_rest;
    const V synaptic = fma(s.g_e, c.drive_e - u, s.g_i * (c.drive_i - u));
    const V drive = c.i_offset + current + synaptic - (s.eta[0] + s.eta[1] + s.eta[2]);
    State<V> slope = {select(s.refractory > V(0.0), V(0.0), fma(c.per_cm, drive, -(c.leak * u))),
                      -(c.per_tau_e * s.g_e),
                      -(c.per_tau_i * s.g_i),
                      {},
                      {},
                      V(0.0)};
    for (int k = 0; k < 3; ++k) {
      slope.eta[k] = -(c.per_tau_eta[k] * s.eta[k]);
      slope.gamma[k] = -(c.per_tau_gamma[k] * s.gamma[k]);
    }
    return slope;
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>& before, const Derived<V>& c,
                                 const Input<V>& in) {
    move_unless_refractory(s, s.v);
    s.g_e += in.sum[0];
    s.g_i += in.sum[1];
    const V threshold = c.v_t_star + s.gamma[0] + s.gamma[1] + s.gamma[2];
    return draw_spike(s, before.refractory > V(0.0), threshold, c, in.uniform);
  }
};
RANVIER_REGISTER(NeuronModel, gif_cond_exp, GifCondExp)
