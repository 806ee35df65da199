// drop: each event is dropped with a probability of its own; which ones is a function of the seed
// and of the event's place in the recording alone. tonic's DropEvent, which drops an exact share.
// Tested by tests/unit/encoding/test_filters.cpp.
#include "core/rng.h"
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

class Drop final : public EventFilter {
 public:
  Drop(double probability, std::int64_t seed)
      : probability_(probability),
        key_(derive_key(static_cast<std::uint64_t>(seed), Stream::event_filter, 0)) {}

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent&) {
      return to_uniform(random_bits(key_, seen_++, 0)) >= probability_;
    });
  }

 private:
  double probability_;
  RandomKey key_;
  std::uint64_t seen_ = 0;
};

}  // namespace

Filter drop_filter() {
  return {"drop",
          "drops each event with a probability",
          {{"probability", FilterValue::number, "", "of an event's being dropped", 0, 1},
           {"seed", FilterValue::whole, "0", "of the random numbers", 0, 1e18}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<Drop>(arguments.number("probability"), arguments.whole("seed"));
          }};
}

}  // namespace ranvier::encoding
