// Json: a small ordered JSON value, and the only way to read or write JSON; the parser behind it
// (nlohmann) is seen by core/json.cpp alone.
//
// Differences from a plain JSON library, all for the sake of users' documents: fields keep their
// order, a key given twice is an error, integers stay apart from real numbers, nesting and size are
// bounded, and doubles are written in the shortest form that reads back as the same bits. NaN and
// infinity do not exist in JSON: reading and writing them are errors. Tested by
// tests/unit/core/test_json.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ranvier {

/// A JSON value: null, boolean, number, text, array or object with its fields in order.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;  ///< null
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::uint64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  /// An object of the given fields, in that order; `Json::object({{"a", 1}, {"b", "x"}})`.
  static Json object(std::initializer_list<std::pair<std::string, Json>> fields = {}) {
    return Json(Object(fields));
  }
  /// An array of numbers.
  static Json array(const std::vector<double>& numbers);
  static Json array(const std::vector<std::int64_t>& numbers);
  static Json array(const std::vector<std::string>& texts);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_number() const;   ///< an integer or a real number
  bool is_integer() const;  ///< written without fraction and exponent, or a real number that is
                            ///< whole and below 2^53

  // The content. Throw Error(internal) where the kind does not fit: ask first, or read through
  // core/json_reader.h.
  bool as_bool() const;
  double as_number() const;
  std::int64_t as_integer() const;    ///< also throws outside 64 bits, signed
  std::uint64_t as_unsigned() const;  ///< also throws when negative
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;
  Array& as_array();
  Object& as_object();

  /// The real number as stored, or nullptr where this is an integer or no number.
  const double* real() const { return std::get_if<double>(&value_); }

  /// The field `key` of an object, or nullptr (also when this is no object).
  const Json* find(std::string_view key) const;
  /// Sets the field `key` of an object (appended when new); a null value becomes an empty object
  /// first.
  Json& set(std::string_view key, Json value);
  /// Appends to an array; a null value becomes an empty array first.
  Json& push_back(Json value);

  /// "a number", "an object", ... as error messages name it.
  const char* kind_name() const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value_;
};

/// Bounds of what parse_json accepts.
struct JsonLimits {
  std::size_t depth = 64;                      ///< arrays and objects inside each other
  std::size_t bytes = std::size_t{256} << 20;  ///< length of the text
};

/// \param text  UTF-8
/// \param name  of the document, for messages ("net.json: ...")
/// Throws Error(parse): not JSON (with line and column), a key given twice, a number beyond the
/// doubles, too deep; Error(capacity): longer than `limits.bytes`.
Json parse_json(std::string_view text, const std::string& name, const JsonLimits& limits = {});

/// The text of a whole file. Throws Error(io) when it cannot be read, Error(capacity) when longer
/// than `max_bytes`.
std::string read_text(const std::filesystem::path& path,
                      std::size_t max_bytes = JsonLimits{}.bytes);

/// JSON text with two spaces of indent; arrays that hold no object and fit in a line stay on one
/// line. Ends in a newline. Throws Error(internal) for NaN and infinity.
std::string to_text(const Json& value);

/// The same on one line, without spaces and newline.
std::string to_compact_text(const Json& value);

}  // namespace ranvier
