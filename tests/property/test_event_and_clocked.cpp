// Event-driven against clocked in a whole network: with delta synapses, sources and delays on the
// grid and drive below threshold, a neuron fires only where a spike reaches it, so that both ways
// of moving it give every spike at the same time, and the same v but for rounding.
#include <cmath>

#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

Case delta_case(const char* model, double tau_refrac) {
  using Rule = Connector::Rule;
  Network n;
  n.populations = {population("in", "spike_source_array", 80), population("cells", model, 150)};
  n.populations[0].spike_times.resize(80);
  for (std::size_t i = 0; i < 80; ++i)
    for (std::size_t k = 1; k <= 60; ++k)
      n.populations[0].spike_times[i].push_back(
          0.1 * static_cast<double>((k * 331 + i * 177) % 4999 + 1));
  Population& cells = n.populations[1];
  cells.parameters = {{"tau_refrac", tau_refrac}};
  if (model == std::string("if_curr_delta")) {
    cells.parameters["tau_m"] = normal(15, 2, 8, 30);
    cells.parameters["i_offset"] = 0.4;  // v_inf - v_rest is 6 mV, the threshold 15
  }
  const Value delay = normal(1.5, 0.5, 0.1, 4);
  n.projections = {
      projection("in", "cells", Rule::fixed_indegree, 25, normal(2, 0.3, 0, 5), delay),
      projection("cells", "cells", Rule::fixed_indegree, 12, normal(0.5, 0.2, 0, 2), delay),
      projection("cells", "cells", Rule::fixed_probability, 0.05, normal(-1, 0.2, -3, 0), delay)};
  n.projections[2].name = "inhibition";
  n.probes = {{"cells", {"spikes", "v"}, {}, 0.1}};
  RunSettings settings;
  settings.duration = 500;
  settings.seed = 12;
  settings.storage = Storage::exact;
  return {model, n, settings};
}

}  // namespace

TEST_CASE("event-driven and clocked agree in every spike, and in v to 1e-12 mV", "[core]") {
  for (const char* model : {"if_curr_delta", "pif_curr_delta"})
    for (const double tau_refrac : {0.0, 2.0}) {
      CAPTURE(model, tau_refrac);
      Case c = delta_case(model, tau_refrac);
      const Run clocked = run(c, {{1, 1}, {500'000'000}});
      c.network.populations[1].advance = Advance::event;
      const Run event = run(c, {{1, 1}, {500'000'000}});
      REQUIRE(clocked.spikes.size() > 1500);
      CHECK(event.spikes == clocked.spikes);
      REQUIRE(event.frames[0].size() == clocked.frames[0].size());
      double worst = 0;
      for (std::size_t k = 0; k < event.frames[0].size(); ++k) {
        REQUIRE(event.frames[0][k].frame == clocked.frames[0][k].frame);
        REQUIRE(event.frames[0][k].column == clocked.frames[0][k].column);
        worst = std::max(worst, std::fabs(event.frames[0][k].value - clocked.frames[0][k].value));
      }
      CAPTURE(worst);
      CHECK(worst < 1e-12);
    }
}
