// ranvier report: a page with tables and charts of a run.
#include <fmt/core.h>

#include <filesystem>

#include "app/command.h"
#include "app/options.h"
#include "app/report/replay_page.h"
#include "app/report/replay_picture.h"
#include "app/report/report.h"
#include "core/error.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options(
      "report RUN_FOLDER [-o PAGE.html] [--replay] [OPTIONS]",
      "Writes one HTML page about a run: rates and intervals of its populations, spikes, recorded\n"
      "variables and, for event-camera input, images of the events. The page needs no other file "
      "and\n"
      "no network.");
  options.text("output,o", "PAGE.html",
               "where to write it (default: report.html, or replay.html, in the run folder)");
  options.flag("replay",
               "the page of a replay instead: a slider moves through the input events beside the "
               "spikes (PAGE.png: a picture)");
  options.flag("overwrite", "replace the page if it is there");
  options.positional({"RUN_FOLDER"}, 1);
  if (!options.parse(words)) return 0;
  const std::filesystem::path path = options.get("RUN_FOLDER");
  const bool replay = options.has("replay");
  const std::filesystem::path page = options.has("output")
                                         ? std::filesystem::path(options.get("output"))
                                         : path / (replay ? "replay.html" : "report.html");
  const bool picture = page.extension() == ".png";
  if (picture && !replay)
    throw Error(ErrorKind::usage, page.string() + ": pictures are drawn of a --replay alone");
  if (!picture && page.extension() != ".html" && page.extension() != ".htm")
    throw Error(ErrorKind::usage, fmt::format("--output: {}, must end in .html{}", page.string(),
                                              replay ? ", or in .png for a picture" : ""));
  require_new(page, options.has("overwrite"));
  const RunFolder folder = read_run_folder(path);
  const std::filesystem::path name =
      path.has_filename() ? path.filename() : path.parent_path().filename();
  write_file(page, picture  ? replay_picture(folder)
                   : replay ? replay_page(folder, name.string())
                            : report_page(folder, name.string()));
  fmt::print("{}\n", page.string());
  return 0;
}

}  // namespace

Command report_command() { return {"report", "write a page about a run", run}; }

}  // namespace ranvier::app
