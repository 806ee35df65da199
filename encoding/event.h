// One event of an event camera, in the 16 bytes in which AEDAT 4 stores it too. Its padding is
// zero, so that equal events are equal bytes.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ranvier::encoding {

/// Time in microseconds; origin of x and y at the top left; on: brighter.
struct DvsEvent {
  std::int64_t t;
  std::uint16_t x, y;
  bool on;
  friend bool operator==(const DvsEvent&, const DvsEvent&) = default;
};
static_assert(sizeof(DvsEvent) == 16 && offsetof(DvsEvent, x) == 8 && offsetof(DvsEvent, on) == 12);
static_assert(std::endian::native == std::endian::little);

/// Pixels of a sensor's side at most: coordinates have 16 bits.
inline constexpr std::uint32_t longest_side = 65'536;

/// Pixels of a sensor.
struct Sensor {
  std::uint32_t width = 0, height = 0;
  friend bool operator==(const Sensor&, const Sensor&) = default;
};

/// Microseconds from one time to another; the largest or least number where there is none, for
/// files may hold any times.
inline std::int64_t time_between(std::int64_t from, std::int64_t to) {
  std::int64_t us = 0;
  if (!__builtin_sub_overflow(to, from, &us)) return us;
  return to > from ? std::numeric_limits<std::int64_t>::max()
                   : std::numeric_limits<std::int64_t>::min();
}

/// Stores an event as two words: the fields below 2^16, `on` 0 or 1.
inline void put(DvsEvent* event, std::int64_t t, std::uint32_t x, std::uint32_t y,
                std::uint32_t on) {
  const std::uint64_t rest = x | std::uint64_t{y} << 16 | std::uint64_t{on} << 32;
  auto* bytes = reinterpret_cast<std::byte*>(event);
  std::memcpy(bytes, &t, 8);
  std::memcpy(bytes + 8, &rest, 8);
}

}  // namespace ranvier::encoding
