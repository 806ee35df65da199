// flip: mirrors the picture. tonic's RandomFlipLR (x) and RandomFlipUD (y) with p = 1.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Flip final : public EventFilter {
 public:
  explicit Flip(std::int64_t axis) : is_y_(axis == 1) {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    sensor_ = known(sensor, "flip");
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) {
      require_inside(e, sensor_);
      if (is_y_) e.y = static_cast<std::uint16_t>(sensor_.height - 1 - e.y);
      else e.x = static_cast<std::uint16_t>(sensor_.width - 1 - e.x);
    }
    return events.size();
  }

 private:
  bool is_y_;
  Sensor sensor_;
};

}  // namespace

Filter flip_filter() {
  return {"flip",
          "mirrors x (left and right) or y (up and down)",
          {{.name = "axis",
            .kind = FilterValue::choice,
            .standard = "",
            .meaning = "the coordinate that is counted from the other side",
            .choices = {"x", "y"}}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Flip>(arguments.whole("axis"));
          }};
}

}  // namespace ranvier::encoding
