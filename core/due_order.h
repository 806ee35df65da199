// DueOrder: what is due at event-driven neurons in a window, put in the order of time.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/event_table.h"

namespace ranvier {

/// Sorts by time, and what is due at one by its place in the table.
class DueOrder {
 public:
  /// Times lie in [begin, end], ns. Spread over bins of equal length first: a few are in each, as
  /// long as not many share an instant.
  void sort(std::vector<DueEvents>& due, std::int64_t begin, std::int64_t end) {
    const std::size_t bins = std::bit_ceil(due.size());
    const int shift =
        static_cast<int>(std::bit_width(static_cast<std::uint64_t>(end - begin) / bins));
    const auto bin_of = [&](const DueEvents& d) {
      return static_cast<std::size_t>((d.time - begin) >> shift);
    };
    begins_.assign(bins + 1, 0);
    for (const DueEvents& d : due) ++begins_[bin_of(d) + 1];
    const std::uint32_t most = *std::max_element(begins_.begin(), begins_.end());
    for (std::size_t b = 1; b < bins; ++b) begins_[b] += begins_[b - 1];
    sorted_.resize(due.size());
    for (const DueEvents& d : due) sorted_[begins_[bin_of(d)]++] = d;
    due.swap(sorted_);
    constexpr std::uint32_t few = 16;
    if (most > few) return std::sort(due.begin(), due.end(), before);
    for (std::size_t i = 1; i < due.size(); ++i) {
      const DueEvents d = due[i];
      std::size_t at = i;
      for (; at > 0 && before(d, due[at - 1]); --at) due[at] = due[at - 1];
      due[at] = d;
    }
  }

 private:
  static bool before(const DueEvents& a, const DueEvents& b) {
    return a.time != b.time ? a.time < b.time : a.group.place < b.group.place;
  }

  std::vector<std::uint32_t> begins_;
  std::vector<DueEvents> sorted_;
};

}  // namespace ranvier
