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

std::span<const Arrival> ArrivalList::ordered() {
  const auto earlier = [](const Arrival& a, const Arrival& b) { return a.after < b.after; };
  const std::span<Arrival> all = std::span(list_).first(size_);
  if (in_order_) return all;
  if (std::is_sorted(all.begin(), all.end(), earlier)) order_instants(all);
  else sort(all);
  return all;
}

/// A row's targets rise, and seldom do two rows arrive in one nanosecond (unless their sources are
/// on the grid): then nothing is to be done.
void ArrivalList::order_instants(std::span<Arrival> all) {
  for (auto first = all.begin(); first != all.end();) {
    auto last = first + 1;
    bool rises = true;
    for (; last != all.end() && last->after == first->after; ++last)
      rises = rises && last[-1].target <= last->target;
    if (!rises) sort({first, last});
    first = last;
  }
}

/// By target, then time.
void ArrivalList::sort(std::span<Arrival> arrivals) {
  if (arrivals.size() < few) {
    std::sort(arrivals.begin(), arrivals.end(), before);
    return;
  }
  // A counting sort by the target's upper bits, in about as many bins as arrivals, then each bin by
  // itself: fewer bins are quicker to count but leave guesses to the processor (measured).
  std::uint32_t shift = 0;
  while ((n_ >> shift) > arrivals.size()) ++shift;
  begin_.assign((n_ >> shift) + std::size_t{2}, 0u);
  for (const Arrival& a : arrivals) ++begin_[a.target >> shift];
  std::uint32_t sum = 0;
  for (std::uint32_t& b : begin_) sum += std::exchange(b, sum);
  binned_.resize(std::max(binned_.size(), arrivals.size()));
  for (const Arrival& a : arrivals) binned_[begin_[a.target >> shift]++] = a;
  std::uint32_t from = 0;  // begin_ holds the bins' ends now
  for (const std::uint32_t to : begin_) {
    if (to - from > 32) std::sort(binned_.begin() + from, binned_.begin() + to, before);
    else if (to - from > 1) insertion_sort(binned_.data() + from, binned_.data() + to);
    from = to;
  }
  std::copy_n(binned_.begin(), arrivals.size(), arrivals.begin());
}

}  // namespace ranvier
