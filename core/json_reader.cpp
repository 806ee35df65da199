#include "core/json_reader.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ranvier {
namespace {

/// A key as a step of a JSON pointer (RFC 6901).
std::string escaped(const std::string& key) {
  std::string result;
  for (const char c : key) {
    if (c == '~') result += "~0";
    else if (c == '/') result += "~1";
    else result += c;
  }
  return result;
}

/// A value as messages show it: short, whole.
std::string shown(const Json& value) {
  if (value.is_string() || value.is_bool() || value.is_number()) {
    const std::string text =
        value.real() ? fmt::format("{}", *value.real()) : to_compact_text(value);
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
  }
  return value.kind_name();
}

}  // namespace

Place Place::inside(const std::string& key, const Json& value) const {
  Place result(value, document_);
  result.path_ = path_ + "/" + escaped(key);
  return result;
}

Place Place::inside(std::size_t index) const {
  Place result(array().at(index), document_);
  result.path_ = path_ + "/" + std::to_string(index);
  return result;
}

void Place::fail(const std::string& what, ErrorKind kind) const {
  if (path_.empty()) throw Error(kind, fmt::format("{}: {}", document_, what));
  throw Error(kind, fmt::format("{}: {}: {}", document_, path_, what));
}

void Place::fail_kind(const char* wanted) const {
  fail(fmt::format("{}, must be {}", shown(*value_), wanted), ErrorKind::parse);
}

void Place::fail_choice(const std::vector<std::string>& known) const {
  const std::string& word = text();
  fail(fmt::format("\"{}\", must be one of {}{}", word, fmt::join(known, ", "),
                   did_you_mean(word, known)));
}

double Place::number() const {
  if (!value_->is_number()) fail_kind("a number");
  return value_->as_number();
}

std::int64_t Place::integer(std::int64_t low, std::int64_t high) const {
  if (!value_->is_number()) fail_kind("a whole number");
  const double rough = value_->as_number();
  // Where doubles do not tell the largest integer from the next one.
  const bool beyond =
      rough >= 0x1p63 && !value_->real() &&
      value_->as_unsigned() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (rough < static_cast<double>(low) || rough > static_cast<double>(high) || beyond)
    fail(fmt::format("{}, must be from {} to {}", shown(*value_), low, high));
  if (!value_->is_integer()) fail(fmt::format("{}, must be a whole number", shown(*value_)));
  const std::int64_t result = value_->as_integer();
  if (result < low || result > high)
    fail(fmt::format("{}, must be from {} to {}", result, low, high));
  return result;
}

const std::string& Place::text() const {
  if (!value_->is_string()) fail_kind("a text");
  if (value_->as_string().empty()) fail("empty, must be a text of one or more characters");
  return value_->as_string();
}

bool Place::boolean() const {
  if (!value_->is_bool()) fail_kind("true or false");
  return value_->as_bool();
}

const Json::Array& Place::array() const {
  if (!value_->is_array()) fail_kind("an array");
  return value_->as_array();
}

const Json::Object& Place::object() const {
  if (!value_->is_object()) fail_kind("an object");
  return value_->as_object();
}

std::vector<double> Place::numbers() const {
  const Json::Array& items = array();
  std::vector<double> result;
  result.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_number()) inside(i).fail_kind("a number");
    result.push_back(items[i].as_number());
  }
  return result;
}

Fields::Fields(const Place& place, std::vector<std::string> known, Answer answer) : place_(place) {
  for (const auto& field : place.object()) {
    if (std::find(known.begin(), known.end(), field.first) != known.end()) continue;
    const std::string near = answer == Answer::near ? did_you_mean(field.first, known) : "";
    place.inside(field.first, field.second)
        .fail(near.empty() ? fmt::format("unknown field, must be one of {}", fmt::join(known, ", "))
                           : "unknown field" + near,
              ErrorKind::parse);
  }
}

std::optional<Place> Fields::find(const std::string& key) const {
  const Json* value = place_.value().find(key);
  if (!value) return std::nullopt;
  return place_.inside(key, *value);
}

Place Fields::need(const std::string& key) const {
  const auto found = find(key);
  if (!found) place_.inside(key, place_.value()).fail("missing", ErrorKind::parse);
  return *found;
}

double Fields::number(const std::string& key, double otherwise) const {
  const auto found = find(key);
  return found ? found->number() : otherwise;
}

bool Fields::boolean(const std::string& key, bool otherwise) const {
  const auto found = find(key);
  return found ? found->boolean() : otherwise;
}

std::string Fields::text(const std::string& key, const std::string& otherwise) const {
  const auto found = find(key);
  return found ? found->text() : otherwise;
}

}  // namespace ranvier
