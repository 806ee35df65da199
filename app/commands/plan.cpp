// ranvier plan: what a network would take, before anything is taken.
#include <fmt/core.h>

#include <unistd.h>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/run_options.h"
#include "core/plan.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options("plan NETWORK [OPTIONS]",
                  "Estimates neurons, synapses and memory by population and projection, and how "
                  "many ranks of this\n"
                  "machine's size would hold the network. Builds nothing.");
  add_network_options(options);
  options.text("ranks", "N", "plan for N ranks (default 1)");
  options.positional({"NETWORK"}, 1);
  if (!options.parse(words)) return 0;
  const Document document =
      load_document(options.get("NETWORK"), {&catalogue(), overrides_from(options)});
  const int ranks = static_cast<int>(options.integer("ranks", 1, 1'000'000).value_or(1));
  const Layout layout = make_layout(
      document.network, document.run, catalogue(),
      {ranks, static_cast<int>(options.integer("threads", 1, 1024).value_or(1)), false});
  fmt::print("{}", plan_table(layout, make_plan(layout), available_memory()));
  return 0;
}

}  // namespace

Command plan_command() {
  return {"plan", "memory, neurons and synapses by part, ranks needed", run};
}

}  // namespace ranvier::app
