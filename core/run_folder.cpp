#include "core/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "core/hdf5.h"
#include "core/json.h"
#include "core/sha256.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

struct SampleHead {
  std::uint64_t report;
  std::int64_t frame;
  std::uint64_t n;
};

template <class T>
void append(Bytes& bytes, const T* values, std::size_t n) {
  const std::size_t at = bytes.size();
  bytes.resize(at + n * sizeof(T));
  if (n > 0) std::memcpy(bytes.data() + at, values, n * sizeof(T));
}

template <class T>
void take(const Bytes& bytes, std::size_t& at, T* values, std::size_t n) {
  if (n > 0) std::memcpy(values, bytes.data() + at, n * sizeof(T));
  at += n * sizeof(T);
}

std::string report_file(const Report& r) { return r.population + "_" + r.variable + ".h5"; }

class FolderRecorder final : public Recorder {
 public:
  FolderRecorder(const RecordPlan& plan, const RunFolderOptions& options, Comm& comm)
      : plan_(plan), options_(options), comm_(&comm), partial_(partial_folder(options.path)), frames_(plan.reports.size()),
        next_frame_(plan.reports.size(), 0) {
    agree_on(comm, [this] {
      if (comm_->rank() != 0) return;
      if (options_.resume_at >= 0) cut_back();
      else create();
    });
  }

  void spikes(std::span<const RecordedSpike> window) override { spikes_.insert(spikes_.end(), window.begin(), window.end()); }

  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns, std::span<const double> values) override {
    const SampleHead head{report, frame, columns.size()};
    append(samples_, &head, 1);
    append(samples_, columns.data(), columns.size());
    append(samples_, values.data(), values.size());
  }

  void flush(std::int64_t) override {
    std::vector<Bytes> spikes(static_cast<std::size_t>(comm_->size())), samples(spikes.size());
    append(spikes[0], spikes_.data(), spikes_.size());
    samples[0] = std::move(samples_);
    samples_.clear();
    spikes_.clear();
    const std::vector<Bytes> all_spikes = comm_->all_to_all(std::move(spikes));
    const std::vector<Bytes> all_samples = comm_->all_to_all(std::move(samples));
    agree_on(*comm_, [&] {
      if (comm_->rank() != 0) return;
      write_spikes(all_spikes);
      write_samples(all_samples);
    });
  }

  void finish(const Outcome& outcome) override {
    flush(0);
    agree_on(*comm_, [&] {
      if (comm_->rank() == 0) close(outcome);
    });
  }

 private:
  void create() {
    if (options_.path.empty()) throw Error(ErrorKind::usage, "the run folder has no name");
    if (fs::exists(options_.path) && !options_.overwrite)
      throw Error(ErrorKind::io, options_.path.string() + ": exists already; give another folder, or --overwrite");
    std::error_code failed;
    fs::remove_all(partial_, failed);
    fs::create_directories(partial_ / "reports", failed);
    if (failed) throw Error(ErrorKind::io, partial_.string() + ": cannot be created: " + failed.message());
    write_file(partial_ / "run.json", options_.run_json);
    file_ = hdf5::File::create(partial_ / "spikes.h5");
    mark(*file_);
    file_->make_group("/spikes");
    for (const RecordedPopulation& p : plan_.populations) {
      if (!p.spikes) continue;
      const std::string group = "/spikes/" + p.name;
      file_->make_group(group);
      file_->set_sorting_by_time(group);
      file_->create_growing_doubles(group + "/timestamps");
      file_->set_attribute(group + "/timestamps", "units", "ms");
      file_->create_growing_integers(group + "/node_ids");
    }
    for (const Report& r : plan_.reports) create_report(r);
  }

  /// Spikes after the checkpoint go, and so do frames.
  void cut_back() {
    file_ = hdf5::File::edit(partial_ / "spikes.h5");
    const double until = to_ms(Time{options_.resume_at});
    for (const RecordedPopulation& p : plan_.populations) {
      if (!p.spikes) continue;
      const std::string group = "/spikes/" + p.name;
      const std::vector<double> times = file_->read_doubles(group + "/timestamps");
      const auto kept = static_cast<std::uint64_t>(std::upper_bound(times.begin(), times.end(), until) - times.begin());
      file_->truncate(group + "/timestamps", kept);
      file_->truncate(group + "/node_ids", kept);
    }
    for (std::size_t r = 0; r < plan_.reports.size(); ++r) {
      const Report& report = plan_.reports[r];
      next_frame_[r] = options_.resume_at / from_ms(report.interval).count() + 1;
      hdf5::File file = hdf5::File::edit(partial_ / "reports" / report_file(report));
      file.truncate("/report/" + report.population + "/data", static_cast<std::uint64_t>(next_frame_[r]));
    }
  }

  static void mark(hdf5::File& file) {
    file.set_attribute("/", "magic", std::vector<std::uint32_t>{0x0A7A});
    file.set_attribute("/", "version", std::vector<std::uint32_t>{0, 1});
  }

  void create_report(const Report& r) {
    hdf5::File file = hdf5::File::create(partial_ / "reports" / report_file(r));
    mark(file);
    const std::string group = "/report/" + r.population;
    file.make_group(group);
    file.create_growing_doubles(group + "/data", r.neurons.size());
    file.set_attribute(group + "/data", "units", r.unit);
    file.set_attribute(group + "/data", "variable", r.variable);
    const std::vector<std::uint64_t> ids(r.neurons.begin(), r.neurons.end());
    std::vector<std::uint64_t> pointers(ids.size() + 1);
    for (std::size_t i = 0; i < pointers.size(); ++i) pointers[i] = i;
    file.make_group(group + "/mapping");
    file.write(group + "/mapping/node_ids", ids);
    file.set_attribute(group + "/mapping/node_ids", "sorted", std::vector<std::uint32_t>{std::is_sorted(ids.begin(), ids.end()) ? 1u : 0u});
    file.write(group + "/mapping/index_pointers", pointers);
    file.write(group + "/mapping/element_ids", std::vector<std::uint32_t>(ids.size(), 0));
  }

  void write_spikes(const std::vector<Bytes>& from) {
    std::vector<RecordedSpike> all;
    for (const Bytes& bytes : from) {
      const std::size_t n = bytes.size() / sizeof(RecordedSpike);
      all.resize(all.size() + n);
      std::size_t at = 0;
      take(bytes, at, all.data() + all.size() - n, n);
    }
    std::sort(all.begin(), all.end());
    for (const RecordedPopulation& p : plan_.populations) {
      if (!p.spikes) continue;
      std::vector<double> times;
      std::vector<std::uint64_t> ids;
      for (const RecordedSpike& s : all)
        if (s.gid >= p.first && s.gid < p.first + static_cast<Gid>(p.size)) {
          times.push_back(to_ms(Time{s.time}));
          ids.push_back(s.gid - p.first);
        }
      file_->append("/spikes/" + p.name + "/timestamps", times);
      file_->append("/spikes/" + p.name + "/node_ids", ids);
    }
    file_->flush();
  }

  void write_samples(const std::vector<Bytes>& from) {
    for (const Bytes& bytes : from)
      for (std::size_t at = 0; at < bytes.size();) {
        SampleHead head{};
        take(bytes, at, &head, 1);
        std::vector<std::uint32_t> columns(head.n);
        std::vector<double> values(head.n);
        take(bytes, at, columns.data(), head.n);
        take(bytes, at, values.data(), head.n);
        std::vector<double>& frame = frames_[head.report][head.frame];
        frame.resize(plan_.reports[head.report].neurons.size());
        for (std::size_t i = 0; i < columns.size(); ++i) frame[columns[i]] = values[i];
      }
    for (std::size_t r = 0; r < frames_.size(); ++r) {
      if (frames_[r].empty()) continue;
      const Report& report = plan_.reports[r];
      hdf5::File file = hdf5::File::edit(partial_ / "reports" / report_file(report));
      std::vector<double> rows;
      for (auto& [number, frame] : frames_[r]) rows.insert(rows.end(), frame.begin(), frame.end());
      file.append("/report/" + report.population + "/data", rows);
      next_frame_[r] += static_cast<std::int64_t>(frames_[r].size());
      frames_[r].clear();
    }
  }

  void close(const Outcome& outcome) {
    file_.reset();
    fs::remove(partial_ / "checkpoint.h5");
    for (std::size_t r = 0; r < plan_.reports.size(); ++r) {
      const Report& report = plan_.reports[r];
      hdf5::File file = hdf5::File::edit(partial_ / "reports" / report_file(report));
      const std::string time = "/report/" + report.population + "/mapping/time";
      file.write(time, std::vector<double>{0.0, static_cast<double>(next_frame_[r]) * report.interval, report.interval});
      file.set_attribute(time, "units", "ms");
    }
    write_file(partial_ / "status.json",
               fmt::format("{{\n  \"complete\": {},\n  \"ended_at\": {},\n  \"state_sha256\": \"{}\"\n}}\n", outcome.complete, outcome.ended_at,
                           outcome.state_digest));
    std::error_code failed;
    if (options_.overwrite) fs::remove_all(options_.path, failed);
    fs::rename(partial_, options_.path, failed);
    if (failed) throw Error(ErrorKind::io, options_.path.string() + ": cannot be renamed from .partial: " + failed.message());
  }

  RecordPlan plan_;
  RunFolderOptions options_;
  Comm* comm_;
  fs::path partial_;
  std::optional<hdf5::File> file_;
  std::vector<RecordedSpike> spikes_;
  Bytes samples_;
  std::vector<std::map<std::int64_t, std::vector<double>>> frames_;
  std::vector<std::int64_t> next_frame_;
};

}  // namespace

std::unique_ptr<Recorder> make_run_folder(const RecordPlan& plan, const RunFolderOptions& options, Comm& comm) {
  return std::make_unique<FolderRecorder>(plan, options, comm);
}

std::filesystem::path partial_folder(const std::filesystem::path& path) { return path.string() + ".partial"; }

void write_file(const std::filesystem::path& path, const std::string& text) {
  const fs::path temporary = path.string() + ".new";
  {
    std::ofstream file(temporary, std::ios::binary);
    file << text;
    file.flush();
    if (!file) throw Error(ErrorKind::io, path.string() + ": cannot be written");
  }
  std::error_code failed;
  fs::rename(temporary, path, failed);
  if (failed) throw Error(ErrorKind::io, path.string() + ": cannot be written: " + failed.message());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path)) throw Error(ErrorKind::io, path.string() + ": cannot be opened");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

RunFolder read_run_folder(const std::filesystem::path& path) {
  if (!fs::is_directory(path)) throw Error(ErrorKind::io, path.string() + ": no such run folder");
  RunFolder folder;
  folder.path = path;
  folder.run_json = read_file(path / "run.json");
  folder.status_json = read_file(path / "status.json");
  const hdf5::File spikes = hdf5::File::open(path / "spikes.h5");
  for (const std::string& name : spikes.members("/spikes")) {
    SpikeTrainData data;
    data.population = name;
    data.times = spikes.read_doubles("/spikes/" + name + "/timestamps");
    data.neurons = spikes.read_integers("/spikes/" + name + "/node_ids");
    if (data.times.size() != data.neurons.size())
      throw Error(ErrorKind::parse, (path / "spikes.h5").string() + ": /spikes/" + name + ": timestamps and node_ids differ in length");
    folder.spikes.push_back(std::move(data));
  }
  std::vector<fs::path> files;
  if (fs::exists(path / "reports"))
    for (const auto& entry : fs::directory_iterator(path / "reports")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& name : files) {
    const hdf5::File file = hdf5::File::open(name);
    for (const std::string& population : file.members("/report")) {
      const std::string group = "/report/" + population;
      ReportData data;
      data.population = population;
      data.variable = file.text_attribute(group + "/data", "variable");
      data.unit = file.text_attribute(group + "/data", "units");
      data.values = file.read_doubles(group + "/data");
      data.neurons = file.read_integers(group + "/mapping/node_ids");
      const std::vector<double> time = file.read_doubles(group + "/mapping/time");
      data.interval = time.size() == 3 ? time[2] : 0;
      folder.reports.push_back(std::move(data));
    }
  }
  return folder;
}

std::string digest(const RunFolder& folder) {
  Sha256 sha;
  for (const SpikeTrainData& s : folder.spikes) {
    sha.add(s.population.data(), s.population.size() + 1);
    sha.add(s.times.data(), s.times.size() * sizeof(double));
    sha.add(s.neurons.data(), s.neurons.size() * sizeof(std::int64_t));
  }
  for (const ReportData& r : folder.reports) {
    sha.add(r.population.data(), r.population.size() + 1);
    sha.add(r.variable.data(), r.variable.size() + 1);
    sha.add(r.values.data(), r.values.size() * sizeof(double));
  }
  sha.add(folder.status_json.data(), folder.status_json.size());
  return sha.hex();
}

}  // namespace ranvier
