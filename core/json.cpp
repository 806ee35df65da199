// See core/json.h. The parser reports events (SAX), from which the value is built with an explicit
// stack, so that hostile nesting is refused before it is followed and the double meaning of a
// repeated key never arises.
#include "core/json.h"

#include "core/error.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace ranvier {
namespace {

template <class T, class Variant>
const T& get(const Variant& value, const Json& json, const char* wanted) {
  if (const T* found = std::get_if<T>(&value)) return *found;
  throw Error(ErrorKind::internal,
              fmt::format("JSON: {} where {} was expected", json.kind_name(), wanted));
}

}  // namespace

Json Json::array(const std::vector<double>& numbers) {
  return Json(Array(numbers.begin(), numbers.end()));
}
Json Json::array(const std::vector<std::int64_t>& numbers) {
  return Json(Array(numbers.begin(), numbers.end()));
}
Json Json::array(const std::vector<std::string>& texts) {
  return Json(Array(texts.begin(), texts.end()));
}

bool Json::is_number() const {
  return std::holds_alternative<std::int64_t>(value_) ||
         std::holds_alternative<std::uint64_t>(value_) || std::holds_alternative<double>(value_);
}

bool Json::is_integer() const {
  const double* real = std::get_if<double>(&value_);
  if (real) return *real == std::trunc(*real) && std::abs(*real) < 0x1p53;
  return is_number();
}

bool Json::as_bool() const { return get<bool>(value_, *this, "true or false"); }
const std::string& Json::as_string() const { return get<std::string>(value_, *this, "a text"); }
const Json::Array& Json::as_array() const { return get<Array>(value_, *this, "an array"); }
const Json::Object& Json::as_object() const { return get<Object>(value_, *this, "an object"); }
Json::Array& Json::as_array() { return const_cast<Array&>(std::as_const(*this).as_array()); }
Json::Object& Json::as_object() { return const_cast<Object&>(std::as_const(*this).as_object()); }

double Json::as_number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
  if (const auto* natural = std::get_if<std::uint64_t>(&value_))
    return static_cast<double>(*natural);
  return get<double>(value_, *this, "a number");
}

std::int64_t Json::as_integer() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return *whole;
  const auto* natural = std::get_if<std::uint64_t>(&value_);
  if (natural && *natural <= static_cast<std::uint64_t>(INT64_MAX))
    return static_cast<std::int64_t>(*natural);
  if (!natural && is_integer()) return static_cast<std::int64_t>(std::get<double>(value_));
  throw Error(ErrorKind::internal,
              fmt::format("JSON: {} where a signed 64-bit integer was expected", kind_name()));
}

std::uint64_t Json::as_unsigned() const {
  if (const auto* natural = std::get_if<std::uint64_t>(&value_)) return *natural;
  const std::int64_t whole = as_integer();
  if (whole >= 0) return static_cast<std::uint64_t>(whole);
  throw Error(ErrorKind::internal,
              fmt::format("JSON: {} where an integer >= 0 was expected", whole));
}

const Json* Json::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (!object) return nullptr;
  for (const auto& field : *object)
    if (field.first == key) return &field.second;
  return nullptr;
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) value_ = Object();
  for (auto& field : as_object()) {
    if (field.first != key) continue;
    field.second = std::move(value);
    return *this;
  }
  as_object().emplace_back(std::string(key), std::move(value));
  return *this;
}

Json& Json::push_back(Json value) {
  if (is_null()) value_ = Array();
  as_array().push_back(std::move(value));
  return *this;
}

const char* Json::kind_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "true or false";
  if (is_string()) return "a text";
  if (is_array()) return "an array";
  return is_object() ? "an object" : "a number";
}

namespace {

class Builder {
 public:
  Builder(std::string_view text, const std::string& name, const JsonLimits& limits)
      : text_(text), name_(name), limits_(limits) {}

  bool null() { return add(Json()); }
  bool boolean(bool value) { return add(Json(value)); }
  bool number_integer(std::int64_t value) { return add(Json(value)); }
  bool number_unsigned(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(INT64_MAX)
               ? add(Json(static_cast<std::int64_t>(value)))
               : add(Json(value));
  }
  bool number_float(double value, const std::string&) { return add(Json(value)); }
  bool string(std::string& value) { return add(Json(std::move(value))); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(Json(Json::Object())); }
  bool start_array(std::size_t) { return open(Json(Json::Array())); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& value) {
    // A linear look for repeats is quick where objects are small; the threshold below keeps large
    // ones from being quadratic.
    Json::Object& object = stack_.back()->as_object();
    if (object.size() > max_fields)
      throw Error(ErrorKind::capacity,
                  fmt::format("{}: an object has more than {} fields", name_, max_fields));
    if (stack_.back()->find(value))
      throw Error(ErrorKind::parse, fmt::format("{}: {}/{}: given twice", name_, path(), value));
    object.emplace_back(std::move(value), Json());
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception& exception) {
    if (text_.find_first_not_of(" \t\r\n") == std::string_view::npos)
      throw Error(ErrorKind::parse, fmt::format("{}: empty, must hold a JSON object", name_));
    const std::string_view before =
        text_.substr(0, position > 0 ? std::min(position - 1, text_.size()) : 0);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 = 0
    std::string what = exception.what();
    if (const std::size_t reason = what.find("syntax error"); reason != std::string::npos)
      what = what.substr(reason);
    else if (what.find("number overflow") != std::string::npos)
      what = "a number is beyond the range of doubles";
    for (char& c : what)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    throw Error(ErrorKind::parse, fmt::format("{}: line {}, column {}: not JSON: {}", name_, line,
                                              before.size() - line_start + 1, what));
  }

  Json take() { return std::move(root_); }

 private:
  static constexpr std::size_t max_fields = 10000;

  std::string path() const {
    std::string result;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      if (stack_[i]->is_object()) result += "/" + stack_[i]->as_object().back().first;
      else result += "/" + std::to_string(stack_[i]->as_array().size() - 1);
    }
    return result;
  }

  Json* place(Json&& value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_object()) {
      parent.as_object().back().second = std::move(value);
      return &parent.as_object().back().second;
    }
    parent.as_array().push_back(std::move(value));
    return &parent.as_array().back();
  }

  bool add(Json&& value) {
    place(std::move(value));
    return true;
  }

  bool open(Json&& value) {
    if (stack_.size() >= limits_.depth)
      throw Error(ErrorKind::parse,
                  fmt::format("{}: nested deeper than {} levels", name_, limits_.depth));
    stack_.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& name_;
  JsonLimits limits_;
  Json root_;
  std::vector<Json*>
      stack_;  // parents stay where they are while a child is open: only the last child grows
};

}  // namespace

Json parse_json(std::string_view text, const std::string& name, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    throw Error(ErrorKind::capacity,
                fmt::format("{}: {} bytes, must be at most {}; long arrays belong in an HDF5 file",
                            name, text.size(), limits.bytes));
  Builder builder(text, name, limits);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string read_text(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    throw Error(ErrorKind::io, fmt::format("{}: no such file", path.string()));
  if (std::filesystem::is_directory(path, failed))
    throw Error(ErrorKind::io, fmt::format("{}: is a folder, not a file", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(ErrorKind::io, fmt::format("{}: cannot be opened for reading", path.string()));
  std::string text;
  std::vector<char> block(std::size_t{1} << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_bytes)
      throw Error(ErrorKind::capacity,
                  fmt::format("{}: longer than {} bytes", path.string(), max_bytes));
  }
  if (file.bad()) throw Error(ErrorKind::io, fmt::format("{}: reading failed", path.string()));
  return text;
}

}  // namespace ranvier
