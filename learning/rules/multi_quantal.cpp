// multi_quantal: short-term plasticity of a synapse with n release sites.
//   u decays with tau_facil; presynaptic spike: u += U (1 - u)  (tau_facil = 0: u = U)
//   each empty site has recovered with probability 1 - e^(-s/tau_rec), s since the last
//   presynaptic spike; each full site then releases with probability u: the target receives w for
//   every release
// Initially all sites are full and u = 0. As in NEST's quantal_stp_synapse, w is the weight of one
// quantum.
// Source: Fuhrmann et al. 2002, J. Neurophysiol. 87:140; Loebel et al. 2009, Front. Comput.
// Neurosci. 3:27; names: PyNN's MultiQuantalSynapse. Tested by
// tests/unit/learning/test_stochastic.cpp (closed forms).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct MultiQuantal {
  static constexpr const char* summary = "short-term plasticity, n release sites, stochastic";
  static constexpr const char* source = "Fuhrmann et al. 2002; Loebel et al. 2009";
  struct Parameters {
    double U = 0.5, tau_rec = 100, tau_facil = 0, n = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"U", &Parameters::U, "", Range::unit_interval, "release probability of a rested site"},
      {"tau_rec", &Parameters::tau_rec, "ms", Range::positive, "time constant of recovery"},
      {"tau_facil", &Parameters::tau_facil, "ms", Range::not_negative,
       "time constant of facilitation; 0: none"},
      {"n", &Parameters::n, "", Range::positive, "number of release sites, a whole number"}};
  static const char* check(const Parameters& p) {
    return p.n == std::floor(p.n) && p.n <= 10'000 ? ""
                                                   : "n must be a whole number from 1 to 10000";
  }
  static constexpr bool stochastic = true;

  struct Constants {
    double U;
    std::int64_t n;
    Decay rec, facil;
  };
  static Constants derive(const Parameters& p, Decays& decays) {
    return {p.U, static_cast<std::int64_t>(p.n), decays(p.tau_rec), decays(p.tau_facil)};
  }

  struct Trace {
    double u = 0, still_empty = 1;
  };
  static constexpr RuleVariable trace[] = {
      {"u", "", "release probability", Range::unit_interval},
      {"still_empty", "", "probability that a site has not recovered since the spike before",
       Range::unit_interval}};
  static void decay(Trace& t, const Constants& c, std::int64_t steps) {
    t.u *= c.facil(steps);
    t.still_empty = c.rec(steps);
  }
  static void arrive(Trace& t, const Constants& c) { t.u += c.U * (1 - t.u); }

  struct Synapse {
    double a = 0;
  };
  static constexpr RuleVariable synapse[] = {
      {"a", "", "number of full (available) sites", Range::not_negative}};
  static Synapse initial(const Parameters& p) { return {p.n}; }

  static double on_pre(double& w, Synapse& s, const PreSpike<Trace>& spike, const Constants& c) {
    auto full = static_cast<std::int64_t>(std::min(s.a, static_cast<double>(c.n)));
    for (std::int64_t empty = c.n - full; empty > 0; --empty)
      full += spike.draws.next() >= spike.trace.still_empty ? 1 : 0;
    std::int64_t released = 0;
    for (std::int64_t site = full; site > 0; --site)
      released += spike.draws.next() < spike.trace.u ? 1 : 0;
    s.a = static_cast<double>(full - released);
    return w * static_cast<double>(released);
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, multi_quantal, MultiQuantal)
}  // namespace ranvier::learning
