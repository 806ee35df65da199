// The form of a checkpoint's file, which its writer (core/checkpoint.cpp) and its reader
// (core/checkpoint_read.cpp) share: its number, and the names and widths of data sets.
#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/differences.h"
#include "core/layout.h"

namespace ranvier::checkpoint {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;

/// Counts up whenever what a checkpoint holds, or what it means, becomes another.
inline constexpr const char* format_number = "6";

/// The data set or group of that number: "/states/2".
inline std::string name_of(const char* group, std::size_t number) {
  return group + std::to_string(number);
}

/// The settings that a run may not change where it goes on, as the root's attribute "settings"
/// tells them: a line each.
inline std::vector<std::string> settings_of(const Layout& layout) {
  return {fmt::format(wording::seed, layout.run.seed), fmt::format(wording::dt, layout.run.dt),
          fmt::format(wording::storage, layout.compact ? "compact" : "exact")};
}

/// Numbers of a row, and of a waiting spike, of a projection with a rule.
inline SynapseWidths widths_of(const ProjectionLayout& projection) {
  return projection.rule->widths(!projection.varied.empty());
}

}  // namespace ranvier::checkpoint
