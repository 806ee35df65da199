// transpose: exchanges x and y.
// Tested by tests/unit/encoding/test_filters.cpp.
#include <utility>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Transpose final : public EventFilter {
 public:
  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    if (sensor) std::swap(sensor->width, sensor->height);
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) std::swap(e.x, e.y);
    return events.size();
  }
};

}  // namespace

Filter transpose_filter() {
  return {"transpose",
          "exchanges x and y",
          {},
          [](const FilterArguments&) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Transpose>();
          }};
}

}  // namespace ranvier::encoding
