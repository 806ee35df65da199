// ranvier recover: a run folder of what a killed run left.
#include <fmt/core.h>

#include "app/command.h"
#include "app/options.h"
#include "core/error.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options(
      "recover DIR.partial -o OUT",
      "Makes the run folder OUT of what a run that was killed had recorded in DIR.partial, marked\n"
      "as ended early at the last time up to which everything was written. DIR.partial stays as "
      "it\n"
      "is, so that the run can still be resumed from a checkpoint. Also looks into a run that is\n"
      "still going on.");
  options.text("output,o", "OUT", "run folder to write (must not exist, or --overwrite)");
  options.flag("overwrite", "replace an existing run folder");
  options.positional({"PARTIAL_FOLDER"}, 1);
  if (!options.parse(words)) return 0;
  if (!options.has("output")) throw Error(ErrorKind::usage, "recover: -o OUT is missing");
  RunFolderOptions folder;
  folder.path = options.get("output");
  folder.overwrite = options.has("overwrite");
  return run_on_ranks([&](Comm& comm) {
    const double until = recover_run_folder(options.get("PARTIAL_FOLDER"), folder, comm);
    if (comm.rank() == 0)
      fmt::print("{} ms of biological time in {}\n", until, folder.path.string());
    return 0;
  });
}

}  // namespace

Command recover_command() { return {"recover", "save what a killed run had recorded", run}; }

}  // namespace ranvier::app
