// Firing queue: predicted firings in the order of time, with decrease-key (Boost.Heap). For
// event-driven models that can predict their next firing but bound it by nothing cheaper, and, with
// the same face as the calendar of candidates (core/candidates.h), the plain form that the calendar
// is tested against. Only predicted firings are entered: a neuron that will not fire in silence has
// no entry. Tested by tests/unit/core/test_firing_queue.cpp and
// tests/property/test_firing_queue.cpp.
#pragma once
#include <algorithm>
#include <boost/heap/d_ary_heap.hpp>
#include <cstdint>
#include <limits>
#include <vector>

namespace ranvier {

/// At most one entry a neuron, at the time at which it fires in silence.
class FiringQueue {
 public:
  explicit FiringQueue(std::uint32_t n) : handle_(n) {}

  /// Neuron i will fire at `time` (ns) if nothing reaches it before; `never` withdraws it. `bounds`
  /// keeps what was entered last: bound(i), set_bound(i, ns); `never` at first.
  template <class Bounds>
  void enter(std::uint32_t i, std::int64_t time, Bounds& bounds) {
    const std::int64_t entered = bounds.bound(i);
    if (entered == time) return;
    if (entered == never) handle_[i] = heap_.push({time, i});
    else if (time == never) heap_.erase(handle_[i]);
    else heap_.update(handle_[i], {time, i});
    bounds.set_bound(i, time);
  }

  /// Replaces `out` by the neurons that fire at or before `end`, in rising order, and forgets their
  /// entries.
  template <class Bounds>
  void take_due(std::int64_t end, std::vector<std::uint32_t>& out, Bounds& bounds) {
    out.clear();
    while (!heap_.empty() && heap_.top().time <= end) {
      const std::uint32_t i = heap_.top().neuron;
      out.push_back(i);
      bounds.set_bound(i, never);
      heap_.pop();
    }
    std::sort(out.begin(), out.end());
  }

  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

 private:
  struct Entry {
    std::int64_t time;
    std::uint32_t neuron;
    /// Boost.Heap keeps the greatest on top; ties are broken so that the order is total.
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time > b.time : a.neuron > b.neuron;
    }
  };
  using Heap = boost::heap::d_ary_heap<Entry, boost::heap::arity<4>, boost::heap::mutable_<true>>;

  Heap heap_;
  std::vector<Heap::handle_type> handle_;
};

}  // namespace ranvier
