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
  void clear() { size_ = 0; }
  void add(const Arrival& arrival) { *extend(1) = arrival; }
  /// Room for n more, to be filled in.
  Arrival* extend(std::size_t n) {
    if (list_.size() < size_ + n) list_.resize(2 * (size_ + n));
    size_ += n;
    return list_.data() + size_ - n;
  }
  std::size_t size() const { return size_; }
  /// All since clear(): by time, an instant's by target, where they were added in rising time; else
  /// by target, a target's by time. Valid until the next call of anything here.
  std::span<const Arrival> ordered();

 private:
  void order_instants(std::span<Arrival> all);
  void sort(std::span<Arrival> arrivals);

  std::uint32_t n_ = 0;
  std::size_t size_ = 0;
  std::vector<Arrival> list_;  ///< the first size_ count: not made anew in every window
  std::vector<Arrival> binned_;
  std::vector<std::uint32_t> begin_;  ///< of the bins in binned_
};

}  // namespace ranvier
