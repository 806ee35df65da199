// Arrays of a document that lie in HDF5 files, read and written. Forms: {"file", "dataset"} for
// numbers, {"file", "population"} for spike times (SONATA), and the rules hdf5 ({"file", "group"}:
// data sets source, target[, weight][, delay]) and sonata ({"file", "population"}: an edges file,
// syn_weight taken in the receptor's unit, delay in ms).
#include "app/document_write.h"
#include "conversion/sonata_files.h"
#include "core/aside_file.h"
#include "core/hdf5.h"
#include "core/run_folder.h"

#include <fmt/core.h>

#include <cmath>
#include <fstream>

namespace ranvier::app {
namespace {

std::vector<std::uint32_t> checked_indices(const Place& place,
                                           const std::vector<std::int64_t>& values,
                                           const char* what, std::int64_t size) {
  std::vector<std::uint32_t> result;
  result.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] >= size)
      place.fail(
          fmt::format("connection {}: {} {}, must be from 0 to {}", i, what, values[i], size - 1));
    result.push_back(static_cast<std::uint32_t>(values[i]));
  }
  return result;
}

void check_length(const Place& place, const char* what, std::size_t length, std::size_t wanted) {
  if (length != wanted)
    place.fail(fmt::format("{} {}s, must be one a connection: {}", length, what, wanted));
}

/// The column of an edges file, or nothing where no edge has it. Throws where only some have.
std::vector<double> edge_column(const Place& place, const conversion::SonataEdges& edges,
                                const char* name) {
  const auto found = edges.numbers.find(name);
  if (found == edges.numbers.end()) return {};
  for (std::size_t i = 0; i < found->second.size(); ++i)
    if (std::isnan(found->second[i]))
      place.fail(fmt::format("edge {} has no {}, others have", i, name));
  return found->second;
}

class Hdf5Sink final : public DataSink {
 public:
  Hdf5Sink(std::filesystem::path json, const std::filesystem::path& old_folder)
      : json_(std::move(json)),
        old_folder_(old_folder),
        final_(std::filesystem::path(json_).replace_extension(".h5")),
        aside_(final_, final_.string() + ".partial") {}

  Json numbers(const std::string& name, const std::vector<double>& values) override {
    file().write("/" + name, values);
    return Json::object({{"file", name_in_json()}, {"dataset", name}});
  }
  Json trains(const std::string& population,
              const std::vector<std::vector<double>>& trains) override {
    std::vector<double> times;
    std::vector<std::uint64_t> nodes;
    for (std::size_t i = 0; i < trains.size(); ++i) {
      times.insert(times.end(), trains[i].begin(), trains[i].end());
      nodes.insert(nodes.end(), trains[i].size(), i);
    }
    const std::string folder = "/spikes/" + population;
    file().write(folder + "/timestamps", times);
    file().set_attribute(folder + "/timestamps", "units", "ms");
    file().write(folder + "/node_ids", nodes);
    return Json::object({{"file", name_in_json()}, {"population", population}});
  }
  Json connections(const std::string& group, const std::vector<std::uint32_t>& sources,
                   const std::vector<std::uint32_t>& targets) override {
    file().write("/" + group + "/source", sources);
    file().write("/" + group + "/target", targets);
    return Json::object({{"rule", "hdf5"}, {"file", name_in_json()}, {"group", group}});
  }
  std::string file_name(const std::string& given) override {
    const std::filesystem::path path(given);
    if (given == "-" || path.is_absolute()) return given;
    std::error_code failed;
    const auto moved =
        std::filesystem::proximate(std::filesystem::absolute(old_folder_ / path),
                                   std::filesystem::absolute(json_).parent_path(), failed);
    return failed ? std::filesystem::absolute(old_folder_ / path).string() : moved.string();
  }
  /// Throws Error(io) where there is a data file and its name is taken.
  void require_place(std::optional<bool> overwrite) const {
    if (file_) require_new(final_, overwrite);
  }
  /// Gives the data file its name, if there is one.
  void finish() {
    if (!file_) return;
    file_->close();
    file_.reset();
    aside_.publish();
  }

 private:
  hdf5::File& file() {
    if (!file_) file_ = std::make_unique<hdf5::File>(hdf5::File::create(aside_.temporary()));
    return *file_;
  }
  std::string name_in_json() const { return final_.filename().string(); }

  std::filesystem::path json_, old_folder_, final_;
  AsideFile aside_;
  std::unique_ptr<hdf5::File> file_;
};

}  // namespace

std::vector<double> read_numbers(const Loading& loading, const Place& place) {
  if (place.value().is_array()) return place.numbers();
  if (!loading.memory.empty() && place.value().find("memory")) return *loading.held(place).values;
  const Fields fields(place, {"file", "dataset"});
  const std::filesystem::path path = loading.file(fields.need("file"));
  const Place dataset = fields.need("dataset");
  try {
    return hdf5::File::open(path).read_doubles("/" + dataset.text(), std::uint64_t{max_elements});
  } catch (const Error& error) {
    dataset.fail(error.what(), error.kind());
  }
}

std::vector<std::vector<double>> read_trains(const Loading& loading, const Place& place,
                                             std::int64_t size) {
  const Fields fields(place, {"file", "population"});
  const std::filesystem::path path = loading.file(fields.need("file"));
  std::vector<std::vector<double>> trains(static_cast<std::size_t>(size));
  const std::string name = fields.need("population").text();
  conversion::SonataSpikes spikes;
  try {
    spikes = conversion::read_sonata_spikes(path, name);
  } catch (const Error& error) {
    place.fail(error.what(), error.kind());
  }
  if (!spikes.population.empty() && spikes.population != name)
    place.fail(fmt::format("{}: there are no spikes of \"{}\", those of \"{}\" alone",
                           path.string(), name, spikes.population));
  for (std::size_t i = 0; i < spikes.times.size(); ++i) {
    if (spikes.nodes[i] < 0 || spikes.nodes[i] >= size)
      place.fail(
          fmt::format("spike {}: node {}, must be from 0 to {}", i, spikes.nodes[i], size - 1));
    if (!(spikes.times[i] > 0 && spikes.times[i] < max_ms))
      place.fail(fmt::format("spike {}: {} ms, must be > 0 and below {:g} ms", i, spikes.times[i],
                             max_ms));
    trains[static_cast<std::size_t>(spikes.nodes[i])].push_back(spikes.times[i]);
  }
  return trains;
}

ConnectionList read_connections_hdf5(const Loading& loading, const Fields& fields,
                                     std::int64_t n_sources, std::int64_t n_targets) {
  const Place place = fields.need("file"), group = fields.need("group");
  const std::filesystem::path path = loading.file(place);
  ConnectionList list;
  try {
    const hdf5::File file = hdf5::File::open(path);
    const std::string folder = "/" + group.text() + "/";
    list.sources =
        checked_indices(group, file.read_integers(folder + "source"), "source", n_sources);
    list.targets =
        checked_indices(group, file.read_integers(folder + "target"), "target", n_targets);
    const auto column = [&](const char* name) {
      std::vector<double> values;
      if (!file.exists(folder + name)) return values;
      values = file.read_doubles(folder + name);
      check_length(group, name, values.size(), list.sources.size());
      return values;
    };
    list.weights = column("weight");
    list.delays = column("delay");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    place.fail(error.what(), error.kind());
  }
  check_length(group, "target", list.targets.size(), list.sources.size());
  return list;
}

ConnectionList read_connections_sonata(const Loading& loading, const Fields& fields,
                                       std::int64_t n_sources, std::int64_t n_targets) {
  const Place place = fields.need("file"), population = fields.need("population");
  const std::filesystem::path path = loading.file(place);
  std::vector<conversion::SonataEdges> edges;
  try {
    edges = conversion::read_sonata_edges(path, population.text());
  } catch (const Error& error) {
    place.fail(error.what(), error.kind());
  }
  ConnectionList list;
  list.sources = checked_indices(population, edges[0].source_id, "source", n_sources);
  list.targets = checked_indices(population, edges[0].target_id, "target", n_targets);
  list.weights = edge_column(population, edges[0], "syn_weight");
  list.delays = edge_column(population, edges[0], "delay");
  return list;
}

void save_document(const Document& document, const std::filesystem::path& path,
                   std::optional<bool> overwrite) {
  require_new(path, overwrite);
  Hdf5Sink sink(path, document.folder);
  const std::string text = to_text(document_json(document, &sink));
  sink.require_place(overwrite);
  AsideFile aside(path, path.string() + ".partial");
  std::ofstream file(aside.temporary(), std::ios::binary);
  file << text;
  file.close();
  if (!file)
    throw Error(ErrorKind::io, fmt::format("{}: cannot be written", aside.temporary().string()));
  sink.finish();
  aside.publish();
}

}  // namespace ranvier::app
