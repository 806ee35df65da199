// ranvier plan: what a network would take, before anything is taken.
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <sstream>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/prepare.h"
#include "app/run_options.h"
#include "app/scaling.h"
#include "core/plan.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

std::vector<int> ranks_from(const std::string& list) {
  constexpr int most = 10'000'000;
  std::vector<int> ranks;
  std::istringstream words(list + ',');
  for (std::string word; std::getline(words, word, ',');) {
    int n = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (error != std::errc() || end != word.data() + word.size() || n < 1 || n > most)
      throw Error(ErrorKind::usage,
                  fmt::format("--ranks: \"{}\", must be whole numbers in [1, {}], with commas "
                              "between them",
                              list, most));
    ranks.push_back(n);
  }
  return ranks;
}

double positive(const Options& options, const char* name, double otherwise) {
  const double value = options.number(name).value_or(otherwise);
  if (!(value > 0 && value < 1e12))
    throw Error(ErrorKind::usage, fmt::format("--{}: {}, must be > 0", name, value));
  return value;
}

ScalingOptions scaling_from(const Options& options) {
  ScalingOptions s;
  s.threads = static_cast<int>(options.integer("threads", 1, 1024).value_or(1));
  s.grow = options.has("grow");
  s.measure = options.has("measure");
  for (const char* name : {"rate", "span", "latency", "overhead", "bandwidth"})
    if (options.has(name) && !s.measure)
      throw Error(ErrorKind::usage, fmt::format("--{}: goes with --measure", name));
  s.rate = positive(options, "rate", 10);
  s.span = positive(options, "span", 20);
  s.wire.latency = positive(options, "latency", s.wire.latency * 1e6) * 1e-6;
  s.wire.overhead = positive(options, "overhead", s.wire.overhead * 1e6) * 1e-6;
  s.wire.bandwidth = positive(options, "bandwidth", s.wire.bandwidth * 1e-9) * 1e9;
  return s;
}

int run(const std::vector<std::string>& words) {
  Options options("plan NETWORK [OPTIONS]",
                  "Estimates neurons, synapses and memory by population and projection, and how "
                  "many ranks of this\n"
                  "machine's size would hold the network. Builds nothing, unless --measure is "
                  "given.\n"
                  "An MB is 10^6 bytes.");
  add_network_options(options);
  options.text("ranks", "N[,N...]", "plan for N ranks (default 1), or for several numbers of them");
  options.flag("grow",
               "the network is one rank's load: N ranks run N times its neurons, with as many "
               "synapses a neuron");
  options.flag("measure", "build and move the share of the middle rank, without the others");
  options.text("rate", "HZ",
               "with --measure: spikes that every neuron sends a second (default 10)");
  options.text("span", "MS", "biological time that --measure takes the time of (default 20)");
  options.text("latency", "US", "with --measure: of an exchange (default 2)");
  options.text("overhead", "US", "with --measure: of the processor, a message (default 0.3)");
  options.text("bandwidth", "GB/S", "with --measure: of a rank (default 10)");
  options.text("json", "FILE", "write what ranks hold and take as JSON (replaces FILE)");
  options.positional({"NETWORK"}, 1);
  if (!options.parse(words)) return 0;
  const std::vector<int> ranks = ranks_from(options.get("ranks", "1"));
  const ScalingOptions scaling = scaling_from(options);
  if (options.has("json")) require_writable("--json", options.get("json"), options.get("NETWORK"));
  const Document document =
      load_document(options.get("NETWORK"), {&catalogue(), overrides_from(options)});
  std::vector<ScalingPoint> points;
  if (ranks.size() > 1 || scaling.measure || scaling.grow || options.has("json"))
    for (const int n : ranks) {
      points.push_back(scaling_point(document, n, scaling));
      fmt::print("{}", scaling_table({points.back()}));
      std::fflush(stdout);
    }
  if (options.has("json")) write_file(options.get("json"), to_text(scaling_json(points, scaling)));
  if (!points.empty()) return 0;
  const Layout layout = layout_of(document, {ranks.front(), scaling.threads, false});
  fmt::print("{}", plan_table(layout, make_plan(layout), available_memory()));
  return 0;
}

}  // namespace

Command plan_command() {
  return {"plan", "memory, neurons and synapses by part, ranks needed; one rank's share measured",
          run};
}

}  // namespace ranvier::app
