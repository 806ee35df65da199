// Tables of named fields: a parameter's or a state variable's name, unit, range and meaning are
// written once, in the model's table; documents, Python, docs, checks, checkpoints and probes are
// derived from it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ranvier {

/// What a value may be. NaN and infinities are never accepted.
enum class Range { any, positive, not_negative, unit_interval };

/// A field of `Struct`, all of whose fields are double.
template <class Struct>
struct Field {
  const char* name;
  double Struct::*member;
  const char* unit;
  Range range;
  const char* meaning;
};

/// A field as other parts see it.
struct FieldInfo {
  std::string name;
  std::string unit;
  double default_value = 0;
  Range range = Range::any;
  std::string meaning;
};

/// Whether `value` lies in `range` (and is finite).
bool in_range(double value, Range range);

/// The words for a range in a message: "must be > 0".
std::string_view describe(Range range);

/// Position of `name` in `fields`, or -1.
int find_field(const std::vector<FieldInfo>& fields, std::string_view name);

}  // namespace ranvier
