// The firing queue against a plain search through all times, under random entering, moving earlier
// and later, withdrawing and taking; the calendar of candidates under the same.
#include <algorithm>
#include <random>

#include "core/candidates.h"
#include "core/firing_queue.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

/// Keeps what was entered last, as the neurons' lines do.
struct Bounds {
  std::vector<std::int64_t> times;
  std::int64_t bound(std::uint32_t i) const { return times[i]; }
  void set_bound(std::uint32_t i, std::int64_t ns) { times[i] = ns; }
};

template <class Predictions>
void compare_with_search() {
  constexpr std::uint32_t n = 50;
  Predictions predictions(n);
  std::vector<std::int64_t> times(n, Predictions::never);
  Bounds bounds{times};
  std::mt19937 bits(5);
  std::vector<std::uint32_t> due;
  std::size_t taken = 0;
  for (std::int64_t end = 0; end < 400'000'000; end += 1'000'000) {
    for (int change = 0; change < 20; ++change) {
      const auto i = static_cast<std::uint32_t>(bits() % n);
      // Near and far, beyond what the calendar's ring spans, and none.
      const std::int64_t span = bits() % 4 == 0 ? 300'000'000 : 5'000'000;
      times[i] =
          bits() % 8 == 0 ? Predictions::never : end + 1 + static_cast<std::int64_t>(bits()) % span;
      predictions.enter(i, times[i], bounds);
    }
    predictions.take_due(end, due, bounds);
    std::sort(due.begin(), due.end());
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < n; ++i)
      if (times[i] <= end) expected.push_back(i), times[i] = Predictions::never;
    REQUIRE(due == expected);
    taken += due.size();
  }
  CHECK(taken > 500);
}

}  // namespace

TEST_CASE("the firing queue hands out what is due, as a search through all times finds it",
          "[core]") {
  compare_with_search<FiringQueue>();
}

TEST_CASE("the calendar of candidates hands out what is due, as a search finds it", "[core]") {
  compare_with_search<Candidates>();
}

// A saved state may go on at any time: then the first windows end far behind all bins.
TEST_CASE("the calendar of candidates hands out what is due however far time moves on", "[core]") {
  constexpr std::uint32_t n = 1000;
  constexpr std::int64_t day = 86'400'000'000'000;
  Candidates candidates(n);
  Bounds bounds{std::vector<std::int64_t>(n, Candidates::never)};
  for (std::uint32_t i = 0; i < n; ++i) candidates.enter(i, day + i * 1'000'000, bounds);
  std::vector<std::uint32_t> due;
  candidates.take_due(day - 1, due, bounds);
  CHECK(due.empty());
  for (std::uint32_t i = 0; i < n; ++i) {
    candidates.take_due(day + i * 1'000'000, due, bounds);
    REQUIRE(due == std::vector<std::uint32_t>{i});
  }
  candidates.enter(3, 2 * day, bounds);
  candidates.take_due(3 * day, due, bounds);
  CHECK(due == std::vector<std::uint32_t>{3});
}
