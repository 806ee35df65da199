// simple_stochastic: a spike is transmitted with probability p.
//   psc = w with probability p, else 0
// Source: PyNN's SimpleStochasticSynapse (NEST: bernoulli_synapse).
// Tested by tests/unit/learning/test_stochastic.cpp (binomial law).
#include "learning/rule.h"

namespace ranvier::learning {
namespace {

struct SimpleStochastic {
  static constexpr const char* summary = "spikes are transmitted with a fixed probability";
  static constexpr const char* source = "PyNN, SimpleStochasticSynapse";
  struct Parameters {
    double p = 0.5;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"p", &Parameters::p, "", Range::unit_interval, "probability of transmission"}};
  static const char* check(const Parameters&) { return ""; }
  static constexpr bool stochastic = true;

  struct Constants {
    double p;
  };
  static Constants derive(const Parameters& p, Decays&) { return {p.p}; }

  struct Trace {};
  static void decay(Trace&, const Constants&, std::int64_t) {}
  static void arrive(Trace&, const Constants&) {}

  static double on_pre(double& w, const PreSpike<Trace>& spike, const Constants& c) {
    return spike.draws.next() < c.p ? w : 0;
  }
};

}  // namespace
RANVIER_REGISTER(SynapseRule, simple_stochastic, SimpleStochastic)
}  // namespace ranvier::learning
