// A Poisson drive whose rate is changed between two slices of a run. On the grid its numbers are
// functions of the step and need no memory; the event-driven form has drawn its next arrival.
#include "core/drive.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ranvier {

void PoissonDrive::go_on_from(const PoissonDrive& before, Time at) {
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  next_ = before.next_;
  const double from = std::max(to_ms(at), start_);
  for (std::uint32_t i = 0; i < next_.size(); ++i) {
    if (!has_train(i)) continue;
    Next& n = next_[i];
    const double was = before.rate_at(i, from), is = rate_at(i, from);
    if (was == is && start_ == before.start_ && stop_ == before.stop_) continue;
    if (was > 0 && n.time != never && start_ == before.start_) {
      const double ms = from + (to_ms(Time{n.time}) - from) * was / is;
      n.time = is > 0 && ms < stop_ && ms < max_ms
                   ? std::max(at.count() + 1, static_cast<std::int64_t>(std::ceil(ms * 1e6)))
                   : never;
      continue;
    }
    // One that lay beyond a stop that has not come yet would still have come after it.
    const bool is_after_stop = n.time == never && before.stop_ > from && start_ == before.start_;
    double since = to_ms(at);
    if (is_after_stop && was == is) since = before.stop_;
    else if (is_after_stop && was > 0) since = from + (before.stop_ - from) * was / is;
    if (!(since < max_ms)) continue;
    n.time = std::max(at.count(), static_cast<std::int64_t>(since * 1e6));
    next_arrival(i);
  }
}

}  // namespace ranvier
