// hot_pixel: drops pixels that fire all the time. The recording is cut into windows from its first
// event on; a pixel with more than rate * window events in a window is hot from the event that
// exceeds it to the end of the next window, and on for as long as its windows (dropped events
// count) exceed it. One pass; the pixels that are hot over a whole recording, as tonic's DropPixel
// finds them in two, are ranvier.events.hot_pixels and the filter drop_pixels. Tested by
// tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <algorithm>
#include <cmath>

#include "encoding/filter.h"
#include "encoding/pixel_map.h"

namespace ranvier::encoding {
namespace {

class HotPixel final : public EventFilter {
 public:
  explicit HotPixel(const FilterArguments& arguments)
      : window_(arguments.whole("window")),
        most_(arguments.number("rate") * static_cast<double>(window_) / 1e6) {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    pixels_.start(sensor);
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) {
      if (!first_) first_ = e.t;
      open_ = std::max(open_, time_between(*first_, e.t) / window_);
      return !is_hot(*pixels_.at(e.x, e.y));
    });
  }

 private:
  struct Pixel {
    std::int64_t window = 0;  ///< of its last event
    std::uint32_t n = 0;      ///< events in it
    bool was_hot = false;     ///< in the window before it
  };

  bool exceeds(std::uint32_t n) const { return static_cast<double>(n) > most_; }

  bool is_hot(Pixel& pixel) const {
    if (pixel.window != open_) {
      pixel.was_hot = pixel.window + 1 == open_ && exceeds(pixel.n);
      pixel.window = open_;
      pixel.n = 0;
    }
    ++pixel.n;
    return pixel.was_hot || exceeds(pixel.n);
  }

  std::int64_t window_;
  double most_;  ///< events of a pixel in a window; where it is a whole number, just that
  std::optional<std::int64_t> first_;
  std::int64_t open_ = 0;  ///< the latest window; events that step back count in it
  PixelMap<Pixel> pixels_{{}};
};

}  // namespace

Filter hot_pixel_filter() {
  return {"hot_pixel",
          "drops pixels while they fire faster than a rate",
          {{"rate", FilterValue::rate, "", "a pixel's events in a window, by its length"},
           {"window", FilterValue::time, "1s", "in which a pixel's events are counted", 1}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<HotPixel>(arguments);
          }};
}

}  // namespace ranvier::encoding
