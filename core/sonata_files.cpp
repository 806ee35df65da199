#include "core/sonata_files.h"

#include <algorithm>

#include "core/error.h"
#include "core/hdf5.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

void mark(hdf5::File& file) {
  file.set_attribute("/", "magic", std::vector<std::uint32_t>{0x0A7A});
  file.set_attribute("/", "version", std::vector<std::uint32_t>{0, 1});
}

void make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    throw Error(ErrorKind::io, folder.string() + ": cannot be created: " + failed.message());
}

/// PyNN 0.13 reads SONATA's first layout only, of one population a file.
void link_for_pynn(const fs::path& folder, const std::string& population) {
  hdf5::File file = hdf5::File::create(folder / "pynn" / (population + ".h5"));
  file.make_group("/spikes");
  file.link("/spikes/timestamps", "../spikes.h5", "/spikes/" + population + "/timestamps");
  file.link("/spikes/gids", "../spikes.h5", "/spikes/" + population + "/node_ids");
  file.close();
}

/// When a report's frames are: first, end and distance (ms).
void write_frame_times(hdf5::File& file, const std::string& mapping, const Report& report,
                       std::int64_t frames) {
  file.write(
      mapping + "/time",
      std::vector<double>{0.0, static_cast<double>(frames) * report.interval, report.interval});
  file.set_attribute(mapping + "/time", "units", "ms");
}

}  // namespace

std::vector<SpikePlaces> create_spike_files(const fs::path& folder,
                                            const std::vector<RecordedPopulation>& populations,
                                            const std::vector<std::int64_t>& counts) {
  make_folder(folder / "pynn");
  hdf5::File file = hdf5::File::create(folder / "spikes.h5");
  mark(file);
  file.make_group("/spikes");
  std::vector<SpikePlaces> places(populations.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    if (!populations[p].spikes) continue;
    const std::string group = "/spikes/" + populations[p].name;
    const auto n = static_cast<std::uint64_t>(counts[p]);
    file.make_group(group);
    file.set_sorting_by_time(group);
    places[p].timestamps = file.reserve_doubles(group + "/timestamps", {n});
    file.set_attribute(group + "/timestamps", "units", "ms");
    places[p].node_ids = file.reserve_integers(group + "/node_ids", {n});
    link_for_pynn(folder, populations[p].name);
  }
  file.close();
  return places;
}

std::int64_t frames_until(const Report& report, std::int64_t until) {
  return until < 0 ? 0 : until / from_ms(report.interval).count() + 1;
}

std::string group_of_synapses(const Report& report) {
  std::string name = report.population;
  std::replace(name.begin(), name.end(), '/', '_');
  return "/" + (report.variable == "weight" ? "weights" : report.variable) + "/" + name;
}

// A group a projection as SONATA's frame reports have one a population, with edges for elements:
// in /weights, and other variables each in a group of its name.
std::vector<ReportPlaces> create_weights_file(const fs::path& folder,
                                              const std::vector<Report>& reports,
                                              std::int64_t until) {
  hdf5::File file = hdf5::File::create(folder / "weights.h5");
  mark(file);
  std::vector<ReportPlaces> places;
  for (const Report& report : reports) {
    if (!report.of_projection) continue;
    const std::int64_t frames = frames_until(report, until);
    const std::string group = group_of_synapses(report), mapping = group + "/mapping";
    file.make_group(group);
    places.push_back({0, file.reserve_doubles(group + "/data", {static_cast<std::uint64_t>(frames),
                                                                report.neurons.size()})});
    file.set_attribute(group + "/data", "units", report.unit);
    file.set_attribute(group + "/data", "projection", report.population);
    file.make_group(mapping);
    const auto write = [&](const char* column, const std::vector<std::int64_t>& values) {
      file.write(mapping + column, std::vector<std::uint64_t>(values.begin(), values.end()));
    };
    write("/edge_ids", report.neurons);
    write("/source_node_ids", report.sources);
    write("/target_node_ids", report.targets);
    write_frame_times(file, mapping, report, frames);
  }
  file.close();
  return places;
}

fs::path report_file(const Report& report) {
  if (report.of_projection) return "weights.h5";
  return fs::path("reports") / (report.population + "_" + report.variable + ".h5");
}

ReportPlaces create_report_file(const fs::path& folder, const Report& report, std::int64_t frames) {
  make_folder(folder / "reports");
  hdf5::File file = hdf5::File::create(folder / report_file(report));
  mark(file);
  const std::string group = "/report/" + report.population;
  const std::vector<std::uint64_t> shape{static_cast<std::uint64_t>(frames), report.neurons.size()};
  file.make_group(group);
  ReportPlaces places;
  places.data = file.reserve_floats(group + "/data", shape);  // libsonata reads nothing wider
  places.data_double = file.reserve_doubles(group + "/data_double", shape);
  for (const char* data : {"/data", "/data_double"}) {
    file.set_attribute(group + data, "units", report.unit);
    file.set_attribute(group + data, "variable", report.variable);
  }
  const std::vector<std::uint64_t> ids(report.neurons.begin(), report.neurons.end());
  std::vector<std::uint64_t> pointers(ids.size() + 1);
  for (std::size_t i = 0; i < pointers.size(); ++i) pointers[i] = i;
  const std::string mapping = group + "/mapping";
  file.make_group(mapping);
  file.write(mapping + "/node_ids", ids);
  file.set_attribute(mapping + "/node_ids", "sorted",
                     std::vector<std::uint32_t>{std::is_sorted(ids.begin(), ids.end()) ? 1u : 0u});
  file.write(mapping + "/index_pointers", pointers);
  file.write(mapping + "/element_ids", std::vector<std::uint32_t>(ids.size(), 0));
  write_frame_times(file, mapping, report, frames);
  file.close();
  return places;
}

}  // namespace ranvier
