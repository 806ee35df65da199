// Holding a run to the wall clock. Biological time is cut into windows (not the kernel's, which are
// shorter); a window is simulated when the clock has passed its end, as for a camera that is still
// recording, and its results are late by what the simulation takes. Tested by
// tests/unit/app/test_replay_pace.py.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/comm/comm.h"
#include "core/json.h"
#include "core/kernel.h"

namespace ranvier::app {

/// How a run is held to the wall clock.
struct Pace {
  double speed = 0;    ///< biological over wall-clock time; 0: as fast as possible
  double window = 10;  ///< ms of biological time
};

/// "max", or a number > 0 with or without an x after it ("1x", "0.5"). Throws Error(usage).
double speed_named(const std::string& text);

/// How late a paced run was: the wall-clock time from a window's end to its results.
struct PaceReport {
  double speed = 0, window = 0;
  std::int64_t windows = 0;
  std::int64_t missed = 0;  ///< windows that were later than a window lasts on the clock
  double median = 0, p90 = 0, p99 = 0, largest = 0;  ///< ms
};

/// The clock of a paced run.
class Pacer {
 public:
  /// The clock starts: `now` (ns of biological time) is the present.
  Pacer(const Pace& pace, std::int64_t now);

  /// The end of the window that `now` lies in, at most `until` (ns).
  std::int64_t next_end(std::int64_t now, std::int64_t until) const;
  /// Sleeps until the clock has reached `until`, or `keep_going` says no.
  void wait_for(std::int64_t until, const std::function<bool()>& keep_going) const;
  /// The results of the window that ended at `end` are there.
  void note(std::int64_t end);
  PaceReport report() const;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point due(std::int64_t time) const;

  Pace pace_;
  std::int64_t window_;  ///< ns
  std::int64_t begin_;   ///< ns
  Clock::time_point start_ = Clock::now();
  std::vector<double> late_;  ///< ms, a window
};

/// Moves the kernel to `until`, window by window of the clock. `keep_going` is asked on every rank
/// after each window and ends the run when any rank says no. Collective.
/// \returns whether `until` was reached
bool run_paced(Kernel& kernel, Pacer& pacer, std::int64_t until, Recorder& recorder,
               const std::function<bool(std::int64_t)>& keep_going, Comm& comm);

/// The report as a line of the closing table.
std::string pace_text(const PaceReport& report);
/// The report as the field "pace" of the summary.
Json pace_json(const PaceReport& report);

}  // namespace ranvier::app
