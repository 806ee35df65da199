// What every run begins with: input files, memory, and what is kept of the document.
#include "app/prepare.h"

#include <fmt/core.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "app/catalogue.h"
#include "app/network_builder.h"
#include "app/session.h"
#include "app/simulation.h"
#include "core/json.h"
#include "core/plan.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const char* const small = R"({"ranvier": 1, "run": {"duration": 100, "dt": 0.1},
    "populations": {"cells": {"model": "if_curr_exp", "size": 130,
                              "parameters": {"i_offset": 1}}}})";

/// One rank of several, the others of which are on a machine of another name.
class RankElsewhere final : public Comm {
 public:
  int rank() const override { return 0; }
  int size() const override { return 4; }
  std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) override {
    for (std::size_t r = 2; r < 4; ++r) to_rank[r].assign(to_rank[0].size(), std::byte{'x'});
    return to_rank;
  }
  void sum(std::span<std::int64_t>) override {}
  void max(std::span<std::int64_t>) override {}
  void abort(const Error& error) override { throw error; }
};

}  // namespace

TEST_CASE("input files are named from the document's folder, and a pipe has one reader", "[app]") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ranvier_inputs_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "spikes.txt") << "1.5 0\n2.5 1\n";
  const std::string pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto document = [&](const char* first, const char* second) {
    return parse_document(fmt::format(R"({{"ranvier": 1, "populations": {{
                     "a": {{"model": "spike_source_stream", "size": 2, "file": "{}"}},
                     "b": {{"model": "spike_source_stream", "size": 2, "file": "{}"}}}},
                     "probes": [{{"population": "a", "variables": ["spikes"]}}]}})",
                                      first, second),
                          "test", folder);
  };
  const auto comm = make_local_comm();
  Simulation s(document("spikes.txt", "spikes.txt"), {}, *comm);
  CHECK(s.run(5, [](double) { return true; }).spikes[0].times == std::vector<double>{1.5, 2.5});
  CHECK(s.document().folder.empty());  // the names are seen from here now
  s.rebuild(s.document());
  CHECK_THROWS_WITH(Simulation(document("pipe", "./pipe"), {}, *comm),
                    Contains("another population reads") && Contains("pipe already"));
  Document again = document("spikes.txt", "pipe");
  CHECK_THROWS_WITH(locate_inputs(again, "nobody allows"),
                    Contains("pipe can be read once only, which nobody allows"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("how neurons move is settled from the same span for every duration", "[app]") {
  const auto comm = make_local_comm();
  Workers workers(1);
  for (const auto& [rate, expected] : {std::pair{5.0, Advance::event}, {500.0, Advance::clocked}})
    for (const double duration : {1.0, 1000.0}) {
      Document document = parse_document(R"({"ranvier": 1,
        "populations": {"in": {"model": "spike_source_regular", "size": 10,
                               "parameters": {"rate": 5, "start": 20}},
                        "cells": {"model": "if_curr_delta", "size": 10, "advance": "auto"}},
        "projections": [{"source": "in", "target": "cells", "weight": 0.1, "delay": 1,
                         "connector": {"rule": "all_to_all"}}]})",
                                         "test", {});
      document.run.duration = duration;
      document.network.populations[0].parameters["rate"] = rate;
      CHECK(settle_advance(document, *comm, workers).network.populations[1].advance == expected);
    }
}

// A reset so near the threshold that the way there takes no nanosecond; on the grid it fires once a
// step. One rank has the neuron, the others learn of it. With synapses the event-driven form is the
// smaller one, which is tried first.
TEST_CASE("a network with a neuron that events would fire for ever is clocked", "[app]") {
  const auto cells = [](const char* advance, int synapses) {
    return parse_document(fmt::format(R"({{"ranvier": 1,
        "populations": {{"quiet": {{"model": "if_curr_delta", "size": 300, "advance": "{0}"}},
                         "cells": {{"model": "if_curr_delta", "size": 2, "advance": "{0}",
                                    "parameters": {{"tau_refrac": 0, "i_offset": 1e6,
                                                    "v_reset": -50.00000000001}}}}}},
        "projections": [{{"source": "quiet", "target": "quiet", "weight": 1, "delay": 1,
                          "connector": {{"rule": "fixed_indegree", "number": {1}}}}}]}})",
                                      advance, synapses),
                          "test", {});
  };
  for (const auto& [ranks, synapses] : {std::pair{1, 0}, {1, 50}, {3, 0}, {3, 50}})
    run_as_ranks(ranks, [&, synapses = synapses](Comm& comm) {
      Workers workers(1);
      const Document chosen = settle_advance(cells("auto", synapses), comm, workers);
      for (const Population& p : chosen.network.populations)
        RANVIER_ASSERT(p.advance == Advance::clocked, p.name.c_str());
      Simulation clocked(chosen, {}, comm);
      clocked.run(20, [](double) { return true; });
      RANVIER_ASSERT(clocked.totals().spikes_of[1] == 2 * 200, "not once a step");
      Simulation event(cells("event", synapses), {}, comm);
      std::string answer;
      try {
        event.run(20, [](double) { return true; });
      } catch (const Error& error) {
        answer = error.is_agreed() ? error.what() : "not agreed";
      }
      RANVIER_ASSERT(answer.starts_with("test: population \"cells\": neuron 0 fires at "),
                     answer.c_str());
    });
}

TEST_CASE("memory is shared by the ranks of one machine alone", "[app]") {
  RankElsewhere comm;
  CHECK(ranks_of_this_machine(comm) == 2);
}

TEST_CASE("a refusal of what a document leads to begins with its name", "[app]") {
  const auto comm = make_local_comm();
  const auto refusal = [&](const char* parts) {
    const Document document =
        parse_document(fmt::format(R"({{"ranvier": 1, {}}})", parts), "net.json", {});
    try {
      lay_out(document, *comm, Workers(1));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(
      refusal(R"("populations": {"cells": {"model": "if_curr_exp", "size": 2, "advance": "event"}},
                   "stimuli": [{"type": "noise", "target": "cells", "stdev": 1}])") ==
      "net.json: stimulus 0 (noise on \"cells\"): noise and ac currents need a clocked population; "
      "advance of \"cells\" must be \"clocked\", not \"event\"");
  CHECK(
      refusal(R"("populations": {"cells": {"model": "if_curr_exp", "size": 2}},
                   "projections": [{"source": "cells", "target": "cells", "weight": 1,
                     "connector": {"rule": "all_to_all"},
                     "delay": {"distribution": "exponential", "mean": 5000}}])") ==
      "net.json: projection \"cells->cells\": delay: the law spreads over 1143693 steps of 0.1 ms, "
      "must be below 1048576; give it a \"high\"");
  CHECK_THAT(refusal(R"("populations": {"cells": {"model": "if_curr_exp", "size": 10000000000}},
                        "projections": [{"source": "cells", "target": "cells", "weight": 1,
                          "delay": 1, "connector": {"rule": "all_to_all"}}])"),
             StartsWith("net.json: the network needs about ") && Contains(" MB are available"));
}

TEST_CASE("rates that no memory holds are refused with the rate that it does hold", "[app]") {
  const auto document = [](double rate) {
    return parse_document(fmt::format(R"({{"ranvier": 1, "run": {{"dt": 0.1}},
        "populations": {{"slow": {{"model": "spike_source_poisson", "size": 10}},
                         "in": {{"model": "spike_source_poisson", "size": 1000,
                                 "parameters": {{"rate": {}}}}},
                         "cells": {{"model": "if_curr_exp", "size": 1}}}},
        "projections": [{{"source": "in", "target": "cells", "weight": 0.001, "delay": 1,
                          "connector": {{"rule": "all_to_all"}}}}]}})",
                                      rate),
                          "net.json", {}, {&catalogue(), {}});
  };
  const auto answer = [&](double rate, double available) {
    const Document given = document(rate);
    const Layout layout = layout_of(given, {});
    try {
      with_name_of(given, [&] { require_memory(layout, available); });
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  // 21 steps of 0.1 ms are held, a thousand sources at 5e8 Hz send 1.05e9 spikes in them; of the 4
  // GB 60 MB are the program's.
  CHECK(
      answer(5e8, 4e9) ==
      "net.json: population \"in\": rate: 5e+08 Hz, must be at most about 1.6e+07 Hz: the spikes "
      "of "
      "1000 sources in 2.1 ms (a window and the longest delay, or the run) take about 126000 MB a "
      "rank, 3940 MB are available");
  CHECK(answer(1.5e7, 4e9) == "");
  CHECK(answer(5e8, 0) == "");  // not known
  CHECK_THROWS_WITH(document(1e9),
                    "net.json: /populations/in: parameters/rate: 1000000000 Hz, must be below a "
                    "spike a nanosecond = 1000000000 Hz");
  const auto comm = make_local_comm();
  Simulation s(document(5), {}, *comm);
  CHECK_THROWS_WITH(
      s.set_parameter(1, "rate", std::array<std::int64_t, 1>{3}, std::array<double, 1>{2e9}),
      "population \"in\": neuron 3: rate: 2000000000 Hz, must be below a spike a nanosecond = "
      "1000000000 Hz");
  CHECK(s.parameter(1, "rate")[3] == 5);
}

TEST_CASE("a network that cannot take the running one's place is named", "[app]") {
  const auto comm = make_local_comm();
  Simulation s(parse_document(small, "small.json", {}, {&catalogue(), {}}), {}, *comm);
  CHECK_THROWS_WITH(s.rebuild(parse_document(R"({"ranvier": 1, "run": {"dt": 0.1},
          "populations": {"cells": {"model": "if_curr_exp", "size": 130, "parameters": {
              "v_thresh": {"distribution": "uniform", "low": -80, "high": -70}}}}})",
                                             "net.json", {}, {&catalogue(), {}})),
                    StartsWith("net.json: population \"cells\": neuron 0, as drawn: v_reset"));
}

TEST_CASE("a network loaded from a file and changed by calls is no longer called by it", "[app]") {
  NetworkBuilder network(parse_document(small, "net.json", {}));
  CHECK(network.document().name == "net.json");
  CHECK(network.document().text == small);
  network.add_stimulus({parse_json(R"({"type": "noise", "target": "cells", "stdev": 1})", "call")});
  CHECK(network.document().name.empty());
  CHECK(network.document().text.empty());
}

TEST_CASE("a run folder holds the document as it was written", "[app]") {
  const std::string text = fmt::format("\xEF\xBB\xBF{}\n", small);
  const Document document = parse_document(text, "test", {});
  const auto comm = make_local_comm();
  const Layout layout = lay_out(document, *comm, Workers(1));
  const std::string kept = run_json(document, layout, {{"a.csv", "12ab"}});
  CHECK_THAT(kept, Contains(fmt::format("\n  \"document\": {}\n}}\n", small)));
  const Json json = parse_json(kept, "run.json");
  CHECK(*json.find("document") == parse_json(small, "test"));
  CHECK(json.find("settings")->find("duration")->as_number() == 100);
  CHECK(json.find("inputs")->as_object().empty());
  CHECK(json.find("files")->find("a.csv")->find("sha256")->as_string() == "12ab");
  Document without = document;
  without.text.clear();
  CHECK(parse_json(run_json(without, layout, {}), "run.json").find("document")->is_null());
}
