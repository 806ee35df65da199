// FiringLoop: how event-driven neurons are made to fire, however a slice keeps them. Firings are
// predicted from the state as last moved, or bounded from below and solved when the bound is due;
// whichever it is, and however time is cut into windows, cannot be seen in a neuron's state. Used
// by core/event_slice.h, the general slice, and by slices of a model's own.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "core/candidates.h"
#include "core/firing_queue.h"
#include "core/neuron_model.h"

namespace ranvier {

/// `ms` after `moved` (ns), rounded up; the largest integer where that is beyond time.
inline std::int64_t ns_after(std::int64_t moved, double ms) {
  if (!(ms < max_ms - static_cast<double>(moved) * 1e-6))
    return std::numeric_limits<std::int64_t>::max();
  return moved + static_cast<std::int64_t>(std::ceil(ms * 1e6));
}

/// ms from one time to another, both in ns.
inline double ms_between(std::int64_t from, std::int64_t to) {
  return static_cast<double>(to - from) * 1e-6;
}

/// What arrives at a neuron at an instant, in the receptors' units.
using EventSums = std::array<double, max_receptors>;

/// A window as it is worked through; ns.
struct EventWindow {
  std::int64_t begin, end;
  std::span<const double> quantum;  ///< a receptor
  std::vector<Firing>& fired;
};

/// The loop, a base of `Slice`, which has (ns, neurons by their number in it):
///   bounds()                 what `Predictions` keep their bounds in
///   last_moved(i)
///   solve(i, until...)       when i fires next if nothing reaches it; with `until`, where that is
///                            later, a lower bound of it later than `until` will do
///   lower_bound(i, sharp)    not after solve(i); worth some care where not after `sharp`
///   move_and_receive(i, at, sums)    returns whether i fires at once
///   reset(i, at)             i fires
///   raw_state(i)             to compare with ==
/// `Predictions` is Candidates, or FiringQueue: then the prediction itself stands in for the bound,
/// and is made once a change.
template <class Slice, class Predictions>
class FiringLoop {
 protected:
  static constexpr bool exact_predictions = std::is_same_v<Predictions, FiringQueue>;

  explicit FiringLoop(std::uint32_t size) : predictions_(size) {
    if (exact_predictions) next_.assign(size, unknown);
  }

  void enter(std::uint32_t i, std::int64_t bound) {
    predictions_.enter(i, bound, slice().bounds());
  }

  /// After a change other than by receive() or a firing.
  void changed(std::uint32_t i) {
    forget(i);
    enter(i, not_before(i, slice().last_moved(i)));
  }

  /// The same, where it surely does not fire before `cheap`.
  void changed(std::uint32_t i, std::int64_t cheap, std::int64_t sharp) {
    forget(i);
    const bool will_do = cheap == Predictions::never || (!exact_predictions && cheap > sharp);
    enter(i, will_do ? cheap : not_before(i, sharp));
  }

  /// What reaches neuron i at `time`; a firing predicted for just that instant comes after it.
  void receive(std::uint32_t i, std::int64_t time, const EventSums& sums, const EventWindow& now) {
    bool due_now = false;
    if (slice().bounds().bound(i) <= time) {
      const std::int64_t next = fire_until(i, time - 1, now.fired);
      due_now = next == time && next_firing(i, time) == time;
    }
    const bool fires = slice().move_and_receive(i, time, sums);
    forget(i);
    if (fires || due_now) fire_at(i, time, now.fired);
    enter(i, not_before(i, now.end));
  }

  /// The neurons whose bounds lie in the window, whose firings are to be followed to its end.
  std::span<const std::uint32_t> take_due(const EventWindow& now) {
    predictions_.take_due(now.end, due_, slice().bounds());
    return due_;
  }
  /// At a window's end. Throws EndlessFiring where neurons would have fired at one instant for
  /// ever: for the first of them, in whichever order they were looked at.
  void refuse_endless() const {
    if (endless_) throw EndlessFiring{endless_->neuron, Time{endless_->time}};
  }
  /// Fires due neurons one by one.
  void fire(std::span<const std::uint32_t> due, const EventWindow& now) {
    for (const std::uint32_t i : due) enter(i, fire_until(i, now.end, now.fired));
  }
  /// Neuron i, due, that was found to fire at `next` (a bound where later than the window).
  void fire_from(std::uint32_t i, std::int64_t next, const EventWindow& now) {
    enter(i, follow(i, next, now.end, now.fired));
  }

 private:
  static constexpr std::int64_t unknown = -1;
  Slice& slice() { return static_cast<Slice&>(*this); }

  /// What was predicted no longer holds.
  void forget(std::uint32_t i) {
    if (exact_predictions) next_[i] = unknown;
  }

  /// The largest integer when there is none. Where it is after `sharp`, a lower bound after it may
  /// come instead.
  std::int64_t next_firing(std::uint32_t i, std::int64_t sharp) {
    if constexpr (exact_predictions) {
      if (next_[i] == unknown) next_[i] = slice().solve(i);
      return next_[i];
    } else {
      return slice().solve(i, sharp);
    }
  }

  /// Not after next_firing; worth some care where not after `sharp`.
  std::int64_t not_before(std::uint32_t i, std::int64_t sharp) {
    if constexpr (exact_predictions) return next_firing(i, sharp);
    else return slice().lower_bound(i, sharp);
  }

  /// Fires up to `end`, by which the first firing may be due; returns a time before which there is
  /// no further firing. One that would fire at one instant for ever is left to refuse_endless().
  std::int64_t fire_until(std::uint32_t i, std::int64_t end, std::vector<Firing>& fired) {
    return follow(i, next_firing(i, end), end, fired);
  }
  /// The same, of a neuron that fires at `at` first (a bound where later than `end`).
  std::int64_t follow(std::uint32_t i, std::int64_t at, std::int64_t end,
                      std::vector<Firing>& fired) {
    for (std::int64_t last = unknown; at <= end; at = next_firing(i, end)) {
      const auto before = slice().raw_state(i);
      fire_at(i, at, fired);
      if (at == last && slice().raw_state(i) == before) {
        if (!endless_ || i < endless_->neuron) endless_ = Firing{at, i};
        return Predictions::never;
      }
      last = at;
      const std::int64_t bound = not_before(i, end);
      if (bound > end) return bound;
    }
    return at;
  }

  void fire_at(std::uint32_t i, std::int64_t at, std::vector<Firing>& fired) {
    slice().reset(i, at);
    forget(i);
    fired.push_back({at, i});
  }

  Predictions predictions_;
  std::vector<std::int64_t> next_;  ///< as predicted, or unknown
  std::vector<std::uint32_t> due_;
  std::optional<Firing> endless_;
};

}  // namespace ranvier
