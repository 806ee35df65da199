// What a recording holds, counted as its events go by.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/sha256.h"
#include "encoding/event.h"

namespace ranvier::encoding {

/// Counts, extents and a digest of the events added so far; times in us.
class EventStatistics {
 public:
  void add(std::span<const DvsEvent> events);

  std::int64_t events = 0, on = 0;
  std::int64_t t_first = 0, t_last = 0, t_min = 0, t_max = 0;  ///< us
  std::int64_t backward_steps = 0;  ///< events earlier than the one before
  std::uint16_t x_min = 0, x_max = 0, y_min = 0, y_max = 0;
  /// SHA-256 of the rows (t, x, y, polarity) as 64-bit little-endian integers; once, at the end.
  std::string sha256() { return hash_.hex(); }

 private:
  Sha256 hash_;
};

}  // namespace ranvier::encoding
