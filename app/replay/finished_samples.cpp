#include "app/replay/finished_samples.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

constexpr const char* about_file = "experiment.json";

std::vector<std::filesystem::path> files_of_lines(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  return files;
}

/// f on rank 0; what the file system refuses is an Error on all.
template <class F>
void on_first_rank(Comm& comm, const F& f) {
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    try {
      f();
    } catch (const std::filesystem::filesystem_error& error) {
      throw Error(ErrorKind::io, error.what());
    }
  });
}

/// The whole lines of a file.
std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  const std::string text = read_text(path);
  std::size_t at = 0;
  for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end - at));
  return lines;
}

/// Removes an experiment's folder, and nothing else.
void remove_experiment(const std::filesystem::path& folder, const char* proof) {
  if (!std::filesystem::exists(folder)) return;
  if (!std::filesystem::exists(folder / proof))
    throw Error(ErrorKind::io, fmt::format("{}: is no experiment's folder (it has no {}): not "
                                           "overwritten",
                                           folder.string(), proof));
  std::filesystem::remove_all(folder);
}

}  // namespace

FinishedSamples::FinishedSamples(const std::filesystem::path& output, Json about, bool overwrite,
                                 bool resume, Comm& comm)
    : output_(output), partial_(partial_folder(output)), about_(std::move(about)) {
  on_first_rank(comm, [&] { look(overwrite, resume); });
  agree_on(comm, [&] { read_lines(); });
}

void FinishedSamples::begin(Comm& comm) {
  on_first_rank(comm, [&] {
    is_mine_ = std::filesystem::exists(partial_ / about_file);
    if (is_mine_) return;
    std::filesystem::create_directories(partial_);
    is_mine_ = true;
    write_file(partial_ / about_file, to_text(about_));
  });
  agree_on(comm, [&] {
    const auto path = partial_ / fmt::format("samples.{}.jsonl", comm.rank());
    file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file_ < 0)
      throw Error(ErrorKind::io, fmt::format("{}: {}", path.string(), std::strerror(errno)));
  });
}

FinishedSamples::~FinishedSamples() {
  if (file_ >= 0) close(file_);
}

void FinishedSamples::look(bool overwrite, bool resume) const {
  require_new(output_, overwrite);
  // A kill may leave the folder without anything in it.
  if (!std::filesystem::exists(partial_) || std::filesystem::is_empty(partial_)) return;
  if (!resume && !overwrite)
    throw Error(ErrorKind::io,
                fmt::format("{}: an experiment was interrupted here; --resume goes on with it, "
                            "--overwrite begins anew",
                            partial_.string()));
  if (!resume) return remove_experiment(partial_, about_file);
  const Json json = parse_json(read_text(partial_ / about_file), (partial_ / about_file).string());
  const Json* kept = json.find("experiment");
  if (!kept || to_compact_text(*kept) != to_compact_text(*about_.find("experiment")))
    throw Error(ErrorKind::io,
                fmt::format("{}: an experiment {}: cannot be gone on with", partial_.string(),
                            other_experiment(json, *about_.find("settings"))));
  // One file of whole lines, so that the next line does not join a torn one.
  std::string text;
  const std::vector<std::filesystem::path> files = files_of_lines(partial_);
  for (const auto& path : files)
    for (const std::string& line : lines_of(path)) text += line + "\n";
  write_file(partial_ / "samples.kept.jsonl", text);
  for (const auto& path : files)
    if (path.filename() != "samples.kept.jsonl") std::filesystem::remove(path);
}

void FinishedSamples::read_lines() {
  const std::filesystem::path path = partial_ / "samples.kept.jsonl";
  if (!std::filesystem::exists(path)) return;
  std::set<std::int64_t> seen;
  for (const std::string& line : lines_of(path)) {
    SampleResult result = result_of_line(line, path.string());
    if (seen.insert(result.sample).second) before_.push_back(std::move(result));
  }
}

void FinishedSamples::add(const SampleResult& result) {
  const std::string line = to_line(result) + "\n";
  if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw Error(ErrorKind::io, fmt::format("{}: {}", partial_.string(), std::strerror(errno)));
}

bool FinishedSamples::leave(bool finished_any, Comm& comm) {
  std::int64_t kept = finished_any || !before_.empty();
  comm.max({&kept, 1});
  std::error_code ignored;
  if (!kept && is_mine_) std::filesystem::remove_all(partial_, ignored);
  return kept != 0;
}

void FinishedSamples::publish(const ExperimentResults& results, Comm& comm) {
  on_first_rank(comm, [&] {
    write_file(partial_ / "samples.csv", samples_csv(results));
    write_file(partial_ / "confusion.csv", confusion_csv(results));
    write_file(partial_ / "results.json", results_json(results));
    remove_experiment(output_, "results.json");
    std::filesystem::rename(partial_, output_);
    for (const std::filesystem::path& path : files_of_lines(output_)) std::filesystem::remove(path);
    std::filesystem::remove(output_ / about_file);
  });
}

}  // namespace ranvier::app
