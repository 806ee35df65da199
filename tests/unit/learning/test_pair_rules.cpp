// stdp_pair and vogels_2011 against recordings of NEST 3.10 (tests/golden/synapses.py) and against
// the double sum over pairs of spikes, which traces have to equal; with any split of the delay into
// a dendritic and an axonal part.
#include "tests/unit/learning/protocol.h"

using namespace ranvier;
using namespace ranvier::learning::testing;

namespace {

constexpr double tolerance = 1e-12;

void check_against_nest(const std::string& name, Protocol p) {
  INFO(name);
  const Recording nest;
  const std::vector<double> expected = nest.weights(name), found = p.weights();
  REQUIRE(found.size() == expected.size());
  CHECK(expected.front() != expected.back());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    INFO("spike " << k << " at " << p.pre[k] << " ms: " << found[k] << ", NEST " << expected[k]);
    CHECK(difference(found[k], expected[k]) < tolerance);
  }
}

/// Additive weight after the presynaptic spike `last`, far from its bounds: the sum over all pairs
/// that have met by its arrival. Postsynaptic spikes arrive after the dendritic part of the delay,
/// presynaptic ones after the axonal part; pairs at one instant count for neither.
double sum_over_pairs(const Protocol& p, std::size_t last, double dendritic) {
  const double axonal = p.delay - dendritic, now = p.pre[last] + axonal;
  const double plus = p.parameters.at("A_plus") * p.parameters.at("w_max"),
               minus = p.parameters.at("A_minus") * p.parameters.at("w_max");
  double w = p.weight;
  for (std::size_t i = 0; i <= last; ++i)
    for (const double t : p.post) {
      const double lead = t + dendritic - (p.pre[i] + axonal);  // of the presynaptic spike
      // An arrival at the soma comes before the spike of its instant.
      if (t + dendritic > now + (dendritic > 0 ? 1e-6 : -1e-6)) continue;
      if (lead > 1e-6) w += plus * std::exp(-lead / p.parameters.at("tau_plus"));
      if (lead < -1e-6) w -= minus * std::exp(lead / p.parameters.at("tau_minus"));
    }
  return w;
}

}  // namespace

TEST_CASE("pair STDP delivers the weights of NEST's stdp_synapse", "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "stdp_pair";
  p.parameters = {{"A_plus", 0.05},
                  {"A_minus", 0.05 * 1.1},
                  {"tau_plus", 17},
                  {"tau_minus", 23},
                  {"w_max", 0.1}};
  p.words = {{"weight_dependence", "additive"}};
  check_against_nest("additive", p);
  p.words = {{"weight_dependence", "multiplicative"}};
  check_against_nest("multiplicative", p);
  p.words = {{"weight_dependence", "additive_potentiation_multiplicative_depression"}};
  check_against_nest("mixed", p);
  p.words = {{"weight_dependence", "guetig"}};
  p.parameters["mu_plus"] = 0.4;
  p.parameters["mu_minus"] = 0.7;
  check_against_nest("guetig", p);
}

TEST_CASE("power-law STDP delivers the weights of NEST's stdp_pl_synapse_hom", "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "stdp_pair";
  p.words = {{"weight_dependence", "power_law"}};
  p.parameters = {{"A_plus", 0.1},    {"A_minus", 0.1 * 0.05}, {"mu_plus", 0.4},
                  {"tau_plus", 15.0}, {"tau_minus", 30.0},     {"w_0", 0.001}};
  check_against_nest("power_law", p);
}

TEST_CASE("the Vogels rule delivers the weights of NEST's vogels_sprekeler_synapse", "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "vogels_2011";
  p.weight = -0.05;
  p.parameters = {{"eta", 0.002}, {"tau", 20}, {"rho", 10}, {"w_max", -0.1}};
  check_against_nest("vogels", p);
}

TEST_CASE("traces give the double sum over pairs, wherever the delay lies", "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "stdp_pair";
  p.parameters = {
      {"A_plus", 0.01}, {"A_minus", 0.0104}, {"tau_plus", 17}, {"tau_minus", 23}, {"w_max", 1}};
  p.weight = 0.5;
  for (const double delay : {0.1, 0.3, 1.5, 4.0})
    for (const double fraction : {1.0, 0.8, 0.5, 0.4, 0.2, 0.0}) {
      p.delay = delay;
      p.parameters["dendritic_delay_fraction"] = fraction;
      const double dendritic = std::floor(fraction * delay / p.dt + 0.5 + 1e-9) * p.dt;
      INFO("delay " << delay << " ms, dendritic " << dendritic << " ms");
      // A spike is taken up one step before its arrival at the latest.
      const std::vector<double> found = p.weights(delay - p.dt);
      for (std::size_t k = 0; k < p.pre.size(); ++k) {
        // Weights are read when later spikes may have been taken up already.
        std::size_t last = k;
        const double lag = delay - 2 * dendritic - (dendritic > 0 ? 0 : p.dt);
        while (last + 1 < p.pre.size() &&
               p.pre[last + 1] + std::max(0.0, lag) < p.pre[k] + delay - p.dt + 1e-6)
          ++last;
        INFO("spike " << k);
        CHECK(std::fabs(found[k] - sum_over_pairs(p, last, dendritic)) < 1e-12);
      }
    }
}

TEST_CASE("traces give the double sum however many spikes the target fires between two arrivals",
          "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "stdp_pair";
  p.parameters = {
      {"A_plus", 0.01}, {"A_minus", 0.0104}, {"tau_plus", 17}, {"tau_minus", 23}, {"w_max", 1}};
  p.weight = 0.5;
  p.delay = 1.5;
  for (int n = 0; n <= 20; ++n) {
    INFO(n << " postsynaptic spikes");
    p.pre = {5, 100, 101.2};
    p.post = {2};
    for (int k = 0; k < n; ++k) p.post.push_back(8 + 4 * k);
    p.post.push_back(98.5);  // meets the arrival at 100 ms
    p.post.push_back(120);
    const std::vector<double> found = p.weights(p.delay - p.dt);
    for (std::size_t k = 0; k < p.pre.size(); ++k) {
      const std::size_t last = k == 1 ? 2 : k;  // the third is taken up before the second is read
      CHECK(std::fabs(found[k] - sum_over_pairs(p, last, p.delay)) < 1e-12);
    }
  }
}

TEST_CASE("pairs at one instant count for neither", "[learning]") {
  Protocol p;
  p.rule = "stdp_pair";
  p.parameters = {{"w_max", 1}};
  p.weight = 0.5;
  p.pre = {20, 60};
  p.post = {20 - p.delay, 60 - p.delay};  // arrive with the presynaptic spikes
  const double between = std::exp(-40.0 / 20);
  const std::vector<double> found = p.weights();
  CHECK(found[0] == 0.5);
  // The second postsynaptic spike follows the first presynaptic one, and the other way round.
  CHECK(difference(found[1], 0.5 + 0.01 * between - 0.01 * between) < tolerance);
  p.parameters["A_minus"] = 0;
  CHECK(difference(p.weights()[1], 0.5 + 0.01 * between) < tolerance);
}

TEST_CASE("weights stop at their bounds, also below zero", "[learning]") {
  Protocol p = Recording().protocol();
  p.rule = "stdp_pair";
  p.parameters = {{"A_plus", 2}, {"A_minus", 0}, {"w_min", 0.02}, {"w_max", 0.06}};
  CHECK(p.weights().back() == 0.06);
  p.parameters["A_plus"] = 0;
  p.parameters["A_minus"] = 2;
  CHECK(p.weights().back() == 0.02);
  p.weight = -0.05;
  p.parameters["w_min"] = -0.02;
  p.parameters["w_max"] = -0.06;
  CHECK(p.weights().back() == -0.02);
  std::swap(p.parameters["A_plus"], p.parameters["A_minus"]);
  CHECK(p.weights().back() == -0.06);
}

TEST_CASE("a weight reads back as it was given until it changes", "[learning]") {
  Protocol p;
  p.rule = "stdp_pair";
  p.storage = Storage::compact;
  p.weight = 0.0123;
  p.pre = {10, 20};
  p.post = {15};
  const std::vector<double> found = p.weights();
  CHECK(found[0] == 0.0123);
  CHECK(found[1] != 0.0123);
  CHECK(difference(found[1], 0.0123 + 0.01 * std::exp(-6.5 / 20) - 0.01 * std::exp(-3.5 / 20)) <
        1e-6);
}

TEST_CASE("a weight that has grown far beyond its quantum is delivered whole", "[learning]") {
  Protocol p;
  p.rule = "stdp_pair";
  p.parameters = {{"A_plus", 1}, {"A_minus", 0}, {"tau_plus", 20}, {"w_max", 1}};
  p.weight = 0.001;
  p.pre = {10, 40};
  Network n = p.network();
  n.projections.resize(1);  // kicks would make the receptor's quantum coarse: a current fires
  n.populations[2].parameters = {{"tau_m", 1e12}, {"tau_refrac", 0.0}};
  Stimulus pulse;
  pulse.target = "post";
  pulse.start = 19;
  pulse.stop = 19.8;
  pulse.amplitude = 25.0;
  n.stimuli.push_back(pulse);
  const Layout layout = make_layout(n, p.settings(), *p.catalogue, {});
  const auto comm = make_local_comm();
  Workers workers(1);
  Kernel kernel(layout, *comm, workers);
  MemoryRecorder recorder(layout.record);
  const auto v_at = [&](double t) {
    kernel.run(from_ms(t).count(), recorder, [](std::int64_t) { return true; });
    return kernel.state(2, 0)[0];
  };
  const double before = v_at(40 + p.delay - p.dt), received = v_at(40 + p.delay) - before;
  const double weight = kernel.plastic(0).synapses[0];
  CHECK(weight > 0.5);
  CHECK_FALSE(PlasticArrival::holds(to_quanta(weight / layout.populations[2].quantum[0])));
  CHECK(difference(received, weight) < tolerance);
}
