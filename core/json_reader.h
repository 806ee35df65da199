// Reading a JSON document field by field, with errors that name the document, the path in it, the
// value and what is accepted: `net.json: /populations/exc/size: 0, must be from 1 to
// 281474976710656`.
//
// A Place is a value together with its path; Fields is an object whose field names are checked
// against the known ones the moment it is opened, so that a misspelt field never passes in silence.
// Both refer to the Json value, which must outlive them. Error kinds: parse for a document of the
// wrong form (missing, unknown or misplaced field, wrong kind of value), range for a value of the
// right form that is not accepted. Tested by tests/unit/app/test_document.cpp and tests/bad_input.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace ranvier {

/// A value in a document and the way to it.
class Place {
 public:
  /// The root of a document called `document` in messages.
  Place(const Json& value, std::string document) : value_(&value), document_(std::move(document)) {}

  const Json& value() const { return *value_; }
  /// Field or element inside this place; `value` must be that field's.
  Place inside(const std::string& key, const Json& value) const;
  Place inside(std::size_t index) const;  ///< element of an array

  /// Throws Error: "DOCUMENT: PATH: what".
  [[noreturn]] void fail(const std::string& what, ErrorKind kind = ErrorKind::range) const;
  /// Throws Error(parse): "DOCUMENT: PATH: a text, must be `wanted`".
  [[noreturn]] void fail_kind(const char* wanted) const;

  double number() const;  ///< a finite number
  std::int64_t integer(std::int64_t low,
                       std::int64_t high) const;  ///< a whole number in [low, high]
  const std::string& text() const;                ///< a text, not empty
  bool boolean() const;
  const Json::Array& array() const;
  const Json::Object& object() const;
  std::vector<double> numbers() const;  ///< an array of finite numbers

  /// The enumerator that a text names. Throws Error(range) listing the names, with the near one.
  template <class Enum>
  Enum choice(std::initializer_list<std::pair<const char*, Enum>> names) const {
    std::vector<std::string> known;
    for (const auto& [name, enumerator] : names) {
      if (value_->is_string() && value_->as_string() == name) return enumerator;
      known.emplace_back(name);
    }
    fail_choice(known);
  }
  /// Throws Error(range): `"TEXT", must be one of a, b, c`, with the near one; Error(parse) where
  /// this is no text.
  [[noreturn]] void fail_choice(const std::vector<std::string>& known) const;

 private:
  const Json* value_;
  std::string document_;
  std::string path_;
};

/// The fields of an object.
class Fields {
 public:
  /// How an unknown field is answered: with the near name (a misspelt field), or with all names (a
  /// field of another form).
  enum class Answer { near, all };
  /// Throws Error(parse) where `place` is no object or holds a field that is not among `known`.
  Fields(const Place& place, std::vector<std::string> known, Answer answer = Answer::near);

  const Place& place() const { return place_; }
  bool has(const std::string& key) const { return place_.value().find(key) != nullptr; }
  std::optional<Place> find(const std::string& key) const;
  /// Throws Error(parse) where it is missing.
  Place need(const std::string& key) const;

  // Optional fields with a default.
  double number(const std::string& key, double otherwise) const;
  bool boolean(const std::string& key, bool otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;

 private:
  Place place_;
};

}  // namespace ranvier
