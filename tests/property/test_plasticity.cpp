// Weights of a plastic network against a replay of the trains that it recorded: every pair of
// spikes is summed one by one, synapse by synapse, without traces. That splits, slices and
// checkpoints make no difference is seen in test_splits.cpp, test_slices.cpp and
// test_checkpoint_state.cpp, whose networks have plastic synapses too.
#include <cmath>

#include "core/connect.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

using Steps = std::vector<std::int64_t>;

struct Pairing {
  double weight, plus, minus, tau_plus, tau_minus, low, high;  ///< amplitudes of a change
  double fraction;
};

/// Additive STDP: changes at presynaptic spikes that are known by step `now`.
double replay(const Steps& pre, const Steps& post, std::int64_t delay, const Pairing& p,
              std::int64_t now) {
  const std::int64_t dendritic = static_cast<std::int64_t>(
                         std::floor(p.fraction * static_cast<double>(delay) + 0.5)),
                     axonal = delay - dendritic, at_soma = dendritic == 0 ? 1 : 0;
  const bool upward = p.high > p.low;
  double w = p.weight;
  std::int64_t before = -1;
  for (std::size_t i = 0; i < pre.size(); ++i) {
    const std::int64_t arrival = pre[i] + axonal;
    if (std::max(pre[i], arrival - dendritic - at_soma) > now) break;
    for (const std::int64_t t : post) {
      const std::int64_t back = t + dendritic;
      if (i == 0 || back <= before - at_soma || back > arrival - at_soma) continue;
      double sum = 0;
      for (std::size_t k = 0; k < i; ++k)
        if (pre[k] + axonal < back)
          sum += std::exp(-static_cast<double>(back - pre[k] - axonal) * 0.1 / p.tau_plus);
      w += p.plus * sum;
      w = upward ? std::min(w, p.high) : std::max(w, p.high);
    }
    double sum = 0;
    for (const std::int64_t t : post)
      if (t + dendritic < arrival)
        sum += std::exp(-static_cast<double>(arrival - t - dendritic) * 0.1 / p.tau_minus);
    w -= p.minus * sum;
    w = upward ? std::max(w, p.low) : std::min(w, p.low);
    before = arrival;
  }
  return w;
}

/// Checks one projection of a run that ended at `now`; returns how many weights have moved.
std::size_t check_weights(const Case& c, const Run& result, std::size_t projection, Pairing p,
                          std::int64_t now) {
  const Layout layout = make_layout(c.network, c.run, app::catalogue(), {});
  const ProjectionLayout& part = layout.projections[projection];
  std::vector<Steps> trains(layout.partition.first_gid.back());
  for (const RecordedSpike& s : result.spikes) trains[s.gid].push_back(s.time / layout.dt_ns);
  const auto n_targets = static_cast<std::uint32_t>(layout.partition.sizes[part.target]);
  const auto rows = make_rows(c.network, projection, c.run, {0, n_targets});
  const PlasticState& state = result.state.plastic[projection];
  const std::size_t width = state.synapses.size() / state.sources.size();
  std::vector<Synapse> row;
  std::size_t at = 0, moved = 0, wrong = 0;
  double largest = 0;
  for (std::uint32_t source = 0; source < layout.partition.sizes[part.source]; ++source) {
    row.clear();
    rows->append(source, row);
    std::stable_sort(row.begin(), row.end(),
                     [](const Synapse& a, const Synapse& b) { return a.target < b.target; });
    for (const Synapse& s : row) {
      p.weight = s.weight;
      const double expected = replay(trains[layout.partition.first_gid[part.source] + source],
                                     trains[layout.partition.first_gid[part.target] + s.target],
                                     s.delay, p, now),
                   found = state.synapses[at++ * width];
      moved += found != s.weight ? 1 : 0;
      wrong += std::fabs(found - expected) < 1e-11 ? 0 : 1;
      largest = std::max(largest, std::fabs(found - expected));
    }
  }
  INFO(c.network.projections[projection].name << ", largest difference " << largest);
  CHECK(wrong == 0);
  CHECK(at == state.sources.size());
  return moved;
}

}  // namespace

TEST_CASE("weights follow every pair of spikes, whatever part of the delay is dendritic",
          "[core]") {
  for (const double fraction : {1.0, 0.6, 0.3, 0.0}) {
    Case c = cases()[3];
    REQUIRE(c.network.projections[0].synapse == "stdp_pair");
    for (const std::size_t i : {0, 4})
      c.network.projections[i].parameters["dendritic_delay_fraction"] = fraction;
    c.network.projections[4].parameters["A_plus"] = 0.01;
    const Run result = run(c, {{2, 1}, {50'000'000, 100'000'000}});
    INFO("dendritic fraction " << fraction);
    CHECK(check_weights(c, result, 0, {0, 0.05, 0.06, 20, 20, 0, 1, fraction}, 1000) > 1000);
    CHECK(check_weights(c, result, 4, {0, -0.02, -0.02, 20, 20, 0, -2, fraction}, 1000) > 500);
  }
}
