// stochastic_tsodyks_markram: short-term plasticity of a synapse with one release site.
//   u decays with tau_facil; presynaptic spike: u += U (1 - u)  (tau_facil = 0: u = U)
//   an empty site has recovered with probability 1 - e^(-s/tau_rec), s since it was last looked at;
//   a full one releases with probability u: the target receives w, and the site is empty
// Initially full, u = 0.
// Source: Fuhrmann, Segev, Markram & Tsodyks 2002, J. Neurophysiol. 87:140; names: PyNN's
// StochasticTsodyksMarkramSynapse. Tested by tests/unit/learning/test_stochastic.cpp (closed
// forms).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct StochasticTsodyksMarkram {
  static constexpr const char* summary = "short-term plasticity, one release site, stochastic";
  static constexpr const char* source = "Fuhrmann et al. 2002, J. Neurophysiol. 87:140";
  struct Parameters {
    double U = 0.5, tau_rec = 100, tau_facil = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"U", &Parameters::U, "", Range::unit_interval, "release probability of a rested synapse"},
      {"tau_rec", &Parameters::tau_rec, "ms", Range::positive, "time constant of recovery"},
      {"tau_facil", &Parameters::tau_facil, "ms", Range::not_negative,
       "time constant of facilitation; 0: none"}};
  static const char* check(const Parameters&) { return ""; }
  static constexpr bool stochastic = true;

  struct Constants {
    double U;
    Decay rec, facil;
  };
  static Constants derive(const Parameters& p, Decays& decays) {
    return {p.U, decays(p.tau_rec), decays(p.tau_facil)};
  }

  struct Trace {
    double u = 0;
  };
  static constexpr RuleVariable trace[] = {{"u", "", "release probability", Range::unit_interval}};
  static void decay(Trace& t, const Constants& c, std::int64_t steps) { t.u *= c.facil(steps); }
  static void arrive(Trace& t, const Constants& c) { t.u += c.U * (1 - t.u); }

  struct Synapse {
    double empty_since = -1;
  };
  static constexpr RuleVariable synapse[] = {
      {"empty_since", "steps", "when an empty site was last looked at; -1: recovered"}};
  static Synapse initial(const Parameters&) { return {}; }

  static double on_pre(double& w, Synapse& s, const PreSpike<Trace>& spike, const Constants& c) {
    if (s.empty_since >= 0) {
      const double still_empty = c.rec(spike.step - static_cast<std::int64_t>(s.empty_since));
      s.empty_since = spike.draws.next() >= still_empty ? -1 : static_cast<double>(spike.step);
    }
    if (s.empty_since >= 0 || spike.draws.next() >= spike.trace.u) return 0;
    s.empty_since = static_cast<double>(spike.step);
    return w;
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, stochastic_tsodyks_markram, StochasticTsodyksMarkram)
}  // namespace ranvier::learning
