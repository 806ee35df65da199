// DueOrder: sorted, nothing lost, however times are spread.
#include "core/due_order.h"

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("what is due is sorted by time and place, and none is lost", "[core]") {
  std::mt19937_64 random(7);
  DueOrder order;
  const auto key = [](const DueEvents& d) {
    return std::tuple(d.time, d.group.place, d.group.count);
  };
  for (int n = 0; n < 400; ++n) {
    const std::int64_t begin = static_cast<std::int64_t>(random() % 1'000'000'000),
                       length = static_cast<std::int64_t>(random() % (n % 2 == 0 ? 9 : 2'000'000));
    // Few instants that many share, or all over the window.
    const std::int64_t instants = std::max<std::int64_t>(1, n % 3 == 0 ? 4 : length + 1);
    std::vector<DueEvents> due(random() % 700);
    for (DueEvents& d : due) {
      const auto k = static_cast<std::int64_t>(random()) & 0x7fffffff;
      const std::int64_t after = k % instants * (n % 3 == 0 ? length / 3 : 1);
      d = {begin + std::min(after, length), {random() % 100, static_cast<std::uint32_t>(k % 50)}};
    }
    if (!due.empty()) due[0].time = begin;
    if (due.size() > 1) due[1].time = begin + length;
    std::vector<DueEvents> expected = due;
    std::sort(expected.begin(), expected.end(),
              [&](const DueEvents& a, const DueEvents& b) { return key(a) < key(b); });
    order.sort(due, begin, begin + length);
    const auto is_less = [](const DueEvents& a, const DueEvents& b) {
      return std::tuple(a.time, a.group.place) < std::tuple(b.time, b.group.place);
    };
    REQUIRE(std::is_sorted(due.begin(), due.end(), is_less));
    std::sort(due.begin(), due.end(),
              [&](const DueEvents& a, const DueEvents& b) { return key(a) < key(b); });
    REQUIRE(std::equal(due.begin(), due.end(), expected.begin(), expected.end(),
                       [&](const DueEvents& a, const DueEvents& b) { return key(a) == key(b); }));
  }
}
