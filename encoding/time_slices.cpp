#include "encoding/time_slices.h"

#include <algorithm>

namespace ranvier::encoding {

/// Reads the next piece; a fault waits for the next call if the slice has events, for the reader
/// throws it again.
bool TimeSlices::read_on(const EventBuffer& slice) {
  try {
    return reader_->read(events_);
  } catch (const Error&) {
    if (slice.empty()) throw;
    return false;
  }
}

bool TimeSlices::next(EventBuffer& slice) {
  slice.clear();
  for (;;) {
    if (used_ == events_.size()) {
      used_ = 0;
      events_.clear();
      if (!read_on(slice)) return !slice.empty();
    }
    if (!first_) first_ = events_[used_].t;
    std::size_t end = used_;
    while (end < events_.size() && time_between(*first_, events_[end].t) / width_ <= index_) ++end;
    const std::size_t n = end - used_;
    std::copy_n(events_.begin() + used_, n, slice.claim(n));
    slice.commit(n);
    used_ = end;
    if (used_ == events_.size()) continue;
    ++index_;
    return true;
  }
}

}  // namespace ranvier::encoding
