// ranvier replay: an event-camera recording into a network.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/run_options.h"
#include "core/comm/comm.h"
#include "core/error.h"
#include "encoding/event_file.h"

namespace ranvier::app {
namespace {

Population& input_of(Document& document, const std::string& name) {
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

/// Length of a recording, to the millisecond after its last event.
double length_ms(const std::string& recording, const std::string& format) {
  encoding::EventReader reader(recording, {.format = format});
  encoding::EventBuffer events;
  std::optional<std::int64_t> first;
  std::int64_t length = 0;
  while (reader.read(events))
    for (const encoding::DvsEvent& e : events) {
      if (!first) first = e.t;
      length = std::max(length, encoding::time_between(*first, e.t));
    }
  if (!first) throw Error(ErrorKind::range, recording + ": holds no events");
  return static_cast<double>(length / 1000 + 1);
}

int run(const std::vector<std::string>& words) {
  Options options(
      "replay RECORDING --network NETWORK [-o DIR] [OPTIONS]",
      "Runs a network on an event-camera recording: the network's population of model "
      "spike_source_events\n"
      "spikes as the recording's events come. The duration is the recording's, unless given.");
  add_run_options(options);
  options.text("network", "NETWORK", "network document");
  options.text("format", "NAME", "format of the recording (default: recognised)");
  options.positional({"RECORDING"}, 1);
  if (!options.parse(words)) return 0;
  if (!options.has("network")) throw Error(ErrorKind::usage, "--network is missing");
  const SessionOptions session = session_from(options);
  const auto comm = make_world_comm();
  Document document;
  agree_on(*comm, [&] {
    const std::string recording = options.get("RECORDING");
    if (!std::filesystem::exists(recording))
      throw Error(ErrorKind::io, recording + ": no such file");
    document = load_document(options.get("network"), {&catalogue(), overrides_from(options)});
    Population& input = input_of(document, options.get("network"));
    input.file = std::filesystem::absolute(recording).string();
    if (options.has("format")) input.options["format"] = options.get("format");
    if (!options.has("duration"))
      document.run.duration = length_ms(recording, options.get("format"));
  });
  return run_and_report(document, session, *comm);
}

}  // namespace

Command replay_command() { return {"replay", "run a network on an event-camera recording", run}; }

}  // namespace ranvier::app
