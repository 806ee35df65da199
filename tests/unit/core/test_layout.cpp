// Layout: what it refuses of a network that no document's reader has looked at.
#include "core/layout.h"

#include "app/catalogue.h"
#include "core/error.h"
#include "tests/catch.h"

using namespace ranvier;
using Catch::Matchers::StartsWith;

namespace {

Population two_cells(Advance advance = Advance::clocked) {
  Population p;
  p.name = "cells";
  p.model = "if_curr_delta";
  p.size = 2;
  p.advance = advance;
  return p;
}

/// Two cells whose potentials are recorded.
Layout recorded(double interval, double dt, Advance advance = Advance::clocked) {
  static Network network;
  network = {};
  network.populations = {two_cells(advance)};
  Probe probe;
  probe.population = "cells";
  probe.variables = {"v"};
  probe.interval = interval;
  network.probes = {probe};
  RunSettings run;
  run.dt = dt;
  return make_layout(network, run, app::catalogue(), {});
}

}  // namespace

TEST_CASE("an interval that is no whole number of steps is refused", "[core]") {
  CHECK(recorded(0.3, 0.1).record.reports.size() == 1);
  CHECK(recorded(0, 0.1).record.reports[0].interval == 0.1);
  CHECK_THROWS_WITH(
      recorded(1.0000009, 1),
      "probe 0 on \"cells\": interval: 1.0000009 ms, must be a multiple of dt = 1 ms, such "
      "as 1 or 2 ms");
  for (const Advance advance : {Advance::clocked, Advance::event})
    CHECK_THROWS_WITH(recorded(1e300, 0.1, advance),
                      "probe 0 on \"cells\": interval: 1e+300 ms, must be a multiple of dt = 0.1 "
                      "ms, such as 0.1 or 0.2 ms");
}

TEST_CASE("of several probes the one that is refused is told by its number", "[core]") {
  Network network;
  network.populations = {two_cells()};
  Projection loop;
  loop.name = "loop";
  loop.source = loop.target = "cells";
  network.projections = {loop};
  const Probe good{"cells", {"v"}, {}, 0};
  const auto with = [&](const Probe& probe) {
    network.probes = {good, good, probe};
    return make_layout(network, {}, app::catalogue(), {});
  };
  CHECK_THROWS_WITH(with({"cells", {"w"}, {}, 0}),
                    StartsWith("probe 2 on \"cells\": variable \"w\" is not one of"));
  CHECK_THROWS_WITH(with({"cells", {"v"}, {2}, 0}),
                    StartsWith("probe 2 on \"cells\": neurons: index 2, must lie in"));
  CHECK_THROWS_WITH(with({"", {"weight"}, {}, 1, "loop"}),
                    StartsWith("probe 2 on \"loop\": its synapses are static"));
  network.projections[0].synapse = "stdp_pair";
  CHECK_THROWS_WITH(with({"", {"wait"}, {}, 1, "loop"}),
                    StartsWith("probe 2 on \"loop\": variable \"wait\" is not one of"));
}

// Arrivals and messages keep times within a window in 32 bits of nanoseconds.
TEST_CASE("a step of dt that is longer than a second is refused", "[core]") {
  CHECK(recorded(1000, 1000).window_steps == 1);
  CHECK_THROWS_WITH(recorded(5000, 5000),
                    "run: dt: 5000 ms, must be a whole number of nanoseconds (1e-6 ms) and at most "
                    "1000 ms");
}

TEST_CASE("a stimulus is named by its name, or else its number, with type and target", "[core]") {
  Network network;
  network.populations = {two_cells(Advance::event)};
  Stimulus hum;
  hum.type = Stimulus::Type::noise;
  hum.target = "cells";
  network.stimuli = {hum};
  CHECK_THROWS_WITH(make_layout(network, {}, app::catalogue(), {}),
                    "stimulus 0 (noise on \"cells\"): noise and ac currents need a clocked "
                    "population; advance of \"cells\" must be \"clocked\", not \"event\"");
  network.stimuli[0].name = "hum";
  network.stimuli[0].stdev = -1;
  CHECK_THROWS_WITH(make_layout(network, {}, app::catalogue(), {}),
                    "stimulus \"hum\" (noise on \"cells\"): stdev: -1 nA, must be >= 0");
}

TEST_CASE("a time constant of more steps than can be counted is refused", "[core]") {
  Network network;
  for (const char* name : {"from", "to"}) {
    Population p;
    p.name = name;
    p.model = "if_curr_delta";
    p.size = 2;
    network.populations.push_back(p);
  }
  Projection p;
  p.name = "p";
  p.source = "from";
  p.target = "to";
  p.synapse = "stdp_pair";
  p.parameters = {{"tau_plus", 1e15}, {"tau_minus", 1e15}};
  network.projections = {p};
  CHECK_NOTHROW(make_layout(network, {}, app::catalogue(), {}));
  network.projections[0].parameters["tau_minus"] = 1e20;
  CHECK_THROWS_WITH(make_layout(network, {}, app::catalogue(), {}),
                    "projection \"p\": tau_minus: 1e+20 ms, must be at most 1e+16 ms at dt 0.1 ms");
}
