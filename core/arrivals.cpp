#include "core/arrivals.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/error.h"

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

/// Writes a row out one by one; returns where it ends.
Arrival* write_out(const ArrivalRow& row, Arrival* to) {
  for (std::size_t k = 0; k < row.targets.size(); ++k)
    *to++ = {row.targets[k] - row.base, row.after, row.receptor, row.weight_of(k)};
  return to;
}

}  // namespace

void ArrivalList::merge_runs() {
  const auto earlier = [](const ArrivalRow& a, const ArrivalRow& b) { return a.after < b.after; };
  const auto place = [this](std::size_t n) {
    return rows_.begin() + static_cast<std::ptrdiff_t>(n);
  };
  // By twos: a slice behind a thousand others has as many runs, and put in one after the other they
  // would move the first rows a thousand times.
  while (runs_.size() > 1) {
    std::size_t kept = 0;
    for (std::size_t r = 0; r < runs_.size(); r += 2) {
      if (r + 1 < runs_.size())
        std::inplace_merge(place(runs_[r]), place(runs_[r + 1]),
                           place(r + 2 < runs_.size() ? runs_[r + 2] : rows_.size()), earlier);
      runs_[kept++] = runs_[r];
    }
    runs_.resize(kept);
  }
}

std::span<const Arrival> ArrivalList::merged(std::span<const ArrivalRow> rows) {
  RANVIER_ASSERT(size_ == 0, "arrivals are merged where all came in rows");
  std::size_t n = 0;
  for (const ArrivalRow& row : rows) n += row.targets.size();
  if (list_.size() < n) list_.resize(2 * n);
  Arrival* to = list_.data();
  for (const ArrivalRow& row : rows) to = write_out(row, to);
  const std::span<Arrival> all = std::span(list_).first(n);
  if (rows.size() > 1) sort(all);
  return all;
}

std::span<const Arrival> ArrivalList::ordered() {
  if (rows_rise_) merge_runs();
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    constexpr std::size_t ahead = 4;
    if (r + ahead < rows_.size()) rows_[r + ahead].prefetch_targets();
    ArrivalRow& row = rows_[r];
    trim(row);  // before there is room for it: others' arrivals would take as much in each slice
    const std::size_t end = size_ + row.targets.size();
    if (list_.size() < end) list_.resize(2 * end);
    in_order_ = in_order_ && (size_ == 0 || list_[size_ - 1].after < row.after);
    write_out(row, list_.data() + size_);
    size_ = end;
  }
  rows_.clear();
  n_in_rows_ = 0;
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

/// Where there are many more targets than arrivals, few of them meet at a target: those that may
/// (they have the lowest bits of their targets in common) are moved to the end and sorted there.
bool ArrivalList::sort_few_that_meet(std::span<Arrival> arrivals) {
  constexpr std::size_t bits_an_arrival = 32, word = 64;
  if (n_ / bits_an_arrival < arrivals.size()) return false;
  const std::size_t bits = std::bit_ceil(bits_an_arrival * arrivals.size());
  seen_.assign(2 * bits / word, 0u);
  std::uint64_t *const once = seen_.data(), *const again = once + bits / word;
  const auto bit_of = [bits](const Arrival& a) {
    const std::size_t place = a.target & (bits - 1);
    return std::pair(place / word, std::uint64_t{1} << place % word);
  };
  for (const Arrival& a : arrivals) {
    const auto [at, bit] = bit_of(a);
    again[at] |= once[at] & bit;
    once[at] |= bit;
  }
  binned_.clear();
  Arrival* kept = arrivals.data();
  for (const Arrival& a : arrivals) {
    const auto [at, bit] = bit_of(a);
    if ((again[at] & bit) != 0) binned_.push_back(a);
    else *kept++ = a;
  }
  std::sort(binned_.begin(), binned_.end(), before);
  std::copy(binned_.begin(), binned_.end(), kept);
  return true;
}

/// Those of a target by time.
void ArrivalList::sort(std::span<Arrival> arrivals) {
  if (arrivals.size() < few) {
    std::sort(arrivals.begin(), arrivals.end(), before);
    return;
  }
  if (sort_few_that_meet(arrivals)) return;
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
