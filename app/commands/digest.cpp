// ranvier digest: one number that equal runs share, whatever ranks, threads and processor they had.
#include <fmt/core.h>

#include "app/command.h"
#include "app/options.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options("digest RUN_FOLDER",
                  "Prints one SHA-256 over the spikes, reports and status (final state, whether "
                  "complete) of a\nrun folder.");
  options.positional({"RUN_FOLDER"}, 1);
  if (!options.parse(words)) return 0;
  fmt::print("{}\n", digest(read_run_folder(options.get("RUN_FOLDER"))));
  return 0;
}

}  // namespace

Command digest_command() { return {"digest", "hash the results of a run", run}; }

}  // namespace ranvier::app
