// ranvier events: recordings of event cameras, of any format.
#include <fmt/core.h>

#include <array>

#include "app/command.h"
#include "app/events/verbs.h"
#include "core/error.h"

namespace ranvier::app {
namespace {

struct Verb {
  const char* name;
  const char* summary;
  int (*run)(const std::vector<std::string>& words);
};

constexpr std::array verbs{
    Verb{"convert", "write a recording in another format", events_convert},
    Verb{"crop", "the events inside a box of pixels", events_crop},
    Verb{"filters", "the filters that --filter takes, with their parameters", events_filters},
    Verb{"info", "format, sensor, counts, times and a checksum of a recording", events_info},
    Verb{"slice", "a stretch of time, or a number of events", events_slice},
    Verb{"stats", "rates, gaps and pixels of a recording", events_stats},
};

int run(const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const Verb& v : verbs) {
    if (!words.empty() && words[0] == v.name) return v.run({words.begin() + 1, words.end()});
    known.push_back(v.name);
  }
  std::string usage = "usage: ranvier events VERB [OPTIONS]\n\nverbs:\n";
  for (const Verb& v : verbs) usage += fmt::format("  {:<10} {}\n", v.name, v.summary);
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    fmt::print("{}\n'ranvier events VERB --help' tells a verb's options.\n", usage);
    return 0;
  }
  if (words.empty())
    throw Error(ErrorKind::usage, "events: a verb is missing; see 'ranvier events --help'");
  const std::string near = did_you_mean(words[0], known);
  throw Error(ErrorKind::usage, fmt::format("events: unknown verb \"{}\"{}", words[0],
                                            near.empty() ? "; see 'ranvier events --help'" : near));
}

}  // namespace

Command events_command() {
  return {"events", "tell of event-camera recordings, convert and cut them", run};
}

}  // namespace ranvier::app
