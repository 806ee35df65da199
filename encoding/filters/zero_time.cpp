// zero_time: times count from the first event.
// Tested by tests/unit/encoding/test_filters.cpp.
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class ZeroTime final : public EventFilter {
 public:
  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) {
      if (!first_) first_ = e.t;
      e.t = time_between(*first_, e.t);
    }
    return events.size();
  }

 private:
  std::optional<std::int64_t> first_;  ///< us
};

}  // namespace

Filter zero_time_filter() {
  return {"zero_time",
          "times count from the first event",
          {},
          [](const FilterArguments&) -> std::unique_ptr<EventFilter> {
            return std::make_unique<ZeroTime>();
          }};
}

}  // namespace ranvier::encoding
