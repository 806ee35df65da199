// tsodyks_markram: short-term depression and facilitation, deterministic.
//   resources: x recovered, y active, z = 1 - x - y inactive; u: release probability
//   dx/dt = z/tau_rec,  dy/dt = -y/tau_psc,  dz/dt = y/tau_psc - z/tau_rec,  du/dt = -u/tau_facil
//   presynaptic spike: u += U (1 - u);  r = u x;  x -= r;  y += r;  the target receives r w
// in closed form from spike to spike; tau_facil = 0: u = U at every spike. Initially x = 1, y = 0,
// u = 0, as NEST's tsodyks_synapse. tau_psc is that of the current that a spike gives (PyNN's
// backends take the target's tau_syn). All are functions of the source's own spikes: kept once a
// source unless parameters vary.
// Source: Tsodyks, Uziel & Markram 2000, J. Neurosci. 20:RC50, eq. 3-4; names: PyNN's
// TsodyksMarkramSynapse. Tested by tests/unit/learning/test_short_term.cpp (closed forms, NEST
// 3.10).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct TsodyksMarkram {
  static constexpr const char* summary = "short-term depression and facilitation";
  static constexpr const char* source = "Tsodyks, Uziel & Markram 2000, eq. 3-4";
  struct Parameters {
    double U = 0.5, tau_rec = 100, tau_facil = 0, tau_psc = 3;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"U", &Parameters::U, "", Range::unit_interval, "use of resources by a spike"},
      {"tau_rec", &Parameters::tau_rec, "ms", Range::positive, "time constant of recovery"},
      {"tau_facil", &Parameters::tau_facil, "ms", Range::not_negative,
       "time constant of facilitation; 0: none"},
      {"tau_psc", &Parameters::tau_psc, "ms", Range::not_negative,
       "time constant of the postsynaptic current; 0: a pulse"}};
  static const char* check(const Parameters&) { return ""; }

  struct Constants {
    double U, tau_rec, tau_psc;
    Decay rec, facil, psc;
    Decay mean;           ///< of the mean of tau_rec and tau_psc, where they are all but equal
    double per_step = 0;  ///< its rate; 0: they differ
  };
  static Constants derive(const Parameters& p, Decays& decays) {
    Constants c{
        p.U, p.tau_rec, p.tau_psc, decays(p.tau_rec), decays(p.tau_facil), decays(p.tau_psc), {}};
    if (std::fabs(p.tau_psc - p.tau_rec) < 1e-5 * p.tau_rec) {
      const double mean = (p.tau_psc + p.tau_rec) / 2;
      c.mean = decays(mean);
      c.per_step = decays.dt / mean;
    }
    return c;
  }

  struct Trace {
    double x = 1, y = 0, u = 0, release = 0;
  };
  static constexpr RuleVariable trace[] = {
      {"x", "", "recovered resources", Range::unit_interval},
      {"y", "", "active resources", Range::unit_interval},
      {"u", "", "release probability", Range::unit_interval},
      {"release", "", "what the last spike released", Range::unit_interval}};
  static void decay(Trace& t, const Constants& c, std::int64_t steps) {
    const double rec = c.rec(steps), psc = c.psc(steps), z = 1 - t.x - t.y;
    t.u *= c.facil(steps);
    t.x += from_active(rec, psc, c, steps) * t.y + (1 - rec) * z;
    t.y *= psc;
  }
  /// The part of what was active that has recovered. Where the time constants are all but equal the
  /// quotient loses its digits, and its limit is taken (relative error below 1e-11).
  static double from_active(double rec, double psc, const Constants& c, std::int64_t steps) {
    if (c.per_step > 0) return 1 - c.mean(steps) * (1 + static_cast<double>(steps) * c.per_step);
    return ((rec - 1) * c.tau_rec - (psc - 1) * c.tau_psc) / (c.tau_psc - c.tau_rec);
  }
  static void arrive(Trace& t, const Constants& c) {
    t.u += c.U * (1 - t.u);
    t.release = t.u * t.x;
    t.x -= t.release;
    t.y += t.release;
  }
  static double on_pre(double& w, const PreSpike<Trace>& spike, const Constants&) {
    return w * spike.trace.release;
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, tsodyks_markram, TsodyksMarkram)
}  // namespace ranvier::learning
