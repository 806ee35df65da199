// Configuration files of SONATA: variables of the manifest, paths, node sets. Used by
// conversion/sonata*.cpp alone.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace ranvier::conversion {

/// A configuration file with its variables.
class SonataConfig {
 public:
  SonataConfig() = default;
  explicit SonataConfig(const std::filesystem::path& path);

  const std::filesystem::path& file() const { return path_; }
  const Json& json() const { return json_; }
  bool is_loaded() const { return json_.is_object(); }
  /// The field at a path of keys, or null.
  const Json* find(std::initializer_list<const char*> keys) const;
  /// A path in the file with the variables filled in; relative to the file's folder.
  std::filesystem::path path(const std::string& text) const;
  [[noreturn]] void fail(const std::string& field,
                         const std::string& what) const;  ///< Error(parse)
  [[noreturn]] void unsupported(const std::string& field,
                                const std::string& what) const;  ///< Error(unsupported)
  /// Text, number and truth fields of an object in this file; `place` is its path in messages.
  std::string text(const Json& object, const std::string& place, const char* key) const;
  double number(const Json& object, const std::string& place, const char* key,
                double otherwise) const;
  bool enabled(const Json& object, const std::string& place) const;

 private:
  std::filesystem::path path_;
  Json json_;
  std::map<std::string, std::string> variables_;
};

/// A part of a node set: nodes of one population; `nodes` empty: all of it. Population empty: every
/// one.
struct SonataNodeSet {
  std::string population;
  std::vector<std::int64_t> nodes;
};

/// Resolves a set given by name or in place; compound sets become a part a population, which holds
/// every node once.
std::vector<SonataNodeSet> resolve_node_set(const SonataConfig& config, const std::string& place,
                                            const Json& set, const Json& sets);

}  // namespace ranvier::conversion
