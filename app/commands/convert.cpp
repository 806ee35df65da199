// ranvier convert: a network from one form into another.
#include <fmt/core.h>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/document.h"
#include "app/options.h"
#include "app/prepare.h"
#include "conversion/nir.h"
#include "conversion/sonata_write.h"
#include "core/error.h"
#include "core/run_folder.h"

namespace ranvier::app {
namespace {

namespace fs = std::filesystem;

/// "json", "nir" or "sonata": as asked for, else by the name's ending.
std::string form_of(const Options& options, const fs::path& output) {
  std::string form = options.get("to");
  if (form.empty() && (output.extension() == ".json" || output.extension() == ".nir"))
    form = output.extension().string().substr(1);
  if (form != "json" && form != "nir" && form != "sonata")
    throw Error(
        ErrorKind::usage,
        fmt::format("--to: \"{}\", must be json, nir or sonata where the output's name does "
                    "not end in .json or .nir",
                    form));
  return form;
}

bool is_within(const fs::path& file, const fs::path& folder) {
  const fs::path way = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !way.empty() && *way.begin() != "..";
}

/// The output must not take the place of what the network is read from, or of a folder with that in
/// it; only a document may be replaced by the same one.
void require_kept(const Document& document, const fs::path& network, const std::string& form,
                  const fs::path& output) {
  std::vector<fs::path> outputs{output}, sources{network};
  sources.insert(sources.end(), document.sonata_files.begin(), document.sonata_files.end());
  for (const auto& [name, path] : document.files) sources.push_back(path);
  if (form == "json") {
    std::error_code one_is_missing;
    if (fs::equivalent(network, output, one_is_missing)) return;
    outputs.push_back(fs::path(output).replace_extension(".h5"));  // of its long arrays
  }
  for (const fs::path& source : sources)
    for (const fs::path& replaced : outputs)
      if (is_within(source, replaced))
        throw Error(ErrorKind::usage, fmt::format("{}: the network is read from {}, which would be "
                                                  "replaced; give the output another name",
                                                  output.string(), source.string()));
}

/// Tells of what a SONATA circuit does not say of how the network is computed, though its spikes
/// may depend on it.
void tell_left_out(const Document& document) {
  if (document.run.storage != Storage::automatic)
    fmt::print("note: SONATA has no word for storage: run the circuit with --storage {}\n",
               document.run.storage == Storage::compact ? "compact" : "exact");
  for (const Population& p : document.network.populations)
    if (p.precision != Precision::automatic)
      fmt::print("note: SONATA has no word for precision: that of \"{}\" is left out\n", p.name);
}

int run(const std::vector<std::string>& words) {
  Options options("convert NETWORK OUTPUT [--to FORM] [OPTIONS]",
                  "Writes the network of a document, of a SONATA configuration or of a NIR graph "
                  "in another of\n"
                  "these forms: a document (json), a NIR graph (nir), or a folder with a SONATA "
                  "circuit (sonata).");
  options.text("to", "FORM", "json, nir or sonata (default: by the output's name)");
  options.text("dt", "MS", "grid in ms (default: the network's)");
  options.flag("overwrite", "replace the output if it is there");
  options.positional({"NETWORK", "OUTPUT"}, 2);
  if (!options.parse(words)) return 0;
  const fs::path output = options.get("OUTPUT");
  const std::string form = form_of(options, output);
  const bool overwrite = options.has("overwrite");
  if (form == "json" && output.extension() == ".h5")
    throw Error(ErrorKind::usage,
                fmt::format("{}: must not end in .h5, as the file of its long arrays does",
                            output.string()));
  require_new(output, overwrite);
  Overrides overrides;
  overrides.dt = options.number("dt");
  const Document document = load_document(options.get("NETWORK"), {&catalogue(), overrides});
  for (const std::string& note : document.notes) fmt::print("note: {}\n", note);
  require_kept(document, options.get("NETWORK"), form, output);
  if (form == "json") save_document(document, output, overwrite);
  else
    with_name_of(document, [&] {
      if (form == "nir")
        conversion::write_nir(conversion::from_network(document.network, document.run), output);
      else conversion::save_sonata(document.network, document.run, output, overwrite);
    });
  if (form == "sonata") tell_left_out(document);
  return 0;
}

}  // namespace

Command convert_command() { return {"convert", "write a network in another form", run}; }

}  // namespace ranvier::app
