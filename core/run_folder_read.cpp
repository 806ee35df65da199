// Reading run folders back, and their digest. What the files hold is checked against itself:
// columns of equal length, frames that fit their mapping. Tested by
// tests/unit/core/test_run_folder.cpp.
#include "core/run_folder.h"

#include <algorithm>
#include <fstream>

#include "core/aside_file.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"
#include "core/sha256.h"

namespace ranvier {

namespace fs = std::filesystem;

void require_writable(const char* option, const std::filesystem::path& file,
                      const std::filesystem::path& input) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::io, std::string(option) + ": " + file.string() + ": " + what);
  };
  std::error_code unknown;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!fs::is_directory(folder, unknown)) refuse("there is no folder " + folder.string());
  if (fs::is_directory(file, unknown)) refuse("is a folder");
  if (fs::equivalent(file, input, unknown)) refuse("is what is read; give another name");
  if (is_stream(file) && fs::is_regular_file(file, unknown))
    refuse("leads to a file; give that one's name");
  if (is_stream(file)) return;  // a pipe would wait here for who reads it
  AsideFile aside(file, file.string() + ".new");
  if (!std::ofstream(aside.temporary(), std::ios::binary)) refuse("cannot be written");
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  const bool into = is_stream(path);
  AsideFile aside(path, path.string() + ".new");
  std::ofstream file(into ? path : aside.temporary(), std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(ErrorKind::io, path.string() + ": cannot be written");
  if (!into) aside.publish();
}

namespace {

std::vector<ReportData> read_weights(const fs::path& path) {
  std::vector<ReportData> weights;
  if (!fs::exists(path)) return weights;
  const hdf5::File file = hdf5::File::open(path);
  std::vector<std::pair<std::string, std::string>> places;
  for (const std::string& variable : file.members("/"))
    for (const std::string& name : file.members("/" + variable)) places.push_back({variable, name});
  for (const auto& [variable, name] : places) {
    const std::string group = "/" + variable + "/" + name;
    ReportData data;
    data.population = file.text_attribute(group + "/data", "projection");
    data.variable = variable == "weights" ? "weight" : variable;
    data.unit = file.text_attribute(group + "/data", "units");
    data.values = file.read_doubles(group + "/data");
    data.neurons = file.read_integers(group + "/mapping/edge_ids");
    const std::vector<double> time = file.read_doubles(group + "/mapping/time");
    if (time.size() != 3 ||
        file.shape(group + "/data") !=
            std::vector<std::uint64_t>{
                data.values.size() / std::max<std::size_t>(1, data.neurons.size()),
                data.neurons.size()})
      throw Error(ErrorKind::parse,
                  path.string() + ": " + group + ": data and mapping do not fit together");
    data.interval = time[2];
    weights.push_back(std::move(data));
  }
  return weights;
}

}  // namespace

RunFolder read_run_folder(const std::filesystem::path& path) {
  if (!fs::is_directory(path)) throw Error(ErrorKind::io, path.string() + ": no such run folder");
  if (!fs::exists(path / "run.json") && fs::exists(path / "results.json"))
    throw Error(ErrorKind::io, path.string() +
                                   ": holds an experiment's results (results.json), "
                                   "must be the folder of one run");
  RunFolder folder;
  folder.path = path;
  folder.run_json = read_text(path / "run.json");
  folder.status_json = read_text(path / "status.json");
  const hdf5::File spikes = hdf5::File::open(path / "spikes.h5");
  for (const std::string& name : spikes.members("/spikes")) {
    SpikeTrainData data;
    data.population = name;
    data.times = spikes.read_doubles("/spikes/" + name + "/timestamps");
    data.neurons = spikes.read_integers("/spikes/" + name + "/node_ids");
    if (data.times.size() != data.neurons.size())
      throw Error(ErrorKind::parse, (path / "spikes.h5").string() + ": /spikes/" + name +
                                        ": timestamps and node_ids differ in length");
    folder.spikes.push_back(std::move(data));
  }
  folder.weights = read_weights(path / "weights.h5");
  std::vector<fs::path> files;
  if (fs::exists(path / "reports"))
    for (const auto& entry : fs::directory_iterator(path / "reports"))
      if (entry.path().extension() == ".h5") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& name : files) {
    const hdf5::File file = hdf5::File::open(name);
    for (const std::string& population : file.members("/report")) {
      const std::string group = "/report/" + population;
      ReportData data;
      data.population = population;
      data.variable = file.text_attribute(group + "/data_double", "variable");
      data.unit = file.text_attribute(group + "/data_double", "units");
      data.values = file.read_doubles(group + "/data_double");
      data.neurons = file.read_integers(group + "/mapping/node_ids");
      const std::vector<double> time = file.read_doubles(group + "/mapping/time");
      if (time.size() != 3 ||
          file.shape(group + "/data_double") !=
              std::vector<std::uint64_t>{
                  data.values.size() / std::max<std::size_t>(1, data.neurons.size()),
                  data.neurons.size()})
        throw Error(ErrorKind::parse,
                    name.string() + ": " + group + ": data and mapping do not fit together");
      data.interval = time[2];
      folder.reports.push_back(std::move(data));
    }
  }
  return folder;
}

namespace {

/// Number of elements, then the elements: no two different sequences of fields give the same bytes.
template <class Values>
void add(Sha256& sha, const Values& values) {
  const std::uint64_t n = values.size();
  sha.add(&n, sizeof n);
  sha.add(values.data(), values.size() * sizeof(values[0]));
}

}  // namespace

std::string digest(const RunFolder& folder) {
  Sha256 sha;
  for (const SpikeTrainData& s : folder.spikes) {
    add(sha, s.population);
    add(sha, s.times);
    add(sha, s.neurons);
  }
  for (const auto* reports : {&folder.reports, &folder.weights})
    for (const ReportData& r : *reports) {
      add(sha, r.population);
      add(sha, r.variable);
      add(sha, r.unit);
      add(sha, std::vector<double>{r.interval});
      add(sha, r.neurons);
      add(sha, r.values);
    }
  add(sha, folder.status_json);
  return sha.hex();
}

}  // namespace ranvier
