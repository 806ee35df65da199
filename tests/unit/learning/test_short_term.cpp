// tsodyks_markram against a recording of NEST 3.10 (tests/golden/synapses.py) and against the
// closed form of a regular train without facilitation; where two time constants meet, against a
// numerical solution.
#include <array>

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

// u = U at every spike, also at the second one of a step: it releases U (1 - U), as in NEST, where
// both go the same way one after another.
TEST_CASE("without facilitation two spikes of a step release U and U (1 - U)", "[learning]") {
  Protocol p;
  p.rule = "tsodyks_markram";
  p.weight = 1;
  const double U = 0.4;
  for (const double tau_psc : {0.0, 3.0}) {
    p.parameters = {{"U", U}, {"tau_rec", 1e9}, {"tau_facil", 0}, {"tau_psc", tau_psc}};
    p.pre = {10, 30};
    const double first = p.delivered()[0];
    p.pre = {10, 10};
    const double both = p.delivered()[0];
    INFO("tau_psc " << tau_psc);
    CHECK(std::fabs(first - U) < 1e-12);
    CHECK(std::fabs(both - (U + U * (1 - U))) < 1e-12);
  }
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

TEST_CASE("time constants of recovery and current may be equal, or nearly so", "[learning]") {
  // x, y, z between spikes by many small steps of the classical Runge-Kutta scheme.
  const auto released = [](double tau_rec, double tau_psc, const std::vector<double>& times) {
    double x = 1, y = 0, z = 0, at = 0, last = 0;
    constexpr double U = 0.6, h = 1e-3;
    const auto slope = [&](double y1, double z1) {
      return std::array{z1 / tau_rec, -y1 / tau_psc, y1 / tau_psc - z1 / tau_rec};
    };
    for (const double t : times) {
      for (; at < t - h / 2; at += h) {
        const auto a = slope(y, z), b = slope(y + h / 2 * a[1], z + h / 2 * a[2]),
                   c = slope(y + h / 2 * b[1], z + h / 2 * b[2]),
                   d = slope(y + h * c[1], z + h * c[2]);
        x += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]);
        y += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1]);
        z += h / 6 * (a[2] + 2 * b[2] + 2 * c[2] + d[2]);
      }
      last = U * x;
      x -= last;
      y += last;
    }
    return last;
  };
  Protocol p;
  p.rule = "tsodyks_markram";
  p.weight = 1;
  p.pre = {10, 14, 30, 60};
  for (const double apart : {0.0, 1e-12, 1e-8, 1e-6, 9e-6, 1.1e-5, 1e-4, 0.1}) {
    const double tau_rec = 20, tau_psc = tau_rec * (1 + apart);
    INFO("apart by " << apart);
    p.parameters = {{"U", 0.6}, {"tau_rec", tau_rec}, {"tau_psc", tau_psc}};
    CHECK(std::fabs(p.delivered().back() - released(tau_rec, tau_psc, p.pre)) < 1e-10);
  }
}
