// count: a number of events, after a number left out. A slice of tonic's SliceByEventCount.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <algorithm>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Count final : public EventFilter {
 public:
  explicit Count(const FilterArguments& arguments)
      : skip_(arguments.whole("skip")), left_(arguments.whole("events")) {}

  std::size_t apply(std::span<DvsEvent> events) override {
    const auto n = static_cast<std::int64_t>(events.size());
    const std::int64_t skipped = std::min(skip_, n), kept = std::min(left_, n - skipped);
    skip_ -= skipped;
    left_ -= kept;
    std::copy_n(events.begin() + skipped, kept, events.begin());
    return static_cast<std::size_t>(kept);
  }

  bool is_over() const override { return left_ == 0; }

 private:
  std::int64_t skip_, left_;
};

}  // namespace

Filter count_filter() {
  return {"count",
          "a number of events, after a number left out",
          {{"events", FilterValue::whole, "", "at most", 0, 1e18},
           {"skip", FilterValue::whole, "0", "events left out before", 0, 1e18}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Count>(arguments);
          }};
}

}  // namespace ranvier::encoding
