// decimate: every n-th event of each pixel stays. tonic's Decimation.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include "encoding/filter.h"
#include "encoding/pixel_map.h"

namespace ranvier::encoding {
namespace {

class Decimate final : public EventFilter {
 public:
  explicit Decimate(std::int64_t every) : every_(static_cast<std::uint32_t>(every)) {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    seen_.start(sensor);
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) {
      std::uint32_t& n = *seen_.at(e.x, e.y);
      if (++n < every_) return false;
      n = 0;
      return true;
    });
  }

 private:
  std::uint32_t every_;
  PixelMap<std::uint32_t> seen_{0};
};

}  // namespace

Filter decimate_filter() {
  return {"decimate",
          "keeps every n-th event of each pixel",
          {{"every", FilterValue::whole, "", "n", 1, 1e9}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Decimate>(arguments.whole("every"));
          }};
}

}  // namespace ranvier::encoding
