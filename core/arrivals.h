// The arrivals of a window at event-driven neurons, in the order in which they move them: by
// target, then by time. Within a window neurons are independent of each other, so an order by
// target costs nothing but the sort, and makes a neuron's arrivals neighbours.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

/// One arrival at an event-driven neuron: 16 bytes, for they are moved twice.
struct Arrival {
  std::uint32_t target;
  std::uint32_t after;  ///< ns since the window's begin
  std::int64_t input;   ///< weight in quanta of the receptor, and the receptor in the lowest 2 bits
  Arrival() = default;
  Arrival(std::uint32_t to, std::int64_t ns, std::uint32_t receptor, std::int64_t weight)
      : target(to), after(static_cast<std::uint32_t>(ns)), input(weight * 4 + receptor) {}
  std::uint32_t receptor() const { return static_cast<std::uint32_t>(input & 3); }
  std::int64_t weight() const { return input >> 2; }
  std::uint64_t key() const { return std::uint64_t{target} << 32 | after; }
};

/// What arrives in a window, collected in any order and handed out sorted.
class ArrivalList {
 public:
  /// Targets are numbers below `n`.
  explicit ArrivalList(std::uint32_t n = 0) : n_(n) {}
  void clear() { list_.clear(); }
  void add(const Arrival& arrival) { list_.push_back(arrival); }
  /// Room for n more, to be filled in.
  Arrival* extend(std::size_t n) {
    list_.resize(list_.size() + n);
    return list_.data() + list_.size() - n;
  }
  std::size_t size() const { return list_.size(); }
  /// All since clear(), by (target, time); valid until the next call of anything here.
  std::span<const Arrival> sorted();

 private:
  std::uint32_t n_ = 0;
  std::vector<Arrival> list_, binned_;
  std::vector<std::uint32_t> begin_;  ///< of the bins in binned_
};

}  // namespace ranvier
