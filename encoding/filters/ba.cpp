// ba: background activity. Real edges move through neighbouring pixels, a pixel's noise comes
// alone: an event stays if at least `support` of its neighbours, 4 or 8, had an event (that stayed
// or not) less than `window` before it. Source: Delbruck 2008, "Frame-free dynamic digital vision";
// with neighbours=4 tonic's Denoise. Tested by tests/unit/encoding/test_filters.cpp and
// tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include <limits>

#include "core/error.h"
#include "encoding/filter.h"
#include "encoding/pixel_map.h"

namespace ranvier::encoding {
namespace {

class BackgroundActivity final : public EventFilter {
 public:
  explicit BackgroundActivity(const FilterArguments& arguments)
      : window_(arguments.whole("window")),
        has_diagonals_(arguments.whole("neighbours") == 1),
        support_(arguments.whole("support")) {
    if (support_ > 4 && !has_diagonals_)
      throw Error(ErrorKind::usage,
                  fmt::format("support: {}, must be at most neighbours: 4", support_));
  }

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    latest_.start(sensor);
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) { return is_supported(e); });
  }

 private:
  bool is_supported(const DvsEvent& e) {
    std::int64_t* const pixel = latest_.at(e.x, e.y);
    const std::ptrdiff_t row = latest_.stride();
    *pixel = e.t;
    const auto recent = [this, pixel, &e](std::ptrdiff_t there) {
      return time_between(pixel[there], e.t) < window_ ? 1 : 0;
    };
    int n = recent(-1) + recent(1) + recent(-row) + recent(row);
    if (has_diagonals_)
      n += recent(-row - 1) + recent(-row + 1) + recent(row - 1) + recent(row + 1);
    return n >= support_;
  }

  std::int64_t window_;
  bool has_diagonals_;
  std::int64_t support_;
  PixelMap<std::int64_t> latest_{std::numeric_limits<std::int64_t>::min()};  ///< us
};

}  // namespace

Filter ba_filter() {
  return {"ba",
          "background activity: drops events without a recent event in a neighbouring pixel",
          {{"window", FilterValue::time, "", "how recent, less than", 1},
           {.name = "neighbours",
            .kind = FilterValue::choice,
            .standard = "8",
            .meaning = "pixels that count",
            .choices = {"4", "8"}},
           {"support", FilterValue::whole, "1", "neighbours with a recent event", 1, 8}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<BackgroundActivity>(arguments);
          }};
}

}  // namespace ranvier::encoding
