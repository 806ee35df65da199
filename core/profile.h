// Where a run's wall time goes: laps of a clock around the phases of each chunk and of each rank.
// Off, a lap is one test of a flag. How to read the table: docs/how-to/profile-a-run.md.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace ranvier {

/// Of a chunk: taking in spikes; adding due synapses into sums; Poisson and current drives; moving
/// clocked neurons; arrivals and moves of event-driven ones; samples; addressing and counting what
/// fired.
enum class Phase { deliver, drain, drive, update, events, sample, post };
inline constexpr std::array phase_names{"deliver", "drain",  "drive", "update",
                                        "events",  "sample", "post"};

/// The laps of one chunk. Its owner alone uses it.
class PhaseClock {
 public:
  using Times = std::array<std::int64_t, phase_names.size()>;

  void switch_on() { on_ = true; }
  bool is_on() const { return on_; }
  void begin() {
    if (on_) last_ = now();
  }
  /// The time since the last lap (or begin) belongs to `phase`.
  void lap(Phase phase) {
    if (!on_) return;
    const std::int64_t t = now();
    times_[static_cast<std::size_t>(phase)] += t - last_;
    last_ = t;
  }
  /// ns
  const Times& times() const { return times_; }
  static std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

 private:
  bool on_ = false;
  std::int64_t last_ = 0;
  Times times_{};
};

/// One rank's share of a run, in ns where not a number.
struct Profile {
  std::int64_t windows = 0;
  std::int64_t messages = 0;       ///< to other ranks, that were not empty
  std::int64_t message_bytes = 0;  ///< in them
  std::int64_t parallel = 0;       ///< wall time of the phases that chunks share
  std::int64_t record = 0;         ///< handing spikes and samples to the recorder
  std::int64_t exchange = 0;       ///< packing, waiting for and unpacking messages
  std::vector<PhaseClock::Times> chunks;
};

}  // namespace ranvier
