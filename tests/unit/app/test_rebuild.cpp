// A simulation that goes on with another network: where nothing differs, the bits of one that was
// left alone; what is on its way arrives when and as strong as it was sent.
#include <array>

#include "app/catalogue.h"
#include "app/simulation.h"
#include "core/kernel.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;

namespace {

const auto go_on = [](double) { return true; };

const char* const noisy_cells = R"({"ranvier": 1, "run": {"seed": 4, "dt": 0.1},
    "populations": {"in": {"model": "spike_source_gamma", "size": 90, "parameters": {"rate": 30}},
                    "cells": {"model": "if_curr_exp", "size": 200}},
    "projections": [{"source": "in", "target": "cells", "weight": 1.2, "delay": 3.1,
                     "connector": {"rule": "fixed_probability", "probability": 0.2}},
                    {"source": "cells", "target": "cells", "weight": 0.05, "delay": 2,
                     "connector": {"rule": "fixed_indegree", "number": 10}}],
    "stimuli": [{"type": "poisson", "target": "cells", "rate": 50, "weight": 0.2},
                {"type": "dc", "target": "cells", "amplitude": 0.1}],
    "probes": [{"population": "cells", "variables": ["spikes"]}]})";

Document network(Advance advance, Storage storage = Storage::automatic, bool procedural = false) {
  Document document = parse_document(noisy_cells, "test", {});
  document.network.populations[1].advance = advance;
  document.network.projections[0].connector.procedural = procedural;
  document.run.storage = storage;
  return document;
}

void add(std::vector<double>& times, const RecordedSlice& slice) {
  times.insert(times.end(), slice.spikes[1].times.begin(), slice.spikes[1].times.end());
}

/// 60 ms of either, of which `again` is rebuilt as it is after each of `slices` (30 ms in all).
void require_going_on(Simulation& alone, Simulation& again, const std::array<double, 3>& slices) {
  std::vector<double> expected, got;
  add(expected, alone.run(60, go_on));
  for (const double ms : slices) {
    add(got, again.run(ms, go_on));
    again.rebuild(again.document());
  }
  add(got, again.run(30, go_on));
  REQUIRE(expected.size() > 100);
  REQUIRE(got == expected);
  REQUIRE(again.state_digest() == alone.state_digest());
}

/// One source that fires at `at` (ms) into one neuron that keeps what it gets.
Document one_synapse(double weight, double delay, Advance advance) {
  Document document = parse_document(R"({"ranvier": 1, "run": {"dt": 0.1},
    "populations": {"in": {"model": "spike_source_array", "size": 1, "spike_times": [[1.0, 4.0]]},
                    "cell": {"model": "if_curr_delta", "size": 1,
                             "parameters": {"tau_m": 1e12, "v_thresh": 1e9}}},
    "projections": [{"source": "in", "target": "cell", "weight": 1,
                     "connector": {"rule": "one_to_one"}}]})",
                                     "test", {});
  document.network.projections[0].weight = weight;
  document.network.projections[0].delay = delay;
  document.network.populations[1].advance = advance;
  return document;
}

}  // namespace

TEST_CASE("arrivals with a delay of their own go on to event-driven neurons, also off the grid",
          "[app]") {
  const auto comm = make_local_comm();
  Document document = network(Advance::event);
  for (Projection& p : document.network.projections)
    p.delay = Distribution{Distribution::Kind::uniform, 1.5, 6};
  Simulation alone(document, {}, *comm), again(document, {}, *comm);
  require_going_on(alone, again, {7.35, 2.2, 20.45});
}

TEST_CASE("a network that goes on as it was gives the bits of one left alone", "[app]") {
  for (const Storage storage : {Storage::exact, Storage::compact})
    for (const auto& [advance, procedural] :
         {std::pair{Advance::clocked, false}, std::pair{Advance::clocked, true},
          std::pair{Advance::event, false}}) {
      const auto comm = make_local_comm();
      Simulation alone(network(advance, storage), {}, *comm),
          again(network(advance, storage, procedural), {}, *comm);
      require_going_on(alone, again, {7.3, 2.2, 20.5});
      REQUIRE(again.totals().spikes == alone.totals().spikes);
      REQUIRE(again.totals().synaptic_events == alone.totals().synaptic_events);
    }
}

TEST_CASE("neurons whose parameters are others in a rebuilt network go on from where they stand",
          "[app]") {
  // Also where that takes event-driven neurons into the form of coefficients neuron by neuron.
  for (const std::int64_t n : {std::int64_t{200}, std::int64_t{1}})
    for (const Advance advance : {Advance::clocked, Advance::event}) {
      const auto comm = make_local_comm();
      std::vector<std::int64_t> neurons(static_cast<std::size_t>(n));
      for (std::size_t i = 0; i < neurons.size(); ++i) neurons[i] = static_cast<std::int64_t>(i);
      const std::vector<double> taus(neurons.size(), 12);
      Simulation changed(network(advance), {}, *comm), rebuilt(network(advance), {}, *comm);
      changed.run(20.3, go_on);
      rebuilt.run(20.3, go_on);
      std::vector<double> before, after;
      for (const char* variable : {"v", "i_e", "i_i", "refractory"}) {
        const auto values = rebuilt.state(1, variable);
        before.insert(before.end(), values.begin(), values.end());
      }
      changed.set_parameter(1, "tau_m", neurons, taus);
      rebuilt.rebuild(changed.document());
      for (const char* variable : {"v", "i_e", "i_i", "refractory"}) {
        const auto values = rebuilt.state(1, variable);
        after.insert(after.end(), values.begin(), values.end());
      }
      for (std::size_t k = 0; k < before.size(); ++k)
        REQUIRE(after[k] == Approx(before[k]).margin(1e-9));
      std::vector<double> expected, got;
      add(expected, changed.run(60, go_on));
      add(got, rebuilt.run(60, go_on));
      REQUIRE(expected.size() > 100);
      REQUIRE(got == expected);
    }
}

TEST_CASE("Poisson trains into event-driven neurons go on in a rebuilt network", "[app]") {
  enum class Way { changed, changed_and_rebuilt, rebuilt_with_the_change };
  const auto digest = [](const std::string& before, const std::string& change, Way way, int threads,
                         Comm& comm) {
    Document document = network(Advance::event);
    Simulation s(document, {threads, {}, false, {}}, comm);
    s.change_stimulus(0, {parse_json(before, "test")});
    s.run(20.3, go_on);
    Document next = s.document();
    if (way == Way::rebuilt_with_the_change) {
      Simulation other(next, {}, comm);
      other.change_stimulus(0, {parse_json(change, "test")});
      next = other.document();
      s.rebuild(next);
    } else {
      s.change_stimulus(0, {parse_json(change, "test")});
    }
    if (way != Way::changed) s.rebuild(s.document());
    s.run(7.2, go_on);
    if (way != Way::changed) s.rebuild(s.document());
    s.run(30, go_on);
    return std::pair(s.state_digest(), s.totals().spikes);
  };
  const auto one = make_local_comm();
  const std::array<std::pair<const char*, const char*>, 4> cases{{
      {R"({"rate": 50})", R"({"rate": 500})"},
      {R"({"rate": 0})", R"({"rate": 400})"},
      {R"({"rate": 400, "stop": 15})", R"({"stop": 50})"},
      {R"({"rate": 100, "stop": 30})", R"({"stop": 50})"},
  }};
  for (const auto& [before, change] : cases) {
    const auto expected = digest(before, change, Way::changed, 1, *one);
    REQUIRE(expected.second > 100);
    for (const Way way : {Way::changed_and_rebuilt, Way::rebuilt_with_the_change}) {
      REQUIRE(digest(before, change, way, 1, *one) == expected);
      REQUIRE(digest(before, change, way, 3, *one) == expected);
      run_as_ranks(2, [&](Comm& comm) {
        RANVIER_ASSERT(digest(before, change, way, 1, comm) == expected, "other bits");
      });
    }
  }
}

TEST_CASE("a state saved after a change holds what was handed over", "[app]") {
  constexpr std::int64_t change = 20'300'000, save = 21'000'000, until = 60'000'000;
  for (const Storage storage : {Storage::exact, Storage::compact})
    for (const Advance advance : {Advance::clocked, Advance::event}) {
      const Document document = network(advance, storage);
      const auto comm = make_local_comm();
      Workers workers(2);
      const Layout layout =
          make_layout(document.network, document.run, catalogue(), {1, 2, false, nullptr});
      NoRecorder nothing;
      const auto yes = [](std::int64_t) { return true; };
      Kernel before(layout, *comm, workers), changed(layout, *comm, workers);
      before.run(change, nothing, yes);
      changed.take_over(before, nothing);
      changed.run(save, nothing, yes);
      const KernelState state = changed.save();
      REQUIRE(state.handed_over.size() > 100);
      REQUIRE(state.handed_over.front().time > save);
      changed.run(until, nothing, yes);
      Kernel loaded(layout, *comm, workers);
      loaded.load(state);
      loaded.run(until, nothing, yes);
      REQUIRE(loaded.state_digest() == changed.state_digest());
      REQUIRE(loaded.totals().spikes_of == changed.totals().spikes_of);
      REQUIRE(loaded.totals().synaptic_events == changed.totals().synaptic_events);
    }
}

TEST_CASE("what is on its way arrives as it was sent", "[app]") {
  // The spike of 1 ms left with 2 mV for 6 ms; from 3 ms on the synapse has -1 mV and 9 ms.
  for (const Advance advance : {Advance::clocked, Advance::event}) {
    const auto comm = make_local_comm();
    Simulation s(one_synapse(2, 5, advance), {}, *comm);
    s.run(3, go_on);
    s.rebuild(one_synapse(-1, 9, advance));
    s.run(2.9, go_on);
    const double v = s.state(1, "v")[0];
    s.run(0.2, go_on);
    REQUIRE(s.state(1, "v")[0] - v == Approx(2).margin(1e-9));
    for (int again = 0; again < 2; ++again)  // what is due after more steps than delays have now
      s.rebuild(one_synapse(8, 1, advance));
    s.run(6.8, go_on);
    REQUIRE(s.state(1, "v")[0] - v == Approx(2).margin(1e-9));
    s.run(0.2, go_on);
    REQUIRE(s.state(1, "v")[0] - v == Approx(1).margin(1e-9));
    s.run(10, go_on);
    REQUIRE(s.state(1, "v")[0] - v == Approx(1).margin(1e-9));
  }
}

TEST_CASE("what is on its way is summed beside far smaller weights, or refused", "[app]") {
  // Exact storage: the quantum is 2^-61 mV, and 2^62 of them may meet. Twice 1.5 mV, of either
  // sign.
  for (const Advance advance : {Advance::clocked, Advance::event}) {
    const auto comm = make_local_comm();
    for (const auto& [first, second] : {std::pair{1.5, 0.25}, std::pair{-1.5, -0.25}}) {
      Document document = one_synapse(first, 5, advance);
      document.run.storage = Storage::exact;
      document.network.projections.push_back(document.network.projections[0]);
      document.network.projections[1].name = "more";
      document.network.projections[1].weight = second;
      Simulation s(document, {}, *comm);
      s.run(3, go_on);
      const double v = s.state(1, "v")[0];
      for (Projection& p : document.network.projections) p.weight = 1e-6;
      s.rebuild(document);
      s.run(3.1, go_on);
      REQUIRE(s.state(1, "v")[0] - v == Approx(first + second).margin(1e-9));
    }
    Document document = one_synapse(1.5, 5, advance);
    document.run.storage = Storage::exact;
    document.network.projections.push_back(document.network.projections[0]);
    document.network.projections[1].name = "more";
    Simulation s(document, {}, *comm);
    s.run(3, go_on);
    for (Projection& p : document.network.projections) p.weight = 1e-6;
    REQUIRE_THROWS_WITH(s.rebuild(document), Contains("population \"cell\": 3 mV on its way to") &&
                                                 Contains("more than the 2 that can meet there"));
  }
}

TEST_CASE("populations, projections and probes are added on every split alike", "[app]") {
  const auto grown_run = [](int threads, Comm& comm) {
    Simulation s(network(Advance::clocked), {threads, {}, false, {}}, comm);
    std::vector<double> times;
    add(times, s.run(20.3, go_on));
    s.set_parameter(0, "rate", std::array<std::int64_t, 2>{3, 89}, std::array<double, 2>{200, 0});
    s.inject(0, std::array<std::int64_t, 2>{0, 80}, std::array<double, 2>{31.25, 33});
    Document next = s.document();
    const Document more = parse_document(R"({"ranvier": 1,
      "populations": {"cells": {"model": "if_curr_exp", "size": 200},
                      "more": {"model": "if_cond_exp", "size": 70}},
      "projections": [{"source": "cells", "target": "more", "weight": 0.02, "delay": 0.4,
                       "connector": {"rule": "fixed_probability", "probability": 0.2}},
                      {"source": "more", "target": "cells", "weight": -0.4, "delay": 1.5,
                       "connector": {"rule": "fixed_probability", "probability": 0.2}}],
      "probes": [{"population": "more", "variables": ["spikes", "v"], "interval": 0.5}]})",
                                         "test", {});
    next.network.populations.push_back(more.network.populations[1]);
    for (const Projection& p : more.network.projections) next.network.projections.push_back(p);
    next.network.probes.push_back(more.network.probes[0]);
    s.rebuild(next);
    const RecordedSlice slice = s.run(20.7, go_on);
    add(times, slice);
    RANVIER_ASSERT(slice.reports[0].first == 41, "a new report's first frame comes at its time");
    RANVIER_ASSERT(!slice.spikes[2].times.empty(), "the new population fires");
    times.insert(times.end(), slice.reports[0].values.begin(), slice.reports[0].values.end());
    return std::pair(s.state_digest(), times);
  };
  const auto one = make_local_comm();
  const auto expected = grown_run(1, *one);
  REQUIRE(grown_run(3, *one) == expected);
  for (const int ranks : {2, 3})
    run_as_ranks(ranks, [&](Comm& comm) {
      const auto got = grown_run(1, comm);
      RANVIER_ASSERT(got == expected, "another split, other bits");
    });
}

TEST_CASE("a network that cannot take the running one's place is refused", "[app]") {
  const auto comm = make_local_comm();
  Simulation s(network(Advance::clocked), {}, *comm);
  s.run(1, go_on);
  Document other = s.document();
  other.network.populations[1].size = 100;
  REQUIRE_THROWS_WITH(s.rebuild(other), Contains("must be population \"cells\" as it runs: 200 x"));
  other = s.document();
  other.run.dt = 0.2;
  REQUIRE_THROWS_WITH(s.rebuild(other), Contains("dt and seed cannot change"));
  other = s.document();
  other.network.projections[0].target = "nowhere";
  REQUIRE_THROWS(s.rebuild(other));
  REQUIRE(s.now() == 1);
  s.run(1, go_on);
}

TEST_CASE("synapses with a state of their own go on, on every split alike", "[app]") {
  const char* const plastic = R"({"ranvier": 1, "run": {"seed": 4, "dt": 0.1},
    "populations": {"in": {"model": "spike_source_poisson", "size": 30, "parameters": {"rate": 60}},
                    "cells": {"model": "if_curr_exp", "size": 20}},
    "projections": [
      {"source": "in", "target": "cells", "weight": 0.9, "name": "pairs",
       "delay": {"distribution": "uniform", "low": 1, "high": 3},
       "connector": {"rule": "fixed_probability", "probability": 0.4},
       "synapse": {"model": "stdp_pair", "A_plus": 0.1, "dendritic_delay_fraction": 0.2}},
      {"source": "in", "target": "cells", "weight": 0.9, "delay": 1.5, "name": "quanta",
       "connector": {"rule": "fixed_indegree", "number": 10},
       "synapse": {"model": "multi_quantal", "n": 3, "tau_facil": 50,
                   "U": {"distribution": "uniform", "low": 0.2, "high": 0.6}}}],
    "stimuli": [{"type": "dc", "target": "cells", "amplitude": 0.4}]})";
  enum class Way { alone, rebuilt };
  const auto digest = [&](Way way, int threads, Comm& comm) {
    Simulation s(parse_document(plastic, "test", {}), {threads, {}, false, {}}, comm);
    for (const double ms : {20.3, 11.2, 9.5}) {
      s.run(ms, go_on);
      if (way == Way::rebuilt) s.rebuild(s.document());
    }
    s.run(30, go_on);
    return std::pair(s.state_digest(), s.totals().spikes);
  };
  const auto one = make_local_comm();
  const auto expected = digest(Way::alone, 1, *one);
  REQUIRE(expected.second > 100);
  REQUIRE(digest(Way::rebuilt, 1, *one) == expected);
  REQUIRE(digest(Way::rebuilt, 3, *one) == expected);
  run_as_ranks(3, [&](Comm& comm) {
    RANVIER_ASSERT(digest(Way::rebuilt, 1, comm) == expected, "another split, other bits");
  });
}
