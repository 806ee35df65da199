// ranvier events info: what a recording holds, in the words of a manifest of recordings, so that
// one command compares a file with what other decoders made of it.
#include <fmt/core.h>

#include "app/events/verbs.h"
#include "core/json.h"
#include "encoding/event_file.h"
#include "encoding/event_statistics.h"

namespace ranvier::app {
namespace {

Json time_or_null(const encoding::EventStatistics& statistics, std::int64_t t) {
  return statistics.events > 0 ? Json(t) : Json();
}

Json sensor_or_null(const encoding::EventReader& reader) {
  const auto sensor = reader.sensor();
  if (!sensor) return {};
  return Json::array(std::vector<std::int64_t>{sensor->width, sensor->height});
}

void print_table(const encoding::EventReader& reader, const encoding::EventStatistics& s,
                 const Json& facts) {
  const auto sensor = reader.sensor();
  fmt::print("format          {} ({})\n", reader.description(), reader.format().name);
  fmt::print("sensor          {}\n",
             sensor ? fmt::format("{} x {}", sensor->width, sensor->height) : "not known");
  fmt::print("events          {} ({} on, {} off)\n", s.events, s.on, s.events - s.on);
  if (s.events > 0)
    fmt::print("time            {} to {} us ({:.6f} s)\nx, y            {} to {}, {} to {}\n",
               s.t_first, s.t_last,
               static_cast<double>(encoding::time_between(s.t_min, s.t_max)) * 1e-6, s.x_min,
               s.x_max, s.y_min, s.y_max);
  fmt::print("backward steps  {}\nevents_sha256   {}\n", s.backward_steps,
             facts.find("events_sha256")->as_string());
  for (const std::string& note : reader.notes()) fmt::print("note            {}\n", note);
  if (sensor && (s.x_max >= sensor->width || s.y_max >= sensor->height))
    fmt::print("note            events lie outside the sensor\n");
}

}  // namespace

int events_info(const std::vector<std::string>& words) {
  Options options(
      "events info RECORDING [--json] [OPTIONS]",
      "Reads a recording and tells its format, sensor, counts, times (us) and the SHA-256 of its "
      "events\n(rows t, x, y, polarity as 64-bit little-endian integers). - is standard input.");
  options.flag("json", "as one JSON object");
  add_read_options(options);
  options.positional({"RECORDING"}, 1);
  if (!options.parse(words)) return 0;
  encoding::EventReader reader(options.get("RECORDING"), read_options_from(options));
  encoding::EventStatistics statistics;
  encoding::EventBuffer events;
  std::string fault;
  try {
    while (reader.read(events)) statistics.add(events.events());
  } catch (const Error& e) {
    fault = fault_of_recording(e);
  }
  const Json facts = Json::object({{"format", reader.description()},
                                   {"sensor", sensor_or_null(reader)},
                                   {"events", statistics.events},
                                   {"on", statistics.on},
                                   {"off", statistics.events - statistics.on},
                                   {"t_first", time_or_null(statistics, statistics.t_first)},
                                   {"t_last", time_or_null(statistics, statistics.t_last)},
                                   {"backward_steps", statistics.backward_steps},
                                   {"events_sha256", statistics.sha256()}});
  if (options.has("json")) fmt::print("{}", to_text(facts));
  else print_table(reader, statistics, facts);
  return exit_code_after(fault, options);
}

}  // namespace ranvier::app
