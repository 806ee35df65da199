#include "conversion/sonata_config.h"

#include "core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace ranvier::conversion {
namespace {

constexpr int max_depth = 32;          // of variables and node sets that refer to each other
constexpr int max_visits = 1'000'000;  // of node sets, as often as others name them

}  // namespace

SonataConfig::SonataConfig(const std::filesystem::path& path)
    : path_(path), json_(parse_json(read_text(path), path.string())) {
  if (!json_.is_object()) fail("", "must be an object");
  variables_["configdir"] = variables_["workingdir"] = ".";
  const Json* manifest = json_.find("manifest");
  if (!manifest) return;
  if (!manifest->is_object()) fail("/manifest", "must be an object");
  for (const auto& [name, value] : manifest->as_object()) {
    if (!value.is_string()) fail("/manifest/" + name, "must be a text");
    std::string plain = name;
    std::erase_if(plain, [](char c) { return c == '$' || c == '{' || c == '}'; });
    variables_[plain] = value.as_string();
  }
}

void SonataConfig::fail(const std::string& field, const std::string& what) const {
  throw Error(ErrorKind::parse,
              fmt::format("{}: {}{}{}", path_.string(), field, field.empty() ? "" : ": ", what));
}

void SonataConfig::unsupported(const std::string& field, const std::string& what) const {
  throw Error(ErrorKind::unsupported, fmt::format("{}: {}: {}", path_.string(), field, what));
}

const Json* SonataConfig::find(std::initializer_list<const char*> keys) const {
  const Json* value = &json_;
  for (const char* key : keys) {
    value = value->find(key);
    if (!value) return nullptr;
  }
  return value;
}

std::filesystem::path SonataConfig::path(const std::string& text) const {
  std::string result = text;
  for (int depth = 0; result.find('$') != std::string::npos; ++depth) {
    if (depth > max_depth)
      fail("/manifest", fmt::format("\"{}\", variables refer to each other", text));
    const std::size_t start = result.find('$');
    std::size_t end = start + 1;
    const bool braces = end < result.size() && result[end] == '{';
    if (braces) ++end;
    const std::size_t first = end;
    while (end < result.size() &&
           (std::isalnum(static_cast<unsigned char>(result[end])) || result[end] == '_'))
      ++end;
    const std::string name = result.substr(first, end - first);
    if (braces && end < result.size() && result[end] == '}') ++end;
    const auto found = variables_.find(name);
    if (found == variables_.end()) {
      std::vector<std::string> known;
      for (const auto& [variable, value] : variables_) known.push_back(variable);
      fail("/manifest", fmt::format("\"{}\" names the variable ${}, which is not there{}", text,
                                    name, did_you_mean(name, known)));
    }
    result = result.substr(0, start) + found->second + result.substr(end);
  }
  return (path_.parent_path() / result).lexically_normal();
}

std::string SonataConfig::text(const Json& object, const std::string& place,
                               const char* key) const {
  const Json* value = object.find(key);
  if (!value) fail(place + "/" + key, "missing");
  if (!value->is_string() || value->as_string().empty())
    fail(place + "/" + key, fmt::format("{}, must be a text", value->kind_name()));
  return value->as_string();
}

double SonataConfig::number(const Json& object, const std::string& place, const char* key,
                            double otherwise) const {
  const Json* value = object.find(key);
  if (!value) return otherwise;
  if (!value->is_number())
    fail(place + "/" + key, fmt::format("{}, must be a number", value->kind_name()));
  return value->as_number();
}

bool SonataConfig::enabled(const Json& object, const std::string& place) const {
  const Json* value = object.find("enabled");
  if (!value) return true;
  if (value->is_bool()) return value->as_bool();
  if (value->is_string()) return value->as_string() != "False" && value->as_string() != "false";
  fail(place + "/enabled", "must be true or false");
}

namespace {

/// Every node once, however many sets name it: one part a population.
std::vector<SonataNodeSet> united(const std::vector<SonataNodeSet>& parts) {
  std::vector<SonataNodeSet> result;
  for (const SonataNodeSet& part : parts) {
    if (part.population.empty() && part.nodes.empty()) return {part};
    const auto same = std::find_if(result.begin(), result.end(), [&part](const SonataNodeSet& one) {
      return one.population == part.population;
    });
    if (same == result.end()) result.push_back(part);
    else if (same->nodes.empty() || part.nodes.empty()) same->nodes.clear();
    else same->nodes.insert(same->nodes.end(), part.nodes.begin(), part.nodes.end());
  }
  for (SonataNodeSet& part : result) {
    std::set<std::int64_t> seen;
    std::erase_if(part.nodes, [&seen](std::int64_t node) { return !seen.insert(node).second; });
  }
  return result;
}

void resolve(const SonataConfig& config, const std::string& place, const Json& set,
             const Json& sets, int depth, int& visits, std::vector<SonataNodeSet>& out) {
  if (depth > max_depth) config.fail(place, "node sets refer to each other");
  if (++visits > max_visits)
    config.fail(place, fmt::format("node sets name others more than {} times", max_visits));
  if (set.is_string()) {
    if (set.as_string() == "all") return out.push_back({});
    std::vector<std::string> known;
    if (sets.is_object())
      for (const auto& field : sets.as_object()) known.push_back(field.first);
    const Json* found = sets.find(set.as_string());
    if (!found)
      config.fail(place, fmt::format("unknown node set \"{}\"{}", set.as_string(),
                                     did_you_mean(set.as_string(), known)));
    return resolve(config, place, *found, sets, depth + 1, visits, out);
  }
  if (set.is_array()) {
    for (const Json& part : set.as_array())
      resolve(config, place, part, sets, depth + 1, visits, out);
    return;
  }
  if (!set.is_object())
    config.fail(place, "a node set must be a name, a list of names or an object");
  SonataNodeSet result;
  for (const auto& [key, value] : set.as_object()) {
    if (key == "population" && value.is_string()) {
      result.population = value.as_string();
    } else if (key == "population" && value.is_array() && value.as_array().size() == 1 &&
               value.as_array()[0].is_string()) {
      result.population = value.as_array()[0].as_string();
    } else if (key == "node_id" || key == "node_ids" || key == "gids") {
      const Json::Array list = value.is_array() ? value.as_array() : Json::Array{value};
      for (const Json& id : list) {
        if (!id.is_integer() || id.as_number() < 0 || id.as_number() >= 0x1p63)
          config.fail(place,
                      fmt::format("node set, {}: must hold whole numbers from 0 to 2^63 - 1", key));
        result.nodes.push_back(id.as_integer());
      }
      if (list.empty()) config.fail(place, fmt::format("node set, {}: empty", key));
    } else {
      config.unsupported(
          place, fmt::format(
                     "node set that selects by \"{}\"; population and node_id are supported", key));
    }
  }
  out.push_back(std::move(result));
}

}  // namespace

std::vector<SonataNodeSet> resolve_node_set(const SonataConfig& config, const std::string& place,
                                            const Json& set, const Json& sets) {
  std::vector<SonataNodeSet> parts;
  int visits = 0;
  resolve(config, place, set, sets, 0, visits, parts);
  return united(parts);
}

}  // namespace ranvier::conversion
