// Loading of network documents: the outer form and the run settings; the parts have files of their own.
#include "app/document.h"

#include "app/document_parts.h"

#include <fmt/core.h>

#include <cmath>

namespace ranvier::app {
namespace {

void check_duration(const Place& place, double duration) {
  if (!(duration > 0 && duration < max_ms)) place.fail(fmt::format("{} ms, must be > 0 and below {:g} ms", duration, max_ms));
  if (from_ms(duration).count() < 1) place.fail(fmt::format("{} ms, must be at least a nanosecond", duration));
}

void check_dt(const Place& place, double dt) {
  if (!(dt > 0 && dt < max_ms)) place.fail(fmt::format("{} ms, must be > 0 and below {:g} ms", dt, max_ms));
  const Time step = from_ms(dt);
  if (step.count() < 1 || std::abs(dt * 1e6 - static_cast<double>(step.count())) > 1e-6 * dt * 1e6)
    place.fail(fmt::format("{} ms, must be a whole number of nanoseconds", dt));
}

std::uint64_t read_seed(const Place& place) {
  const Json& value = place.value();
  if (!value.is_number()) place.fail_kind("a whole number");
  if (!value.is_integer() || value.as_number() < 0 || (value.real() && *value.real() >= 0x1p53))
    place.fail(fmt::format("{}, must be a whole number from 0 to 2^64 - 1", to_compact_text(value)));
  return value.as_unsigned();
}

void read_run(RunSettings& run, const Place& place, const Overrides& overrides) {
  const Fields fields(place, {"duration", "dt", "seed", "storage"});
  run.duration = fields.number("duration", run.duration);
  run.dt = fields.number("dt", run.dt);
  if (const auto seed = fields.find("seed")) run.seed = read_seed(*seed);
  if (const auto storage = fields.find("storage"))
    run.storage = storage->choice<Storage>(
        {{"auto", Storage::automatic}, {"compact", Storage::compact}, {"exact", Storage::exact}});
  check_duration(fields.find("duration").value_or(place), run.duration);
  check_dt(fields.find("dt").value_or(place), run.dt);
  const Json given_duration(overrides.duration.value_or(1)), given_dt(overrides.dt.value_or(1));
  if (overrides.duration) check_duration(Place(given_duration, "duration"), run.duration = *overrides.duration);
  if (overrides.dt) check_dt(Place(given_dt, "dt"), run.dt = *overrides.dt);
  if (overrides.seed) run.seed = *overrides.seed;
  if (overrides.storage) run.storage = *overrides.storage;
}

/// Clocked neurons move in whole steps, and a run ends with one.
void check_whole_steps(const Loading& loading, const Place& run) {
  const RunSettings& settings = loading.document.run;
  if (from_ms(settings.duration).count() % from_ms(settings.dt).count() == 0) return;
  for (const Population& population : loading.network().populations)
    if (!is_source(population) && population.advance == Advance::clocked)
      run.fail(fmt::format("duration {} ms, must be a whole number of steps of dt = {} ms (\"{}\" is clocked)", settings.duration,
                           settings.dt, population.name));
}

void read_document(Loading& loading, const Place& root, const Overrides& overrides) {
  if (!root.value().is_object()) root.fail_kind("an object with the fields ranvier, run, populations, ...");
  const Fields fields(root, {"$schema", "ranvier", "description", "run", "populations", "projections", "stimuli", "probes"});
  const Place version = fields.need("ranvier");
  if (version.integer(1, std::numeric_limits<std::int32_t>::max()) != 1)
    version.fail(fmt::format("{}, this version of Ranvier reads documents of version 1", version.value().as_integer()),
                 ErrorKind::unsupported);
  loading.document.description = fields.text("description", "");
  const Json defaults = Json::object();
  const Place run = fields.find("run").value_or(root.inside("run", defaults));
  read_run(loading.document.run, run, overrides);
  read_populations(loading, fields.need("populations"));
  check_whole_steps(loading, run);
  if (const auto projections = fields.find("projections")) read_projections(loading, *projections);
  if (const auto stimuli = fields.find("stimuli")) read_stimuli(loading, *stimuli);
  if (const auto probes = fields.find("probes")) read_probes(loading, *probes);
  try {
    check(loading.network(), loading.document.run);  // what holds for every network, whoever made it
  } catch (const Error& error) {
    root.fail(error.what(), error.kind());
  }
}

}  // namespace

bool is_source(const Population& population) { return population.model.rfind("spike_source_", 0) == 0; }

std::filesystem::path Loading::file(const Place& place) const {
  const std::filesystem::path path = document.folder / place.text();
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) place.fail(fmt::format("\"{}\", no such file", place.text()), ErrorKind::io);
  if (std::filesystem::is_directory(path, failed)) place.fail(fmt::format("\"{}\", is a folder", place.text()), ErrorKind::io);
  return path;
}

std::size_t Loading::population(const Place& place) const {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < network().populations.size(); ++i) {
    if (place.text() == network().populations[i].name) return i;
    known.push_back(network().populations[i].name);
  }
  const std::string near = did_you_mean(place.text(), known);
  place.fail(fmt::format("there is no population \"{}\"{}", place.text(), near));
}

const NeuronModel* Loading::neuron_model(const Population& population) const {
  return catalogue ? catalogue->neurons.find(population.model) : nullptr;
}

Document parse_document(const std::string& text, const std::string& name, const std::filesystem::path& folder,
                        const LoadOptions& options) {
  const Json json = parse_json(text, name);
  Document document;
  document.text = text;
  document.folder = folder;
  Loading loading{document, options.catalogue};
  read_document(loading, Place(json, name), options.overrides);
  return document;
}

Document load_document(const std::filesystem::path& path, const LoadOptions& options) {
  return parse_document(read_text(path), path.string(), path.parent_path(), options);
}

}  // namespace ranvier::app
