// The stochastic synapses against closed forms: counts of releases within 4.5 standard deviations
// of their laws (probability of a false alarm below 1e-5 a check), over many synapses of one
// source.
#include "tests/unit/learning/protocol.h"

using namespace ranvier;
using namespace ranvier::learning::testing;

namespace {

constexpr int n_targets = 4000;

/// What each presynaptic spike delivers to each of many targets, in units of the weight:
/// [spike][target].
std::vector<std::vector<double>> released(const std::string& rule, const Values& parameters,
                                          const std::vector<double>& pre, std::uint64_t seed = 1) {
  Protocol p;
  p.rule = rule;
  p.parameters = parameters;
  p.pre = pre;
  p.weight = 1;
  p.seed = seed;
  Network n = p.network();
  n.projections.resize(1);
  n.projections[0].connector.rule = Connector::Rule::all_to_all;
  n.populations[2].size = n_targets;
  n.populations[2].parameters = {{"tau_m", 1e12}, {"v_thresh", 1e6}, {"v_reset", -65.0}};
  const Layout layout = make_layout(n, p.settings(), app::catalogue(), {});
  const auto comm = make_local_comm();
  Workers workers(1);
  Kernel kernel(layout, *comm, workers);
  MemoryRecorder recorder(layout.record);
  std::vector<std::vector<double>> result;
  std::vector<double> before(n_targets, -65);
  for (const double t : pre) {
    kernel.run(from_ms(t + p.delay).count(), recorder, [](std::int64_t) { return true; });
    const std::vector<double> v = kernel.state(2, 0);
    std::vector<double> sent(n_targets);
    for (std::size_t i = 0; i < n_targets; ++i) sent[i] = std::round(v[i] - before[i]);
    result.push_back(std::move(sent));
    before = v;
  }
  return result;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

void check_mean(const std::vector<double>& values, double expected, double variance) {
  INFO("mean " << mean(values) << ", expected " << expected);
  CHECK(std::fabs(mean(values) - expected) < 4.5 * std::sqrt(variance / n_targets));
}

}  // namespace

TEST_CASE("a simple stochastic synapse transmits with its probability", "[learning]") {
  const auto sent = released("simple_stochastic", {{"p", 0.3}}, {10, 20, 20.1});
  for (const auto& spike : sent) {
    for (const double x : spike) CHECK((x == 0 || x == 1));
    check_mean(spike, 0.3, 0.3 * 0.7);
  }
  // Independent from spike to spike.
  double both = 0;
  for (std::size_t i = 0; i < n_targets; ++i) both += sent[0][i] * sent[1][i];
  CHECK(std::fabs(both / n_targets - 0.09) < 4.5 * std::sqrt(0.09 * 0.91 / n_targets));
  CHECK(released("simple_stochastic", {{"p", 0.3}}, {10}, 2)[0] != sent[0]);
  CHECK(mean(released("simple_stochastic", {{"p", 0.0}}, {10})[0]) == 0);
  CHECK(mean(released("simple_stochastic", {{"p", 1.0}}, {10})[0]) == 1);
}

TEST_CASE("a release site that was emptied recovers with tau_rec", "[learning]") {
  // U = 1: released at the first spike; then with the probability of recovery.
  const auto sent =
      released("stochastic_tsodyks_markram", {{"U", 1.0}, {"tau_rec", 50.0}}, {10, 30});
  CHECK(mean(sent[0]) == 1);
  const double p = 1 - std::exp(-20.0 / 50);
  check_mean(sent[1], p, p * (1 - p));
}

TEST_CASE("release probability is facilitated", "[learning]") {
  const auto sent = released("stochastic_tsodyks_markram",
                             {{"U", 0.2}, {"tau_rec", 1e-3}, {"tau_facil", 100.0}}, {10, 30, 50});
  double u = 0;
  for (const auto& spike : sent) {
    u = u * std::exp(-20.0 / 100) * (&spike == &sent[0] ? 0 : 1);
    u += 0.2 * (1 - u);
    check_mean(spike, u, u * (1 - u));
  }
}

TEST_CASE("n sites release a binomial number of quanta", "[learning]") {
  const double U = 0.4, n = 5;
  const auto sent = released("multi_quantal", {{"U", U}, {"n", n}, {"tau_rec", 60.0}}, {10, 40});
  check_mean(sent[0], n * U, n * U * (1 - U));
  double variance = 0;
  for (const double x : sent[0]) variance += (x - n * U) * (x - n * U) / n_targets;
  CHECK(std::fabs(variance / (n * U * (1 - U)) - 1) < 4.5 * std::sqrt(2.0 / n_targets));
  // A site holds its quantum, or emptied it and has recovered: each releases with q.
  const double q = U * (1 - U * std::exp(-30.0 / 60));
  check_mean(sent[1], n * q, n * q * (1 - q));
}
