// The life of a run folder: created, gone on in, finished, recovered. Reading is in
// core/run_folder_read.cpp. Tested by tests/unit/core/test_run_folder.cpp,
// tests/mpi/test_mpi_run_folder.cpp (equal bytes on 1, 2, 4 ranks), tests/mpi/test_kills.py and
// tests/unit/core/test_run_folder_readers.py.
#include "core/run_folder.h"

#include <fmt/core.h>

#include <optional>
#include <set>

#include <unistd.h>

#include "core/aside_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/raw_file.h"
#include "core/record_plan.h"
#include "core/results.h"
#include "core/sonata_files.h"
#include "core/spool.h"
#include "core/time.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

fs::path spool_of(const fs::path& partial) { return partial / "spool"; }

fs::path plan_of(const fs::path& partial) { return spool_of(partial) / "plan.json"; }

/// Throws Error(io) where another process writes the .partial; none where there is no run in it.
/// run.json is locked for as long as one is: it is there from the beginning, and still when the
/// folder gets its name. The files of the spool are closed when the results are made of them. Not
/// collective.
std::optional<RawFile> take_partial(const fs::path& partial) {
  return take_unused(partial / "run.json", partial);
}

/// Writes the run.json of a .partial that this process is to write, and takes it.
RawFile begin_partial(const fs::path& partial, const std::string& run_json) {
  write_file(partial / "run.json", run_json);
  std::optional<RawFile> mine = take_partial(partial);
  if (!mine) throw Error(ErrorKind::io, partial.string() + ": was removed by another process");
  return std::move(*mine);
}

void make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    throw Error(ErrorKind::io, folder.string() + ": cannot be created: " + failed.message());
}

/// As require_new, of NAME.partial: of what a killed run left it says what can be done with it.
void require_no_partial(const fs::path& partial, bool overwrite, std::string_view asking) {
  if (!overwrite && fs::exists(plan_of(partial)))
    throw Error(
        ErrorKind::io,
        fmt::format("{}: a run was cut short here, or is under way; {}`ranvier recover {} "
                    "-o DIR` saves what it recorded, {} begins anew",
                    partial.string(),
                    fs::exists(partial / "checkpoint.h5") ? "--resume goes on with it, " : "",
                    partial.string(), asking));
  require_new(partial, overwrite, asking);
}

/// As require_new, and throws where what would be replaced is no run folder.
void require_free(const fs::path& earlier, bool overwrite) {
  if (!fs::exists(earlier)) return;
  require_new(earlier, overwrite);
  if (!fs::exists(earlier / "run.json") && !(fs::is_directory(earlier) && fs::is_empty(earlier)))
    throw Error(ErrorKind::io, earlier.string() + ": is no run folder, so it is not overwritten");
}

/// A folder that was made, until something has been recorded in it: before that it goes with this
/// object, so that a run that fails early leaves none.
class Unused {
 public:
  Unused() = default;
  ~Unused() { remove(); }
  Unused(const Unused&) = delete;
  Unused& operator=(const Unused&) = delete;

  void look_after(const fs::path& folder) { folder_ = folder; }
  void keep() { folder_.clear(); }
  /// Once: another run may make a folder of that name afterwards.
  void remove() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
    folder_.clear();
  }

 private:
  fs::path folder_;
};

/// A folder of a new name.
fs::path make_beside(const fs::path& partial) {
  std::error_code failed;
  if (partial.has_parent_path()) fs::create_directories(partial.parent_path(), failed);
  for (int n = getpid(); !failed; ++n) {
    const fs::path folder = fmt::format("{}.{}", partial.string(), n);
    if (fs::create_directory(folder, failed)) return folder;
  }
  throw Error(ErrorKind::io, partial.string() + ": cannot be created: " + failed.message());
}

/// A .partial with nothing but its run.json, locked; `unused` looks after it. It gets its name when
/// it is that far, by which one is first of those that begin at one moment. Not collective.
RawFile start_partial(const RunFolderOptions& options, Unused& unused) {
  if (options.path.empty()) throw Error(ErrorKind::usage, "the run folder has no name");
  const fs::path partial = partial_folder(options.path);
  require_new_run(options.path, options.overwrite);
  require_free(options.path, options.overwrite);
  std::optional<RawFile> earlier = take_partial(partial);
  require_free(partial, options.overwrite);
  const auto alone = make_local_comm();
  if (earlier && fs::is_directory(spool_of(partial)))
    require_unused(list_spool(spool_of(partial), 0, *alone));
  const fs::path fresh = make_beside(partial), replaced = "replaced";
  unused.look_after(fresh);
  RawFile mine = begin_partial(fresh, options.run_json);
  std::error_code failed;
  if (earlier) fs::rename(partial, fresh / replaced, failed);
  if (!failed) fs::rename(fresh, partial, failed);
  if (failed)
    throw Error(ErrorKind::io,
                fmt::format("{}: is being written by another process, or cannot be replaced: {}",
                            partial.string(), failed.message()));
  unused.look_after(partial);
  require_free(options.path, options.overwrite);  // who had the name before may have got that far
  earlier.reset();
  fs::remove_all(partial / replaced, failed);
  return mine;
}

/// Results and status are on the disk before anything that they could be made from again goes.
void sync_results(const fs::path& partial) {
  for (auto entry = fs::recursive_directory_iterator(partial); entry != fs::end(entry); ++entry) {
    if (entry->path() == spool_of(partial)) entry.disable_recursion_pending();
    else sync(entry->path());
  }
  sync(partial);
}

/// The last steps: what is needed no more goes, and the folder gets its name. Not collective.
void give_name(const RunFolderOptions& options) {
  const fs::path partial = partial_folder(options.path);
  std::error_code failed;
  fs::remove(partial / "checkpoint.h5", failed);  // before the spool, which it needs
  fs::remove(partial / "checkpoint.h5.new", failed);
  fs::remove_all(spool_of(partial), failed);
  if (options.overwrite) fs::remove_all(options.path, failed);
  fs::rename(partial, options.path, failed);
  if (failed)
    throw Error(ErrorKind::io,
                options.path.string() + ": cannot be renamed from .partial: " + failed.message());
  sync(fs::absolute(options.path).parent_path());
}

void write_status(const fs::path& folder, const Outcome& outcome) {
  Json status = Json::object({{"complete", outcome.complete}, {"ended_at", outcome.ended_at}});
  if (!outcome.state_digest.empty()) status.set("state_sha256", outcome.state_digest);
  write_file(folder / "status.json", to_text(status));
}

/// The results are whole: says so, once they are on the disk, and gives the folder its name.
/// Without a digest of the final state where it is not known. Not collective.
void complete(const RunFolderOptions& options, const Outcome& outcome) {
  const fs::path partial = partial_folder(options.path);
  sync_results(partial);
  write_status(partial, outcome);
  sync(partial / "status.json");
  sync(partial);
  give_name(options);
}

/// Throws Error(io) where a run folder would take the place of what it is made of.
void require_apart(const fs::path& partial, const fs::path& output) {
  std::error_code unknown;
  for (const fs::path& written : {output, partial_folder(output)})
    if (fs::equivalent(partial, written, unknown))
      throw Error(ErrorKind::io, fmt::format("{}: is what is recovered; give another name than {}",
                                             written.string(), output.string()));
}

/// What was recorded up to `until` (ns), as the run folder holds it. Collective.
void make_results(const RunFolderOptions& options, const RecordPlan& plan, const SpoolFiles& files,
                  std::int64_t until, Comm& comm) {
  std::optional<Workers> alone;
  Workers& workers = options.workers ? *options.workers : alone.emplace(1);
  write_results(partial_folder(options.path), plan, files, until, comm, workers);
}

class FolderRecorder final : public Recorder {
 public:
  FolderRecorder(const RecordPlan& plan, const RunFolderOptions& options, Comm& comm)
      : plan_(plan),
        options_(options),
        comm_(&comm),
        partial_(partial_folder(options.path)),
        spool_(spool_of(partial_)) {
    agree_on(comm, [this] {
      require_names(plan_);
      if (comm_->rank() != 0) return;
      if (options_.resume_at >= 0) return check_partial();
      in_use_ = start_partial(options_, unused_);
      make_folder(spool_);
      save_record_plan(plan_of(partial_), plan_);
    });
    if (options_.resume_at < 0) unused_.look_after(partial_);  // whichever rank fails
    const int start = options_.resume_at < 0 ? 0 : cut_back(options_.resume_at);
    agree_on(comm, [&] {
      writer_.emplace(spool_, start, comm_->rank(), plan_.reports.size(), options_.resume_at);
    });
  }

  void spikes(std::span<const RecordedSpike> window) override { writer_->spikes(window); }

  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values) override {
    writer_->sample(report, frame, columns, values);
  }

  void flush(std::int64_t until) override {
    agree_on(*comm_, [&] { writer_->mark(until); });
    unused_.keep();
  }

  void sync() override {
    agree_on(*comm_, [this] { writer_->sync(); });
  }

  void fail() override { unused_.remove(); }

  void finish(const Outcome& outcome) override {
    const std::int64_t until = from_ms(outcome.ended_at).count();
    flush(until);
    writer_.reset();
    agree_on(*comm_, [] {});  // nobody reads before all have closed their files
    make_results(options_, plan_, list_spool(spool_, plan_.reports.size(), *comm_), until, *comm_);
    agree_on(*comm_, [&] {
      if (comm_->rank() == 0) complete(options_, outcome);
    });
  }

 private:
  void check_partial() {
    in_use_ = take_partial(partial_);  // first: where a run ends now, nothing is left to go on with
    if (!in_use_) throw Error(ErrorKind::io, partial_.string() + ": there is no run to resume");
    require_free(options_.path, options_.overwrite);
    std::error_code failed;
    fs::remove(partial_ / "status.json", failed);  // results that were made are made again
    in_use_ = begin_partial(partial_, options_.run_json);
  }

  /// Takes off what came after `now` (ns). Returns the number of this start.
  int cut_back(std::int64_t now) {
    const SpoolFiles files = list_spool(spool_, plan_.reports.size(), *comm_);
    std::vector<std::int64_t> intervals;
    for (const Report& report : plan_.reports)
      intervals.push_back(from_ms(report.interval).count());
    const SpoolCounts held = cut_spool(files, now, intervals, *comm_);
    const auto require = [&](std::int64_t n, std::int64_t expected, const std::string& of) {
      if (n != expected)
        throw Error(
            ErrorKind::io,
            fmt::format("{}: holds {} of {} {} before {} ms, where the run is to be resumed",
                        spool_.string(), n, expected, of, to_ms(Time{now})));
    };
    agree_on(*comm_, [&] {
      if (options_.resume_spikes >= 0) require(held.spikes, options_.resume_spikes, "spikes");
      for (std::size_t k = 0; k < plan_.reports.size(); ++k)
        require(
            held.values[k],
            (now / intervals[k] + 1) * static_cast<std::int64_t>(plan_.reports[k].neurons.size()),
            "values of " + plan_.reports[k].population + " " + plan_.reports[k].variable);
    });
    return files.next_start();
  }

  RecordPlan plan_;
  RunFolderOptions options_;
  Comm* comm_;
  fs::path partial_, spool_;
  std::optional<RawFile> in_use_;  ///< of the first rank
  Unused unused_;                  ///< a new .partial, which goes after the writer
  std::optional<SpoolWriter> writer_;
};

Leftover status_of(const fs::path& folder) {
  const fs::path path = folder / "status.json";
  const Json status = parse_json(read_text(path), path.string());
  const Json* complete = status.find("complete");
  return complete && complete->is_bool() && complete->as_bool() ? Leftover::complete
                                                                : Leftover::ended_early;
}

/// Not collective.
Leftover find_left(const RunFolderOptions& options) {
  const fs::path partial = partial_folder(options.path);
  const auto is_this_run = [&](const fs::path& folder) {
    return fs::exists(folder / "status.json") && fs::exists(folder / "run.json") &&
           read_text(folder / "run.json") == options.run_json;
  };
  // A run that is naming its folder itself would find it named, and take it for an earlier one.
  const std::optional<RawFile> in_use = take_partial(partial);
  if (fs::exists(partial)) {
    if (fs::exists(partial / "checkpoint.h5") || !is_this_run(partial)) return Leftover::unfinished;
    require_free(options.path, options.overwrite);
    const Leftover status = status_of(partial);
    give_name(options);
    return status;
  }
  return is_this_run(options.path) && status_of(options.path) == Leftover::complete
             ? Leftover::complete
             : Leftover::unfinished;
}

}  // namespace

void require_new(const fs::path& output, std::optional<bool> overwrite, std::string_view asking) {
  if (is_stream(output))
    throw Error(ErrorKind::io, output.string() + ": is a device or a pipe; give another name");
  if (fs::exists(output) && !overwrite.value_or(false))
    throw Error(ErrorKind::io, output.string() + ": exists already; give another name" +
                                   (overwrite ? ", or " + std::string(asking) : ""));
}

void require_new_run(const fs::path& output, bool overwrite, std::string_view asking) {
  require_new(output, overwrite, asking);
  require_no_partial(partial_folder(output), overwrite, asking);
}

void require_names(const RecordPlan& plan) {
  const auto require_short = [](const fs::path& file, const std::string& population) {
    constexpr std::size_t longest = 255;  // of a file's name, in bytes, wherever Linux writes
    if (file.filename().native().size() > longest)
      throw Error(
          ErrorKind::range,
          fmt::format("population \"{}\": a run folder has a file of its name, so that the "
                      "name may have {} bytes at most",
                      population, population.size() + longest - file.filename().native().size()));
  };
  for (const RecordedPopulation& p : plan.populations) require_short(p.name + ".h5", p.name);
  std::set<std::string> taken;
  for (const Report& report : plan.reports) {
    require_short(report_file(report), report.population);
    if (!taken
             .insert(report.of_projection ? group_of_synapses(report)
                                          : report_file(report).string())
             .second)
      throw Error(ErrorKind::range,
                  fmt::format("probes: {} of \"{}\" is recorded twice, or another report has the "
                              "name {}: a run folder holds one",
                              report.variable, report.population, report_file(report).string()));
  }
}

fs::path partial_folder(const fs::path& path) {
  fs::path name = path;
  if (!name.has_filename()) name = name.parent_path();  // "out/"
  return name += ".partial";
}

std::unique_ptr<Recorder> make_run_folder(const RecordPlan& plan, const RunFolderOptions& options,
                                          Comm& comm) {
  return std::make_unique<FolderRecorder>(plan, options, comm);
}

Leftover finish_left(const RunFolderOptions& options, Comm& comm) {
  std::int64_t left = 0;
  agree_on(comm, [&] {
    if (comm.rank() == 0) left = static_cast<std::int64_t>(find_left(options));
  });
  comm.max({&left, 1});
  return static_cast<Leftover>(left);
}

double recover_run_folder(const fs::path& partial, const RunFolderOptions& given, Comm& comm) {
  RecordPlan plan;
  RunFolderOptions options = given;
  agree_on(comm, [&] {
    if (!fs::exists(plan_of(partial)))
      throw Error(
          ErrorKind::io,
          partial.string() + ": holds no spool of a run that was killed (a folder NAME.partial)");
    require_apart(partial, options.path);
    plan = load_record_plan(plan_of(partial));
    options.run_json = read_text(partial / "run.json");
  });
  const SpoolFiles files = list_spool(spool_of(partial), plan.reports.size(), comm);
  const std::int64_t until = whole_until(files, comm);
  std::optional<RawFile> in_use;
  Unused unused;  // what was recorded is in the other folder
  agree_on(comm, [&] {
    if (until < 0) throw Error(ErrorKind::io, partial.string() + ": nothing had been recorded yet");
    if (comm.rank() == 0) in_use = start_partial(options, unused);
  });
  make_results(options, plan, files, until, comm);
  const double ended_at = to_ms(Time{until});
  agree_on(comm, [&] {
    if (comm.rank() == 0) complete(options, {false, ended_at, ""});
  });
  unused.keep();
  return ended_at;
}

}  // namespace ranvier
