// refractory: an event stays if more than `period` has gone by since its pixel's last event: the
// last of all (since=event, tonic's RefractoryPeriod), or the last that stayed (since=kept), as a
// pixel with that refractory period would give. Tested by tests/unit/encoding/test_filters.cpp and
// tests/unit/python/test_event_filters.py.
#include <limits>

#include "encoding/filter.h"
#include "encoding/pixel_map.h"

namespace ranvier::encoding {
namespace {

class Refractory final : public EventFilter {
 public:
  explicit Refractory(const FilterArguments& arguments)
      : period_(arguments.whole("period")), since_kept_(arguments.whole("since") == 1) {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    latest_.start(sensor);
    return sensor;
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) {
      std::int64_t& latest = *latest_.at(e.x, e.y);
      const bool stays = time_between(latest, e.t) > period_;
      if (stays || !since_kept_) latest = e.t;
      return stays;
    });
  }

 private:
  std::int64_t period_;
  bool since_kept_;
  PixelMap<std::int64_t> latest_{std::numeric_limits<std::int64_t>::min()};  ///< us
};

}  // namespace

Filter refractory_filter() {
  return {"refractory",
          "drops a pixel's events that follow its last one too soon",
          {{"period", FilterValue::time, "", "an event stays if more than this has gone by", 0},
           {.name = "since",
            .kind = FilterValue::choice,
            .standard = "event",
            .meaning = "the pixel's last event, or the last one kept",
            .choices = {"event", "kept"}}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Refractory>(arguments);
          }};
}

}  // namespace ranvier::encoding
