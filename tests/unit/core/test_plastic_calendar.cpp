// PlasticCalendar: what is entered comes out, however large a weight.
#include "core/plasticity.h"

#include <limits>

#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("arrivals of any weight come out of their step and lane", "[core]") {
  PlasticCalendar calendar;
  const std::size_t first = calendar.lane({0, 0, 0}), second = calendar.lane({1, 64, 0});
  CHECK(calendar.lane({0, 0, 0}) == first);
  calendar.resize(4);
  const std::int64_t limit = std::int64_t{1} << 47;
  for (const std::int64_t weight : {std::int64_t{1}, std::int64_t{-1}, limit - 1, -limit, limit,
                                    -limit - 1, to_quanta(1e300), to_quanta(-1e300)}) {
    calendar.add(6, second, weight, 65'535);
    int n = 0;
    calendar.for_each(2, second, [&](std::uint32_t target, std::int64_t found) {  // four steps on
      CHECK(target == 65'535);
      CHECK(found == weight);
      ++n;
    });
    CHECK(n == 1);
    calendar.clear(6, second);
    for (const std::size_t lane : {first, second})
      calendar.for_each(6, lane, [&](std::uint32_t, std::int64_t) { ++n; });
    CHECK(n == 1);
  }
}

TEST_CASE("a weight in quanta is the nearest whole number, ties to even, within 2^62", "[core]") {
  CHECK(to_quanta(2.5) == 2);
  CHECK(to_quanta(-3.5) == -4);
  CHECK(to_quanta(0x1p62) == std::int64_t{1} << 62);
  CHECK(to_quanta(-1e300) == -(std::int64_t{1} << 62));
  CHECK(to_quanta(std::numeric_limits<double>::quiet_NaN()) == std::int64_t{1} << 62);
}
