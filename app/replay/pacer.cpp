#include "app/replay/pacer.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

#include "core/error.h"
#include "core/time.h"

namespace ranvier::app {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

}  // namespace

double speed_named(const std::string& text) {
  if (text == "max") return 0;
  const char* end = text.data() + text.size();
  double speed = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, speed);
  const bool times = rest + 1 == end && *rest == 'x';
  if (error != std::errc() || !(rest == end || times) || !(speed >= 1e-3 && speed <= 1e6))
    throw Error(ErrorKind::usage,
                fmt::format("--speed: \"{}\", must be max, or how many times real time (1x), from "
                            "0.001 to 1000000",
                            text));
  return speed;
}

Pacer::Pacer(const Pace& pace, std::int64_t now)
    : pace_(pace), window_(from_ms(pace.window).count()), begin_(now) {}

std::int64_t Pacer::next_end(std::int64_t now, std::int64_t until) const {
  return std::min(until, (now / window_ + 1) * window_);
}

Pacer::Clock::time_point Pacer::due(std::int64_t time) const {
  const double ns = static_cast<double>(time - begin_) / pace_.speed;
  return start_ + std::chrono::nanoseconds(std::llround(ns));
}

void Pacer::wait_for(std::int64_t until, const std::function<bool()>& keep_going) const {
  using namespace std::chrono_literals;
  const Clock::time_point at = due(until);
  while (Clock::now() + 50ms < at && keep_going()) std::this_thread::sleep_for(50ms);
  if (keep_going()) std::this_thread::sleep_until(at);
}

void Pacer::note(std::int64_t end) {
  late_.push_back(std::max(0.0, Milliseconds(Clock::now() - due(end)).count()));
}

PaceReport Pacer::report() const {
  PaceReport report{pace_.speed, pace_.window};
  report.windows = static_cast<std::int64_t>(late_.size());
  if (late_.empty()) return report;
  const double lasts = pace_.window / pace_.speed;
  report.missed =
      std::count_if(late_.begin(), late_.end(), [lasts](double l) { return l > lasts; });
  std::vector<double> sorted = late_;
  std::sort(sorted.begin(), sorted.end());
  const auto nearest_rank = [&sorted](double share) {
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
  };
  report.median = nearest_rank(0.5);
  report.p90 = nearest_rank(0.9);
  report.p99 = nearest_rank(0.99);
  report.largest = sorted.back();
  return report;
}

bool run_paced(Kernel& kernel, Pacer& pacer, std::int64_t until, Recorder& recorder,
               const std::function<bool(std::int64_t)>& keep_going, Comm& comm) {
  while (kernel.now() < until) {
    const std::int64_t end = pacer.next_end(kernel.now(), until);
    pacer.wait_for(end, [&] { return keep_going(kernel.now()); });
    if (!kernel.run(end, recorder, keep_going)) return false;
    pacer.note(end);
    std::int64_t stop = keep_going(end) ? 0 : 1;
    comm.max({&stop, 1});
    if (stop) break;
  }
  return kernel.now() >= until;
}

std::string pace_text(const PaceReport& r) {
  const double share =
      r.windows > 0 ? 100 * static_cast<double>(r.missed) / static_cast<double>(r.windows) : 0;
  return fmt::format(
      "paced at {:g}x real time: results of a window of {:g} ms came {:.2f} ms after its end "
      "(median; 90 %: {:.2f}, 99 %: {:.2f}, largest: {:.2f}); {} of {} windows ({:.1f} %) missed "
      "real time\n",
      r.speed, r.window, r.median, r.p90, r.p99, r.largest, r.missed, r.windows, share);
}

Json pace_json(const PaceReport& r) {
  return Json::object(
      {{"speed", r.speed},
       {"window_ms", r.window},
       {"windows", r.windows},
       {"missed", r.missed},
       {"missed_share",
        r.windows > 0 ? static_cast<double>(r.missed) / static_cast<double>(r.windows) : 0.0},
       {"latency_ms",
        Json::object(
            {{"median", r.median}, {"p90", r.p90}, {"p99", r.p99}, {"largest", r.largest}})}});
}

}  // namespace ranvier::app
