#include "core/table.h"

#include <cmath>

namespace ranvier {

bool in_range(double value, Range range) {
  if (!std::isfinite(value)) return false;
  switch (range) {
    case Range::any:
      return true;
    case Range::positive:
      return value > 0;
    case Range::not_negative:
      return value >= 0;
    case Range::unit_interval:
      return value >= 0 && value <= 1;
  }
  return false;
}

std::string_view describe(Range range) {
  switch (range) {
    case Range::any:
      return "must be a finite number";
    case Range::positive:
      return "must be > 0";
    case Range::not_negative:
      return "must be >= 0";
    case Range::unit_interval:
      return "must lie in [0, 1]";
  }
  return "";
}

int find_field(const std::vector<FieldInfo>& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == name) return static_cast<int>(i);
  return -1;
}

}  // namespace ranvier
