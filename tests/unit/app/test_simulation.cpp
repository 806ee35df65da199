// Changes between slices are the same for every split into ranks and threads, and sums stay whole
// when a drive grows; what they cannot hold is refused.
#include "app/simulation.h"

#include <fmt/core.h>

#include <unistd.h>

#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "app/catalogue.h"
#include "core/run_folder.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;

namespace {

const auto go_on = [](double) { return true; };

/// The message that f fails with, or "".
std::string answer_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Bytes of memory that this program has touched and holds.
double resident() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, pages = 0;
  statm >> all >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

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
  Simulation s(network(advance), {threads, {}, false, {}}, comm);
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
  // Not Catch's words: several ranks' threads come here at a time.
  RANVIER_ASSERT(s.state(1, "v").size() == 200, "not everybody's potential");
  RANVIER_ASSERT(s.parameter(1, "tau_m")[70] == 8, "another parameter than was set");
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

// Of populations of one kind one slice moves all.
TEST_CASE("a change of one of several event-driven populations leaves the others", "[app]") {
  const std::string cells = R"("model": "if_curr_exp", "advance": "event",
    "parameters": {"i_offset": {"distribution": "normal", "mean": 0.9, "sd": 0.1}})";
  const Document document =
      parse_document(fmt::format(R"({{"ranvier": 1, "run": {{"seed": 4, "dt": 0.1}},
        "populations": {{"first": {{"size": 200, {0}}}, "second": {{"size": 200, {0}}},
                         "third": {{"size": 77, {0}}}}},
        "projections": [{{"source": "first", "target": "third", "weight": 0.05, "delay": 2,
                         "connector": {{"rule": "fixed_indegree", "number": 10}}}}],
        "stimuli": [{{"type": "poisson", "target": "first", "rate": 50, "weight": 0.2}},
                    {{"type": "poisson", "target": "second", "rate": 50, "weight": 0.2}},
                    {{"type": "poisson", "target": "third", "rate": 50, "weight": 0.2}}]}})",
                                 cells),
                     "test", {});
  const auto one = make_local_comm();
  for (const int threads : {1, 3}) {
    const SimulationOptions options{threads, {}, false, {}};
    Simulation changed(document, options, *one), as_it_was(document, options, *one);
    const std::array<std::int64_t, 2> neurons{3, 199};
    std::size_t spikes = 0;
    for (const char* name : {"v_thresh", "tau_m", "v_thresh", "tau_m"}) {
      const RecordedSlice got = changed.run(30.3, go_on), expected = as_it_was.run(30.3, go_on);
      for (const std::size_t p : {0, 2}) {
        REQUIRE(got.spikes[p].times == expected.spikes[p].times);
        REQUIRE(changed.state(p, "v") == as_it_was.state(p, "v"));
        spikes += got.spikes[p].times.size();
      }
      const double value = name == std::string("tau_m") ? 8 : -58;  // tau_m: neuron by neuron
      changed.set_parameter(1, name, neurons, std::array<double, 2>{value, value});
    }
    REQUIRE(spikes > 100);
    REQUIRE(changed.state(1, "v") != as_it_was.state(1, "v"));
  }
}

TEST_CASE("a thousand populations that one slice moves are changed one by one in no time",
          "[app]") {
  constexpr int n = 1500;
  std::string cells;
  for (int p = 0; p < n; ++p)
    cells += fmt::format(R"({}"p{}": {{"model": "if_curr_exp", "size": 1, "advance": "event",
                             "parameters": {{"i_offset": 1}}}})",
                         p > 0 ? "," : "", p);
  const auto one = make_local_comm();
  Simulation s(
      parse_document(fmt::format(R"({{"ranvier": 1, "populations": {{{}}}}})", cells), "test", {}),
      {1, {}, false, {}}, *one);
  s.run(10, go_on);
  const std::clock_t begin = std::clock();
  for (int p = 0; p < n; p += 2)
    s.set_parameter(static_cast<std::size_t>(p), "v_thresh", std::array<std::int64_t, 1>{0},
                    std::array<double, 1>{-64});
  const RecordedSlice after = s.run(10, go_on);
  CHECK(std::clock() - begin < 4 * CLOCKS_PER_SEC);  // all anew for each of them: 9 s
  for (std::size_t p = 0; p < n; ++p) REQUIRE(after.spikes[p].times.empty() == (p % 2 == 1));
}

TEST_CASE("rows come as rows where a neighbour has a Poisson stimulus", "[app]") {
  const std::string cells = R"("model": "if_curr_exp", "advance": "event")";
  const Document document =
      parse_document(fmt::format(R"({{"ranvier": 1, "run": {{"seed": 4, "dt": 0.1}},
        "populations": {{"in": {{"model": "spike_source_poisson", "size": 400,
                                 "parameters": {{"rate": 100}}}},
                         "first": {{"size": 20000, {0}}}, "driven": {{"size": 64, {0}}}}},
        "projections": [{{"source": "in", "target": "first", "weight": 1e-5, "delay": 10,
                         "connector": {{"rule": "all_to_all"}}}}],
        "stimuli": [{{"type": "poisson", "target": "driven", "rate": 1000, "weight": 1e-5}}]}})",
                                 cells),
                     "test", {});
  const auto one = make_local_comm();
  Simulation s(document, {1, {}, false, {}}, *one);
  s.run(10, go_on);
  const double before = resident();
  s.run(30, go_on);
  CHECK(resident() < before + 40e6);  // one by one: 8 million arrivals of 16 bytes in a window
}

TEST_CASE("sums take their width anew when a drive grows", "[app]") {
  // 16-bit weights of 32,767 quanta: 32-bit sums hold 65,538 of them; 20 drives of 4e7 Hz bring
  // 80,000 a step.
  Document document = parse_document(R"({"ranvier": 1, "run": {"storage": "compact"},
    "populations": {"cells": {"model": "if_curr_delta", "size": 64, "precision": "double",
                              "parameters": {"tau_m": 1e9, "v_thresh": 1e9}}},
    "stimuli": [{"type": "poisson", "target": "cells", "rate": 10, "weight": 0.001}]})",
                                     "test", {});
  std::vector<Stimulus>& stimuli = document.network.stimuli;
  stimuli.resize(20, stimuli[0]);
  const auto comm = make_local_comm();
  Simulation s(document, {}, *comm);
  s.run(1, go_on);
  for (std::size_t i = 0; i < 20; ++i)
    s.change_stimulus(i, {parse_json(R"({"rate": 4e7})", "test")});
  s.run(1, go_on);
  // A Poisson count of mean 8e5 lies within 4,500 of it but for 5e-7; some arrived before.
  for (const double v : s.state(0, "v")) REQUIRE(std::fabs((v + 65) / 0.001 - 8e5) < 4600);
}

TEST_CASE("a rate beyond what a drive can give is refused, and the old one goes on", "[app]") {
  for (const int ranks : {1, 2})
    run_as_ranks(ranks, [](Comm& comm) {
      Simulation changed(network("clocked"), {}, comm), plain(network("clocked"), {}, comm);
      for (const char* rate : {"4.2e7", R"({"distribution": "uniform", "low": 0, "high": 4.2e9})"})
        RANVIER_ASSERT(answer_of([&] {
                         const Json changes =
                             parse_json(fmt::format(R"({{"rate": {}}})", rate), "test");
                         changed.change_stimulus(0, {changes});
                       }).find("(4096 spikes a step of 0.1 ms)") != std::string::npos,
                       "it was taken");
      for (Simulation* s : {&changed, &plain}) s->run(50, go_on);
      RANVIER_ASSERT(changed.state_digest() == plain.state_digest(), "something has changed");
    });
}

TEST_CASE("networks that differ between ranks are refused on all of them", "[app]") {
  std::vector<std::string> told(3);
  run_as_ranks(3, [&](Comm& comm) {
    Document document = network("clocked");
    Simulation simulation(document, {}, comm);
    if (comm.rank() == 2) document.network.stimuli.pop_back();
    told[static_cast<std::size_t>(comm.rank())] =
        answer_of([&] { Simulation(document, {}, comm); }) +
        answer_of([&] { simulation.rebuild(document); });
  });
  const std::string refusal =
      "the network of rank 2 is not that of rank 0; all ranks have to make the same calls, with "
      "the same values";
  CHECK(told == std::vector<std::string>(3, refusal + refusal));
}

TEST_CASE("what one rank's sources cannot have is refused on all, and nothing changes", "[app]") {
  Document document = network("clocked");
  document.network.populations[0].model = "spike_source_poisson_refractory";
  document.network.populations.push_back(
      parse_document(R"({"ranvier": 1, "populations": {"given": {"model": "spike_source_array",
          "size": 150, "spike_times": [)" +
                         [] {
                           std::string trains = "[]";
                           for (int i = 1; i < 150; ++i) trains += ", []";
                           return trains;
                         }() +
                         "]}}}",
                     "test", {})
          .network.populations[0]);
  run_as_ranks(2, [&](Comm& comm) {
    Simulation changed(document, {}, comm), plain(document, {}, comm);
    for (Simulation* s : {&changed, &plain}) s->run(10, go_on);
    for (const std::int64_t neuron : {0, 89}) {  // each of another rank
      const std::string answer = answer_of([&] {
        changed.set_parameter(0, "tau_refrac", std::array<std::int64_t, 1>{neuron},
                              std::array<double, 1>{40});
      });
      RANVIER_ASSERT(answer.find("tau_refrac 40 ms, must be below") != std::string::npos,
                     answer.c_str());
      RANVIER_ASSERT(changed.parameter(0, "tau_refrac")[0] == 0, "it was kept");
    }
    for (const std::size_t source : {0, 149}) {
      std::vector<std::vector<double>> times(150);
      times[source] = {-1};
      const std::string answer = answer_of([&] { changed.set_spike_times(2, times); });
      RANVIER_ASSERT(answer.find("-1 ms, must be > 0") != std::string::npos, answer.c_str());
    }
    for (Simulation* s : {&changed, &plain}) s->run(50, go_on);
    RANVIER_ASSERT(changed.state_digest() == plain.state_digest(), "something has changed");
  });
}

TEST_CASE("a weight below zero is refused where it is a conductance", "[app]") {
  const auto comm = make_local_comm();
  for (const auto& [model, accepted] : {std::pair{"if_cond_exp", false}, {"if_curr_exp", true}}) {
    Simulation s(parse_document(fmt::format(R"({{"ranvier": 1,
        "populations": {{"in": {{"model": "spike_source_poisson", "size": 3}},
                         "cells": {{"model": "{}", "size": 3}}}},
        "projections": [{{"source": "in", "target": "cells", "weight": 0.1, "delay": 1,
                          "connector": {{"rule": "one_to_one"}}, "synapse": "stdp_pair"}}]}})",
                                            model),
                                "test", {}),
                 {}, *comm);
    const std::string answer = answer_of([&] {
      s.set_synapse_values(0, "weight", std::array<std::int64_t, 1>{1},
                           std::array<double, 1>{-0.2});
    });
    CHECK(answer == (accepted ? "" : "projection \"in->cells\": weight: -0.2 uS, must be >= 0"));
    CHECK(s.synapse_values(0, "weight")[1] == (accepted ? -0.2 : 0.1));
  }
}

TEST_CASE("a weight that would vanish beside a larger one is refused", "[app]") {
  const auto comm = make_local_comm();
  const auto answer = [&](const char* storage, double weight, double drive) {
    return answer_of([&] {
      Simulation(parse_document(fmt::format(R"({{"ranvier": 1, "run": {{"storage": "{}"}},
          "populations": {{"in": {{"model": "spike_source_poisson", "size": 3}},
                           "cells": {{"model": "if_curr_exp", "size": 3}}}},
          "projections": [{{"source": "in", "target": "cells", "weight": {}, "delay": 1,
                            "connector": {{"rule": "one_to_one"}}}}],
          "stimuli": [{{"type": "poisson", "target": "cells", "rate": 5, "weight": {}}}]}})",
                                            storage, weight, drive),
                                "test", {}),
                 {}, *comm);
    });
  };
  CHECK(answer("compact", 1, 1.0 / 32'767) == "");
  CHECK(answer("compact", 1, 0) == "");
  CHECK(
      answer("compact", 1, 1e-5) ==
      "test: stimulus 0 (poisson on \"cells\"): weight: 1e-05, would be kept as 0: the receptor's "
      "largest weight sets steps of 3.05e-05; storage \"exact\" has finer ones");
  CHECK(answer("exact", 1e-11, 1) == "");
  CHECK(answer("exact", 1e-13, 1) ==
        "test: projection \"in->cells\": weight: 1e-13, would be kept as 0: the receptor's largest "
        "weight sets steps of 4.55e-13");
  CHECK_THAT(answer("exact", 1e-320, 0), Contains("would be kept as 0"));
}

TEST_CASE("parameters that a law draws must fit together, on all ranks", "[app]") {
  Document document = network("clocked");
  Distribution law;
  law.kind = Distribution::Kind::uniform;
  law.a = -70, law.b = -45;  // some are above v_thresh
  document.network.populations[1].parameters["v_reset"] = law;
  run_as_ranks(2, [&](Comm& comm) {
    const std::string answer = answer_of([&] { Simulation(document, {}, comm); });
    RANVIER_ASSERT(answer.find("test: population \"cells\": neuron ") == 0 &&
                       answer.find(", as drawn: v_reset") != std::string::npos,
                   answer.c_str());
    Document fitting = document;
    std::get<Distribution>(fitting.network.populations[1].parameters["v_reset"]).b = -55;
    Simulation s(fitting, {}, comm);
    s.run(1, go_on);
    const std::string changed = answer_of([&] {
      s.set_parameter(1, "v_thresh", std::array<std::int64_t, 2>{3, 150},
                      std::array<double, 2>{-75, -75});
    });
    RANVIER_ASSERT(changed.find("as drawn: v_reset") != std::string::npos, changed.c_str());
    RANVIER_ASSERT(s.parameter(1, "v_thresh")[150] == -50, "it was kept");
  });
}

TEST_CASE("more spikes of a source in a step than compact sums are proved for end the run",
          "[app]") {
  std::string trains = "[]";
  for (int i = 1; i < 200; ++i) trains += ", []";
  Document document = parse_document(R"({"ranvier": 1, "run": {"storage": "compact"},
    "populations": {"in": {"model": "spike_source_array", "size": 200, "spike_times": [)" +
                                         trains + R"(]},
                    "cells": {"model": "if_curr_exp", "size": 300}},
    "projections": [{"source": "in", "target": "cells", "weight": 0.01, "delay": 1.5,
                     "connector": {"rule": "fixed_probability", "probability": 0.5}}]})",
                                     "test", {});
  std::vector<double>& own = document.network.populations[0].spike_times[150];
  for (int k = 1; k <= 200; ++k) own.push_back(5 + k * 0.0001);  // in the step that ends at 5.1 ms
  const std::vector<std::int64_t> sources(55, 150);
  const std::vector<double> times(55, 5.05);
  for (const auto& [ranks, threads] :
       {std::pair{1, 1}, std::pair{1, 3}, std::pair{2, 1}, std::pair{3, 2}})
    run_as_ranks(ranks, [&, threads = threads](Comm& comm) {
      Simulation s(document, {threads, {}, false, {}}, comm);
      s.run(1, go_on);
      s.inject(0, sources, times);  // 255 in all
      s.run(9, go_on);
      for (const double at : {12.345, 12.35})
        for (int k = 0; k < 2; ++k)
          s.inject(0, std::vector<std::int64_t>(70, 3), std::vector<double>(70, at));
      const std::string answer = answer_of([&] { s.run(9, go_on); });
      RANVIER_ASSERT(
          answer ==
              "test: population \"in\": 3 sent more than 255 spikes in the step of dt that ends "
              "at 12.4 ms, which storage \"compact\" does not hold; storage \"exact\" does",
          answer.c_str());
    });
  document.run.storage = Storage::exact;
  const auto comm = make_local_comm();
  Simulation s(document, {}, *comm);
  s.inject(0, std::vector<std::int64_t>(300, 3), std::vector<double>(300, 2.0));
  s.run(9, go_on);
  REQUIRE(s.totals().spikes_of[0] == 500);
}

TEST_CASE("event-driven neurons that fire often in a step get sums that are wide enough", "[app]") {
  // 800 neurons that fire 100 times a step, into weights of 32,767 quanta: 2.6e9 quanta a step.
  Document document = parse_document(R"({"ranvier": 1, "run": {"storage": "compact"},
    "populations": {"fast": {"model": "if_curr_delta", "size": 800, "advance": "event",
                             "parameters": {"tau_refrac": 0.001, "v_reset": -65, "v_thresh": -64.999,
                                            "i_offset": 1000}},
                    "cells": {"model": "if_curr_delta", "size": 8, "precision": "double",
                              "parameters": {"tau_m": 1e9, "v_thresh": 1e9}}},
    "projections": [{"source": "fast", "target": "cells", "weight": 1, "delay": 0.1,
                     "connector": {"rule": "all_to_all"}}]})",
                                     "test", {});
  const auto comm = make_local_comm();
  Simulation s(document, {}, *comm);
  for (int k = 0; k < 10; ++k) s.run(0.1, go_on);
  const double arrived = static_cast<double>(s.totals().spikes_of[0]);
  REQUIRE(arrived > 800 * 9 * 90);
  const double before = s.state(1, "v")[0];
  s.run(0.1, go_on);
  REQUIRE(before > -65 + 0.8 * arrived);
  REQUIRE(std::fabs(s.state(1, "v")[0] + 65 - arrived) < 1e-6 * arrived);
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

TEST_CASE("of a network that cannot be built no run folder is left", "[app]") {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("ranvier_none_{}", getpid());
  const Document document = parse_document(R"({"ranvier": 1, "run": {"dt": 0.1}, "populations":
    {"eye": {"model": "spike_source_events", "size": 4, "options": {"width": 2, "height": 2}}}})",
                                           "test", {}, {&catalogue(), {}});
  const auto comm = make_local_comm();
  CHECK_THAT(answer_of([&] {
               Simulation(document, {1, folder, false, {}}, *comm);
             }),
             Contains("file: a recording is missing"));
  CHECK_FALSE(std::filesystem::exists(partial_folder(folder)));
}

TEST_CASE("a state that cannot be is refused", "[app]") {
  const auto comm = make_local_comm();
  Simulation s(network("event"), {}, *comm);
  const auto set = [&](const char* variable, double value) {
    s.set_state(1, variable, std::array<std::int64_t, 1>{2}, std::array<double, 1>{value});
  };
  REQUIRE_THROWS_WITH(set("refractory", -1), Contains("refractory: -1, must be >= 0"));
  REQUIRE_THROWS_WITH(set("v", INFINITY), Contains("v: inf, must be a finite number"));
  set("refractory", 1.5);
  REQUIRE(s.state(1, "refractory")[2] == Approx(1.5));
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
