// One event of an event camera.
#pragma once
#include <cstdint>

namespace ranvier::encoding {

/// Time in microseconds; origin of x and y at the top left; on: brighter.
struct DvsEvent {
  std::int64_t t;
  std::uint16_t x, y;
  bool on;
  friend bool operator==(const DvsEvent&, const DvsEvent&) = default;
};

}  // namespace ranvier::encoding
