// polarity: merge makes every event OFF (tonic's MergePolarities), on and off keep one kind, invert
// exchanges them (tonic's RandomFlipPolarity), split puts the ON events below the OFF events on a
// sensor of twice the height, in the order of a population with `polarity` split.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

enum class Mode { merge, split, on, off, invert };

class Polarity final : public EventFilter {
 public:
  explicit Polarity(Mode mode) : mode_(mode) {}

  std::optional<Sensor> start(std::optional<Sensor> sensor) override {
    if (mode_ != Mode::split) return sensor;
    sensor_ = known(sensor, "polarity:split");
    if (sensor_.height > 32'768)
      throw Error(ErrorKind::range, fmt::format("filter polarity:split: a sensor {} pixels high, "
                                                "must be at most 32768",
                                                sensor_.height));
    return Sensor{sensor_.width, 2 * sensor_.height};
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    if (mode_ == Mode::on) return keep(events, [](const DvsEvent& e) { return e.on; });
    if (mode_ == Mode::off) return keep(events, [](const DvsEvent& e) { return !e.on; });
    for (DvsEvent& e : events) {
      if (mode_ == Mode::split) {
        require_inside(e, sensor_);
        if (e.on) e.y = static_cast<std::uint16_t>(e.y + sensor_.height);
      } else {
        e.on = mode_ == Mode::invert && !e.on;
      }
    }
    return events.size();
  }

 private:
  Mode mode_;
  Sensor sensor_;
};

}  // namespace

Filter polarity_filter() {
  return {"polarity",
          "merges, splits, chooses or inverts ON and OFF",
          {{.name = "mode",
            .kind = FilterValue::choice,
            .standard = "",
            .meaning = "merge: all OFF; split: ON events below the OFF ones",
            .choices = {"merge", "split", "on", "off", "invert"}}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Polarity>(static_cast<Mode>(arguments.whole("mode")));
          }};
}

}  // namespace ranvier::encoding
