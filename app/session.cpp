#include "app/session.h"

#include <fmt/core.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "app/interval_recorder.h"
#include "app/prepare.h"
#include "app/profile.h"
#include "app/stop_signals.h"
#include "core/checkpoint.h"
#include "core/differences.h"
#include "core/json.h"
#include "core/kernel.h"
#include "core/run_folder.h"
#include "core/sha256.h"
#include "core/titles.h"
#include "generated/version.h"

namespace ranvier::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Where the run is: one line that renews itself on a terminal, a line every ten seconds in a log.
class Progress {
 public:
  Progress(double duration_ms, bool on)
      : duration_(duration_ms),
        on_(on),
        terminal_(isatty(fileno(stderr)) != 0),
        begin_(Clock::now()) {}
  ~Progress() {
    if (shown_ && terminal_) fmt::print(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double now_ms) {
    const double elapsed = seconds_since(begin_);
    if (!on_ || elapsed - last_ < (terminal_ ? 0.5 : 10)) return;
    last_ = elapsed;
    shown_ = true;
    const double left = elapsed * (duration_ - now_ms) / now_ms;
    fmt::print(stderr, "{}{:.0f} of {:.0f} ms ({:.0f} %), real-time factor {:.2f}, {:.0f} s left{}",
               terminal_ ? "\r\033[K" : "", now_ms, duration_, 100 * now_ms / duration_,
               elapsed / (now_ms * 1e-3), left, terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  double duration_;
  bool on_, terminal_;
  Clock::time_point begin_;
  double last_ = 0;
  bool shown_ = false;
};

const char* name_of(Storage storage) {
  return storage == Storage::compact ? "compact" : storage == Storage::exact ? "exact" : "auto";
}

/// JSON text that was read already, to be put into other JSON text.
std::string_view bare(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF", blanks = " \t\r\n";
  if (text.substr(0, mark.size()) == mark) text.remove_prefix(mark.size());
  if (text.empty()) return "null";
  const std::size_t first = text.find_first_not_of(blanks);
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

}  // namespace

// The document goes in as it was written: it was read once, and may be large.
std::string run_json(const Document& document, const Layout& layout, const FileHashes& files) {
  Json chosen =
      Json::object({{"storage", layout.compact ? "compact" : "exact"},
                    {"window_ms", static_cast<double>(layout.window_steps) * layout.run.dt},
                    {"rounded_delays", layout.rounded_delays}});
  Json populations = Json::object();
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    const PopulationLayout& l = layout.populations[p];
    if (!l.model) continue;
    populations.set(
        document.network.populations[p].name,
        Json::object({{"advance", l.event ? "event" : "clocked"},
                      {"method", l.method ? l.method->name : ""},
                      {"precision", l.event || !l.single_precision ? "double" : "single"}}));
  }
  chosen.set("populations", std::move(populations));
  Json inputs = Json::object();
  for (const Population& p : document.network.populations) {
    if (p.file.empty()) continue;
    Json input = Json::object({{"file", std::filesystem::path(p.file).filename().string()}});
    for (const auto& [name, value] : p.options) input.set(name, value);
    inputs.set(p.name, std::move(input));
  }
  Json contents = Json::object();
  for (const auto& [name, hash] : files) contents.set(name, Json::object({{"sha256", hash}}));
  const RunSettings& run = document.run;
  Json notes = Json(Json::Array{});
  for (const std::string& note : document.notes) notes.push_back(note);
  std::string text =
      to_text(Json::object({{"ranvier_run", 1},
                            {"version", version},
                            {"settings", Json::object({{"duration", run.duration},
                                                       {"dt", run.dt},
                                                       {"seed", run.seed},
                                                       {"storage", name_of(run.storage)}})},
                            {"chosen", std::move(chosen)},
                            {"files", std::move(contents)},
                            {"inputs", std::move(inputs)},
                            {"notes", std::move(notes)}}));
  text.resize(text.rfind("\n}"));
  return fmt::format("{},\n  \"document\": {}\n}}\n", text, bare(document.text));
}

namespace {

/// What has to agree between a checkpoint and the run that goes on from it. Of a source's input
/// that is its name and size: it may lie elsewhere by then, and be long.
Fingerprint fingerprint(const Document& document, const Layout& layout, const FileHashes& files) {
  const RunSettings& run = document.run;
  std::string text =
      fmt::format("{} {} {} {}\n", run.dt, run.seed, layout.compact, layout.populations.size());
  for (const Population& p : document.network.populations) {
    if (p.file.empty()) continue;
    std::error_code not_a_file;
    const auto size = std::filesystem::file_size(p.file, not_a_file);
    text += fmt::format("{} {} {}\n", p.name, std::filesystem::path(p.file).filename().string(),
                        not_a_file ? 0 : size);
    for (const auto& [name, value] : p.options) text += fmt::format("{} {}\n", name, value);
  }
  text += document.text;
  Sha256 sha;
  sha.add(text.data(), text.size());
  return {sha.hex(), files};
}

/// Moves the kernel to the end, with checkpoints on the way; `pacer` may be null. False: ended
/// early on request.
bool run_to_end(Kernel& kernel, const Layout& layout, const SessionOptions& options, Comm& comm,
                IntervalRecorder& recorder, Pacer* pacer, const Fingerprint& mark) {
  const std::int64_t end = from_ms(layout.run.duration).count(),
                     every = from_ms(options.checkpoint_every).count();
  Progress progress(layout.run.duration, !options.quiet && comm.rank() == 0);
  const auto keep_going = [&](std::int64_t now) {
    progress.show(to_ms(Time{now}));
    return !asked_to_stop();
  };
  const auto move_to = [&](std::int64_t until) {
    if (pacer) return run_paced(kernel, *pacer, until, recorder, keep_going, comm);
    return kernel.run(until, recorder, keep_going);
  };
  if (every == 0) return move_to(end);
  while (kernel.now() < end) {
    if (!move_to(std::min(end, (kernel.now() / every + 1) * every))) return false;
    recorder.flush(kernel.now());
    recorder.sync();  // a checkpoint is worth what the spool holds up to it
    write_checkpoint(partial_folder(options.output) / "checkpoint.h5",
                     {kernel.save(), recorder.save()}, mark, layout, comm);
  }
  return true;
}

/// The same on a live input, which ends when its stream does. `move_to`: as run_live has it.
bool run_on_live(Kernel& kernel, const Population& input, const SessionOptions& options, Comm& comm,
                 const MoveTo& move_to, Summary& summary, const Layout& layout) {
  const auto keep_going = [](std::int64_t) { return !asked_to_stop(); };
  std::unique_ptr<LiveInput> live;
  std::int64_t stopped = 0;
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    live = std::make_unique<LiveInput>(input, options.store);
    stopped = live->begin([] { return !asked_to_stop(); }) ? 0 : 1;
  });
  comm.max({&stopped, 1});
  Pacer pacer(options.pace, kernel.now());
  const Gid first = layout.partition.first_gid[layout.network->find(input.name)];
  if (stopped) move_to(kernel.now());  // the samples at time 0
  const bool complete =
      !stopped && run_live(kernel, pacer, live.get(), first, from_ms(layout.run.duration).count(),
                           move_to, keep_going, comm);
  agree_on(comm, [&] {
    if (live) live->finish();
  });
  summary.pace = pacer.report();
  if (live) summary.live = live->report();
  return complete;
}

std::int64_t resident_bytes() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

/// Throws Error(io) that says why there is nothing to resume: no folder, or one that is finished.
[[noreturn]] void refuse_to_resume(const std::filesystem::path& output, const Layout& layout) {
  const std::filesystem::path path = output / "run.json";
  if (!std::filesystem::exists(path))
    throw Error(ErrorKind::io,
                fmt::format("{}: there is no run to resume", partial_folder(output).string()));
  const Json run = parse_json(read_text(path), path.string());
  Differences differences;
  const auto compare = [&](const char* part, const char* key, const Json& own, const char* form) {
    const Json* group = run.find(part);
    const Json* value = group ? group->find(key) : nullptr;
    if (!value || to_compact_text(*value) == to_compact_text(own)) return;
    const auto named = [&](const Json& of) {
      std::string word = of.is_string() ? of.as_string() : to_compact_text(of);
      if (word.ends_with(".0")) word.resize(word.size() - 2);  // of a whole number of ms
      return fmt::format(fmt::runtime(form), word);
    };
    differences.add(named(*value), named(own));
  };
  const RunSettings& settings = layout.run;
  compare("settings", "seed", settings.seed, wording::seed);
  compare("settings", "dt", settings.dt, wording::dt);
  compare("settings", "duration", settings.duration, wording::duration);
  compare("chosen", "storage", layout.compact ? "compact" : "exact", wording::storage);
  std::string why = "a finished run " + differences.text();
  if (differences.empty()) {
    const Json status = parse_json(read_text(output / "status.json"), output.string());
    const Json *complete = status.find("complete"), *end = status.find("ended_at");
    why = complete && end && complete->is_bool() && end->is_number() && !complete->as_bool()
              ? fmt::format("a run that was ended early, at {} ms, or recovered", end->as_number())
              : "a finished run of another network or input";
  }
  throw Error(ErrorKind::io,
              fmt::format("{}: holds {}: there is no run to resume", output.string(), why));
}

/// The checkpoint of a killed run. Throws Error(io).
Checkpoint find_checkpoint(const std::filesystem::path& output, const Fingerprint& mark,
                           const Layout& layout, int rank) {
  const std::filesystem::path partial = partial_folder(output), path = partial / "checkpoint.h5";
  if (!std::filesystem::exists(partial)) refuse_to_resume(output, layout);
  if (!std::filesystem::exists(path))
    throw Error(
        ErrorKind::io,
        fmt::format("{}: holds no checkpoint to go on from (--checkpoint-every makes them); "
                    "`ranvier recover {} -o DIR` saves what was recorded",
                    partial.string(), partial.string()));
  return read_checkpoint(path, mark, layout, rank);
}

/// A run pauses between steps of clocked populations only.
void require_whole_steps(const char* option, double ms, const Layout& layout) {
  if (layout.has_clocked && from_ms(ms).count() % layout.dt_ns != 0)
    throw Error(ErrorKind::range, fmt::format("{}: {} ms, must be a multiple of dt ({} ms)", option,
                                              ms, layout.run.dt));
}

/// A checkpoint is the whole state of the network: at each of many instants in one step they would
/// be all that a run does.
void require_a_step(double every, const Layout& layout) {
  if (every > 0 && from_ms(every).count() < layout.dt_ns)
    throw Error(ErrorKind::range,
                fmt::format("--checkpoint-every: {} ms, must be at least dt ({} ms)", every,
                            layout.run.dt));
}

void require_not_over(std::int64_t now, const Layout& layout) {
  if (now > from_ms(layout.run.duration).count())
    throw Error(ErrorKind::range,
                fmt::format("--duration: {} ms, must be at least {} ms, where the checkpoint is",
                            layout.run.duration, to_ms(Time{now})));
}

/// Spikes up to a checkpoint in populations whose spikes are recorded.
std::int64_t recorded_spikes(const Layout& layout, const KernelState& state) {
  std::int64_t n = 0;
  for (std::size_t p = 0; p < state.spikes_of.size(); ++p)
    n += layout.record.populations[p].spikes ? state.spikes_of[p] : 0;
  return n;
}

Summary nothing_left(Leftover left) {
  Summary summary;
  summary.complete = left == Leftover::complete;
  summary.was_finished = true;
  return summary;
}

/// How many chunks each worker of each rank took up in the run itself.
std::vector<std::vector<std::int64_t>> workers_of_all(const Workers& workers,
                                                      const std::vector<std::int64_t>& before,
                                                      Comm& comm) {
  std::vector<std::int64_t> run = workers.indices_run();
  for (std::size_t i = 0; i < before.size(); ++i) run[i] -= before[i];
  std::erase(run, 0);
  Bytes mine;
  append_all(mine, std::span<const std::int64_t>(run));
  std::vector<std::vector<std::int64_t>> all;
  for (const Bytes& bytes : comm.all_gather(mine)) all.push_back(take_all<std::int64_t>(bytes));
  return all;
}

/// \param cv_sums  IntervalRecorder's, over all ranks
std::vector<PopulationSummary> populations_of(const Network& network, const KernelTotals& totals,
                                              std::span<const std::int64_t> cv_sums,
                                              double ms_of_run) {
  std::vector<PopulationSummary> result;
  for (std::size_t p = 0; p < network.populations.size(); ++p) {
    const Population& population = network.populations[p];
    PopulationSummary s{population.name, population.size, totals.spikes_of[p], 0, 0};
    if (population.size > 0 && ms_of_run > 0)
      s.rate_hz =
          static_cast<double>(s.spikes) / static_cast<double>(population.size) / (ms_of_run * 1e-3);
    if (cv_sums[2 * p + 1] > 0)
      s.cv_isi =
          static_cast<double>(cv_sums[2 * p]) * 1e-9 / static_cast<double>(cv_sums[2 * p + 1]);
    result.push_back(std::move(s));
  }
  return result;
}

}  // namespace

Summary run_session(const Document& given, const SessionOptions& options, Comm& comm) {
  Workers workers(options.threads);
  const auto build_begin = Clock::now();
  const bool again = options.resume || options.checkpoint_every > 0;
  Document located = given;
  FileHashes files;
  std::optional<Population> live;
  agree_on(comm, [&] {
    files = hash_files(given);
    locate_inputs(located, again ? "--checkpoint-every and --resume do not allow" : nullptr);
    if (!options.store.empty()) live = make_live(located);
    if (!options.summary.empty() && comm.rank() == 0)
      require_writable("--summary", options.summary, given.name);
    if (!options.output.empty() && !options.resume && comm.rank() == 0)
      require_new_run(options.output, options.overwrite);
  });
  const Document document = settle_advance(std::move(located), comm, workers);
  const Layout layout = lay_out(document, comm, workers);
  agree_on(comm, [&] {
    if (options.pace.speed > 0) require_whole_steps("--window", options.pace.window, layout);
    require_whole_steps("--checkpoint-every", options.checkpoint_every, layout);
    require_a_step(options.checkpoint_every, layout);
    with_name_of(document, [&] {  // `auto` is settled
      if (!live) require_whole_steps("duration", layout.run.duration, layout);
    });
    if (!options.output.empty()) require_names(layout.record);
  });
  const Fingerprint mark = fingerprint(document, layout, files);
  RunFolderOptions folder_options{options.output, run_json(document, layout, files),
                                  options.overwrite};
  folder_options.workers = &workers;
  Checkpoint resumed;
  if (options.resume) {
    const Leftover left = finish_left(folder_options, comm);
    if (left != Leftover::unfinished) return nothing_left(left);
    agree_on(comm, [&] {
      resumed = find_checkpoint(options.output, mark, layout, comm.rank());
      require_not_over(resumed.kernel.now, layout);
    });
    folder_options.resume_at = resumed.kernel.now;
    folder_options.resume_spikes = recorded_spikes(layout, resumed.kernel);
  }
  // The folder comes after the network, so that nothing is left of a build that was interrupted.
  Kernel kernel = with_name_of(document, [&] { return Kernel(layout, comm, workers); });
  std::unique_ptr<Recorder> folder;
  if (!options.output.empty()) folder = make_run_folder(layout.record, folder_options, comm);
  IntervalRecorder recorder(layout, comm.rank(), folder.get());
  if (options.resume) {
    kernel.load(resumed.kernel);
    recorder.load(resumed.intervals);
  }
  const std::int64_t events_before = resumed.kernel.synaptic_events;
  resumed = {};
  const std::vector<std::int64_t> worked_before = workers.indices_run();
  Summary summary;
  summary.build_seconds = seconds_since(build_begin);

  if (options.profile) kernel.switch_profile_on();
  const StopSignals signals;
  const auto begin = Clock::now();
  const std::int64_t started_at = kernel.now();
  if (live) {
    const MoveTo move_to = [&](std::int64_t until) {
      run_with_name_of(
          document, [&] { return kernel.run(until, recorder, [](std::int64_t) { return true; }); });
    };
    summary.complete = run_on_live(kernel, *live, options, comm, move_to, summary, layout);
  } else {
    std::optional<Pacer> pacer;
    if (options.pace.speed > 0) pacer.emplace(options.pace, started_at);
    summary.complete = run_with_name_of(document, [&] {
      return run_to_end(kernel, layout, options, comm, recorder, pacer ? &*pacer : nullptr, mark);
    });
    if (pacer) summary.pace = pacer->report();
  }
  recorder.flush(kernel.now());
  summary.simulate_seconds = seconds_since(begin);
  summary.biological_seconds = to_ms(Time{kernel.now() - started_at}) * 1e-3;

  if (options.profile) summary.profile = gather_profiles(kernel.profile(), comm);
  const KernelTotals totals = kernel.totals();
  std::vector<std::int64_t> sums = recorder.cv_sums();
  sums.push_back(resident_bytes());
  comm.sum(sums);
  summary.workers = workers_of_all(workers, worked_before, comm);
  summary.neurons = totals.neurons;
  summary.synapses = totals.synapses;
  summary.spikes = totals.spikes;
  summary.synaptic_events = totals.synaptic_events;
  summary.events_simulated = totals.synaptic_events - events_before;
  summary.memory_bytes = sums.back();
  summary.bytes_per_synapse = totals.synapses > 0 ? static_cast<double>(totals.synapse_bytes) /
                                                        static_cast<double>(totals.synapses)
                                                  : 0;
  summary.ranks = comm.size();
  summary.threads_used = summary.workers[0].size();
  for (const auto& of_rank : summary.workers)
    summary.threads_used = std::min(summary.threads_used, of_rank.size());
  summary.populations = populations_of(document.network, totals, sums, to_ms(Time{kernel.now()}));
  if (!options.summary.empty())
    agree_on(comm, [&] {
      if (comm.rank() == 0) write_file(options.summary, summary_json(summary));
    });
  // Last, so that the summary is there whenever the run folder is.
  recorder.finish({summary.complete, to_ms(Time{kernel.now()}), kernel.state_digest()});
  return summary;
}

std::string summary_table(const Summary& s) {
  std::string text = fmt::format("{:<20} {:>10} {:>12} {:>10} {:>8}\n", "population", "size",
                                 "spikes", "rate (Hz)", "CV ISI");
  for (const PopulationSummary& p : s.populations)
    text += fmt::format("{:<20} {:>10} {:>12} {:>10.3f} {:>8}\n", p.name, p.size, p.spikes,
                        p.rate_hz, p.cv_isi > 0 ? fmt::format("{:.3f}", p.cv_isi) : "-");
  text += fmt::format("\nneurons {}, synapses {}, spikes {}; {} x {}\n", s.neurons, s.synapses,
                      s.spikes, count_of(s.ranks, "rank"), count_of(s.threads_used, "thread"));
  text += fmt::format(
      "built in {:.2f} s, {:.3f} s of biological time in {:.2f} s: real-time factor {:.3f}\n",
      s.build_seconds, s.biological_seconds, s.simulate_seconds, s.real_time_factor());
  const double per_second =
      s.simulate_seconds > 0 ? static_cast<double>(s.events_simulated) / s.simulate_seconds : 0;
  text += fmt::format(
      "synaptic events {} ({:.1f} million a second), memory {:.0f} MB, {:.2f} bytes a synapse\n",
      s.synaptic_events, per_second * 1e-6, static_cast<double>(s.memory_bytes) * 1e-6,
      s.bytes_per_synapse);
  if (s.pace) text += pace_text(*s.pace);
  if (s.live) text += live_text(*s.live);
  if (!s.profile.empty()) text += profile_table(s.profile);
  if (!s.complete) text += "ended early on request: the results so far are complete\n";
  return text;
}

std::string summary_json(const Summary& s) {
  Json populations = Json::object();
  for (const PopulationSummary& p : s.populations)
    populations.set(p.name, Json::object({{"size", p.size},
                                          {"spikes", p.spikes},
                                          {"rate_hz", p.rate_hz},
                                          {"cv_isi", p.cv_isi}}));
  Json workers = Json(Json::Array{});
  for (const auto& of_rank : s.workers) workers.push_back(Json::array(of_rank));
  Json summary = Json::object({{"complete", s.complete},
                               {"neurons", s.neurons},
                               {"synapses", s.synapses},
                               {"spikes", s.spikes},
                               {"synaptic_events", s.synaptic_events},
                               {"biological_seconds", s.biological_seconds},
                               {"build_seconds", s.build_seconds},
                               {"simulate_seconds", s.simulate_seconds},
                               {"real_time_factor", s.real_time_factor()},
                               {"memory_bytes", s.memory_bytes},
                               {"bytes_per_synapse", s.bytes_per_synapse},
                               {"ranks", s.ranks},
                               {"threads", static_cast<std::int64_t>(s.threads_used)},
                               {"workers", std::move(workers)},
                               {"populations", std::move(populations)}});
  if (s.pace) summary.set("pace", pace_json(*s.pace));
  if (s.live) summary.set("live", live_json(*s.live));
  if (!s.profile.empty()) summary.set("profile", profile_json(s.profile));
  return to_text(summary);
}

}  // namespace ranvier::app
