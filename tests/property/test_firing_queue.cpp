// The calendar of candidates against the firing queue: event-driven networks with exponential
// currents and drive above threshold give the same spikes, samples and final state whichever keeps
// their predictions; and a model that can only predict (if_curr_alpha), which is always in the
// queue, does not depend on the split or on slices either.
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

/// One event-driven population of each current-based model, driven above threshold by a current and
/// coupled to itself and to the others with both signs.
Case driven_case() {
  using Rule = Connector::Rule;
  Network n;
  const Value delay = normal(1.2, 0.5, 0.3, 4);
  for (const char* model : {"if_curr_exp", "if_curr_alpha"}) {
    Population p = population(model, model, 157);
    p.advance = Advance::event;
    p.parameters = {
        {"cm", 0.25},        {"tau_m", 10.0},
        {"tau_syn_E", 2.0},  {"tau_syn_I", 5.0},
        {"tau_refrac", 2.0}, {"i_offset", Distribution{Distribution::Kind::uniform, 0.3, 0.5}}};
    p.initial = {{"v", normal(-58, 5, -70, -50.5)}};
    n.populations.push_back(std::move(p));
    n.stimuli.push_back(poisson(model, 400, 0.15));
  }
  Stimulus dc;
  dc.type = Stimulus::Type::dc;
  dc.target = "if_curr_alpha";
  dc.amplitude = 0.1;
  dc.start = 20.35;  // off the grid
  dc.stop = 61.7;
  n.stimuli.push_back(dc);
  n.projections = {
      projection("if_curr_exp", "if_curr_exp", Rule::fixed_indegree, 10, -0.2, delay),
      projection("if_curr_exp", "if_curr_alpha", Rule::fixed_probability, 0.1, 0.05, delay),
      projection("if_curr_alpha", "if_curr_exp", Rule::fixed_outdegree, 12, 0.1, delay),
      projection("if_curr_alpha", "if_curr_alpha", Rule::fixed_total_number, 1500, -0.1, delay)};
  n.probes = {{"if_curr_exp", {"spikes", "v"}, {0, 63, 100}, 0.7},
              {"if_curr_alpha", {"spikes", "v", "i_e"}, {1, 70, 156}, 0.7}};
  RunSettings settings;
  settings.duration = 100;
  settings.seed = 8;
  settings.storage = Storage::exact;
  return {"driven above threshold", n, settings};
}

/// The models that move in lanes or by amplitudes, some of whose neurons are driven above
/// threshold: time constants of the currents alike, close to the membrane's, and beyond it, and of
/// the membrane neuron by neuron; jumps of v; no leak.
Case case_in_lanes() {
  using Rule = Connector::Rule;
  Network n;
  const Value delay = normal(1.2, 0.5, 0.3, 4);
  const auto add = [&](const char* name, const char* model, double weight,
                       std::map<std::string, Value> parameters) {
    Population p = population(name, model, 157);
    p.advance = Advance::event;
    p.parameters = std::move(parameters);
    p.parameters.insert({{"cm", 0.25}, {"tau_refrac", 2.0}});
    p.initial = {{"v", normal(-58, 5, -70, -50.5)}};
    n.populations.push_back(std::move(p));
    n.stimuli.push_back(poisson(name, 400, weight));
    n.projections.push_back(projection(name, name, Rule::fixed_indegree, 10, -weight, delay));
    if (n.populations.size() > 1)
      n.projections.push_back(projection(n.populations.front().name, name, Rule::fixed_probability,
                                         0.1, weight, delay));
  };
  const Value drive = Distribution{Distribution::Kind::uniform, 0.25, 0.45};
  const auto currents = [&](double tau_e, double tau_i) {
    return std::map<std::string, Value>{
        {"tau_m", 10.0}, {"tau_syn_E", tau_e}, {"tau_syn_I", tau_i}, {"i_offset", drive}};
  };
  add("alike", "if_curr_exp", 0.1, currents(2, 2));
  add("each its own", "if_curr_exp", 0.1, currents(2, 5));
  n.populations.back().parameters["tau_m"] = normal(10, 1, 7, 13);
  add("close", "if_curr_exp", 0.05, currents(10.2, 2));
  add("slow", "if_curr_exp", 0.03, currents(25, 12));
  add("jumps", "if_curr_delta", 0.5, {{"tau_m", 10.0}, {"i_offset", drive}});
  add("perfect", "pif_curr_delta", 0.3,
      {{"i_offset", Distribution{Distribution::Kind::uniform, -0.02, 0.1}},
       {"v_reset", -65.0},
       {"v_thresh", -50.0}});
  for (const Population& p : n.populations) n.probes.push_back({p.name, {"spikes", "v"}, {}, 10});
  RunSettings settings;
  settings.duration = 100;
  settings.seed = 9;
  settings.storage = Storage::exact;
  return {"models in lanes", n, settings};
}

void require_alive(const Run& run) {
  for (const std::int64_t spikes : run.spikes_of) {
    CHECK(spikes > 200);
    CHECK(spikes < 157 * 20);
  }
}

void require_calendar_as_queue(const Case& c) {
  const Run calendar = run(c, {{1, 1}, {100'000'000}}),
            queue = run(c, {{1, 1}, {100'000'000}, true});
  require_alive(calendar);
  CHECK(calendar.spikes == queue.spikes);
  CHECK(calendar.same_as(queue));
}

}  // namespace

TEST_CASE("the calendar of candidates and the firing queue give the same bits", "[core]") {
  require_calendar_as_queue(driven_case());
}

TEST_CASE("bounds of all lanes and the firing queue give the same bits", "[core]") {
  require_calendar_as_queue(case_in_lanes());
}

TEST_CASE("predictions in the firing queue do not depend on the split or on slices",
          "[core][threads]") {
  const Case c = driven_case();
  const Run whole = run(c, {{1, 1}, {100'000'000}});
  for (const Split split : {Split{1, 2}, Split{2, 1}, Split{2, 2}, Split{4, 1}}) {
    INFO(split.ranks << " ranks x " << split.threads << " threads");
    CHECK(run(c, {split, {100'000'000}}).same_as(whole));
  }
  const Run sliced = run(c, {{1, 1}, {1, 20'350'001, 50'000'000, 50'123'456, 100'000'000}});
  CHECK(sliced.spikes == whole.spikes);
  CHECK(sliced.digest == whole.digest);
}
