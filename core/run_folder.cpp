// The writer of run folders. Every rank keeps its spikes and samples from one flush to the next and
// then sends them to rank 0, which sorts and appends them, so memory is bounded by what one stretch
// between flushes holds, and the order of writing does not depend on who sent what. Reading is in
// core/run_folder_read.cpp. Tested by tests/unit/core/test_run_folder.cpp,
// tests/mpi/test_mpi_run_folder.cpp (equal bytes on 1, 2, 4 ranks) and
// tests/unit/core/test_run_folder_readers.py.
#include "core/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "core/hdf5.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

struct SampleHead {
  std::uint64_t report;
  std::int64_t frame;
  std::uint64_t n;
};

std::vector<float> to_single(const std::vector<double>& values) {
  std::vector<float> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(),
                 [](double v) { return static_cast<float>(v); });
  return result;
}

std::string report_file(const Report& r) { return r.population + "_" + r.variable + ".h5"; }

class FolderRecorder final : public Recorder {
 public:
  FolderRecorder(const RecordPlan& plan, const RunFolderOptions& options, Comm& comm)
      : plan_(plan),
        options_(options),
        comm_(&comm),
        partial_(partial_folder(options.path)),
        frames_(plan.reports.size()),
        next_frame_(plan.reports.size(), 0) {
    agree_on(comm, [this] {
      if (comm_->rank() == 0) create();
    });
  }

  void spikes(std::span<const RecordedSpike> window) override {
    spikes_.insert(spikes_.end(), window.begin(), window.end());
  }

  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override {
    const SampleHead head{report, frame, columns.size()};
    append(samples_, head);
    append_all(samples_, columns);
    append_all(samples_, values);
  }

  void flush(std::int64_t) override {
    std::vector<Bytes> spikes(static_cast<std::size_t>(comm_->size())), samples(spikes.size());
    append_all(spikes[0], std::span<const RecordedSpike>(spikes_));
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
    for (const fs::path& earlier : {options_.path, partial_}) {
      if (!fs::exists(earlier)) continue;
      if (earlier == partial_ && options_.resume_at >= 0) continue;
      if (!options_.overwrite)
        throw Error(ErrorKind::io,
                    earlier.string() + ": exists already; give another folder, or --overwrite");
      if (!fs::exists(earlier / "run.json") &&
          !(fs::is_directory(earlier) && fs::is_empty(earlier)))
        throw Error(ErrorKind::io,
                    earlier.string() + ": is no run folder, so it is not overwritten");
    }
    if (options_.resume_at >= 0) resume(options_.resume_at);
    else start();
  }

  void start() {
    std::error_code failed;
    fs::remove_all(partial_, failed);
    fs::create_directories(partial_, failed);
    if (failed)
      throw Error(ErrorKind::io, partial_.string() + ": cannot be created: " + failed.message());
    write_file(partial_ / "run.json", options_.run_json);  // first of all: the mark of a run folder
    for (const char* inner : {"reports", "pynn"}) fs::create_directory(partial_ / inner);
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
      link_for_pynn(p.name);
    }
    for (const Report& r : plan_.reports) create_report(r);
  }

  /// Goes on with what an earlier run left, cut back to what it had recorded at `now` (ns).
  void resume(std::int64_t now) {
    if (!fs::exists(partial_))
      throw Error(ErrorKind::io, partial_.string() + ": there is no run to resume");
    write_file(
        partial_ / "run.json",
        options_.run_json);  // another duration is allowed; the rest is the checkpoint's to compare
    file_ = hdf5::File::edit(partial_ / "spikes.h5");
    for (const RecordedPopulation& p : plan_.populations) {
      if (!p.spikes) continue;
      const std::string times = "/spikes/" + p.name + "/timestamps";
      std::uint64_t first = 0, last = file_->shape(times).at(
                                   0);  // the first spike after `now` lies in [first, last]
      while (first < last) {
        const std::uint64_t middle = first + (last - first) / 2;
        if (from_ms(file_->read_doubles_at(times, middle, 1)[0]).count() <= now) first = middle + 1;
        else last = middle;
      }
      file_->truncate(times, first);
      file_->truncate("/spikes/" + p.name + "/node_ids", first);
    }
    for (std::size_t r = 0; r < plan_.reports.size(); ++r) resume_report(r, now);
  }

  void resume_report(std::size_t r, std::int64_t now) {
    const Report& report = plan_.reports[r];
    const fs::path name = partial_ / "reports" / report_file(report);
    hdf5::File file = hdf5::File::edit(name);
    next_frame_[r] = now / from_ms(report.interval).count() + 1;
    for (const char* which : {"/data", "/data_double"}) {
      const std::string data = "/report/" + report.population + which;
      if (file.shape(data).at(0) < static_cast<std::uint64_t>(next_frame_[r]))
        throw Error(ErrorKind::io,
                    fmt::format("{}: {}: ends before {} ms, where the run is to be resumed",
                                name.string(), data, to_ms(Time{now})));
      file.truncate(data, static_cast<std::uint64_t>(next_frame_[r]));
    }
  }

  /// PyNN 0.13 reads SONATA's first layout only, of one population a file.
  void link_for_pynn(const std::string& population) {
    hdf5::File file = hdf5::File::create(partial_ / "pynn" / (population + ".h5"));
    file.make_group("/spikes");
    file.link("/spikes/timestamps", "../spikes.h5", "/spikes/" + population + "/timestamps");
    file.link("/spikes/gids", "../spikes.h5", "/spikes/" + population + "/node_ids");
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
    file.create_growing_floats(group + "/data", r.neurons.size());  // libsonata reads nothing wider
    file.create_growing_doubles(group + "/data_double", r.neurons.size());
    for (const char* data : {"/data", "/data_double"}) {
      file.set_attribute(group + data, "units", r.unit);
      file.set_attribute(group + data, "variable", r.variable);
    }
    const std::vector<std::uint64_t> ids(r.neurons.begin(), r.neurons.end());
    std::vector<std::uint64_t> pointers(ids.size() + 1);
    for (std::size_t i = 0; i < pointers.size(); ++i) pointers[i] = i;
    file.make_group(group + "/mapping");
    file.write(group + "/mapping/node_ids", ids);
    file.set_attribute(
        group + "/mapping/node_ids", "sorted",
        std::vector<std::uint32_t>{std::is_sorted(ids.begin(), ids.end()) ? 1u : 0u});
    file.write(group + "/mapping/index_pointers", pointers);
    file.write(group + "/mapping/element_ids", std::vector<std::uint32_t>(ids.size(), 0));
  }

  void write_spikes(const std::vector<Bytes>& from) {
    std::vector<RecordedSpike> all;
    for (const Bytes& bytes : from) {
      const auto some = take_all<RecordedSpike>(bytes);
      all.insert(all.end(), some.begin(), some.end());
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
        const std::span<const std::byte> rest = std::span(bytes).subspan(at);
        const auto head = take<SampleHead>(rest, 0);
        const std::size_t values_at = sizeof head + head.n * sizeof(std::uint32_t);
        const auto columns =
            take_all<std::uint32_t>(rest.subspan(sizeof head, values_at - sizeof head));
        const auto values = take_all<double>(rest.subspan(values_at, head.n * sizeof(double)));
        at += values_at + head.n * sizeof(double);
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
      file.append("/report/" + report.population + "/data", to_single(rows));
      file.append("/report/" + report.population + "/data_double", rows);
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
      file.write(time,
                 std::vector<double>{0.0, static_cast<double>(next_frame_[r]) * report.interval,
                                     report.interval});
      file.set_attribute(time, "units", "ms");
    }
    write_file(partial_ / "status.json",
               fmt::format(
                   "{{\n  \"complete\": {},\n  \"ended_at\": {},\n  \"state_sha256\": \"{}\"\n}}\n",
                   outcome.complete, outcome.ended_at, outcome.state_digest));
    std::error_code failed;
    if (options_.overwrite) fs::remove_all(options_.path, failed);
    fs::rename(partial_, options_.path, failed);
    if (failed)
      throw Error(ErrorKind::io, options_.path.string() +
                                     ": cannot be renamed from .partial: " + failed.message());
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

std::unique_ptr<Recorder> make_run_folder(const RecordPlan& plan, const RunFolderOptions& options,
                                          Comm& comm) {
  return std::make_unique<FolderRecorder>(plan, options, comm);
}

std::filesystem::path partial_folder(const std::filesystem::path& path) {
  return path.string() + ".partial";
}

}  // namespace ranvier
