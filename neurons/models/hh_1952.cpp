// hh_1952: the squid giant axon's membrane patch of Hodgkin & Huxley (1952), in the modern sign
// (depolarisation positive).
//   cm dv/dt = -g_leak (v - e_rev_leak) - gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K) +
//   I/area;  v += w at a spike dx/dt = phi (alpha_x (1 - x) - beta_x x) for x = m, h, n; phi =
//   3^((celsius - 6.3)/10); with V = v - v_offset, in 1/ms: alpha_m = 0.1 (25 - V)/(exp((25 -
//   V)/10) - 1)     beta_m = 4 exp(-V/18) alpha_h = 0.07 exp(-V/20)                         beta_h
//   = 1/(exp((30 - V)/10) + 1) alpha_n = 0.01 (10 - V)/(exp((10 - V)/10) - 1)    beta_n = 0.125
//   exp(-V/80)
// Constants: table 3 and equations (12), (13), (20), (21), (23), (24), (26) of the paper, rest put
// at v_offset = -65 mV. With the default area of 10000 um2, 1 nA is 10 uA/cm2. Spike: once an
// action potential, in the first step at whose end v falls while it is above 0 mV (the rule of
// NEST's hh_psc_alpha). Method: symmetric staggered splitting (order 2, A-stable). The gates are
// kept half a step behind v: over a step they move by the trapezoidal rule under the rates of v in
// the middle of their step, then v by the trapezoidal rule under the conductances in the middle of
// its own. Two exponentials a step: exp(-V/80) gives the terms in V/20 and V/10 by its powers.
// Source: Hodgkin & Huxley, J. Physiol. 117:500 (1952). Tested by
// tests/unit/neurons/test_hodgkin_huxley.cpp.
#include "core/neuron_model.h"

struct Hh1952 {
  static constexpr const char* summary =
      "Hodgkin & Huxley's squid axon membrane, synapses as jumps of the potential";
  static constexpr const char* method =
      "symmetric staggered splitting of gates and potential (order 2)";
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
      {"i_offset", &Parameters::i_offset, "nA", Range::any, "constant current"}};
  template <class V>
  struct State {
    V v, m, h, n, spiking;
  };
  static constexpr FieldText state[] = {
      {"v", "mV", "membrane potential"},
      {"m", "1", "sodium activation, half a step before v"},
      {"h", "1", "sodium inactivation, half a step before v"},
      {"n", "1", "potassium activation, half a step before v"},
      {"spiking", "1", "1 from a spike until v is below the detection level again"}};
  static constexpr Receptor receptors[] = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  template <class V>
  struct Derived {
    V half_phi_dt, half_dt_per_cm, gbar_Na, gbar_K, g_leak, drive, density_per_nA, v_offset,
        e_rev_Na, e_rev_K;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const double phi = math::exp((p.celsius - 6.3) / 10 * 1.0986122886681098);  // ln 3
    const double density_per_nA = 1e5 / p.area;                                 // uA/cm2
    return {phi * dt / 2,   dt / 2 / p.cm, p.gbar_Na,
            p.gbar_K,       p.g_leak,      p.g_leak * p.e_rev_leak + density_per_nA * p.i_offset,
            density_per_nA, p.v_offset,    p.e_rev_Na,
            p.e_rev_K};
  }
  /// v at v_offset, the gates where they rest there.
  static State<double> initial(const Parameters& p) {
    const auto rest = [](double alpha, double beta) { return alpha / (alpha + beta); };
    return {p.v_offset, rest(2.5 / math::expm1(2.5), 4), rest(0.07, 1 / (math::exp(3) + 1)),
            rest(0.1 / math::expm1(1), 0.125), 0};
  }
  static const char* check(const Parameters&) { return ""; }

  /// x / (exp(x) - 1), given exp(x); by its series where the difference would lose digits.
  template <class V>
  static V ratio(V x, V exp_x) {
    const V x2 = x * x;
    const V series =
        fma(x2, fma(x2, fma(x2, 1.0 / 30240, -1.0 / 720), 1.0 / 12), fma(x, -0.5, 1.0));
    const auto near_zero = abs(x) < V(0.1);
    return select(near_zero, series, x / select(near_zero, V(1.0), exp_x - 1.0));
  }

  /// Trapezoidal step of dx/dt = alpha (1 - x) - beta x under constant rates.
  template <class V>
  static V move_gate(V x, V alpha, V beta, V half_dt) {
    const V rate = half_dt * (alpha + beta);
    return (fma(-rate, x, x) + 2.0 * half_dt * alpha) / (1.0 + rate);
  }

  template <class V>
  static void move_gates(State<V>& s, const Derived<V>& c) {
    const V depolarised = s.v - c.v_offset;
    const V q = exp(depolarised * (-1.0 / 80));
    const V q2 = q * q, q4 = q2 * q2, q8 = q4 * q4;
    const V alpha_m = ratio(2.5 - depolarised * 0.1, q8 * 12.182493960703473);
    const V beta_m = 4.0 * exp(depolarised * (-1.0 / 18));
    const V alpha_h = 0.07 * q4;
    const V beta_h = 1.0 / (q8 * 20.085536923187668 + 1.0);
    const V alpha_n = 0.1 * ratio(1.0 - depolarised * 0.1, q8 * 2.718281828459045);
    const V beta_n = 0.125 * q;
    s.m = move_gate(s.m, alpha_m, beta_m, c.half_phi_dt);
    s.h = move_gate(s.h, alpha_h, beta_h, c.half_phi_dt);
    s.n = move_gate(s.n, alpha_n, beta_n, c.half_phi_dt);
  }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    move_gates(s, c);
    const V n2 = s.n * s.n;
    const V g_Na = c.gbar_Na * (s.m * s.m * s.m * s.h), g_K = c.gbar_K * (n2 * n2);
    const V drive =
        fma(g_Na, c.e_rev_Na, fma(g_K, c.e_rev_K, fma(c.density_per_nA, in.current, c.drive)));
    const V rate = c.half_dt_per_cm * (c.g_leak + g_Na + g_K);
    const V before = s.v;
    const V moved = (fma(-rate, before, before) + 2.0 * c.half_dt_per_cm * drive) / (1.0 + rate);
    s.v = moved + (in.sum[0] + in.sum[1]);

    const auto above = moved >= V(0.0);
    const auto fired = above & (moved < before) & (s.spiking < V(0.5));
    s.spiking = select(fired, V(1.0), select(above, s.spiking, V(0.0)));
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, hh_1952, Hh1952)
