// PlasticCalendar: what is entered comes out, however large a weight.
#include "core/plasticity.h"
#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("arrivals of any weight come out of their step and lane", "[core]") {
  PlasticCalendar calendar;
  const std::size_t first = calendar.lane({0, 0, 0}), second = calendar.lane({1, 64, 0});
  CHECK(calendar.lane({0, 0, 0}) == first);
  calendar.resize(4);
  const std::int64_t limit = PlasticArrival::limit;
  for (const std::int64_t weight : {std::int64_t{1}, std::int64_t{-1}, limit - 1, -limit, limit,
                                    -limit - 1, 5 * limit + 3, -7 * limit - 9}) {
    calendar.add(6, second, weight, 65'535);
    std::int64_t sum = 0;
    for (const PlasticArrival& a : calendar.at(2, second)) {  // a ring of four steps
      CHECK(a.target() == 65'535);
      sum += a.weight();
    }
    CHECK(sum == weight);
    calendar.at(6, second).clear();
    CHECK(calendar.at(6, first).empty());
  }
}
