// EventRing: what is due at event-driven neurons, in a bucket for each step of dt, around a ring. A
// bucket keeps its room from one turn of the ring to the next, so that steady traffic allocates
// nothing; after a burst it gives back what is far beyond what buckets have held of late. Tested by
// tests/unit/core/test_event_ring.cpp.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace ranvier {

/// Buckets of entries; see above.
template <class Entry>
class EventRing {
 public:
  using Bucket = std::vector<Entry>;
  void resize(std::size_t n) { buckets_.resize(n); }
  std::size_t size() const { return buckets_.size(); }
  Bucket& operator[](std::size_t i) { return buckets_[i]; }
  auto begin() const { return buckets_.begin(); }
  auto end() const { return buckets_.end(); }

  /// To be called when the entries that are due have been taken out of a bucket, which held `held`.
  /// Room of over eight times the most of the last dozens of turns goes back.
  void settle(Bucket& bucket, std::size_t held) {
    constexpr double turns = 16, most_spare = 8;
    constexpr std::size_t small = 1024;
    const double fades = recent_ * (1 - 1 / (turns * static_cast<double>(buckets_.size())));
    recent_ = std::max(static_cast<double>(held), fades);
    if (bucket.capacity() > small && static_cast<double>(bucket.capacity()) > most_spare * recent_)
      bucket.shrink_to_fit();
  }

  std::size_t bytes() const {
    std::size_t sum = buckets_.size() * sizeof(Bucket);
    for (const Bucket& bucket : buckets_) sum += bucket.capacity() * sizeof(Entry);
    return sum;
  }

 private:
  std::vector<Bucket> buckets_;
  double recent_ = 0;  ///< the most that a bucket held, forgotten over the turns
};

}  // namespace ranvier
