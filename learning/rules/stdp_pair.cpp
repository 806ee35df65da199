// stdp_pair: spike-timing-dependent plasticity of all pairs of a presynaptic and a postsynaptic
// spike.
//   K+ decays with tau_plus,  + 1 at a presynaptic spike
//   K- decays with tau_minus, + 1 at a postsynaptic spike
//   postsynaptic spike: w += potentiation(w) K+;    presynaptic spike: w -= depression(w) K-
// by weight_dependence, with s = w_max - w_min:
//   additive        A_plus w_max                            A_minus w_max
//   multiplicative  A_plus (w_max - w)                      A_minus (w - w_min)
//   additive_potentiation_multiplicative_depression
//                   A_plus w_max                            A_minus (w - w_min)
//   guetig          A_plus s ((w_max - w)/s)^mu_plus        A_minus s ((w - w_min)/s)^mu_minus
//   power_law       A_plus w_0 (w/w_0)^mu_plus              A_minus w
// A gain ends at w_max (but for the power law), a loss at w_min. A weight w_max below w_min serves
// inhibitory weights below 0. With w_min = 0 the first four are NEST's stdp_synapse (lambda =
// A_plus, alpha = A_minus/A_plus), the last its stdp_pl_synapse_hom (w_0 = 1 pA = 0.001 nA).
// When: core/plasticity.h.
// Source: Morrison, Diesmann & Gerstner 2008, Biol. Cybern. 98:459; Guetig et al. 2003, J.
// Neurosci. 23:3697; Morrison, Aertsen & Diesmann 2007, Neural Comput. 19:1437; names: PyNN's
// SpikePairRule. Tested by tests/unit/learning/test_pair_rules.cpp (closed forms, NEST 3.10).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct StdpPair {
  static constexpr const char* summary = "pair-based STDP, all spike pairs";
  static constexpr const char* source =
      "Morrison, Diesmann & Gerstner 2008; Guetig et al. 2003; Morrison et al. 2007 (power law)";
  struct Parameters {
    double A_plus = 0.01, A_minus = 0.01, tau_plus = 20, tau_minus = 20, w_min = 0, w_max = 1,
           mu_plus = 0.5, mu_minus = 0.5, w_0 = 0.001, dendritic_delay_fraction = 1, dependence = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"A_plus", &Parameters::A_plus, "", Range::any, "amplitude of potentiation"},
      {"A_minus", &Parameters::A_minus, "", Range::any, "amplitude of depression"},
      {"tau_plus", &Parameters::tau_plus, "ms", Range::positive,
       "time constant of potentiation (post after pre)"},
      {"tau_minus", &Parameters::tau_minus, "ms", Range::positive,
       "time constant of depression (pre after post)"},
      {"w_min", &Parameters::w_min, "weight", Range::any, "end of depression"},
      {"w_max", &Parameters::w_max, "weight", Range::any,
       "end of potentiation (all but power_law)"},
      {"mu_plus", &Parameters::mu_plus, "", Range::not_negative,
       "exponent of potentiation (guetig, power_law)"},
      {"mu_minus", &Parameters::mu_minus, "", Range::not_negative,
       "exponent of depression (guetig)"},
      {"w_0", &Parameters::w_0, "weight", Range::positive, "weight of reference (power_law)"},
      {"dendritic_delay_fraction", &Parameters::dendritic_delay_fraction, "", Range::unit_interval,
       "part of the delay that postsynaptic spikes take to the synapse"}};
  enum Dependence { additive, multiplicative, mixed, guetig, power_law };
  static Dependence of(const Parameters& p) { return static_cast<Dependence>(p.dependence); }
  static std::vector<Choice<Parameters>> choices() {
    return {{"weight_dependence",
             &Parameters::dependence,
             {"additive", "multiplicative", "additive_potentiation_multiplicative_depression",
              "guetig", "power_law"},
             "how the change depends on the weight"}};
  }
  static constexpr auto post_time = &Parameters::tau_minus;
  static constexpr auto dendritic = &Parameters::dendritic_delay_fraction;
  static const char* check(const Parameters& p) {
    if (of(p) == power_law) return p.w_min >= 0 ? "" : "w_min must be >= 0 under the power law";
    return p.w_max != p.w_min ? "" : "w_max must differ from w_min";
  }
  static double full_weight(const Parameters& p) { return p.w_max; }

  struct Constants {
    Parameters p;
    Decay plus;
    Power gain, loss;
    double span, scale;  ///< scale: of the power law, A_plus w_0^(1 - mu_plus)
  };
  static Constants derive(const Parameters& p, Decays& decays) {
    const Power gain = decays.power(p.mu_plus), loss = decays.power(p.mu_minus);
    return {p, decays(p.tau_plus), gain, loss, p.w_max - p.w_min, p.A_plus * p.w_0 / gain(p.w_0)};
  }

  struct Trace {
    double k_plus = 0;
  };
  static constexpr RuleVariable trace[] = {
      {"k_plus", "", "trace of the presynaptic spikes", Range::not_negative}};
  static void decay(Trace& t, const Constants& c, std::int64_t steps) { t.k_plus *= c.plus(steps); }
  static void arrive(Trace& t, const Constants&) { t.k_plus += 1; }

  static double potentiation(double w, const Constants& c) {
    const Parameters& p = c.p;
    switch (of(p)) {
      case additive:
      case mixed:
        return p.A_plus * p.w_max;
      case multiplicative:
        return p.A_plus * (p.w_max - w);
      case guetig:
        return p.A_plus * c.span * c.gain((p.w_max - w) / c.span);
      case power_law:
        return c.scale * c.gain(w);
    }
    return 0;
  }
  static double depression(double w, const Constants& c) {
    const Parameters& p = c.p;
    switch (of(p)) {
      case additive:
        return p.A_minus * p.w_max;
      case multiplicative:
      case mixed:
        return p.A_minus * (w - p.w_min);
      case guetig:
        return p.A_minus * c.span * c.loss((w - p.w_min) / c.span);
      case power_law:
        return p.A_minus * w;
    }
    return 0;
  }

  static double on_post(double w, const Trace& t, const Constants& c, std::int64_t steps) {
    const double next = w + potentiation(w, c) * (t.k_plus * c.plus(steps));
    if (of(c.p) == power_law) return next;
    return c.span > 0 ? std::min(next, c.p.w_max) : std::max(next, c.p.w_max);
  }
  static double on_pre(double& w, const PreSpike<Trace>& spike, const Constants& c) {
    w -= depression(w, c) * spike.post_trace;
    const bool upward = c.span > 0 || of(c.p) == power_law;
    w = upward ? std::max(w, c.p.w_min) : std::min(w, c.p.w_min);
    return w;
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, stdp_pair, StdpPair)
}  // namespace ranvier::learning
