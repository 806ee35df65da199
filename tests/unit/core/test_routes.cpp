// Routes: what was set comes out, wherever it is kept.
#include "core/routes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("routes of none, one or several ranks come out as they were set", "[core]") {
  const auto pairs = [](std::span<const Route> routes) {
    std::vector<std::pair<int, unsigned>> all;
    for (const Route& r : routes) all.emplace_back(r.neighbour, r.source);
    return all;
  };
  const std::vector<std::vector<Route>> given{
      {{Route::here, 7}}, {}, {{0, 3}, {Route::here, 4}, {12, 5}}, {{2, 9}}, {{0, 1}, {1, 1}}};
  Routes routes(6);
  std::vector<std::pair<int, unsigned>> all, found;
  for (std::uint32_t i : {2u, 0u, 1u, 4u, 3u}) routes.set(i, given[i]);
  routes.shrink_to_fit();
  for (std::uint32_t i = 0; i < given.size(); ++i) {
    routes.prefetch_first(i);
    routes.prefetch_listed(i);
    REQUIRE(pairs(routes.of(i)) == pairs(given[i]));
    for (const auto& pair : pairs(given[i])) all.push_back(pair);
  }
  REQUIRE(routes.of(5).empty());  // was not set
  routes.for_each([&](const Route& r) { found.emplace_back(r.neighbour, r.source); });
  std::sort(all.begin(), all.end());
  std::sort(found.begin(), found.end());
  REQUIRE(found == all);
}
