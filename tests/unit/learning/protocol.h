// One synapse under given trains: the source fires when told, and so does the target, which kicks
// far above its threshold make fire. What the synapse delivers is seen in the potential of a target
// that does not leak and that nothing else reaches.
#pragma once
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "app/catalogue.h"
#include "core/json.h"
#include "core/kernel.h"
#include "tests/catch.h"

namespace ranvier::learning::testing {

using Values = std::map<std::string, double>;
using Words = std::map<std::string, std::string>;

/// Relative difference, for numbers that are not 0.
inline double difference(double a, double b) { return std::fabs(a / b - 1); }

/// Trains in ms, on the grid of dt.
struct Protocol {
  std::string rule;
  Values parameters;
  Words words;
  std::vector<double> pre, post;
  double weight = 0.05, delay = 1.5, dt = 0.1;
  Storage storage = Storage::exact;
  std::uint64_t seed = 1;
  const Catalogue* catalogue = &app::catalogue();

  Network network() const {
    Network n;
    const auto add = [&n](const char* name, const char* model, std::vector<double> times) {
      Population p;
      p.name = name;
      p.model = model;
      p.size = 1;
      if (p.model == "spike_source_array") p.spike_times = {std::move(times)};
      n.populations.push_back(p);
    };
    std::vector<double> kicks = post;
    for (double& t : kicks) t -= 1;
    add("pre", "spike_source_array", pre);
    add("kick", "spike_source_array", kicks);
    add("post", "if_curr_delta", {});
    n.populations[2].parameters = {{"tau_refrac", 0.0}};
    const auto connect = [&n](const char* source, double w, double d) {
      Projection p;
      p.name = source;
      p.source = source;
      p.target = "post";
      p.connector.rule = Connector::Rule::one_to_one;
      p.weight = w;
      p.delay = d;
      n.projections.push_back(p);
    };
    connect("pre", weight, delay);
    n.projections[0].synapse = rule;
    n.projections[0].receptor = "excitatory";
    n.projections[0].options = words;
    for (const auto& [name, value] : parameters) n.projections[0].parameters[name] = value;
    connect("kick", 1000, 1);
    return n;
  }
  RunSettings settings() const {
    RunSettings run;
    run.dt = dt;
    run.seed = seed;
    run.storage = storage;
    run.duration = 1e6;
    return run;
  }

  /// The weight after each presynaptic spike (`after` ms later).
  std::vector<double> weights(double after = 0) const {
    const Network n = network();
    const Layout layout = make_layout(n, settings(), *catalogue, {});
    const auto comm = make_local_comm();
    Workers workers(1);
    Kernel kernel(layout, *comm, workers);
    MemoryRecorder recorder(layout.record);
    std::vector<double> result;
    for (const double t : pre) {
      kernel.run(from_ms(t + after).count(), recorder, [](std::int64_t) { return true; });
      result.push_back(kernel.plastic(0).synapses[0]);
    }
    REQUIRE(recorder.recorded.size() <= post.size());
    return result;
  }

  /// What each presynaptic spike delivers, in the weight's unit; the target must not fire.
  std::vector<double> delivered() const {
    REQUIRE(post.empty());
    Network n = network();
    n.projections.resize(1);  // kicks would make the receptor's quantum coarse
    n.populations[2].parameters = {{"tau_m", 1e12}, {"v_thresh", 1e6}, {"v_reset", -65.0}};
    const Layout layout = make_layout(n, settings(), *catalogue, {});
    const auto comm = make_local_comm();
    Workers workers(1);
    Kernel kernel(layout, *comm, workers);
    MemoryRecorder recorder(layout.record);
    std::vector<double> result;
    const auto v_at = [&](double t) {
      kernel.run(from_ms(t).count(), recorder, [](std::int64_t) { return true; });
      return kernel.state(2, 0)[0];
    };
    for (const double t : pre) {
      const double before = v_at(t + delay - dt);
      result.push_back(v_at(t + delay) - before);
    }
    return result;
  }
};

/// tests/golden/synapses.json: what NEST's synapses deliver under given trains.
struct Recording {
  Json golden = parse_json(read_text("tests/golden/synapses.json"), "synapses.json");

  std::vector<double> numbers(const Json& list) const {
    std::vector<double> values;
    for (const Json& x : list.as_array()) values.push_back(x.as_number());
    return values;
  }
  std::vector<double> weights(const std::string& name) const {
    return numbers(*golden.find("weights")->find(name));
  }
  Protocol protocol() const {
    Protocol p;
    p.pre = numbers(*golden.find("pre"));
    p.post = numbers(*golden.find("post"));
    p.delay = golden.find("delay")->as_number();
    p.dt = golden.find("dt")->as_number();
    return p;
  }
};

}  // namespace ranvier::learning::testing
