// crop: the events inside a box of pixels, with coordinates that count from its corner. tonic's
// CenterCrop and RandomCrop, with the box given.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include "core/error.h"
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Crop final : public EventFilter {
 public:
  explicit Crop(const FilterArguments& arguments)
      : x_(static_cast<std::uint32_t>(arguments.whole("x"))),
        y_(static_cast<std::uint32_t>(arguments.whole("y"))),
        box_{static_cast<std::uint32_t>(arguments.whole("width")),
             static_cast<std::uint32_t>(arguments.whole("height"))} {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    if (sensor && (x_ >= sensor->width || y_ >= sensor->height))
      throw Error(
          ErrorKind::range,
          fmt::format("filter crop: the box from ({}, {}) on lies outside the sensor of {} x {} "
                      "pixels",
                      x_, y_, sensor->width, sensor->height));
    return box_;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](DvsEvent& e) {
      const std::uint32_t dx = e.x - x_, dy = e.y - y_;  // wraps to a large number left of the box
      if (dx >= box_.width || dy >= box_.height) return false;
      e.x = static_cast<std::uint16_t>(dx);
      e.y = static_cast<std::uint16_t>(dy);
      return true;
    });
  }

 private:
  std::uint32_t x_, y_;
  Sensor box_;
};

}  // namespace

Filter crop_filter() {
  return {"crop",
          "the events inside a box of pixels, its corner becoming (0, 0)",
          {{"x", FilterValue::whole, "", "left column of the box", 0, 65'535},
           {"y", FilterValue::whole, "", "upper row of the box", 0, 65'535},
           {"width", FilterValue::whole, "", "pixels", 1, 65'536},
           {"height", FilterValue::whole, "", "pixels", 1, 65'536}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Crop>(arguments);
          }};
}

}  // namespace ranvier::encoding
