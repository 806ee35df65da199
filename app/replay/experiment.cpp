#include "app/replay/experiment.h"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>

#include "app/catalogue.h"
#include "app/prepare.h"
#include "app/replay/finished_samples.h"
#include "app/stop_signals.h"
#include "core/kernel.h"
#include "core/layout.h"
#include "core/plan.h"
#include "core/run_folder.h"
#include "core/sha256.h"
#include "encoding/dvs_source.h"
#include "encoding/event_file.h"

namespace ranvier::app {
namespace {

using Clock = std::chrono::steady_clock;

/// How far the experiment is: one line that renews itself on a terminal, a line every ten seconds
/// in a log.
class Progress {
 public:
  Progress(std::size_t samples, bool on)
      : samples_(samples), on_(on), terminal_(isatty(fileno(stderr)) != 0) {}
  ~Progress() {
    if (shown_ && terminal_) fmt::print(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// \param share  of the work that is done, in (0, 1]
  void show(double share) {
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (!on_ || elapsed - last_ < (terminal_ ? 0.5 : 10)) return;
    last_ = elapsed;
    shown_ = true;
    fmt::print(stderr, "{}{:.0f} of {} samples ({:.0f} %), {:.0f} s left{}",
               terminal_ ? "\r\033[K" : "", share * static_cast<double>(samples_), samples_,
               100 * share, elapsed * (1 - share) / share, terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  std::size_t samples_;
  bool on_, terminal_;
  Clock::time_point begin_ = Clock::now();
  double last_ = 0;
  bool shown_ = false;
};

std::string sha256_of(const std::string& text) {
  Sha256 sha;
  sha.add(text.data(), text.size());
  return sha.hex();
}

/// One rank's part: a network that is built once and run on one recording after the other, each
/// time from the beginning.
class Runner {
 public:
  /// \param sharing  ranks that share this machine's memory
  Runner(const Document& document, const SampleList& list, const ExperimentOptions& options,
         int sharing)
      : list_(&list),
        options_(options),
        sharing_(sharing),
        comm_(make_local_comm()),
        workers_(options.threads) {
    document_ = document;
    Network& network = document_.network;
    network.probes = {{options.population,
                       {options.rule == DecodeRule::membrane_maximum ? "v" : "spikes"},
                       {},
                       0}};
    set_recording(list.samples[0]);
    locate_inputs(document_, "a list of recordings does not allow");
    // Settled once, from the list's first sample, so that every rank settles alike.
    document_ = settle_advance(std::move(document_), *comm_, workers_, title(0));
  }

  /// Builds the network, for the sample that is run first.
  void build(std::size_t index) {
    set_recording(list_->samples[index]);
    layout_ = layout_of(document_, {1, workers_.size(), false});
    with_name_of(document_, [this] {
      require_memory(*layout_, available_memory() / sharing_);
      kernel_.emplace(*layout_, *comm_, workers_);
    });
  }

  /// nullopt: ended early on request.
  std::optional<SampleResult> run(std::size_t index) {
    if (has_run_) {
      set_recording(list_->samples[index]);
      kernel_->restart();
    }
    has_run_ = true;
    const Network& network = document_.network;
    OutputDecoder decoder(layout_->record, options_.population, options_.rule,
                          list_->classes.size());
    // What the network does is told with the recording that it does it on.
    const bool has_ended = run_with_name_of(
        document_,
        [&] {
          return kernel_->run(from_ms(document_.run.duration).count(), decoder,
                              [](std::int64_t) { return !asked_to_stop(); });
        },
        title(index));
    if (!has_ended) return std::nullopt;
    const KernelTotals totals = kernel_->totals();
    SampleResult result;
    result.sample = static_cast<std::int64_t>(index);
    if (const auto decoded = decoder.decoded())
      result.decoded = static_cast<std::int64_t>(*decoded);
    result.evidence = decoder.evidence();
    result.duration = document_.run.duration;
    result.synaptic_events = totals.synaptic_events;
    for (std::size_t p = 0; p < network.populations.size(); ++p)
      (layout_->populations[p].model ? result.spikes : result.events) += totals.spikes_of[p];
    return result;
  }

 private:
  std::string title(std::size_t index) const { return "recording " + list_->samples[index].name; }

  void set_recording(const Sample& sample) {
    Population& input = event_input(document_, "network");
    input.file = std::filesystem::absolute(sample.file).string();
    document_.run.duration =
        options_.duration ? *options_.duration : recording_length(input, document_.run.dt);
  }

  const SampleList* list_;
  ExperimentOptions options_;
  int sharing_;
  std::unique_ptr<Comm> comm_;
  Workers workers_;
  Document document_;
  std::optional<Layout> layout_;  ///< refers to document_
  std::optional<Kernel> kernel_;
  bool has_run_ = false;
};

/// Every rank's results, by sample, on all ranks. Collective.
std::vector<SampleResult> gather(const std::vector<SampleResult>& before,
                                 const std::vector<SampleResult>& mine, Comm& comm) {
  std::string lines;
  for (const SampleResult& r : mine) lines += to_line(r) + "\n";
  Bytes bytes;
  append_all(bytes, std::span<const char>(lines));
  std::vector<SampleResult> all = before;
  for (const Bytes& of_rank : comm.all_gather(bytes)) {
    const std::string text(reinterpret_cast<const char*>(of_rank.data()), of_rank.size());
    std::size_t at = 0;
    for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      all.push_back(result_of_line(text.substr(at, end - at), "a rank's results"));
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.sample < b.sample; });
  return all;
}

/// What has to agree between an interrupted experiment and the one that goes on from it.
std::string mark_of(const Document& document, const SampleList& list,
                    const ExperimentOptions& options) {
  const RunSettings& run = document.run;
  std::string text = fmt::format("{}\n{} {} {} {} {} {}\n", document.text, run.dt, run.seed,
                                 static_cast<int>(run.storage), options.duration.value_or(0),
                                 name_of(options.rule), options.population);
  for (const Population& p : document.network.populations)
    for (const auto& [name, value] : p.options) text += fmt::format("{} {}\n", name, value);
  for (const auto& [name, hash] : hash_files(document)) text += fmt::format("{} {}\n", name, hash);
  for (const std::string& name : list.classes) text += name + "\n";
  for (const Sample& sample : list.samples)
    text += fmt::format("{},{},{}\n", sample.name, sample.label,
                        std::filesystem::file_size(sample.file));
  return sha256_of(text);
}

Json settings_of(const Document& document, const ExperimentOptions& options) {
  Json input = Json::object();
  for (const Population& p : document.network.populations)
    if (p.model == "spike_source_events")
      for (const auto& [name, value] : p.options) input.set(name, value);
  return Json::object({{"dt", document.run.dt},
                       {"seed", document.run.seed},
                       {"duration", options.duration ? Json(*options.duration) : Json()},
                       {"input", std::move(input)}});
}

void check(const Document& document, const SampleList& list, ExperimentOptions& options) {
  const auto& populations = document.network.populations;
  if (options.population.empty()) options.population = populations.back().name;
  const Population& output = populations[document.network.find(options.population)];
  if (output.model == "spike_source_events")
    throw Error(ErrorKind::range,
                fmt::format("population \"{}\": is the input, and cannot be decoded", output.name));
  if (list.classes.size() < 2)
    throw Error(ErrorKind::range,
                fmt::format("one label, \"{}\", is no choice: --classes names those there are",
                            list.classes[0]));
  const auto n = static_cast<std::int64_t>(list.classes.size());
  if (output.size % n != 0)
    throw Error(ErrorKind::range,
                fmt::format("population \"{}\": size: {}, must be a multiple of the number of "
                            "classes, which is {} (--output-population names another)",
                            output.name, output.size, n));
  for (const Sample& sample : list.samples)
    if (std::find(list.classes.begin(), list.classes.end(), sample.label) == list.classes.end())
      throw Error(ErrorKind::range, fmt::format("{}: label \"{}\", is none of the classes",
                                                sample.name, sample.label));
}

/// Whether a folder holds all results already. Throws Error(io) where they are another
/// experiment's.
bool is_finished(const ExperimentResults& wanted, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "results.json";
  if (!std::filesystem::exists(path) || std::filesystem::exists(partial_folder(folder)))
    return false;
  const Json kept = parse_json(read_text(path), path.string());
  if (is_of_same_experiment(kept, wanted)) return true;
  throw Error(ErrorKind::io, fmt::format("{}: is a complete experiment {}", folder.string(),
                                         other_experiment(kept, wanted.settings)));
}

/// A rank's part of the samples that are left, in their order, and each one's load: its recording's
/// bytes, and one more, for an empty one takes time too.
struct Part {
  std::vector<std::size_t> samples;
  std::vector<std::uint64_t> loads;
};

Part part_of(const SampleList& list, const std::vector<bool>& is_done, const Comm& comm) {
  Part left, part;
  for (std::size_t i = 0; i < is_done.size(); ++i) {
    if (is_done[i]) continue;
    left.samples.push_back(i);
    left.loads.push_back(std::filesystem::file_size(list.samples[i].file) + 1);
  }
  const std::vector<int> rank_of = deal(left.loads, comm.size());
  for (std::size_t k = 0; k < rank_of.size(); ++k) {
    if (rank_of[k] != comm.rank()) continue;
    part.samples.push_back(left.samples[k]);
    part.loads.push_back(left.loads[k]);
  }
  return part;
}

/// Runs a rank's samples, each of which is kept as it has finished. False: ended early on request.
bool run_part(const Part& part, Runner* runner, FinishedSamples* finished, Progress& progress,
              std::vector<SampleResult>& mine) {
  const double all = std::accumulate(part.loads.begin(), part.loads.end(), 0.0);
  double done = 0;
  for (std::size_t k = 0; k < part.samples.size(); ++k) {
    const auto result = asked_to_stop() ? std::nullopt : runner->run(part.samples[k]);
    if (!result) return false;
    if (finished) finished->add(*result);
    mine.push_back(*result);
    done += static_cast<double>(part.loads[k]);
    progress.show(done / all);  // the others keep pace, roughly
  }
  return true;
}

}  // namespace

Population& event_input(Document& document, const std::string& name) {
  Population* input = nullptr;
  for (Population& p : document.network.populations) {
    if (p.model != "spike_source_events") continue;
    if (input)
      throw Error(
          ErrorKind::range,
          fmt::format(
              "{}: more than one population of model spike_source_events; replay feeds just one",
              name));
    input = &p;
  }
  if (!input)
    throw Error(ErrorKind::range,
                fmt::format("{}: no population of model spike_source_events to replay into", name));
  return *input;
}

double recording_length(const Population& input, double dt) {
  const encoding::ReadOptions reading = encoding::reading_of(input);
  encoding::EventReader reader(input.file, reading);
  encoding::EventBuffer events;
  std::optional<std::int64_t> first;
  std::int64_t length = 0;
  while (reader.read(events))
    for (const encoding::DvsEvent& e : events) {
      if (!first) first = e.t;
      length = std::max(length, encoding::time_between(*first, e.t));
    }
  if (!first)
    throw Error(ErrorKind::range,
                fmt::format("{}: holds no events{}", input.file,
                            reading.filters.empty() ? "" : " that pass the filters"));
  const std::int64_t ms = length / 1000 + 1, step = from_ms(dt).count();
  if (static_cast<double>(ms) >= max_ms)
    throw Error(ErrorKind::range, fmt::format("{}: {} ms from the first event to the last, must be "
                                              "below {:g} ms",
                                              input.file, ms, max_ms));
  constexpr std::int64_t ns = 1'000'000;
  if (ms * ns % step == 0) return static_cast<double>(ms);
  return to_ms(Time{(ms * ns / step + 1) * step});
}

ExperimentEnd run_experiment(const Document& document, const SampleList& list,
                             const ExperimentOptions& given, Comm& comm) {
  ExperimentOptions options = given;
  ExperimentResults results;
  std::string mark;
  std::int64_t was_finished = 0;
  agree_on(comm, [&] {
    check(document, list, options);
    mark = mark_of(document, list, options);
    results = {.classes = list.classes,
               .samples = list.samples,
               .results = {},
               .rule = options.rule,
               .output = options.population,
               .network = sha256_of(document.text),
               .settings = settings_of(document, options)};
    if (options.resume && comm.rank() == 0) was_finished = is_finished(results, options.output);
  });
  comm.max({&was_finished, 1});
  if (was_finished) return {.results = {}, .was_finished = true};
  std::unique_ptr<FinishedSamples> finished;
  if (!options.output.empty())
    finished = std::make_unique<FinishedSamples>(
        options.output, Json::object({{"experiment", mark}, {"settings", results.settings}}),
        options.overwrite, options.resume, comm);
  const std::vector<SampleResult> before =
      finished ? finished->before() : std::vector<SampleResult>{};
  std::vector<bool> is_done(list.samples.size());
  for (const SampleResult& r : before) is_done.at(static_cast<std::size_t>(r.sample)) = true;

  const int sharing = ranks_of_this_machine(comm);
  Part part;
  std::optional<Runner> runner;
  agree_on(comm, [&] {
    part = part_of(list, is_done, comm);
    if (part.samples.empty()) return;
    runner.emplace(document, list, options, sharing);
    runner->build(part.samples[0]);
  });
  // So far a signal ends the program at once, and the folder comes after the network, so that
  // nothing is left of a build that was interrupted.
  const StopSignals signals;
  std::vector<SampleResult> mine;
  std::int64_t stopped = 0;
  try {
    if (finished) finished->begin(comm);
    agree_on(comm, [&] {
      Progress progress(list.samples.size() - before.size(), !options.quiet && comm.rank() == 0);
      stopped = run_part(part, runner ? &*runner : nullptr, finished.get(), progress, mine) ? 0 : 1;
    });
  } catch (const Error&) {  // on all ranks
    if (finished) finished->leave(!mine.empty(), comm);
    throw;
  }
  comm.max({&stopped, 1});
  if (stopped) return {{}, finished && finished->leave(!mine.empty(), comm)};
  results.results = gather(before, mine, comm);
  if (finished) finished->publish(results, comm);
  return {std::move(results)};
}

}  // namespace ranvier::app
