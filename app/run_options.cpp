#include "app/run_options.h"

#include <fmt/core.h>

#include "app/document_parts.h"
#include "core/error.h"

namespace ranvier::app {

void add_network_options(Options& options) {
  options.text("threads", "N", "worker threads a rank (default 1)");
  options.text("seed", "N", "seed of all random numbers (default: the document's)");
  options.text("duration", "MS", "biological time in ms (default: the document's)");
  options.text("dt", "MS",
               "grid of clocked populations and of delays in ms (default: the document's)");
  options.text("storage", "NAME", "auto, compact or exact (default: the document's)");
}

void add_run_options(Options& options) {
  options.text("output,o", "DIR", "run folder to write (must not exist, or --overwrite)");
  options.flag("overwrite", "replace an existing run folder");
  add_network_options(options);
  options.text("summary", "FILE", "write the closing table as JSON (replaces FILE)");
  options.text("checkpoint-every", "MS",
               "write a checkpoint into the run folder every MS ms of biological time");
  options.flag("resume", "go on from the last checkpoint of an interrupted run (DIR.partial)");
  options.flag("profile", "end with a table of where the time went (docs/how-to/profile-a-run.md)");
  options.flag("quiet,q", "no progress, no table");
}

Overrides overrides_from(const Options& options) {
  Overrides o;
  o.duration = options.number("duration");
  o.dt = options.number("dt");
  o.seed = options.unsigned_integer("seed");
  if (options.has("storage")) {
    const std::string name = options.get("storage");
    if (name == "auto") o.storage = Storage::automatic;
    else if (name == "compact") o.storage = Storage::compact;
    else if (name == "exact") o.storage = Storage::exact;
    else
      throw Error(ErrorKind::usage,
                  fmt::format("--storage: \"{}\", must be auto, compact or exact", name));
  }
  return o;
}

void check_time_option(const char* option, double ms) {
  const Json none;
  check_time(Place(none, option), ms, ErrorKind::usage);
}

SessionOptions session_from(const Options& options) {
  SessionOptions s;
  s.output = options.get("output");
  s.overwrite = options.has("overwrite");
  s.threads = static_cast<int>(options.integer("threads", 1, 1024).value_or(1));
  s.quiet = options.has("quiet");
  s.summary = options.get("summary");
  s.profile = options.has("profile");
  s.resume = options.has("resume");
  s.checkpoint_every = options.number("checkpoint-every").value_or(0);
  if (s.checkpoint_every != 0 && !(s.checkpoint_every >= 1e-6 && s.checkpoint_every < max_ms))
    throw Error(ErrorKind::usage,
                fmt::format("--checkpoint-every: {} ms, must be 0 (none) or lie in [1e-6, {:g})",
                            s.checkpoint_every, max_ms));
  if (s.checkpoint_every != 0) check_time_option("--checkpoint-every", s.checkpoint_every);
  if (s.output.empty() && (s.resume || s.checkpoint_every > 0))
    throw Error(ErrorKind::usage, "--checkpoint-every and --resume need a run folder: -o DIR");
  return s;
}

int run_and_report(const Document& document, const SessionOptions& options, Comm& comm) {
  const Summary summary = run_session(document, options, comm);
  if (summary.was_finished) {
    if (comm.rank() == 0)
      fmt::print(stderr, "ranvier: {}: is there, {}; nothing was left to run\n",
                 options.output.string(), summary.complete ? "complete" : "ended early on request");
    return summary.complete ? 0 : 130;
  }
  if (comm.rank() == 0 && !options.quiet) {
    for (const std::string& note : document.notes) fmt::print("note: {}\n", note);
    fmt::print("{}", summary_table(summary));
    if (!options.output.empty()) fmt::print("results in {}\n", options.output.string());
  }
  return summary.complete ? 0 : 130;
}

}  // namespace ranvier::app
