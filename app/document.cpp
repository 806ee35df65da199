// Loading of network documents: the outer form and the run settings; the parts have files of their
// own.
#include "app/document.h"

#include "app/document_nir.h"
#include "app/document_write.h"
#include "conversion/nir.h"
#include "conversion/sonata.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace ranvier::app {
void check_time(const Place& place, double ms, ErrorKind kind, double largest) {
  if (!(ms > 0 && ms < max_ms))
    place.fail(fmt::format("{} ms, must be > 0 and below {:g} ms", ms, max_ms), kind);
  const double ns = ms * 1e6, rounding = std::max(1e-3, std::max(ms, largest) * 1e6 * 0x1p-51);
  if (ns < 0.5 || std::abs(ns - std::nearbyint(ns)) > rounding)
    place.fail(fmt::format("{} ms, must be a whole number of nanoseconds", ms), kind);
}

namespace {

std::uint64_t read_seed(const Place& place) {
  const Json& value = place.value();
  if (!value.is_number()) place.fail_kind("a whole number");
  if (!value.is_integer() || value.as_number() < 0 || (value.real() && *value.real() >= 0x1p53))
    place.fail(
        fmt::format("{}, must be a whole number from 0 to 2^64 - 1", to_compact_text(value)));
  return value.as_unsigned();
}

void override_run(RunSettings& run, const Overrides& overrides) {
  const Json none;
  if (overrides.duration)
    check_time(Place(none, "--duration"), run.duration = *overrides.duration, ErrorKind::usage);
  if (overrides.dt) check_time(Place(none, "--dt"), run.dt = *overrides.dt, ErrorKind::usage);
  if (overrides.seed) run.seed = *overrides.seed;
  if (overrides.storage) run.storage = *overrides.storage;
}

}  // namespace

void read_run(RunSettings& run, const Place& place, const Overrides& overrides) {
  const Fields fields(place, {"duration", "dt", "seed", "storage"});
  run.duration = fields.number("duration", run.duration);
  run.dt = fields.number("dt", run.dt);
  if (const auto seed = fields.find("seed")) run.seed = read_seed(*seed);
  if (const auto storage = fields.find("storage"))
    run.storage = storage->choice<Storage>(
        {{"auto", Storage::automatic}, {"compact", Storage::compact}, {"exact", Storage::exact}});
  check_time(fields.find("duration").value_or(place), run.duration);
  check_time(fields.find("dt").value_or(place), run.dt);
  override_run(run, overrides);
}

namespace {

/// Clocked neurons move in whole steps, and a run ends with one.
void check_whole_steps(const Loading& loading, const Place& run) {
  const RunSettings& settings = loading.document.run;
  if (from_ms(settings.duration).count() % from_ms(settings.dt).count() == 0) return;
  for (const Population& population : loading.network().populations)
    if (!is_source(population) && population.advance == Advance::clocked)
      run.fail(fmt::format(
          "duration {} ms, must be a whole number of steps of dt = {} ms (\"{}\" is clocked)",
          settings.duration, settings.dt, population.name));
}

void read_document(Loading& loading, const Place& root, const Overrides& overrides) {
  if (!root.value().is_object())
    root.fail_kind("an object with the fields ranvier, run, populations, ...");
  const Fields fields(root, {"$schema", "ranvier", "description", "run", "nir", "populations",
                             "projections", "stimuli", "probes"});
  const Place version = fields.need("ranvier");
  if (version.integer(1, std::numeric_limits<std::int32_t>::max()) != 1)
    version.fail(fmt::format("{}, this version of Ranvier reads documents of version 1",
                             version.value().as_integer()),
                 ErrorKind::unsupported);
  loading.document.description = fields.text("description", "");
  const Json defaults = Json::object();
  const Place run = fields.find("run").value_or(root.inside("run", defaults));
  read_run(loading.document.run, run, overrides);
  const auto nir = fields.find("nir");
  if (!nir || fields.has("populations")) read_populations(loading, fields.need("populations"));
  if (nir) read_nir(loading, *nir);
  check_whole_steps(loading, run);
  if (const auto projections = fields.find("projections")) read_projections(loading, *projections);
  if (const auto stimuli = fields.find("stimuli")) read_stimuli(loading, *stimuli);
  if (const auto probes = fields.find("probes")) {
    loading.network().probes.clear();
    read_probes(loading, *probes);
  }
  try {
    check(loading.network(),
          loading.document.run);  // what holds for every network, whoever made it
  } catch (const Error& error) {
    root.fail(error.what(), error.kind());
  }
}

}  // namespace

bool is_source(const Population& population) {
  return population.model.rfind("spike_source_", 0) == 0;
}

Fields fields_of_form(const Place& place, std::vector<std::string> own,
                      const std::vector<std::string>& any) {
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const Json::Object& given = place.object();
  const bool of_another = std::any_of(given.begin(), given.end(), [&](const auto& field) {
    return !is_in(own, field.first) && is_in(any, field.first);
  });
  return {place, std::move(own), of_another ? Fields::Answer::all : Fields::Answer::near};
}

std::vector<std::string> with_names(std::vector<std::string> names,
                                    const std::vector<std::string>& more) {
  for (const std::string& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

bool refers_to_array(const Json& value) { return value.find("file") || value.find("memory"); }

const MemoryArray& Loading::held(const Place& place) const {
  const Fields fields(place, {"memory"});
  return memory[static_cast<std::size_t>(
      fields.need("memory").integer(0, static_cast<std::int64_t>(memory.size()) - 1))];
}

std::filesystem::path Loading::file(const Place& place) const {
  return document.files[place.text()] = input(place);
}

std::filesystem::path Loading::input(const Place& place) const {
  const std::filesystem::path path = document.folder / place.text();
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    place.fail(fmt::format("\"{}\", no such file", place.text()), ErrorKind::io);
  if (std::filesystem::is_directory(path, failed))
    place.fail(fmt::format("\"{}\", is a folder", place.text()), ErrorKind::io);
  return path;
}

std::size_t Loading::population(const Place& place) const {
  const std::string name = place.text();
  const auto& all = network().populations;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return i;
  std::vector<std::string> known;
  for (const Population& p : all) known.push_back(p.name);
  place.fail(fmt::format("there is no population \"{}\"{}", name, did_you_mean(name, known)));
}

const NeuronModel* Loading::neuron_model(const Population& population) const {
  return catalogue ? catalogue->neurons.find(population.model) : nullptr;
}

namespace {

Document document_of(const Json& json, const std::string& text, const std::string& name,
                     const std::filesystem::path& folder, const LoadOptions& options) {
  Document document;
  document.name = name;
  document.text = text;
  document.folder = folder;
  Loading loading{document, options.catalogue};
  read_document(loading, Place(json, name), options.overrides);
  return document;
}

/// The populations of a network that was read from another format, checked against the tables as a
/// document's are.
void check_populations(const Document& document, const std::string& name,
                       const LoadOptions& options) {
  Document part;
  part.run = document.run;
  part.network.populations = document.network.populations;
  for (Population& population : part.network.populations) population.positions.clear();
  document_of(document_json(part, nullptr), "", name, document.folder, {options.catalogue, {}});
}

Document load_sonata_document(const std::filesystem::path& path, const LoadOptions& options) {
  conversion::SonataModel model = conversion::load_sonata(path);
  Document document;
  document.name = path.string();
  document.network = std::move(model.network);
  document.run = model.run;
  document.notes = std::move(model.notes);
  document.sonata_files = std::move(model.files);
  document.folder = path.parent_path();
  const Json settings = Json::object();
  const Place place(settings, path.string());
  override_run(document.run, options.overrides);
  check_time(place, document.run.duration);
  check_time(place, document.run.dt);
  check_populations(document, path.string(), options);
  check(document.network, document.run);
  document.text = brief_json(document);
  return document;
}

}  // namespace

Document parse_document(const std::string& text, const std::string& name,
                        const std::filesystem::path& folder, const LoadOptions& options) {
  return document_of(parse_json(text, name), text, name, folder, options);
}

Document load_document(const std::filesystem::path& path, const LoadOptions& options) {
  if (conversion::is_nir_file(path)) {
    const Json file = Json::object({{"file", path.filename().string()}});
    const Json document = Json::object({{"ranvier", 1}, {"nir", file}});
    return parse_document(to_text(document), path.string(), path.parent_path(), options);
  }
  const std::string text = read_text(path);
  const Json json = parse_json(text, path.string());
  if (conversion::is_sonata_config(json)) return load_sonata_document(path, options);
  return document_of(json, text, path.string(), path.parent_path(), options);
}

}  // namespace ranvier::app
