// Times as users write them: a number with its unit.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace ranvier::encoding {

/// Microseconds of "1.5s", "20ms" or "100us", rounded to the nearest; nothing for a text that is no
/// time >= 0, lacks its unit or is beyond 1e18 us.
std::optional<std::int64_t> microseconds_in(std::string_view text);

}  // namespace ranvier::encoding
