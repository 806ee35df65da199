// Rows that are drawn again when their source spikes give the bits of stored rows, which
// test_delivery.cpp checks against an independent form of delivery: for every rule that can be
// drawn so, beside stored rows of the same sources, in both storages, for every split, in slices,
// from a saved state, and after a restart.
#include "core/error.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

constexpr std::int64_t until = 60'000'000;

Network every_rule() {
  using Rule = Connector::Rule;
  Network n = balanced_network();
  const Value weight = normal(0.05, 0.01, 0, 0.1), delay = normal(1.5, 0.75, 0.1, 6);
  for (Population& p : n.populations)
    for (std::int64_t i = 0; i < p.size; ++i)
      p.positions.push_back({10.0 * static_cast<double>(i), 0, 0});
  n.projections.push_back(projection("E", "E", Rule::one_to_one, 0, weight, delay));
  n.projections.push_back(projection("I", "I", Rule::all_to_all, 0, -0.02, 0.5));
  n.projections.back().name = "all";
  n.projections.push_back(projection("E", "E", Rule::small_world, 8, weight, delay));
  n.projections.back().name = "world";
  n.projections.back().connector.rewiring = 0.2;
  n.projections.push_back(projection("E", "I", Rule::distance_dependent, 0, weight, delay));
  n.projections.back().name = "near";
  n.projections.back().connector.distance = {DistanceFunction::Kind::exponential, 0.3, 500, 0, 1};
  return n;
}

/// A fifth of the sources have plastic synapses alone, and lie between those of static ones.
Network fixed_beside_plastic() {
  Network n = plastic_network();
  n.projections.back().connector.rule = Connector::Rule::fixed_probability;
  n.projections.back().connector.probability = 0.005;
  return n;
}

std::vector<Case> stored_cases() {
  std::vector<Case> all;
  for (const Storage storage : {Storage::exact, Storage::compact}) {
    RunSettings run;
    run.duration = 60;
    run.seed = 20261125;
    run.storage = storage;
    all.push_back({"every rule", every_rule(), run});
    all.push_back({"beside event-driven targets", mixed_network(), run});
    all.push_back({"beside plastic synapses", fixed_beside_plastic(), run});
  }
  return all;
}

Case procedural(Case c) {
  c.name += ", procedural";
  for (Projection& p : c.network.projections)
    p.connector.procedural =
        draws_by_source(p.connector) && p.synapse == "static" &&
        c.network.populations[c.network.find(p.target)].advance == Advance::clocked;
  return c;
}

}  // namespace

TEST_CASE("procedural rows have the bits of stored ones on every split", "[core][threads]") {
  for (const Case& c : stored_cases()) {
    INFO(c.name);
    const Run stored = run(c, {{1, 1}, {until}});
    CHECK(stored.synaptic_events > 10'000);
    for (const Split split : {Split{1, 1}, Split{1, 2}, Split{2, 2}, Split{4, 1}}) {
      INFO(split.ranks << " ranks x " << split.threads << " threads");
      const Run drawn = run(procedural(c), {split, {until}});
      CHECK(drawn.synapses == stored.synapses);
      CHECK(drawn.same_as(stored));
    }
  }
}

TEST_CASE("procedural rows have the bits of stored ones in slices, saved and restarted", "[core]") {
  for (const Case& c : stored_cases()) {
    INFO(c.name);
    const Run stored = run(c, {{1, 1}, {until}});
    CHECK(run(procedural(c), {{1, 1}, {7'300'000, 21'000'000, until}}).same_as(stored));
    How again{{2, 1}, {until}};
    again.restart_at = 30'000'000;
    CHECK(run(procedural(c), again).same_as(stored));
    const Run half = run(procedural(c), {{1, 2}, {30'000'000}});
    const Run rest = run(procedural(c), {{2, 1}, {until}, false, &half.state});
    CHECK(rest.digest == stored.digest);
  }
}

TEST_CASE("rows that must be stored are refused as procedural", "[core]") {
  const auto fault = [](std::size_t projection, const std::string& synapse, Advance advance) {
    Case c = stored_cases()[0];
    c.network.projections[projection].connector.procedural = true;
    c.network.projections[projection].synapse = synapse;
    c.network.populations[0].advance = advance;
    try {
      make_layout(c.network, c.run, app::catalogue(), {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(fault(0, "static", Advance::clocked).empty());
  CHECK_THAT(fault(1, "static", Advance::clocked),
             Catch::Matchers::StartsWith("projection \"E_I\": procedural: needs a rule that is "
                                         "drawn source by source (all_to_all, "));
  CHECK(fault(0, "stdp_pair", Advance::clocked) ==
        "projection \"E_E\": procedural: synapses of \"stdp_pair\" have a state, which must be "
        "stored");
  CHECK(fault(0, "static", Advance::event) ==
        "projection \"E_E\": procedural: needs a clocked target; the neurons of \"E\" are moved by "
        "events (advance)");
}
