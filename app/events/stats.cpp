// ranvier events stats: rates and pixels of a recording.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "app/events/verbs.h"
#include "core/json.h"
#include "encoding/event_file.h"
#include "encoding/event_statistics.h"

namespace ranvier::app {
namespace {

using encoding::DvsEvent;

/// Counts a recording's events by window and by pixel.
class Tally {
 public:
  explicit Tally(std::int64_t window) : window_(window) {}

  void add(std::span<const DvsEvent> events) {
    for (const DvsEvent& e : events) {
      if (n_++ == 0) first_ = latest_ = e.t;
      if (e.t < latest_) {
        longest_back_ = std::max(longest_back_, encoding::time_between(e.t, latest_));
      } else {
        longest_gap_ = std::max(longest_gap_, encoding::time_between(latest_, e.t));
      }
      latest_ = e.t;
      count_window(encoding::time_between(first_, e.t) / window_);
      ++pixel(e);
    }
  }

  std::int64_t busiest_window() const { return std::max(busiest_, in_window_); }
  std::int64_t longest_gap() const { return longest_gap_; }
  std::int64_t longest_back() const { return longest_back_; }

  struct Pixel {
    std::uint32_t x, y, n;
  };
  /// The pixels with events, those with most first.
  std::vector<Pixel> pixels() const {
    std::vector<Pixel> all;
    for (const auto& [key, counts] : strips_)
      for (std::uint32_t k = 0; k < strip; ++k)
        if (counts[k] > 0)
          all.push_back({key % strips_a_row * strip + k, key / strips_a_row, counts[k]});
    std::sort(all.begin(), all.end(), [](const Pixel& a, const Pixel& b) {
      return std::tuple(b.n, a.y, a.x) < std::tuple(a.n, b.y, b.x);
    });
    return all;
  }

 private:
  /// The count of an event's pixel, in a strip of its row: what has no events takes no memory.
  std::uint32_t& pixel(const DvsEvent& e) {
    return strips_[e.y * strips_a_row + e.x / strip][e.x % strip];
  }

  /// Windows in order; events that step back count into the window that is open.
  void count_window(std::int64_t window) {
    if (window > open_) {
      busiest_ = std::max(busiest_, in_window_);
      open_ = window;
      in_window_ = 0;
    }
    ++in_window_;
  }

  static constexpr std::uint32_t strip = 32, strips_a_row = 65'536 / strip;  // pixels; strips
  std::int64_t window_;
  std::unordered_map<std::uint32_t, std::array<std::uint32_t, strip>> strips_;
  std::int64_t n_ = 0, first_ = 0, latest_ = 0, longest_gap_ = 0, longest_back_ = 0;
  std::int64_t open_ = 0, in_window_ = 0, busiest_ = 0;
};

Json hottest(const std::vector<Tally::Pixel>& pixels) {
  Json::Array list;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, pixels.size()); ++i)
    list.push_back(Json::array(std::vector<std::int64_t>{pixels[i].x, pixels[i].y, pixels[i].n}));
  return list;
}

/// For the table: of real numbers five digits, --json has all.
std::string shown(const Json& value) {
  const auto x = value.real();
  if (!x) return to_compact_text(value);
  return *x < 1e5 ? fmt::format("{:.5g}", *x) : fmt::format("{:.0f}", *x);
}

}  // namespace

int events_stats(const std::vector<std::string>& words) {
  Options options("events stats RECORDING [--window T] [--json] [OPTIONS]",
                  "Tells rates, gaps, steps back, and the pixels of a recording.");
  options.text("window", "T", "of the peak rate, e.g. 1ms (default: 10ms)");
  options.flag("json", "as one JSON object");
  add_read_options(options);
  options.positional({"RECORDING"}, 1);
  if (!options.parse(words)) return 0;
  const std::string given = options.get("window", "10ms");
  const std::int64_t window = microseconds_from("window", given);
  if (window < 1)
    throw Error(ErrorKind::usage, fmt::format("--window: {}, must be at least 1us", given));
  encoding::EventReader reader(options.get("RECORDING"), read_options_from(options));
  encoding::EventStatistics counts;
  Tally tally(window);
  encoding::EventBuffer events;
  std::string fault;
  try {
    while (reader.read(events)) {
      counts.add(std::as_const(events).events());
      tally.add(std::as_const(events).events());
    }
  } catch (const Error& e) {
    fault = fault_of_recording(e);
  }
  const double seconds =
      static_cast<double>(encoding::time_between(counts.t_min, counts.t_max)) * 1e-6;
  const auto pixels = tally.pixels();
  const auto range = [&counts](std::int64_t least, std::int64_t most) {
    return counts.events > 0 ? Json::array(std::vector<std::int64_t>{least, most}) : Json();
  };
  Json::Array notes;
  for (const std::string& note : reader.notes()) notes.emplace_back(note);
  const Json facts = Json::object(
      {{"events", counts.events},
       {"on_share", counts.events > 0
                        ? static_cast<double>(counts.on) / static_cast<double>(counts.events)
                        : 0.0},
       {"duration_s", seconds},
       {"mean_rate_hz", seconds > 0 ? static_cast<double>(counts.events) / seconds : 0.0},
       {"window_us", window},
       {"peak_rate_hz",
        static_cast<double>(tally.busiest_window()) * 1e6 / static_cast<double>(window)},
       {"longest_gap_us", tally.longest_gap()},
       {"backward_steps", counts.backward_steps},
       {"longest_step_back_us", tally.longest_back()},
       {"x_range", range(counts.x_min, counts.x_max)},
       {"y_range", range(counts.y_min, counts.y_max)},
       {"active_pixels", static_cast<std::int64_t>(pixels.size())},
       {"hottest_pixels", hottest(pixels)},
       {"notes", notes}});
  if (options.has("json")) {
    fmt::print("{}", to_text(facts));
  } else {
    for (const auto& [key, value] : facts.as_object())
      if (key != "notes") fmt::print("{:<21} {}\n", key, shown(value));
    for (const std::string& note : reader.notes()) fmt::print("{:<21} {}\n", "note", note);
  }
  return exit_code_after(fault, options);
}

}  // namespace ranvier::app
