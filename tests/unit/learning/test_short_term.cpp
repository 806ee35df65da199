// tsodyks_markram against a recording of NEST 3.10 (tests/golden/synapses.py) and against the
// closed form of a regular train without facilitation.
#include "tests/unit/learning/protocol.h"

using namespace ranvier;
using namespace ranvier::learning::testing;

namespace {

void check_against_nest(const std::string& name, const Values& parameters) {
  INFO(name);
  const Recording nest;
  Protocol p = nest.protocol();
  p.rule = "tsodyks_markram";
  p.post = {};
  p.weight = 0.2;
  p.parameters = parameters;
  const std::vector<double> expected = nest.weights(name), found = p.delivered();
  REQUIRE(found.size() == expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    INFO("spike " << k << ": " << found[k] << ", NEST " << expected[k]);
    CHECK(std::fabs(found[k] - expected[k]) < 1e-12);  // of v, which lies near 65
  }
}

}  // namespace

TEST_CASE("Tsodyks-Markram synapses deliver what NEST's do", "[learning]") {
  check_against_nest("depressing",
                     {{"U", 0.4}, {"tau_rec", 300}, {"tau_facil", 0}, {"tau_psc", 3}});
  check_against_nest("facilitating",
                     {{"U", 0.1}, {"tau_rec", 50}, {"tau_facil", 400}, {"tau_psc", 3}});
}

TEST_CASE("a depressing synapse settles at its stationary release", "[learning]") {
  Protocol p;
  p.rule = "tsodyks_markram";
  const double U = 0.5, tau_rec = 100, interval = 50;
  p.parameters = {{"U", U}, {"tau_rec", tau_rec}, {"tau_psc", 1e-3}};
  p.weight = 1;
  for (int k = 0; k < 40; ++k) p.pre.push_back(10 + k * interval);
  // Without a lasting current x recovers as e^(-t/tau_rec): x = (1 - e)/(1 - (1 - U) e).
  const double e = std::exp(-interval / tau_rec);
  CHECK(std::fabs(p.delivered().back() - U * (1 - e) / (1 - (1 - U) * e)) < 1e-5);
}
