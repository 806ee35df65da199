// ranvier replay: event-camera recordings into a network, one for itself or a list as an
// experiment.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/replay/experiment.h"
#include "app/replay/pacer.h"
#include "app/run_options.h"
#include "app/stop_signals.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "core/time.h"
#include "encoding/event_file.h"
#include "encoding/event_writer.h"

namespace ranvier::app {
namespace {

constexpr double longest_live = 1e9;  // ms: eleven days

/// Refuses options that the other way of replaying takes.
void refuse(const Options& options, std::initializer_list<const char*> names, const char* why) {
  for (const char* name : names)
    if (options.has(name)) throw Error(ErrorKind::usage, fmt::format("--{}: {}", name, why));
}

std::vector<std::string> labels_from(const std::string& text) {
  const auto fail = [&text](const std::string& why) {
    throw Error(ErrorKind::usage, fmt::format("--classes: \"{}\", must be different labels with a "
                                              "comma between them{}",
                                              text, why));
  };
  std::vector<std::string> labels;
  try {
    split_csv(text, CsvForm::commas, labels);
  } catch (const Error& error) {
    fail(fmt::format(" ({})", error.what()));
  }
  for (const std::string& label : labels)
    if (label.empty() || std::count(labels.begin(), labels.end(), label) > 1) fail("");
  if (labels.empty()) fail("");
  return labels;
}

SampleList samples_from(const Options& options) {
  const std::filesystem::path path = options.get("RECORDING");
  SampleList list;
  if (options.has("label"))
    list = {{{path.string(), path, options.get("label")}}, {options.get("label")}};
  else list = read_sample_list(path);
  if (options.has("classes")) list.classes = labels_from(options.get("classes"));
  return list;
}

ExperimentOptions experiment_from(const Options& options) {
  ExperimentOptions x;
  x.output = options.get("output");
  x.overwrite = options.has("overwrite");
  x.resume = options.has("resume");
  x.quiet = options.has("quiet");
  x.threads = static_cast<int>(options.integer("threads", 1, 1024).value_or(1));
  x.rule = decode_rule_named(options.get("decode", "rate"));
  x.population = options.get("output-population");
  x.duration = options.number("duration");
  if (x.resume && x.output.empty())
    throw Error(ErrorKind::usage, "--resume needs a folder: -o DIR");
  return x;
}

/// How the recordings are read: format and filters, into the population's options.
void set_reading(Population& input, const Options& options) {
  if (options.has("format")) input.options["format"] = options.get("format");
  std::string filters;
  for (const std::string& filter : options.all("filter")) filters += filter + " ";
  if (const auto factor = options.integer("downsample", 1, 65'536))
    filters += fmt::format("downsample:{}", *factor);
  if (!filters.empty()) input.options["filter"] = filters;
}

int replay_list(const Options& options) {
  refuse(options, {"speed", "window", "store", "checkpoint-every", "profile"},
         "takes one recording without a label, not a list (finished samples of a list are kept: "
         "--resume)");
  const ExperimentOptions x = experiment_from(options);
  return run_on_ranks([&](Comm& comm) {
    const EndSignals signals(comm.rank() == 0 ? EndSignals::Line::told
                                              : EndSignals::Line::left_out);
    Document document;
    SampleList list;
    agree_on(comm, [&] {
      if (options.has("summary") && comm.rank() == 0)
        require_writable("--summary", options.get("summary"), options.get("network"));
      list = samples_from(options);
      document = load_document(options.get("network"), {&catalogue(), overrides_from(options)});
      set_reading(event_input(document, options.get("network")), options);
    });
    const ExperimentEnd end = run_experiment(document, list, x, comm);
    if (end.was_finished) {
      if (comm.rank() == 0)
        fmt::print(stderr, "ranvier: {}: is there, complete; nothing was left to run\n",
                   x.output.string());
      return 0;
    }
    if (!end.results) {
      if (comm.rank() == 0)
        fmt::print(stderr, "ranvier: ended early on request{}\n",
                   end.can_resume     ? "; --resume goes on with the samples that are left"
                   : x.output.empty() ? ""
                                      : ": no sample had finished, nothing is kept");
      return 130;
    }
    agree_on(comm, [&] {
      if (comm.rank() != 0) return;
      if (options.has("summary")) write_file(options.get("summary"), results_json(*end.results));
      if (x.quiet) return;
      fmt::print("{}", results_table(*end.results));
      if (!x.output.empty()) fmt::print("results in {}\n", x.output.string());
    });
    return 0;
  });
}

bool is_pipe(const std::filesystem::path& path) {
  return path == "-" || std::filesystem::is_fifo(path);
}

/// How the run is held to the clock, and whether its input is live.
SessionOptions paced_session_from(const Options& options) {
  SessionOptions session = session_from(options);
  session.pace.speed = speed_named(options.get("speed", "max"));
  session.pace.window = options.number("window").value_or(session.pace.window);
  if (options.has("window") && session.pace.speed == 0)
    throw Error(ErrorKind::usage, "--window: takes a --speed other than max");
  if (!(session.pace.window >= 0.1 && session.pace.window <= 1e6))
    throw Error(ErrorKind::usage,
                fmt::format("--window: {} ms, must be from 0.1 to 1000000", session.pace.window));
  check_time_option("--window", session.pace.window);
  const std::filesystem::path recording = options.get("RECORDING");
  const bool live = is_pipe(recording) && session.pace.speed > 0;
  if (live != options.has("store"))
    throw Error(ErrorKind::usage, live ? "--store is missing: where the events of a live pipe are "
                                         "kept as they are taken in"
                                       : "--store: takes a pipe and a --speed other than max");
  session.store = options.get("store");
  if (live) require_new(session.store, session.overwrite);
  if (live) encoding::output_format(session.store, "");  // throws for one that cannot be written
  if (live && from_ms(session.pace.window).count() % 1000 != 0)
    throw Error(ErrorKind::usage, fmt::format("--window: {} ms, must be whole microseconds with a "
                                              "live pipe",
                                              session.pace.window));
  if (is_pipe(recording) && !live && !options.has("duration"))
    throw Error(ErrorKind::usage,
                "--duration is missing: the length of a pipe is not known before "
                "it has ended");
  return session;
}

bool begins_like_a_recording(const std::filesystem::path& path) {
  try {
    const encoding::EventReader reader(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// recording_length, which says of a CSV file that is no recording how a list begins.
double length_of(const Population& input, double dt, const std::filesystem::path& recording) {
  try {
    return recording_length(input, dt);
  } catch (const Error& error) {
    if (recording.extension() != ".csv" || begins_like_a_recording(recording)) throw;
    throw Error(error.kind(), std::string(error.what()) +
                                  "; a list of recordings begins with the line file,label");
  }
}

int replay_one(const Options& options) {
  refuse(options, {"decode", "classes", "output-population"},
         "takes a list of recordings, or one with its --label");
  const SessionOptions session = paced_session_from(options);
  return run_on_ranks([&](Comm& comm) {
    const EndSignals signals(comm.rank() == 0 ? EndSignals::Line::told
                                              : EndSignals::Line::left_out);
    Document document;
    agree_on(comm, [&] {
      const std::filesystem::path recording = options.get("RECORDING");
      document = load_document(options.get("network"), {&catalogue(), overrides_from(options)});
      Population& input = event_input(document, options.get("network"));
      input.file = recording == "-" ? "-" : std::filesystem::absolute(recording).string();
      set_reading(input, options);
      if (!options.has("duration"))
        document.run.duration =
            session.store.empty() ? length_of(input, document.run.dt, recording) : longest_live;
    });
    return run_and_report(document, session, comm);
  });
}

int run(const std::vector<std::string>& words) {
  Options options(
      "replay RECORDINGS --network NETWORK [-o DIR] [OPTIONS]",
      "Runs a network on an event-camera recording: the network's population of model "
      "spike_source_events\n"
      "spikes as the recording's events come. The duration is the recording's, unless given.\n"
      "A pipe (- is standard input) with --speed is live: windows close by the wall clock.\n"
      "A folder with a folder of recordings a label, or a CSV file that begins with `file,label`, "
      "is an\n"
      "experiment: each recording is run from rest, its output decoded and compared with the "
      "label.");
  add_run_options(options);
  options.text("network", "NETWORK", "network document");
  options.text("format", "NAME", "format of the recordings (default: recognised)");
  options.texts("filter", "F",
                "NAME:ARG:key=value, applied to the events; may be given several times ('ranvier "
                "events filters' lists them)");
  options.text("downsample", "N", "behind the filters, blocks of N x N pixels become one");
  options.text(
      "speed", "SPEED",
      "max (as fast as possible, the default), or held to the wall clock: 1x is real time");
  options.text("window", "MS",
               "with --speed: biological time that is simulated at once (default 10)");
  options.text("store", "FILE",
               "of a live pipe: the events as they were taken in, a recording that replays to the "
               "same bits");
  options.text("label", "LABEL", "what the one recording shows: an experiment of one sample");
  options.text("classes", "A,B,...",
               "labels that the output population's neurons stand for, in order (default: those of "
               "the list)");
  options.text("decode", "NAME",
               "rate (default), first_spike or membrane_maximum of the output population");
  options.text("output-population", "NAME", "population to decode (default: the network's last)");
  options.positional({"RECORDING"}, 1);
  if (!options.parse(words)) return 0;
  if (!options.has("network")) throw Error(ErrorKind::usage, "--network is missing");
  const std::filesystem::path path = options.get("RECORDING");
  if (path != "-" && !std::filesystem::exists(path))
    throw Error(ErrorKind::io, path.string() + ": no such file");
  if (options.has("label") && is_pipe(path))
    throw Error(ErrorKind::usage, "--label: takes a recording, not a pipe");
  if (options.has("label") && is_sample_list(path))
    throw Error(ErrorKind::usage, "--label: is for one recording, a list has its own labels");
  return options.has("label") || is_sample_list(path) ? replay_list(options) : replay_one(options);
}

}  // namespace

Command replay_command() { return {"replay", "run a network on event-camera recordings", run}; }

}  // namespace ranvier::app
