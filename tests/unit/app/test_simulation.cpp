// Changes between slices are the same for every split into ranks and threads, and sums stay whole
// when a drive grows.
#include "app/simulation.h"

#include <array>

#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;

namespace {

const auto go_on = [](double) { return true; };

Document network(const char* advance) {
  Document document = parse_document(R"({"ranvier": 1, "run": {"seed": 4, "dt": 0.1},
    "populations": {"in": {"model": "spike_source_gamma", "size": 90, "parameters": {"rate": 30}},
                    "cells": {"model": "if_curr_exp", "size": 200}},
    "projections": [{"source": "in", "target": "cells", "weight": 1.2, "delay": 1.1,
                     "connector": {"rule": "fixed_probability", "probability": 0.2}},
                    {"source": "cells", "target": "cells", "weight": 0.05, "delay": 2,
                     "connector": {"rule": "fixed_indegree", "number": 10}}],
    "stimuli": [{"type": "poisson", "target": "cells", "rate": 50, "weight": 0.2},
                {"type": "dc", "target": "cells", "amplitude": 0.1}]})",
                                     "test", {});
  document.network.populations[1].advance =
      std::string(advance) == "event" ? Advance::event : Advance::clocked;
  return document;
}

/// Runs with a change of every kind; the digest of the end and all spikes' times.
std::pair<std::string, std::vector<double>> changed_run(const char* advance, int threads,
                                                        Comm& comm) {
  Simulation s(network(advance), {threads, {}, false}, comm);
  std::vector<double> times;
  const auto run = [&](double ms) {
    const RecordedSlice slice = s.run(ms, go_on);
    times.insert(times.end(), slice.spikes[1].times.begin(), slice.spikes[1].times.end());
  };
  run(20.3);
  const std::array<std::int64_t, 3> neurons{5, 70, 199};
  const std::array<double, 3> values{-55, -60, -64}, taus{7, 8, 9};
  s.set_state(1, "v", neurons, values);
  s.set_parameter(1, "tau_m", neurons, taus);
  run(10);
  s.set_parameter(0, "rate", std::array<std::int64_t, 2>{3, 89}, std::array<double, 2>{200, 0});
  s.inject(0, std::array<std::int64_t, 2>{0, 80}, std::array<double, 2>{31.25, 33});
  s.change_stimulus(0, {parse_json(R"({"rate": 400})", "test")});
  s.change_stimulus(1, {parse_json(R"({"amplitude": 0.3})", "test")});
  run(30);
  REQUIRE(s.state(1, "v").size() == 200);
  REQUIRE(s.parameter(1, "tau_m")[70] == 8);
  return {s.state_digest(), times};
}

}  // namespace

TEST_CASE("changes between slices give the same bits for every split", "[app]") {
  for (const char* advance : {"clocked", "event"}) {
    const auto one = make_local_comm();
    const auto expected = changed_run(advance, 1, *one);
    REQUIRE(expected.second.size() > 100);
    REQUIRE(changed_run(advance, 3, *one) == expected);
    for (const int ranks : {2, 3})
      run_as_ranks(ranks, [&](Comm& comm) {
        const auto got = changed_run(advance, 1, comm);
        RANVIER_ASSERT(got == expected, "another split, other bits");
      });
  }
}

TEST_CASE("sums take their width anew when a drive grows", "[app]") {
  // 16-bit weights of 32,767 quanta: 32-bit sums hold 65,538 of them; 1e9 Hz brings 100,000 a step.
  Document document = parse_document(R"({"ranvier": 1, "run": {"storage": "compact"},
    "populations": {"cells": {"model": "if_curr_delta", "size": 64, "precision": "double",
                              "parameters": {"tau_m": 1e9, "v_thresh": 1e9}}},
    "stimuli": [{"type": "poisson", "target": "cells", "rate": 10, "weight": 0.001}]})",
                                     "test", {});
  const auto comm = make_local_comm();
  Simulation s(document, {}, *comm);
  s.run(1, go_on);
  s.change_stimulus(0, {parse_json(R"({"rate": 1e9})", "test")});
  s.run(1, go_on);
  // A Poisson count of mean 1e6 lies within 5,000 of it but for 6e-7.
  for (const double v : s.state(0, "v")) REQUIRE(std::fabs((v + 65) / 0.001 - 1e6) < 5100);
}

TEST_CASE("currents that compact storage keeps as one are not given as two", "[app]") {
  Document document = parse_document(R"({"ranvier": 1, "run": {"storage": "compact"},
    "populations": {"cells": {"model": "if_curr_exp", "size": 4}}})",
                                     "test", {});
  const auto comm = make_local_comm();
  Simulation compact(document, {}, *comm);
  REQUIRE(compact.state(0, "v").size() == 4);
  REQUIRE(compact.state(0, "refractory").size() == 4);
  REQUIRE_THROWS_WITH(compact.state(0, "i_i"), Contains("kept as one in compact storage"));
  REQUIRE_THROWS_WITH(compact.set_parameter(0, "tau_syn_E", std::array<std::int64_t, 1>{2},
                                            std::array<double, 1>{9}),
                      Contains("kept as one in compact storage"));
  document.run.storage = Storage::exact;
  Simulation exact(document, {}, *comm);
  REQUIRE(exact.state(0, "i_i").size() == 4);
}

TEST_CASE("a simulation that is closed says so", "[app]") {
  const auto comm = make_local_comm();
  Simulation s(network("clocked"), {}, *comm);
  s.close();
  s.close();
  REQUIRE(s.is_closed());
  REQUIRE_THROWS_WITH(s.run(1, go_on), Contains("closed"));
  REQUIRE_THROWS_WITH(s.state(1, "v"), Contains("closed"));
}
