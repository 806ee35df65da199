// time_scale: t becomes factor * t, rounded half to even. tonic's Downsample with time_factor,
// which rounds down. Tested by tests/unit/encoding/test_filters.cpp and
// tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include <cmath>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class TimeScale final : public EventFilter {
 public:
  explicit TimeScale(double factor) : factor_(factor) {}

  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) {
      const double t = std::nearbyint(static_cast<double>(e.t) * factor_);
      if (!(std::abs(t) < 0x1p63))
        throw Error(
            ErrorKind::range,
            fmt::format("filter time_scale: {} times {} us is beyond 64 bits", factor_, e.t));
      e.t = static_cast<std::int64_t>(t);
    }
    return events.size();
  }

 private:
  double factor_;
};

}  // namespace

Filter time_scale_filter() {
  return {"time_scale",
          "multiplies times by a factor",
          {{"factor", FilterValue::number, "", "of times, from 0 us on", 1e-9, 1e9}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<TimeScale>(arguments.number("factor"));
          }};
}

}  // namespace ranvier::encoding
