// Current- and delta-based LIF in a whole network with exact storage, against NEST 3.10's recording
// (tests/golden/lif_psc.json): v to 1e-10 mV, the same spikes. NEST's conventions hold here as
// there: a spike sent at t arrives at t + delay, acts at the end of the step that ends there, and a
// spike of a step is stamped with the step's end.
#include <cmath>

#include "core/json.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

Case recorded_case(const Json& golden, const std::string& model) {
  using Rule = Connector::Rule;
  Network n;
  n.populations = {population("in", "spike_source_array", 1), population("cell", model, 1)};
  for (const auto& [name, value] : golden.find("parameters")->as_object())
    if (model != "if_curr_delta" || !name.starts_with("tau_syn"))
      n.populations[1].parameters[name] = value.as_number();
  // A source for each pulse.
  const auto& pulses = golden.find("pulses")->as_array();
  n.populations[0].size = static_cast<std::int64_t>(pulses.size());
  std::vector<std::uint32_t> sources[2];
  std::vector<double> weight_of[2];
  for (std::size_t k = 0; k < pulses.size(); ++k) {
    const double at = pulses[k].as_array()[0].as_number(), w = pulses[k].as_array()[1].as_number();
    n.populations[0].spike_times.push_back({at - 1});
    sources[w < 0].push_back(static_cast<std::uint32_t>(k));
    weight_of[w < 0].push_back(w);
  }
  for (const std::size_t sign : {0u, 1u}) {
    Projection p = projection("in", "cell", Rule::list, 0, 0.0, 1.0);
    p.name = sign ? "inhibition" : "excitation";
    p.receptor = sign ? "inhibitory" : "excitatory";
    p.connector.sources = std::make_shared<const std::vector<std::uint32_t>>(sources[sign]);
    p.connector.targets =
        std::make_shared<const std::vector<std::uint32_t>>(sources[sign].size(), 0u);
    p.weight = std::make_shared<const std::vector<double>>(weight_of[sign]);
    n.projections.push_back(std::move(p));
  }
  n.probes = {{"cell", {"spikes", "v"}, {}, golden.find("every")->as_number()}};
  RunSettings settings;
  settings.dt = golden.find("dt")->as_number();
  settings.storage = Storage::exact;
  return {model, n, settings};
}

}  // namespace

TEST_CASE("LIF networks in exact storage: v as NEST 3.10 to 1e-10 mV, the same spikes", "[cross]") {
  const Json golden = parse_json(read_text("tests/golden/lif_psc.json"), "lif_psc.json");
  for (const char* model : {"if_curr_exp", "if_curr_alpha", "if_curr_delta"}) {
    INFO(model);
    const Run result = run(recorded_case(golden, model), {{1, 1}, {150'000'000}});
    const auto& v = golden.find(model)->find("v")->as_array();
    const auto& frames = result.frames.at(0);
    REQUIRE(frames.size() > v.size());
    for (std::size_t k = 0; k < v.size(); ++k) {
      REQUIRE(frames[k + 1].frame == static_cast<std::int64_t>(k + 1));
      CHECK(std::fabs(frames[k + 1].value - v[k].as_number()) < 1e-10);
    }
    const auto& expected = golden.find(model)->find("spikes")->as_array();
    REQUIRE(!expected.empty());
    REQUIRE(result.spikes.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
      CHECK(result.spikes[k].time == std::llround(expected[k].as_number() * 1e6));
  }
}
