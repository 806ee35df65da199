#include "app/options.h"

#include <fmt/core.h>

#include <boost/program_options.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/error.h"

namespace ranvier::app {

namespace po = boost::program_options;

namespace {

/// The words before what a usage line asks for: "run", "events slice".
std::string command_of(const std::string& usage) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || c == ' '; };
  std::string words(usage.begin(), std::find_if_not(usage.begin(), usage.end(), is_part));
  words.erase(words.find_last_not_of(' ') + 1);
  return words;
}

/// The word without a dash that comes after `before` of them; there is one.
std::string word_at(std::size_t before, const std::vector<std::string>& words,
                    const po::options_description& known) {
  const po::parsed_options parsed = po::command_line_parser(words).options(known).run();
  return std::find_if(parsed.options.begin(), parsed.options.end(),
                      [at = static_cast<int>(before)](const po::option& option) {
                        return option.position_key == at;
                      })
      ->value.at(0);
}

}  // namespace

struct Options::Parts {
  std::string usage, about;
  po::options_description visible{"options"};
  po::options_description hidden;
  po::positional_options_description order;
  std::vector<std::string> positional;
  std::size_t required = 0;
  po::variables_map values;
};

Options::Options(std::string usage, std::string about) : parts_(std::make_unique<Parts>()) {
  parts_->usage = std::move(usage);
  parts_->about = std::move(about);
  flag("help,h", "print this and stop");
  text("options", "FILE",
       "read options from FILE, a line NAME = VALUE each; the command line wins");
}
Options::~Options() = default;

void Options::flag(const char* names, const char* help) {
  parts_->visible.add_options()(names, po::bool_switch(), help);
}

void Options::text(const char* names, const char* meta, const char* help) {
  parts_->visible.add_options()(names, po::value<std::string>()->value_name(meta), help);
}

void Options::texts(const char* names, const char* meta, const char* help) {
  parts_->visible.add_options()(
      names, po::value<std::vector<std::string>>()->composing()->value_name(meta), help);
}

void Options::positional(std::vector<std::string> names, std::size_t required) {
  for (const std::string& name : names) {
    parts_->hidden.add_options()(name.c_str(), po::value<std::string>());
    parts_->order.add(name.c_str(), 1);
  }
  parts_->positional = std::move(names);
  parts_->required = required;
}

bool Options::parse(const std::vector<std::string>& words) {
  po::options_description all;
  all.add(parts_->visible).add(parts_->hidden);
  try {
    po::store(po::command_line_parser(words).options(all).positional(parts_->order).run(),
              parts_->values);
    if (has("help")) {
      std::ostringstream options;
      options << parts_->visible;
      fmt::print("usage: ranvier {}\n\n{}\n\n{}", parts_->usage, parts_->about, options.str());
      return false;
    }
    if (has("options")) {
      std::ifstream file(get("options"));
      if (!file || std::filesystem::is_directory(get("options")))
        throw Error(ErrorKind::usage,
                    fmt::format("--options: {} cannot be opened, or is a folder", get("options")));
      po::store(po::parse_config_file(file, parts_->visible), parts_->values);
    }
  } catch (const po::too_many_positional_options_error&) {
    throw Error(ErrorKind::usage,
                fmt::format("\"{}\" is a word too many; usage: ranvier {}",
                            word_at(parts_->positional.size(), words, all), parts_->usage));
  } catch (const po::error& e) {
    throw Error(ErrorKind::usage,
                fmt::format("{}; see 'ranvier {} --help'", e.what(), command_of(parts_->usage)));
  }
  for (std::size_t i = 0; i < parts_->required; ++i)
    if (!has(parts_->positional[i]))
      throw Error(ErrorKind::usage, fmt::format("{} is missing; usage: ranvier {}",
                                                parts_->positional[i], parts_->usage));
  for (const auto& [name, value] : parts_->values) {  // such as "$OUT" where OUT is not set
    const auto* given = boost::any_cast<std::string>(&value.value());
    const bool has_dashes = parts_->visible.find_nothrow(name, false) != nullptr;
    if (given && given->empty())
      throw Error(ErrorKind::usage, fmt::format("{}{}: the text given for it is empty",
                                                has_dashes ? "--" : "", name));
  }
  return true;
}

bool Options::has(const std::string& name) const {
  const auto found = parts_->values.find(name);
  if (found == parts_->values.end()) return false;
  const bool* flag = boost::any_cast<bool>(&found->second.value());
  return flag ? *flag : true;
}

std::string Options::get(const std::string& name, const std::string& otherwise) const {
  return has(name) ? parts_->values[name].as<std::string>() : otherwise;
}

std::vector<std::string> Options::all(const std::string& name) const {
  return has(name) ? parts_->values[name].as<std::vector<std::string>>()
                   : std::vector<std::string>{};
}

namespace {

template <class T>
T parse_as(const std::string& name, const std::string& text, const char* what) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorKind::usage, fmt::format("--{}: \"{}\", must be {}", name, text, what));
  return value;
}

}  // namespace

std::optional<double> Options::number(const std::string& name) const {
  if (!has(name)) return std::nullopt;
  return parse_as<double>(name, get(name), "a number");
}

std::optional<std::int64_t> Options::integer(const std::string& name, std::int64_t low,
                                             std::int64_t high) const {
  if (!has(name)) return std::nullopt;
  const auto value = parse_as<std::int64_t>(name, get(name), "a whole number");
  if (value < low || value > high)
    throw Error(ErrorKind::usage,
                fmt::format("--{}: {}, must lie in [{}, {}]", name, value, low, high));
  return value;
}

std::optional<std::uint64_t> Options::unsigned_integer(const std::string& name) const {
  if (!has(name)) return std::nullopt;
  return parse_as<std::uint64_t>(name, get(name), "a whole number >= 0");
}

}  // namespace ranvier::app
