#include "core/arrivals.h"

#include <algorithm>
#include <utility>

namespace ranvier {
namespace {

constexpr std::size_t few = 64;  // not worth a pass over bins

bool before(const Arrival& a, const Arrival& b) { return a.key() < b.key(); }

/// For the handful of arrivals that share a bin.
void insertion_sort(Arrival* first, Arrival* last) {
  for (Arrival* at = first + 1; at < last; ++at) {
    const Arrival moving = *at;
    Arrival* to = at;
    for (; to > first && before(moving, to[-1]); --to) *to = to[-1];
    *to = moving;
  }
}

}  // namespace

std::span<const Arrival> ArrivalList::sorted() {
  if (list_.size() < few) {
    std::sort(list_.begin(), list_.end(), before);
    return list_;
  }
  // A counting sort by the target's upper bits, in about as many bins as arrivals, then each bin by
  // itself: fewer bins are quicker to count but leave guesses to the processor (measured).
  std::uint32_t shift = 0;
  while ((n_ >> shift) > list_.size()) ++shift;
  begin_.assign((n_ >> shift) + std::size_t{2}, 0u);
  for (const Arrival& a : list_) ++begin_[a.target >> shift];
  std::uint32_t sum = 0;
  for (std::uint32_t& b : begin_) sum += std::exchange(b, sum);
  binned_.resize(list_.size());
  for (const Arrival& a : list_) binned_[begin_[a.target >> shift]++] = a;
  std::uint32_t from = 0;  // begin_ holds the bins' ends now
  for (const std::uint32_t to : begin_) {
    if (to - from > 32) std::sort(binned_.begin() + from, binned_.begin() + to, before);
    else if (to - from > 1) insertion_sort(binned_.data() + from, binned_.data() + to);
    from = to;
  }
  return binned_;
}

}  // namespace ranvier
