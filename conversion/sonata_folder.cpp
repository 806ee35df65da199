#include "conversion/sonata_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "core/error.h"
#include "core/run_folder.h"

namespace ranvier::conversion {
namespace {

namespace fs = std::filesystem;

bool is_among(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether a circuit has a file of that name; `name` is as seen from its folder.
bool is_file_of_circuit(std::string name) {
  if (name.ends_with(".json.new")) name.resize(name.size() - 4);  // of a writer that was killed
  constexpr std::string_view begin = "components/population_", end = ".json";
  if (name.starts_with(begin) && name.ends_with(end))
    return name.find_first_not_of("0123456789_", begin.size()) == name.size() - end.size();
  return is_among(
      name, {"circuit_config.json", "simulation_config.json", "pointnet_config.json",
             "node_sets.json", "network/nodes.h5", "network/node_types.csv", "network/edges.h5",
             "network/edge_types.csv", "components/static_synapse.json", "inputs/spikes.h5"});
}

/// The first entry of a folder that is none of a circuit's, if any; what is no folder is its own.
std::optional<fs::path> find_foreign(const fs::path& folder) {
  if (!fs::is_directory(folder)) return folder;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    const fs::file_type type = entry.symlink_status().type();
    if (type == fs::file_type::directory
            ? !is_among(name, {"network", "components", "inputs"})
            : type != fs::file_type::regular || !is_file_of_circuit(name))
      return entry.path();
  }
  return {};
}

/// Removes what a writer that was killed left under a name, or throws.
void remove_leftover(const fs::path& left, std::optional<bool> overwrite) {
  if (!fs::exists(fs::symlink_status(left))) return;
  if (find_foreign(left))
    throw Error(ErrorKind::io, left.string() + ": exists already; give the output another name");
  if (!overwrite.value_or(false))
    throw Error(ErrorKind::io,
                fmt::format("{}: exists already, left by a conversion that was cut short (or is "
                            "under way); it may be removed{}",
                            left.string(), overwrite ? ", as --overwrite does" : ""));
  fs::remove_all(left);
}

fs::path old_of(const fs::path& folder) { return partial_folder(folder).replace_extension(".old"); }

}  // namespace

fs::path make_way(const fs::path& folder, std::optional<bool> overwrite) try {
  require_new(folder, overwrite);
  if (fs::exists(folder)) {
    if (!fs::exists(folder / "circuit_config.json"))
      throw Error(ErrorKind::io, folder.string() +
                                     ": is no SONATA circuit's folder (it has no "
                                     "circuit_config.json): not overwritten");
    if (const auto foreign = find_foreign(folder))
      throw Error(ErrorKind::io,
                  fmt::format("{}: holds {}, which is no part of a circuit as Ranvier writes it: "
                              "not overwritten; give another name",
                              folder.string(), foreign->string()));
    remove_leftover(old_of(folder), overwrite);
  }
  const fs::path partial = partial_folder(folder);
  remove_leftover(partial, overwrite);
  return partial;
} catch (const fs::filesystem_error& error) {
  throw Error(ErrorKind::io, fmt::format("{}: {}", folder.string(), error.what()));
}

void replace_folder(const fs::path& finished, const fs::path& folder) {
  const fs::path old = old_of(folder);
  const bool has_old = fs::exists(fs::symlink_status(folder));
  std::error_code failed, ignored;
  if (has_old) fs::rename(folder, old, failed);
  if (!failed) {
    fs::rename(finished, folder, failed);
    if (failed && has_old) fs::rename(old, folder, ignored);
  }
  if (failed)
    throw Error(ErrorKind::io, folder.string() + ": cannot be written: " + failed.message());
  if (has_old) fs::remove_all(old, ignored);
}

}  // namespace ranvier::conversion
