// The field "nir" of a network document: a NIR graph whose populations, projections and currents
// come before the document's own. A source of the document with the name and size of one of the
// graph's inputs takes its place.
#include "app/document_nir.h"

#include <fmt/core.h>

#include "conversion/nir.h"
#include "core/error.h"

namespace ranvier::app {
namespace {

conversion::NirOptions read_options(const Loading& loading, const Fields& fields) {
  using conversion::NirOptions;
  NirOptions options;
  options.dt = loading.document.run.dt;
  if (const auto method = fields.find("method"))
    options.method = method->choice<const char*>({{"exact", "exact"}, {"euler", "euler"}});
  if (const auto reset = fields.find("reset"))
    options.reset = reset->choice<NirOptions::Reset>(
        {{"value", NirOptions::Reset::value}, {"subtract", NirOptions::Reset::subtract}});
  if (const auto integration = fields.find("integration"))
    options.integration = integration->choice<NirOptions::Integration>(
        {{"step", NirOptions::Integration::step}, {"second", NirOptions::Integration::second}});
  if (const auto currents = fields.find("currents"))
    for (const auto& [name, value] : currents->object())
      options.currents[name] = read_numbers(loading, currents->inside(name, value));
  return options;
}

/// A source of the document in the place of a graph's input, or null.
const Population* replacement(const Network& network, const Population& input, const Place& place) {
  for (const Population& own : network.populations) {
    if (own.name != input.name) continue;
    if (input.model != "spike_source_array" || !is_source(own) || own.size != input.size)
      place.fail(
          fmt::format("population \"{}\" is in the graph as well; only a source of {} "
                      "neurons may take the place of an input",
                      own.name, input.size));
    return &own;
  }
  return nullptr;
}

}  // namespace

void read_nir(Loading& loading, const Place& place) {
  const Fields fields(place, {"file", "method", "reset", "integration", "currents"});
  const std::filesystem::path file = loading.file(fields.need("file"));
  const conversion::NirOptions options = read_options(loading, fields);
  conversion::NirModel model;
  try {
    model = conversion::to_network(conversion::read_nir(file), options);
  } catch (const Error& error) {
    place.fail(error.what(), error.kind());
  }
  Network& network = loading.network();
  for (Population& population : model.network.populations)
    if (!replacement(network, population, place))
      network.populations.push_back(std::move(population));
  network.projections = std::move(model.network.projections);
  network.stimuli = std::move(model.network.stimuli);
  network.probes = std::move(model.network.probes);
  for (std::string& note : model.notes) loading.document.notes.push_back(std::move(note));
}

}  // namespace ranvier::app
