#include "app/network_builder.h"

#include <fmt/core.h>

#include "app/catalogue.h"
#include "core/connect.h"

namespace ranvier::app {
namespace {

// What calls add does not stand in the file that a network was loaded from: faults do not name it,
// and no run folder keeps its text.
Loading loading_of(Document& document, const Part& part) {
  document.name.clear();
  document.text.clear();
  return {document, &catalogue(), part.arrays};
}

std::string projection_title(const Json& json) {
  const auto text = [&json](const char* key) -> std::string {
    const Json* field = json.find(key);
    return field && field->is_string() ? field->as_string() : "?";
  };
  const Json* name = json.find("name");
  return fmt::format("projection \"{}\"", name && name->is_string()
                                              ? name->as_string()
                                              : text("source") + "->" + text("target"));
}

}  // namespace

NetworkBuilder::NetworkBuilder(const Part& run) {
  read_run(document_.run, Place(run.json, "network"), {});
}

std::size_t NetworkBuilder::add_population(const std::string& name, const Part& part) {
  const Place place(part.json, fmt::format("population \"{}\"", name));
  if (name.empty() || name.find('/') != std::string::npos)
    place.fail("a population's name must have one or more characters and no /", ErrorKind::parse);
  std::int64_t total = 0;
  for (const Population& other : network().populations) {
    if (other.name == name) place.fail("the name is taken by another population");
    total += other.size;
  }
  std::vector<Population>& all = document_.network.populations;
  const std::size_t before = all.size();
  Loading loading = loading_of(document_, part);
  try {
    read_population(loading, place, name);
    if (all.back().size > max_size - total)
      place.fail(fmt::format("the network has over {} neurons", max_size));
  } catch (...) {
    all.resize(before);
    throw;
  }
  return before;
}

std::size_t NetworkBuilder::add_projection(const Part& part) {
  std::vector<Projection>& all = document_.network.projections;
  const Place place(part.json, projection_title(part.json));
  if (const Json* name = part.json.find("name"); name && name->is_string())
    for (const Projection& other : all)
      if (other.name == name->as_string()) place.fail("the name is taken by another projection");
  Loading loading = loading_of(document_, part);
  read_projection(loading, place);
  name_projections(document_.network);
  return all.size() - 1;
}

std::size_t NetworkBuilder::add_stimulus(const Part& part) {
  Loading loading = loading_of(document_, part);
  read_stimulus(loading,
                Place(part.json, fmt::format("stimulus {}", document_.network.stimuli.size())));
  return document_.network.stimuli.size() - 1;
}

std::size_t NetworkBuilder::add_probe(const Part& part) {
  Loading loading = loading_of(document_, part);
  read_probe(loading, Place(part.json, fmt::format("probe {}", document_.network.probes.size())));
  return document_.network.probes.size() - 1;
}

Connections NetworkBuilder::connections(std::size_t projection) const {
  check(network(), document_.run);
  const ProjectionEstimate known = estimate(network(), projection, document_.run.dt);
  const Projection& p = network().projections.at(projection);
  const std::int64_t n_sources = network().populations[network().find(p.source)].size,
                     n_targets = network().populations[network().find(p.target)].size;
  const auto rows = make_rows(network(), projection, document_.run,
                              {0, static_cast<std::uint64_t>(n_targets)}, known.values);
  const std::int64_t dt = from_ms(document_.run.dt).count();
  Connections all;
  std::vector<Synapse> row;
  for (std::int64_t i = 0; i < n_sources; ++i) {
    row.clear();
    rows->append(static_cast<std::uint64_t>(i), row);
    for (const Synapse& s : row) {
      all.sources.push_back(i);
      all.targets.push_back(s.target);
      all.weights.push_back(s.weight);
      all.delays.push_back(to_ms(Time{s.delay * dt}));
    }
  }
  return all;
}

}  // namespace ranvier::app
