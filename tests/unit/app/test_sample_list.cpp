#include "app/replay/sample_list.h"
#include "core/rng.h"
#include "tests/catch.h"

#include <algorithm>

using namespace ranvier;
using Loads = std::vector<std::uint64_t>;

namespace {

Loads sums_of(const Loads& loads, int ranks) {
  Loads sums(static_cast<std::size_t>(ranks));
  const std::vector<int> rank_of = app::deal(loads, ranks);
  REQUIRE(rank_of.size() == loads.size());
  for (std::size_t i = 0; i < loads.size(); ++i)
    sums.at(static_cast<std::size_t>(rank_of[i])) += loads[i];
  return sums;
}

/// The least largest sum of any dealing to two ranks, by trying all.
std::uint64_t best_of_two(const Loads& loads) {
  std::uint64_t all = 0, best = ~std::uint64_t{0};
  for (const std::uint64_t load : loads) all += load;
  for (std::uint32_t mask = 0; mask < 1u << loads.size(); ++mask) {
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) first += mask >> i & 1 ? loads[i] : 0;
    best = std::min(best, std::max(first, all - first));
  }
  return best;
}

}  // namespace

TEST_CASE("samples are dealt by load, the largest first", "[app]") {
  // Graham 1969: 3 3 2 2 2 on two ranks is the case where this is worst, 7 where 6 is possible.
  CHECK(app::deal(Loads{2, 3, 2, 3, 2}, 2) == std::vector<int>{0, 0, 1, 1, 0});
  CHECK(sums_of({2, 3, 2, 3, 2}, 2) == Loads{7, 5});
  CHECK(sums_of({1, 1, 1, 1, 1, 1, 1, 1, 9}, 2) == Loads{9, 8});
  CHECK(app::deal(Loads{5, 5, 5}, 2) == std::vector<int>{0, 1, 0});
  CHECK(app::deal(Loads{7, 8}, 3) == std::vector<int>{1, 0});
  CHECK(app::deal(Loads{}, 4).empty());
}

TEST_CASE("no dealing to two ranks is better by more than Graham's bound", "[app]") {
  for (std::uint64_t trial = 0; trial < 40; ++trial) {
    Loads loads;
    for (std::uint64_t i = 0; i < 9; ++i)
      loads.push_back(1 + random_block(derive_key(3, Stream::source, trial), i, 0)[0] % 1000);
    const Loads sums = sums_of(loads, 2);
    CHECK(6 * std::max(sums[0], sums[1]) <= 7 * best_of_two(loads));  // 4/3 - 1/(3 ranks)
  }
}
