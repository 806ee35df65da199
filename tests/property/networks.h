// What the property tests share: small networks, and one way of running them on any split
// into ranks and threads.
#pragma once
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "app/catalogue.h"
#include "core/kernel.h"

namespace ranvier::test {

inline Value normal(double mean, double sd, double low, double high) {
  return Distribution{Distribution::Kind::normal,  mean, sd, low, high,
                      Distribution::Bounds::redraw};
}

inline Population population(const std::string& name, const std::string& model, std::int64_t size) {
  Population p;
  p.name = name;
  p.model = model;
  p.size = size;
  return p;
}

inline Projection projection(const std::string& source, const std::string& target,
                             Connector::Rule rule, double amount, Value weight, Value delay) {
  Projection p;
  p.name = source + "_" + target;
  p.source = source;
  p.target = target;
  p.connector.rule = rule;
  if (rule == Connector::Rule::fixed_probability) p.connector.probability = amount;
  else p.connector.number = static_cast<std::int64_t>(amount);
  p.weight = std::move(weight);
  p.delay = std::move(delay);
  return p;
}

inline Stimulus poisson(const std::string& target, double rate, double weight) {
  Stimulus s;
  s.type = Stimulus::Type::poisson;
  s.target = target;
  s.rate = rate;
  s.weight = weight;
  return s;
}

/// Clocked, balanced: 430 if_curr_exp neurons (sizes that 64 does not divide), random delays from
/// one step on, noise current.
inline Network balanced_network() {
  using Rule = Connector::Rule;
  Network n;
  for (const auto& [name, size] : {std::pair{"E", 333}, std::pair{"I", 97}}) {
    Population p = population(name, "if_curr_exp", size);
    p.parameters = {{"cm", 0.25},        {"tau_m", 10.0},
                    {"tau_syn_E", 0.5},  {"tau_syn_I", 0.5},
                    {"tau_refrac", 2.0}, {"v_thresh", normal(-50, 1, -52, -48)}};
    p.initial = {{"v", normal(-58, 5, -70, -50.5)}};
    n.populations.push_back(std::move(p));
  }
  const Value excitatory = normal(0.3, 0.03, 0, 1), inhibitory = normal(-1.2, 0.12, -3, 0),
              slow = normal(1.5, 0.75, 0.1, 6), fast = normal(0.75, 0.4, 0.1, 6);
  n.projections = {projection("E", "E", Rule::fixed_total_number, 11'000, excitatory, slow),
                   projection("E", "I", Rule::fixed_indegree, 33, excitatory, slow),
                   projection("I", "E", Rule::fixed_probability, 0.1, inhibitory, fast),
                   projection("I", "I", Rule::fixed_outdegree, 10, inhibitory, fast)};
  n.projections[1].connector.multiple_connections = false;
  n.stimuli = {poisson("E", 2400, 0.3), poisson("I", 2200, 0.3)};
  Stimulus noise;
  noise.type = Stimulus::Type::noise;
  noise.target = "I";
  noise.mean = 0.05;
  noise.stdev = 0.1;
  noise.interval = 0.5;
  n.stimuli.push_back(noise);
  n.probes = {{"E", {"spikes", "v"}, {0, 63, 64, 200, 332}, 0.5},
              {"I", {"spikes", "v", "i_e"}, {}, 3}};
  return n;
}

/// Clocked, one weight and delay a projection, a third of the pairs joined, some of them twice: in
/// compact storage rows of bits.
inline Network dense_network() {
  using Rule = Connector::Rule;
  Network n;
  for (const auto& [name, size] : {std::pair{"E", 500}, std::pair{"I", 130}}) {
    Population p = population(name, "if_curr_delta", size);
    p.parameters = {{"tau_refrac", 2.0}, {"v_thresh", -50.0}};
    p.initial = {{"v", normal(-58, 5, -70, -50.5)}};
    n.populations.push_back(std::move(p));
  }
  n.projections = {projection("E", "E", Rule::fixed_indegree, 170, 0.1, 1.5),
                   projection("E", "I", Rule::fixed_probability, 0.3, 0.1, 1.5),
                   projection("I", "E", Rule::fixed_total_number, 22'000, -0.5, 0.7),
                   projection("I", "I", Rule::fixed_probability, 0.5, -0.5, 1.5)};
  n.stimuli = {poisson("E", 2000, 0.5), poisson("I", 2000, 0.5)};
  n.probes = {{"E", {"spikes", "v"}, {0, 63, 64, 499}, 0.5}, {"I", {"spikes", "v"}, {}, 3}};
  return n;
}

/// Event-driven if_curr_delta neurons and off-grid Poisson sources, mixed both ways with a clocked
/// population.
inline Network mixed_network() {
  using Rule = Connector::Rule;
  Network n;
  n.populations = {population("in", "spike_source_poisson", 150),
                   population("D", "if_curr_delta", 261), population("C", "if_curr_exp", 130)};
  n.populations[0].parameters = {{"rate", 40.0}};
  n.populations[1].advance = Advance::event;
  n.populations[1].parameters = {{"v_thresh", -50.0},
                                 {"i_offset", Distribution{Distribution::Kind::uniform, 0.3, 0.8}},
                                 {"tau_refrac", 1.5}};
  n.populations[2].parameters = {
      {"cm", 0.25}, {"tau_m", 10.0}, {"tau_syn_E", 2.0}, {"tau_syn_I", 2.0}, {"tau_refrac", 2.0}};
  const Value delay = normal(1.2, 0.5, 0.3, 4);
  n.projections = {
      projection("in", "D", Rule::fixed_indegree, 20, 0.9, delay),
      projection("in", "C", Rule::fixed_probability, 0.3, 0.12, delay),
      projection("D", "C", Rule::fixed_probability, 0.08, 0.15, delay),
      projection("C", "D", Rule::fixed_outdegree, 30, -0.6, delay),
      projection("D", "D", Rule::fixed_total_number, 4000, normal(0.4, 0.1, 0, 2), delay)};
  n.stimuli = {poisson("D", 300, 0.7), poisson("C", 900, 0.12)};
  Stimulus dc;
  dc.type = Stimulus::Type::dc;
  dc.target = "D";
  dc.amplitude = 0.2;
  dc.start = 20.35;  // off the grid, and no end of a window of its own
  dc.stop = 61.7;
  n.stimuli.push_back(dc);
  n.probes = {{"in", {"spikes"}, {}, 0},
              {"D", {"spikes", "v"}, {1, 70, 130, 260}, 0.7},
              {"C", {"spikes", "v"}, {}, 2}};
  return n;
}

/// Event-driven if_curr_exp neurons in both forms: of common time constants, which are kept by
/// amplitudes (an epoch of 0.02 ms x 512), and of a capacity each.
inline Network current_network() {
  using Rule = Connector::Rule;
  Network n;
  n.populations = {population("A", "if_curr_exp", 261), population("B", "if_curr_exp", 65)};
  for (Population& p : n.populations) {
    p.advance = Advance::event;
    p.parameters = {{"cm", 0.25},        {"tau_m", 10.0},     {"tau_syn_E", 0.5},
                    {"tau_syn_I", 0.02}, {"tau_refrac", 1.5}, {"v_thresh", -50.0}};
    p.initial = {{"v", normal(-58, 5, -70, -50.5)}, {"i_i", -0.1}};
  }
  n.populations[0].parameters["i_offset"] = Distribution{Distribution::Kind::uniform, 0.2, 0.4};
  n.populations[1].parameters["cm"] = normal(0.25, 0.02, 0.1, 1);
  n.populations[1].parameters["tau_syn_I"] = 0.5;
  const Value delay = normal(1.2, 0.5, 0.3, 4);
  n.projections = {projection("A", "A", Rule::fixed_indegree, 20, 0.3, delay),
                   projection("A", "B", Rule::fixed_probability, 0.1, 0.4, delay),
                   projection("B", "A", Rule::fixed_outdegree, 30, -5.0, 1.5),
                   projection("B", "B", Rule::fixed_total_number, 300, -0.3, delay)};
  n.stimuli = {poisson("A", 300, 0.5), poisson("B", 400, 0.4)};
  Stimulus dc;
  dc.type = Stimulus::Type::dc;
  dc.target = "A";
  dc.amplitude = 0.02;
  dc.start = 20.35;
  dc.stop = 61.7;
  n.stimuli.push_back(dc);
  n.probes = {{"A", {"spikes", "v", "i_i"}, {1, 70, 130, 260}, 0.7}, {"B", {"spikes", "v"}, {}, 2}};
  return n;
}

/// Event-driven neurons in both forms whose delays are a projection's own, so that spikes arrive
/// row by row: alone, or, where they are on the grid, many rows in one instant. Pairs joined more
/// than once, within a projection and by two that are alike. `weights`: a weight a synapse.
inline Network row_network(bool weights) {
  using Rule = Connector::Rule;
  Network n = current_network();
  n.populations.push_back(population("C", "if_curr_delta", 70));
  n.populations.back().parameters = {{"tau_refrac", 2.0}, {"v_thresh", -50.0}};
  n.projections = {projection("A", "A", Rule::fixed_indegree, 20, 0.3, 1.5),
                   projection("A", "A", Rule::fixed_total_number, 2000, 0.3, 1.5),
                   projection("A", "B", Rule::fixed_indegree, 25, 0.3, 1.5),
                   projection("B", "A", Rule::fixed_probability, 0.3, -2.0, 0.8),
                   projection("C", "A", Rule::fixed_total_number, 9000, 0.15, 0.5),
                   projection("C", "B", Rule::fixed_outdegree, 20, 0.2, 0.5)};
  n.projections[1].name = "again";
  n.projections[1].connector.multiple_connections = false;
  if (weights) n.projections[0].weight = normal(0.3, 0.05, 0, 1);
  n.stimuli.front() = poisson("C", 2500, 0.5);
  n.stimuli[1] = poisson("B", 400, 0.4);
  n.probes.push_back({"C", {"spikes"}, {}, 0});
  return n;
}

/// The same with a weight a synapse, and rows that reach seven populations.
inline Network scattered_network() {
  using Rule = Connector::Rule;
  Network n = row_network(true);
  const Population alike = n.populations[0];
  for (const char* name : {"P", "Q", "R", "S", "T", "U"}) {
    n.populations.push_back(alike);
    n.populations.back().name = name;
    n.populations.back().size = 40;
    n.projections.push_back(projection("A", name, Rule::fixed_indegree, 10, 0.3, 1.5));
    n.projections.push_back(projection("C", name, Rule::fixed_probability, 0.2, 0.3, 1.5));
    n.projections.push_back(projection(name, "A", Rule::fixed_total_number, 200, -0.4, 0.8));
    n.probes.push_back({name, {"spikes"}, {}, 0});
  }
  return n;
}

/// Rows of one kind, drawn at once, that reach several event-driven populations, with clocked ones
/// before and between them; some reach none of the first. One slice moves R and S.
inline Network relayed_network() {
  using Rule = Connector::Rule;
  Network n = row_network(false);
  Population exact = n.populations[0], clocked = n.populations[2];
  exact.size = 40;
  n.populations = {clocked};
  n.projections.clear();
  n.stimuli.erase(n.stimuli.begin() + 1, n.stimuli.end());
  n.probes = {{"C", {"spikes"}, {}, 0}};
  for (const auto& [name, tau_refrac] :
       {std::pair{"P", 1.5}, std::pair{"Q", 1.0}, std::pair{"R", 1.5}, std::pair{"S", 1.5},
        std::pair{"T", 1.0}}) {
    exact.name = name;
    exact.parameters["tau_refrac"] = tau_refrac;
    n.populations.push_back(exact);
    n.probes.push_back({name, {"spikes", "v"}, {}, 5});
    n.projections.push_back(projection("C", name, Rule::fixed_indegree, 12, 0.1, 1.5));
    if (name != std::string("P"))
      n.projections.push_back(projection("P", name, Rule::fixed_indegree, 15, 0.3, 1.5));
    if (name != std::string("Q")) continue;
    clocked.name = "D";
    n.populations.push_back(clocked);
    n.projections.push_back(projection("Q", "D", Rule::fixed_indegree, 15, 0.3, 1.5));
    n.stimuli.push_back(poisson("D", 2500, 0.5));
  }
  n.projections.push_back(projection("Q", "S", Rule::fixed_indegree, 15, 0.3, 1.5));
  n.projections.push_back(projection("T", "T", Rule::fixed_indegree, 15, -0.3, 1.5));
  return n;
}

/// Clocked, with a rule of every kind: delays from one step on, pairs joined more than once, delays
/// that are axonal for the most part, parameters of each synapse's own, stochastic synapses.
inline Network plastic_network() {
  using Rule = Connector::Rule;
  Network n = balanced_network();
  const Value delay = normal(1.5, 0.75, 0.1, 6);
  const auto use = [&n](std::size_t i, const std::string& rule,
                        std::map<std::string, Value> parameters) {
    n.projections[i].synapse = rule;
    n.projections[i].parameters = std::move(parameters);
  };
  use(0, "stdp_pair", {{"A_plus", 0.05}, {"A_minus", 0.06}, {"w_max", 1.0}});
  use(1, "tsodyks_markram", {{"U", normal(0.6, 0.1, 0.1, 1)}, {"tau_rec", 30.0}});
  use(2, "vogels_2011",
      {{"eta", 0.02}, {"rho", 8.0}, {"w_max", -3.0}, {"dendritic_delay_fraction", 0.2}});
  use(3, "multi_quantal", {{"U", 0.4}, {"n", 3.0}, {"tau_rec", 20.0}, {"tau_facil", 5.0}});
  n.projections[3].weight = normal(-0.6, 0.06, -2, 0);
  n.projections.push_back(projection("I", "E", Rule::fixed_total_number, 5000, -0.3, delay));
  n.projections.back().name = "axonal";
  use(4, "stdp_pair",
      {{"A_plus", normal(0.01, 0.002, 0, 0.1)},
       {"dendritic_delay_fraction", 0.0},
       {"w_max", -2.0}});
  n.projections.push_back(projection("E", "I", Rule::fixed_total_number, 3000, 0.2, delay));
  n.projections.back().name = "chance";
  use(5, "stochastic_tsodyks_markram", {{"tau_rec", 40.0}});
  n.projections.push_back(projection("E", "E", Rule::fixed_total_number, 3000, 0.2, 1.0));
  n.projections.back().name = "bernoulli";
  use(6, "simple_stochastic", {{"p", 0.3}});
  n.projections.push_back(projection("E", "E", Rule::fixed_total_number, 2000, 0.1, 0.7));
  n.projections.back().name = "fixed";
  n.probes.push_back({"", {"weight"}, {}, 7, "E_E"});
  return n;
}

struct Case {
  std::string name;
  Network network;
  RunSettings run;
};

inline std::vector<Case> cases() {
  RunSettings exact, compact;
  exact.duration = compact.duration = 100;
  exact.seed = compact.seed = 20261125;
  exact.storage = Storage::exact;
  compact.storage = Storage::compact;
  return {{"clocked, exact, double", balanced_network(), exact},
          {"clocked, compact, single", balanced_network(), compact},
          {"event-driven with clocked", mixed_network(), exact},
          {"plastic, exact, double", plastic_network(), exact},
          {"plastic, compact, single", plastic_network(), compact},
          {"rows of bits", dense_network(), compact},
          {"event-driven currents", current_network(), exact},
          {"event-driven rows", row_network(false), exact},
          {"event-driven rows of weights", row_network(true), exact},
          {"event-driven rows to many populations", scattered_network(), exact},
          {"event-driven rows past clocked populations", relayed_network(), exact}};
}

struct Split {
  int ranks = 1, threads = 1;
};

/// Everything that must not depend on the split, and the threads that worked on the rank with the
/// fewest.
struct Run {
  std::vector<RecordedSpike> spikes;
  std::vector<std::vector<MemoryRecorder::Sample>> frames;
  std::string digest;
  std::vector<std::int64_t> spikes_of;
  std::int64_t synapses = 0, synaptic_events = 0;
  std::size_t threads = ~std::size_t{0};
  KernelState state;                       ///< all ranks' shares as one
  std::vector<std::int64_t> neurons_held;  ///< a rank: in its share

  bool same_as(const Run& other) const {
    return spikes == other.spikes && frames == other.frames && digest == other.digest &&
           spikes_of == other.spikes_of && synapses == other.synapses &&
           synaptic_events == other.synaptic_events;
  }
};

struct How {
  Split split;
  std::vector<std::int64_t> ends;  ///< ns: the run's slices
  bool plain = false;
  const KernelState* from = nullptr;  ///< goes on from there
  std::int64_t restart_at = 0;        ///< ns: runs to there and starts again, first; 0: not
};

/// Rows of `width` numbers, sorted.
inline void sort_rows(std::vector<double>& values, std::size_t width) {
  std::vector<std::vector<double>> rows;
  for (auto row = values.begin(); row != values.end(); row += static_cast<std::ptrdiff_t>(width))
    rows.emplace_back(row, row + static_cast<std::ptrdiff_t>(width));
  std::sort(rows.begin(), rows.end());
  values.clear();
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
}

/// Entries of several columns sorted by the first two; equal ones stay in order.
inline void sort_columns(std::vector<std::int64_t>& a, std::vector<std::int64_t>& b,
                         std::vector<double>& values) {
  const std::size_t n = a.size(), width = n == 0 ? 0 : values.size() / n;
  std::vector<std::size_t> order(n);
  for (std::size_t k = 0; k < n; ++k) order[k] = k;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return std::pair(a[x], b[x]) < std::pair(a[y], b[y]);
  });
  const auto old_a = a, old_b = b;
  const auto old_values = values;
  for (std::size_t k = 0; k < n; ++k) {
    a[k] = old_a[order[k]];
    b[k] = old_b[order[k]];
    for (std::size_t w = 0; w < width; ++w)
      values[k * width + w] = old_values[order[k] * width + w];
  }
}

/// The union of two ranks' shares; synapses by source, then target.
inline void add_share(KernelState& all, KernelState share, const Layout& layout) {
  std::swap(all, share);
  const auto join = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  join(all.states, share.states);
  std::sort(all.states.begin(), all.states.end(), [](const StatePiece& a, const StatePiece& b) {
    return std::pair(a.population, a.first) < std::pair(b.population, b.first);
  });
  join(all.in_flight, share.in_flight);
  std::sort(all.in_flight.begin(), all.in_flight.end());
  join(all.drives, share.drives);
  std::sort(all.drives.begin(), all.drives.end());
  join(all.sources, share.sources);
  std::stable_sort(all.sources.begin(), all.sources.end(),
                   [](const SourceValue& a, const SourceValue& b) { return a.gid < b.gid; });
  join(all.arrivals, share.arrivals);
  std::sort(all.arrivals.begin(), all.arrivals.end());
  for (std::size_t p = 0; p < all.plastic.size(); ++p) {
    const ProjectionLayout& part = layout.projections[p];
    if (!part.rule) continue;
    PlasticState& to = all.plastic[p];
    if (!share.plastic.empty()) {
      join(to.sources, share.plastic[p].sources);
      join(to.targets, share.plastic[p].targets);
      join(to.synapses, share.plastic[p].synapses);
      join(to.rows, share.plastic[p].rows);
      join(to.waiting, share.plastic[p].waiting);
    }
    sort_columns(to.sources, to.targets, to.synapses);
    const SynapseWidths widths = part.rule->widths(!part.varied.empty());
    sort_rows(to.rows, 1 + widths.row);
    sort_rows(to.waiting, widths.waiting);
  }
  for (std::size_t h = 0; h < all.histories.size(); ++h) {
    HistoryState& to = all.histories[h];
    if (!share.histories.empty()) {
      join(to.neurons, share.histories[h].neurons);
      join(to.steps, share.histories[h].steps);
      join(to.traces, share.histories[h].traces);
    }
    sort_columns(to.neurons, to.steps, to.traces);
  }
}

/// The values of all neurons, population by population.
inline std::vector<double> values_of(const KernelState& state) {
  std::vector<double> values;
  for (const StatePiece& piece : state.states)
    values.insert(values.end(), piece.values.begin(), piece.values.end());
  return values;
}

inline Run run(const Case& c, const How& how) {
  Run result;
  std::mutex mutex;
  run_as_ranks(how.split.ranks, [&](Comm& comm) {
    Workers workers(how.split.threads);
    const Layout layout = make_layout(c.network, c.run, app::catalogue(),
                                      {how.split.ranks, how.split.threads, how.plain});
    Kernel kernel(layout, comm, workers);
    if (how.from) kernel.load(*how.from);
    if (how.restart_at > 0) {
      MemoryRecorder forgotten(layout.record);
      kernel.run(how.restart_at, forgotten, [](std::int64_t) { return true; });
      kernel.restart();
    }
    MemoryRecorder recorder(layout.record);
    for (const std::int64_t end : how.ends)
      kernel.run(end, recorder, [](std::int64_t) { return true; });
    const KernelTotals totals = kernel.totals();
    const std::string digest = kernel.state_digest();
    KernelState state = kernel.save();
    const std::lock_guard lock(mutex);
    result.frames.resize(recorder.frames.size());
    result.spikes.insert(result.spikes.end(), recorder.recorded.begin(), recorder.recorded.end());
    for (std::size_t r = 0; r < recorder.frames.size(); ++r)
      result.frames[r].insert(result.frames[r].end(), recorder.frames[r].begin(),
                              recorder.frames[r].end());
    result.digest = digest;
    result.spikes_of = totals.spikes_of;
    result.synapses = totals.synapses;
    result.synaptic_events = totals.synaptic_events;
    result.threads = std::min(result.threads, workers.distinct_threads());
    std::int64_t held = 0;
    for (const StatePiece& piece : state.states) held += piece.size;
    result.neurons_held.push_back(held);
    add_share(result.state, std::move(state), layout);
  });
  std::sort(result.spikes.begin(), result.spikes.end());
  for (auto& frames : result.frames) std::sort(frames.begin(), frames.end());
  return result;
}

}  // namespace ranvier::test
