// slice: the events with times in [from, until), counted from the first event, or from 0 us
// (origin=zero: tonic's CropTime, which takes its last microsecond too).
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Slice final : public EventFilter {
 public:
  explicit Slice(const FilterArguments& arguments)
      : from_(arguments.whole("from")), until_(arguments.whole("until")) {
    if (arguments.whole("origin") == 1) origin_ = 0;
    if (until_ <= from_)
      throw Error(ErrorKind::usage, fmt::format("until: {}, must be later than from: {}",
                                                arguments.text("until"), arguments.text("from")));
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) {
      if (!origin_) origin_ = e.t;
      const std::int64_t t = time_between(*origin_, e.t);
      return t >= from_ && t < until_;
    });
  }

 private:
  std::int64_t from_, until_;
  std::optional<std::int64_t> origin_;  ///< us
};

}  // namespace

Filter slice_filter() {
  return {"slice",
          "the events with times in [from, until)",
          {{"from", FilterValue::time, "0s", "first time"},
           {.name = "until",
            .kind = FilterValue::time,
            .standard = "end",
            .meaning = "first time after the slice",
            .choices = {"end"}},
           {.name = "origin",
            .kind = FilterValue::choice,
            .standard = "first",
            .meaning = "times count from the first event, or from 0 us",
            .choices = {"first", "zero"}}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Slice>(arguments);
          }};
}

}  // namespace ranvier::encoding
