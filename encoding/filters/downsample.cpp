// downsample: blocks of pixels become one: x / factor, y / y_factor, rounded down; no event is
// lost. tonic's Downsample with spatial_factor 1 / factor. Tested by
// tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Downsample final : public EventFilter {
 public:
  explicit Downsample(const FilterArguments& arguments)
      : fx_(static_cast<std::uint32_t>(arguments.whole("factor"))),
        fy_(static_cast<std::uint32_t>(arguments.whole("y_factor"))) {
    if (fy_ == 0) fy_ = fx_;
  }

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    if (!sensor) return sensor;
    return Sensor{(sensor->width + fx_ - 1) / fx_, (sensor->height + fy_ - 1) / fy_};
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) {
      e.x = static_cast<std::uint16_t>(e.x / fx_);
      e.y = static_cast<std::uint16_t>(e.y / fy_);
    }
    return events.size();
  }

 private:
  std::uint32_t fx_, fy_;
};

}  // namespace

Filter downsample_filter() {
  return {"downsample",
          "blocks of factor x y_factor pixels become one pixel",
          {{"factor", FilterValue::whole, "", "pixels of a block in x", 1, 65'536},
           {"y_factor", FilterValue::whole, "0", "pixels of a block in y; 0: as in x", 0, 65'536}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Downsample>(arguments);
          }};
}

}  // namespace ranvier::encoding
