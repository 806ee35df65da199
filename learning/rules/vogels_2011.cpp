// vogels_2011: symmetric plasticity that drives the target to a rate (inhibitory synapses onto
// excitatory neurons).
//   K decays with tau, + 1 at a spike (one trace of presynaptic, one of postsynaptic spikes)
//   postsynaptic spike: w += eta K_pre;    presynaptic spike: w += eta (K_post - 2 rho tau)
// A gain ends at w_max, a loss at w_min. A weight w_max below w_min serves inhibitory weights below
// 0: then w goes the other way. With w_min = 0 it is NEST's vogels_sprekeler_synapse (alpha =
// 2 rho tau). When: core/plasticity.h.
// Source: Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569; names: PyNN's
// Vogels2011Rule (rho in Hz). Tested by tests/unit/learning/test_pair_rules.cpp (closed form, NEST
// 3.10).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct Vogels2011 {
  static constexpr const char* summary = "symmetric rule that balances a target's rate";
  static constexpr const char* source = "Vogels et al. 2011, Science 334:1569";
  struct Parameters {
    double tau = 20, eta = 1e-10, rho = 3, w_min = 0, w_max = 1, dendritic_delay_fraction = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"tau", &Parameters::tau, "ms", Range::positive, "time constant of both traces"},
      {"eta", &Parameters::eta, "weight", Range::not_negative, "learning rate"},
      {"rho", &Parameters::rho, "Hz", Range::not_negative, "rate of the target that it aims at"},
      {"w_min", &Parameters::w_min, "weight", Range::any, "end of the loss"},
      {"w_max", &Parameters::w_max, "weight", Range::any, "end of the gain"},
      {"dendritic_delay_fraction", &Parameters::dendritic_delay_fraction, "", Range::unit_interval,
       "part of the delay that postsynaptic spikes take to the synapse"}};
  static constexpr auto post_time = &Parameters::tau;
  static constexpr auto dendritic = &Parameters::dendritic_delay_fraction;
  static const char* check(const Parameters& p) {
    return p.w_max != p.w_min ? "" : "w_max must differ from w_min";
  }
  static double full_weight(const Parameters& p) { return p.w_max; }

  struct Constants {
    Decay decay;
    double step, loss, w_min, w_max;  ///< step: of the gain, signed
  };
  static Constants derive(const Parameters& p, Decays& decays) {
    const double step = p.w_max > p.w_min ? p.eta : -p.eta;
    return {decays(p.tau), step, step * 2 * p.rho * 1e-3 * p.tau, p.w_min, p.w_max};
  }

  struct Trace {
    double k = 0;
  };
  static constexpr RuleVariable trace[] = {
      {"k", "", "trace of the presynaptic spikes", Range::not_negative}};
  static void decay(Trace& t, const Constants& c, std::int64_t steps) { t.k *= c.decay(steps); }
  static void arrive(Trace& t, const Constants&) { t.k += 1; }

  static double gain(double w, double k, const Constants& c) {
    const double next = w + c.step * k;
    return c.w_max > c.w_min ? std::min(next, c.w_max) : std::max(next, c.w_max);
  }
  static double on_post(double w, const Trace& t, const Constants& c, std::int64_t steps) {
    return gain(w, t.k * c.decay(steps), c);
  }
  static double on_pre(double& w, const PreSpike<Trace>& spike, const Constants& c) {
    w = gain(w, spike.post_trace, c) - c.loss;
    w = c.w_max > c.w_min ? std::max(w, c.w_min) : std::min(w, c.w_min);
    return w;
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, vogels_2011, Vogels2011)
}  // namespace ranvier::learning
