// hh_cond_exp: Hodgkin-Huxley neuron with the channels of Traub & Miles (1991), synaptic
// conductances that jump at a spike and decay exponentially; the neuron of the COBAHH benchmark
// (Brette et al. 2007).
//   cm dv/dt = -g_leak (v - e_rev_leak) - gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K)
//              - g_e (v - e_rev_E) - g_i (v - e_rev_I) + i_offset + i_injected
//   tau_syn_X dg_X/dt = -g_X;   g_X += w at a spike
//   dx/dt = alpha_x (1 - x) - beta_x x for x = m, h, n; with V = v - v_offset in mV, rates in 1/ms:
//   alpha_m = 0.32 (13 - V)/(exp((13 - V)/4) - 1)   beta_m = 0.28 (V - 40)/(exp((V - 40)/5) - 1)
//   alpha_h = 0.128 exp((17 - V)/18)                beta_h = 4/(1 + exp((40 - V)/5))
//   alpha_n = 0.032 (15 - V)/(exp((15 - V)/5) - 1)  beta_n = 0.5 exp((10 - V)/40)
// Spike: once an action potential, in the first step at whose end v falls while it is above
// v_offset + 30 mV (NEST's rule).
// Methods: crank_nicolson (default), symmetric staggered splitting (order 2, A-stable): the gates
// are kept half a step behind v; over a step they move by the trapezoidal rule under the rates of v
// in the middle of their step, then v by the trapezoidal rule under the conductances in the middle
// of its own (those of the synapses decay exactly); two exponentials a step, for exp((10 - V)/40)
// gives the five terms in V/5 and V/4 by its powers. exponential_euler, rk4 and rk_adaptive
// (neurons/methods.h) hold all variables at one time. PyNN: HH_cond_exp. NEST: hh_cond_exp_traub.
// Tested by tests/unit/neurons/test_hodgkin_huxley.cpp and tests/unit/neurons/test_methods.cpp.
#include "core/neuron_model.h"

struct HhCondExp {
  static constexpr const char* summary =
      "Hodgkin-Huxley (Traub-Miles channels), exponentially decaying synaptic conductances";
  static constexpr Method methods[] = {
      {"crank_nicolson", "symmetric staggered splitting of gates and potential (order 2)"},
      method::exponential_euler,
      method::rk4,
      method::rk_adaptive};
  static constexpr const char* source =
      "Traub & Miles 1991; Brette et al. 2007; NEST hh_cond_exp_traub; PyNN HH_cond_exp";
  struct Parameters {
    double gbar_Na = 20, gbar_K = 6, g_leak = 0.01, cm = 0.2, v_offset = -63, e_rev_Na = 50,
           e_rev_K = -90, e_rev_leak = -65, e_rev_E = 0, e_rev_I = -80, tau_syn_E = 0.2,
           tau_syn_I = 2, i_offset = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"gbar_Na", &Parameters::gbar_Na, "uS", Range::not_negative, "greatest sodium conductance"},
      {"gbar_K", &Parameters::gbar_K, "uS", Range::not_negative, "greatest potassium conductance"},
      {"g_leak", &Parameters::g_leak, "uS", Range::not_negative, "leak conductance"},
      field::cm<Parameters>,
      {"v_offset", &Parameters::v_offset, "mV", Range::any, "shift of the channels' voltages"},
      {"e_rev_Na", &Parameters::e_rev_Na, "mV", Range::any, "sodium reversal potential"},
      {"e_rev_K", &Parameters::e_rev_K, "mV", Range::any, "potassium reversal potential"},
      {"e_rev_leak", &Parameters::e_rev_leak, "mV", Range::any, "leak reversal potential"},
      field::e_rev_E<Parameters>,
      field::e_rev_I<Parameters>,
      field::tau_syn_E<Parameters>("decay of the excitatory conductance"),
      field::tau_syn_I<Parameters>("decay of the inhibitory conductance"),
      field::i_offset<Parameters>};
  template <class V>
  struct State {
    V v, m, h, n, g_e, g_i, spiking;
  };
  static constexpr FieldText state[] = {
      field::v,
      {"m", "1", "sodium activation, half a step before v by crank_nicolson"},
      {"h", "1", "sodium inactivation, half a step before v by crank_nicolson"},
      {"n", "1", "potassium activation, half a step before v by crank_nicolson"},
      field::g_e,
      field::g_i,
      {"spiking", "1", "1 from a spike until v is below the detection level again"}};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  template <class V>
  struct Derived {
    V half_dt, half_dt_per_cm, gbar_Na, gbar_K, g_leak, drive, v_offset, e_rev_Na, e_rev_K, e_rev_E,
        e_rev_I, half_e, half_i, dt, per_cm, per_tau_e, per_tau_i;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {dt / 2,
            dt / 2 / p.cm,
            p.gbar_Na,
            p.gbar_K,
            p.g_leak,
            p.g_leak * p.e_rev_leak + p.i_offset,
            p.v_offset,
            p.e_rev_Na,
            p.e_rev_K,
            p.e_rev_E,
            p.e_rev_I,
            exact::decay(dt / 2, p.tau_syn_E),
            exact::decay(dt / 2, p.tau_syn_I),
            dt,
            1 / p.cm,
            1 / p.tau_syn_E,
            1 / p.tau_syn_I};
  }
  /// v at the leak's reversal potential, the gates where they rest there.
  static State<double> initial(const Parameters& p) {
    const double V = p.e_rev_leak - p.v_offset;
    const auto ratio = [](double x) {
      return x == 0 ? 1 : x / math::expm1(x);
    };  // x / (exp(x) - 1)
    const auto rest = [](double alpha, double beta) { return alpha / (alpha + beta); };
    return {p.e_rev_leak,
            rest(0.32 * 4 * ratio((13 - V) / 4), 0.28 * 5 * ratio((V - 40) / 5)),
            rest(0.128 * math::exp((17 - V) / 18), 4 / (1 + math::exp((40 - V) / 5))),
            rest(0.032 * 5 * ratio((15 - V) / 5), 0.5 * math::exp((10 - V) / 40)),
            0,
            0,
            0};
  }
  static const char* check(const Parameters&) { return ""; }

  /// Of opening (alpha) and closing (beta) of the gates, 1/ms.
  template <class V>
  struct Rates {
    V alpha_m, beta_m, alpha_h, beta_h, alpha_n, beta_n;
  };
  template <class V>
  static Rates<V> rates(V v, const Derived<V>& c) {
    const V depolarised = v - c.v_offset;
    const V q = exp((10.0 - depolarised) * 0.025);  // q^8 = exp((10 - V)/5), q^10 = exp((10 - V)/4)
    const V q2 = q * q, q4 = q2 * q2, q8 = q4 * q4;
    const V exp_13 = q8 * q2 * 2.117000016612675;  // e^(3/4)
    const V exp_15 = q8 * 2.718281828459045;       // e
    const V exp_40 = q8 * 403.4287934927351;       // e^6
    const V x = (depolarised - 40.0) * 0.2;  // x/(exp(x) - 1) = -x + y/(exp(y) - 1) with y = -x
    return {1.28 * ratio((13.0 - depolarised) * 0.25, exp_13), 1.4 * (ratio(-x, exp_40) - x),
            0.128 * exp((17.0 - depolarised) * (1.0 / 18)),    4.0 / (1.0 + exp_40),
            0.16 * ratio((15.0 - depolarised) * 0.2, exp_15),  0.5 * q};
  }

  /// Conductance (uS) and what drives v (nA): cm dv/dt = drive - g v.
  template <class V>
  struct Flow {
    V g, drive;
  };
  template <class V>
  static Flow<V> flow(const State<V>& s, V g_e, V g_i, const Derived<V>& c, V current) {
    const V n2 = s.n * s.n;
    const V g_Na = c.gbar_Na * (s.m * s.m * s.m * s.h), g_K = c.gbar_K * (n2 * n2);
    return {c.g_leak + g_Na + g_K + g_e + g_i,
            fma(g_Na, c.e_rev_Na,
                fma(g_K, c.e_rev_K, fma(g_e, c.e_rev_E, fma(g_i, c.e_rev_I, c.drive + current))))};
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const Rates<V> r = rates(s.v, c);
    s.m = trapezoidal_gate(s.m, r.alpha_m, r.beta_m, c.half_dt);
    s.h = trapezoidal_gate(s.h, r.alpha_h, r.beta_h, c.half_dt);
    s.n = trapezoidal_gate(s.n, r.alpha_n, r.beta_n, c.half_dt);
    const V g_e = c.half_e * s.g_e, g_i = c.half_i * s.g_i;
    const Flow<V> f = flow(s, g_e, g_i, c, in.current);
    const V rate = c.half_dt_per_cm * f.g;
    const V before = s.v;
    s.v = (fma(-rate, before, before) + 2.0 * c.half_dt_per_cm * f.drive) / (1.0 + rate);
    s.g_e = fma(c.half_e, g_e, in.sum[0]);
    s.g_i = fma(c.half_i, g_i, in.sum[1]);
    return action_potential(s, before, c.v_offset + 30.0);
  }

  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    const Rates<V> r = rates(s.v, c);
    const Flow<V> f = flow(s, s.g_e, s.g_i, c, current);
    s.m = exponential_gate(s.m, r.alpha_m, r.beta_m, c.dt);
    s.h = exponential_gate(s.h, r.alpha_h, r.beta_h, c.dt);
    s.n = exponential_gate(s.n, r.alpha_n, r.beta_n, c.dt);
    s.v = exponential_potential(s.v, f.g, f.drive, c.dt * c.per_cm);
    s.g_e *= c.half_e * c.half_e;
    s.g_i *= c.half_i * c.half_i;
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const Rates<V> r = rates(s.v, c);
    const Flow<V> f = flow(s, s.g_e, s.g_i, c, current);
    return {c.per_cm * fma(-f.g, s.v, f.drive),
            fma(r.alpha_m, 1.0 - s.m, -(r.beta_m * s.m)),
            fma(r.alpha_h, 1.0 - s.h, -(r.beta_h * s.h)),
            fma(r.alpha_n, 1.0 - s.n, -(r.beta_n * s.n)),
            -(c.per_tau_e * s.g_e),
            -(c.per_tau_i * s.g_i),
            V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>& before, const Derived<V>& c,
                                 const Input<V>& in) {
    s.g_e += in.sum[0];
    s.g_i += in.sum[1];
    return action_potential(s, before.v, c.v_offset + 30.0);
  }
};
RANVIER_REGISTER(NeuronModel, hh_cond_exp, HhCondExp)
