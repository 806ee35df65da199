// The arrivals of a window at event-driven neurons, in an order in which they can move them. Within
// a window neurons are independent of each other: all that counts is that a neuron's arrivals
// follow in time, and that those of one instant, which are summed, are neighbours. Arrivals that
// come row by row in rising time are as good as in that order already; others are sorted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

/// One arrival at an event-driven neuron: 16 bytes, for they may be moved twice.
struct Arrival {
  std::uint32_t target;  ///< in its slice
  std::uint32_t after;   ///< ns since the window's begin
  std::int64_t input;  ///< weight in quanta of the receptor, and the receptor in the lowest 2 bits
  Arrival() = default;
  Arrival(std::uint32_t to, std::int64_t ns, std::uint32_t receptor, std::int64_t weight)
      : target(to), after(static_cast<std::uint32_t>(ns)), input(weight * 4 + receptor) {}
  std::uint32_t receptor() const { return static_cast<std::uint32_t>(input & 3); }
  std::int64_t weight() const { return input >> 2; }
  std::uint64_t key() const { return std::uint64_t{target} << 32 | after; }
};

/// What arrives at a slice in a window, collected in any order and handed out ordered.
class ArrivalList {
 public:
  /// Targets are numbers below `n`.
  explicit ArrivalList(std::uint32_t n = 0) : n_(n) {}
  void clear() { size_ = 0, in_order_ = true; }
  void add(const Arrival& arrival) {
    add(1, [&](std::size_t) { return arrival; });
  }
  /// Adds arrival(0), ..., arrival(n - 1), all of one instant.
  template <class ArrivalOf>
  void add(std::size_t n, const ArrivalOf& arrival) {
    if (list_.size() < size_ + n) list_.resize(2 * (size_ + n));
    Arrival* const to = list_.data() + size_;
    bool rise = true;
    std::uint32_t last = 0;
    for (std::size_t k = 0; k < n; ++k) {
      to[k] = arrival(k);
      rise = rise && to[k].target >= last;
      last = to[k].target;
    }
    if (n > 0 && size_ > 0) in_order_ = in_order_ && to[-1].after < to[0].after;
    in_order_ = in_order_ && rise;
    size_ += n;
  }
  std::size_t size() const { return size_; }
  /// All since clear(): by time, where they were added in rising time, else in an order in which
  /// those of a target follow in time; one instant's at a target as neighbours. Valid until the
  /// next call of anything here.
  std::span<const Arrival> ordered();

 private:
  void order_instants(std::span<Arrival> all);
  void sort(std::span<Arrival> arrivals);
  bool sort_few_that_meet(std::span<Arrival> arrivals);

  std::uint32_t n_ = 0;
  std::size_t size_ = 0;
  bool in_order_ = true;       ///< by time, each instant's at once and by target
  std::vector<Arrival> list_;  ///< the first size_ count: not made anew in every window
  std::vector<Arrival> binned_;
  std::vector<std::uint32_t> begin_;  ///< of the bins in binned_
  std::vector<std::uint64_t> seen_;   ///< bits of targets
};

}  // namespace ranvier
