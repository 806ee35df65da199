// hh_1952: the squid giant axon's membrane patch of Hodgkin & Huxley (1952), in the modern sign
// (depolarisation positive).
//   cm dv/dt = -g_leak (v - e_rev_leak) - gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K)
//              + I/area;   v += w at a spike
//   dx/dt = phi (alpha_x (1 - x) - beta_x x) for x = m, h, n;   phi = 3^((celsius - 6.3)/10)
//   with V = v - v_offset, in 1/ms:
//   alpha_m = 0.1 (25 - V)/(exp((25 - V)/10) - 1)     beta_m = 4 exp(-V/18)
//   alpha_h = 0.07 exp(-V/20)                         beta_h = 1/(exp((30 - V)/10) + 1)
//   alpha_n = 0.01 (10 - V)/(exp((10 - V)/10) - 1)    beta_n = 0.125 exp(-V/80)
// Constants: table 3 and equations (12), (13), (20), (21), (23), (24), (26) of the paper, rest put
// at v_offset = -65 mV. With the default area of 10000 um2, 1 nA is 10 uA/cm2. Spike: once an
// action potential, in the first step at whose end v falls while it is above 0 mV (the rule of
// NEST's hh_psc_alpha).
// Methods: crank_nicolson (default), symmetric staggered splitting (order 2, A-stable): the gates
// are kept half a step behind v; over a step they move by the trapezoidal rule under the rates of v
// in the middle of their step, then v by the trapezoidal rule under the conductances in the middle
// of its own; two exponentials a step, for exp(-V/80) gives the terms in V/20 and V/10 by its
// powers. exponential_euler, rk4 and rk_adaptive (neurons/methods.h) hold all variables at one
// time. Source: Hodgkin & Huxley, J. Physiol. 117:500 (1952). Tested by
// tests/unit/neurons/test_hodgkin_huxley.cpp and tests/unit/neurons/test_methods.cpp.
#include "core/neuron_model.h"

struct Hh1952 {
  static constexpr const char* summary =
      "Hodgkin & Huxley's squid axon membrane, synapses as jumps of the potential";
  static constexpr Method methods[] = {
      {"crank_nicolson", "symmetric staggered splitting of gates and potential (order 2)"},
      method::exponential_euler,
      method::rk4,
      method::rk_adaptive};
  static constexpr const char* source = "Hodgkin & Huxley 1952, table 3";
  struct Parameters {
    double gbar_Na = 120, gbar_K = 36, g_leak = 0.3, cm = 1, v_offset = -65, e_rev_Na = 50,
           e_rev_K = -77, e_rev_leak = -54.387, celsius = 6.3, area = 10000, i_offset = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"gbar_Na", &Parameters::gbar_Na, "mS/cm2", Range::not_negative,
       "greatest sodium conductance"},
      {"gbar_K", &Parameters::gbar_K, "mS/cm2", Range::not_negative,
       "greatest potassium conductance"},
      {"g_leak", &Parameters::g_leak, "mS/cm2", Range::not_negative, "leak conductance"},
      {"cm", &Parameters::cm, "uF/cm2", Range::positive, "membrane capacity"},
      {"v_offset", &Parameters::v_offset, "mV", Range::any,
       "the resting potential, from which the paper counts"},
      {"e_rev_Na", &Parameters::e_rev_Na, "mV", Range::any, "sodium reversal potential"},
      {"e_rev_K", &Parameters::e_rev_K, "mV", Range::any, "potassium reversal potential"},
      {"e_rev_leak", &Parameters::e_rev_leak, "mV", Range::any, "leak reversal potential"},
      {"celsius", &Parameters::celsius, "degC", Range::any, "temperature; the paper's is 6.3"},
      {"area", &Parameters::area, "um2", Range::positive,
       "membrane area, through which a current in nA flows"},
      field::i_offset<Parameters>};
  template <class V>
  struct State {
    V v, m, h, n, spiking;
  };
  static constexpr FieldText state[] = {
      field::v,
      {"m", "1", "sodium activation, half a step before v by crank_nicolson"},
      {"h", "1", "sodium inactivation, half a step before v by crank_nicolson"},
      {"n", "1", "potassium activation, half a step before v by crank_nicolson"},
      {"spiking", "1", "1 from a spike until v is below the detection level again"}};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V half_phi_dt, half_dt_per_cm, gbar_Na, gbar_K, g_leak, drive, density_per_nA, v_offset,
        e_rev_Na, e_rev_K, dt, phi, per_cm;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const double phi = math::exp((p.celsius - 6.3) / 10 * 1.0986122886681098);  // ln 3
    const double density_per_nA = 1e5 / p.area;                                 // uA/cm2
    return {phi * dt / 2,
            dt / 2 / p.cm,
            p.gbar_Na,
            p.gbar_K,
            p.g_leak,
            p.g_leak * p.e_rev_leak + density_per_nA * p.i_offset,
            density_per_nA,
            p.v_offset,
            p.e_rev_Na,
            p.e_rev_K,
            dt,
            phi,
            1 / p.cm};
  }
  /// v at v_offset, the gates where they rest there.
  static State<double> initial(const Parameters& p) {
    const auto rest = [](double alpha, double beta) { return alpha / (alpha + beta); };
    return {p.v_offset, rest(2.5 / math::expm1(2.5), 4), rest(0.07, 1 / (math::exp(3) + 1)),
            rest(0.1 / math::expm1(1), 0.125), 0};
  }
  static const char* check(const Parameters&) { return ""; }

  /// Of opening (alpha) and closing (beta) of the gates, 1/ms, at 6.3 degrees.
  template <class V>
  struct Rates {
    V alpha_m, beta_m, alpha_h, beta_h, alpha_n, beta_n;
  };
  template <class V>
  static Rates<V> rates(V v, const Derived<V>& c) {
    const V depolarised = v - c.v_offset;
    const V q = exp(depolarised * (-1.0 / 80));
    const V q2 = q * q, q4 = q2 * q2, q8 = q4 * q4;
    return {ratio(2.5 - depolarised * 0.1, q8 * 12.182493960703473),
            4.0 * exp(depolarised * (-1.0 / 18)),
            0.07 * q4,
            1.0 / (q8 * 20.085536923187668 + 1.0),
            0.1 * ratio(1.0 - depolarised * 0.1, q8 * 2.718281828459045),
            0.125 * q};
  }

  /// Conductance (mS/cm2) and what drives v (uA/cm2): cm dv/dt = drive - g v.
  template <class V>
  struct Flow {
    V g, drive;
  };
  template <class V>
  static Flow<V> flow(const State<V>& s, const Derived<V>& c, V current) {
    const V n2 = s.n * s.n;
    const V g_Na = c.gbar_Na * (s.m * s.m * s.m * s.h), g_K = c.gbar_K * (n2 * n2);
    return {c.g_leak + g_Na + g_K,
            fma(g_Na, c.e_rev_Na, fma(g_K, c.e_rev_K, fma(c.density_per_nA, current, c.drive)))};
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const Rates<V> r = rates(s.v, c);
    const State<V> before = s;
    s.m = trapezoidal_gate(s.m, r.alpha_m, r.beta_m, c.half_phi_dt);
    s.h = trapezoidal_gate(s.h, r.alpha_h, r.beta_h, c.half_phi_dt);
    s.n = trapezoidal_gate(s.n, r.alpha_n, r.beta_n, c.half_phi_dt);
    const Flow<V> f = flow(s, c, in.current);
    const V rate = c.half_dt_per_cm * f.g;
    s.v = (fma(-rate, s.v, s.v) + 2.0 * c.half_dt_per_cm * f.drive) / (1.0 + rate);
    return settle(s, before, c, in);
  }

  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    const Rates<V> r = rates(s.v, c);
    const Flow<V> f = flow(s, c, current);
    const V phi_dt = c.phi * c.dt;
    s.m = exponential_gate(s.m, r.alpha_m, r.beta_m, phi_dt);
    s.h = exponential_gate(s.h, r.alpha_h, r.beta_h, phi_dt);
    s.n = exponential_gate(s.n, r.alpha_n, r.beta_n, phi_dt);
    s.v = exponential_potential(s.v, f.g, f.drive, c.dt * c.per_cm);
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const Rates<V> r = rates(s.v, c);
    const Flow<V> f = flow(s, c, current);
    return {c.per_cm * fma(-f.g, s.v, f.drive),
            c.phi * fma(r.alpha_m, 1.0 - s.m, -(r.beta_m * s.m)),
            c.phi * fma(r.alpha_h, 1.0 - s.h, -(r.beta_h * s.h)),
            c.phi * fma(r.alpha_n, 1.0 - s.n, -(r.beta_n * s.n)), V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>& before, const Derived<V>&,
                                 const Input<V>& in) {
    const auto fired = action_potential(s, before.v, V(0.0));
    s.v += in.sum[0] + in.sum[1];
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, hh_1952, Hh1952)
