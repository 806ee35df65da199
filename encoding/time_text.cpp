#include "encoding/time_text.h"

#include <charconv>

namespace ranvier::encoding {

std::optional<std::int64_t> microseconds_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const double scale = unit == "us" ? 1 : unit == "ms" ? 1e3 : unit == "s" ? 1e6 : 0;
  if (scale == 0 || !(value >= 0) || value * scale > 1e18) return std::nullopt;
  return static_cast<std::int64_t>(value * scale + 0.5);
}

}  // namespace ranvier::encoding
