// Candidates: which neurons may fire, and not before when. An entry lives while its time is the
// neuron's lower bound of its next firing; entering again replaces it. Bins of fixed length hold
// the entries in no order: the neurons of a window are independent of each other, so neither a
// global order nor a heap is needed. Stale entries are dropped when met.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/prefetch.h"

namespace ranvier {

/// The calendar: a neuron's time before which it does not fire.
class Candidates {
 public:
  explicit Candidates(std::uint32_t) : bins_(n_bins) {}

  /// Neuron i may fire at `time` (ns) at the earliest; `never` withdraws it. `bounds` keeps what
  /// was entered last: bound(i), set_bound(i, ns); `never` at first.
  template <class Bounds>
  void enter(std::uint32_t i, std::int64_t time, Bounds& bounds) {
    if (bounds.bound(i) == time) return;
    bounds.set_bound(i, time);
    if (time != never) entered_.push_back({i, time});
  }

  /// Replaces `out` by the neurons whose bound is <= end, in no order, and forgets their entries.
  template <class Bounds>
  void take_due(std::int64_t end, std::vector<std::uint32_t>& out, Bounds& bounds) {
    out.clear();
    for (std::size_t k = 0; k < entered_.size(); ++k) {
      constexpr std::size_t ahead = 8;
      if (k + ahead < entered_.size()) prefetch_to_write(end_of(entered_[k + ahead].time));
      put(entered_[k].neuron, entered_[k].time);
    }
    entered_.clear();
    const std::int64_t begin = first_bin_, last = end / bin_ns;
    first_bin_ = std::max(begin, last);
    // Once round the ring, however far it is: a saved state may go on at any time.
    for (std::int64_t bin = begin; bin <= std::min(last, begin + n_bins - 1); ++bin) {
      auto& entries = bins_[static_cast<std::size_t>(bin % n_bins)];
      scratch_.clear();
      scratch_.swap(entries);
      for (std::size_t k = 0; k < scratch_.size(); ++k) {
        constexpr std::size_t ahead = 12;
        if constexpr (requires { bounds.prefetch_line(0u); })
          if (k + ahead < scratch_.size()) bounds.prefetch_line(scratch_[k + ahead].neuron);
        const Entry& e = scratch_[k];
        if (bounds.bound(e.neuron) != e.time) continue;
        if (e.time <= end) {
          out.push_back(e.neuron);
          bounds.set_bound(e.neuron, never);
        } else {
          put(e.neuron, e.time);
        }
      }
    }
  }

  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

 private:
  struct Entry {
    std::uint32_t neuron;
    std::int64_t time;
  };
  static constexpr std::int64_t bin_ns = 500'000;  // half a millisecond: about a window
  static constexpr std::int64_t n_bins = 256;

  /// Times beyond the ring wait in its last bin and are put again when that bin is met.
  void put(std::uint32_t i, std::int64_t time) { bin_of(time).push_back({i, time}); }
  std::vector<Entry>& bin_of(std::int64_t time) {
    const std::int64_t bin = std::clamp(time / bin_ns, first_bin_, first_bin_ + n_bins - 1);
    return bins_[static_cast<std::size_t>(bin % n_bins)];
  }
  /// Where the next entry comes.
  const Entry* end_of(std::int64_t time) {
    const auto& bin = bin_of(time);
    return bin.data() + bin.size();
  }

  std::vector<std::vector<Entry>> bins_;
  /// Not yet in their bins, which one by one would be fetched from afar each time (measured).
  std::vector<Entry> entered_;
  std::vector<Entry> scratch_;
  std::int64_t first_bin_ = 0;
};

}  // namespace ranvier
