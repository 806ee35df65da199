// ranvier validate: checks a document without building the network.
#include <fmt/core.h>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/document.h"
#include "app/options.h"
#include "app/prepare.h"
#include "core/layout.h"
#include "core/titles.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options("validate NETWORK",
                  "Checks a network document or SONATA configuration and says what is wrong with "
                  "it, or what it holds.");
  options.positional({"NETWORK"}, 1);
  if (!options.parse(words)) return 0;
  const Document document = load_document(options.get("NETWORK"), {&catalogue(), {}});
  const Layout layout = layout_of(document, {});
  std::int64_t neurons = 0;
  for (std::size_t p = 0; p < layout.populations.size(); ++p)
    if (layout.populations[p].model) neurons += document.network.populations[p].size;
  for (const std::string& note : document.notes) fmt::print("note: {}\n", note);
  fmt::print("{}: valid: {}, {}, {}, about {}\n", options.get("NETWORK"),
             count_of(document.network.populations.size(), "population"),
             count_of(neurons, "neuron"),
             count_of(document.network.projections.size(), "projection"),
             count_of(layout.expected_synapses, "synapse"));
  return 0;
}

}  // namespace

Command validate_command() { return {"validate", "check a network document", run}; }

}  // namespace ranvier::app
