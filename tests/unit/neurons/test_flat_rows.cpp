// FlatRows: arrivals of rows come out row by row, each with what its row says.
#include "neurons/flat_rows.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "tests/catch.h"

using namespace ranvier;
using ranvier::neurons::FlatRows;

namespace {

using Entry = std::tuple<std::uint32_t, std::uint32_t, std::int64_t>;  // target, time, weight

/// Rows of these lengths, an instant each, of rising targets; `weights`: one each.
struct Rows {
  Rows(const std::vector<std::size_t>& lengths, bool weights, std::uint32_t n_targets)
      : list(n_targets), targets(lengths.size()), own(lengths.size()) {
    for (std::size_t r = 0; r < lengths.size(); ++r) {
      const auto after = static_cast<std::uint32_t>(10 * r + 1);
      for (std::size_t k = 0; k < lengths[r]; ++k) {
        targets[r].push_back(base + static_cast<std::uint32_t>(r + k * k));
        own[r].push_back(static_cast<std::int64_t>(1000 * r + k));
      }
      const auto weight = static_cast<std::int64_t>(1000 * r);
      list.add(ArrivalRow{targets[r], base, after, 0, weights ? 0 : weight,
                          weights ? own[r].data() : nullptr});
      for (std::size_t k = 0; k < lengths[r]; ++k)
        if (targets[r][k] < base + n_targets)
          expected.emplace_back(targets[r][k], after, weights ? own[r][k] : weight);
    }
  }
  /// All that comes out, batch by batch; `batches`: how many rows each had.
  std::vector<Entry> flat(std::vector<std::size_t>& batches) {
    std::vector<Entry> all;
    FlatRows rows;
    for (std::span<ArrivalRow> left = list.rows(); !left.empty();) {
      std::vector<std::uint32_t> fetched;
      const std::size_t n = rows.fill(list, left, [&](std::uint32_t t) { fetched.push_back(t); });
      batches.push_back(n);
      if (n == 0) break;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        const ArrivalRow& row = left[rows.rows()[k]];
        all.emplace_back(rows.targets()[k], row.after,
                         row.weights ? rows.weights()[k] : row.weight);
      }
      const std::size_t first = std::min(rows.size(), FlatRows::ahead);
      REQUIRE(std::equal(fetched.begin(), fetched.end(), rows.targets(), rows.targets() + first));
      for (std::size_t k = rows.size(); rows.size() > 0 && k < rows.size() + FlatRows::ahead; ++k)
        REQUIRE(rows.targets()[k] - base < list_size);  // may be fetched
      left = left.subspan(n);
    }
    return all;
  }
  static constexpr std::uint32_t base = 40, list_size = 1u << 25;
  ArrivalList list;
  std::vector<std::vector<std::uint32_t>> targets;
  std::vector<std::vector<std::int64_t>> own;
  std::vector<Entry> expected;
};

}  // namespace

TEST_CASE("rows come out one behind another, with their weights", "[neurons]") {
  std::vector<std::size_t> lengths;
  for (std::size_t r = 0; r < 3 * FlatRows::most_rows; ++r) lengths.push_back(1 + r % 7 * (r % 5));
  for (const bool weights : {false, true})
    for (const std::uint32_t n_targets : {Rows::list_size, 60u}) {
      Rows rows(lengths, weights, n_targets);
      std::vector<std::size_t> batches;
      REQUIRE(rows.flat(batches) == rows.expected);
      REQUIRE(batches == std::vector<std::size_t>(3, FlatRows::most_rows));
      const std::size_t cut = static_cast<std::size_t>(std::count_if(
          rows.targets.begin(), rows.targets.end(),
          [&](const auto& t) { return !t.empty() && t.back() >= Rows::base + n_targets; }));
      REQUIRE(rows.list.rests().size() == cut);
    }
}

TEST_CASE(
    "a batch ends before it is too long, before rows of one instant, and where others have weights",
    "[neurons]") {
  std::vector<std::size_t> batches;
  Rows many(std::vector<std::size_t>(10, 1000), false, Rows::list_size);
  REQUIRE(many.flat(batches) == many.expected);
  REQUIRE(batches == std::vector<std::size_t>{4, 4, 2});

  batches.clear();
  Rows fills_one({2048, 2047, 1, 3}, true, Rows::list_size);
  REQUIRE(fills_one.flat(batches) == fills_one.expected);
  REQUIRE(batches == std::vector<std::size_t>{3, 1});

  batches.clear();
  Rows one_is_long({5, 5, 5000, 5}, true, Rows::list_size);
  one_is_long.flat(batches);
  REQUIRE(batches == std::vector<std::size_t>{2, 0});

  batches.clear();
  Rows long_elsewhere({5, 5, 5000, 5}, true, 1000);
  REQUIRE(long_elsewhere.flat(batches) == long_elsewhere.expected);
  REQUIRE(batches == std::vector<std::size_t>{4});

  batches.clear();
  Rows two_meet({5, 5, 5, 5}, false, Rows::list_size);
  two_meet.list.rows()[3].after = two_meet.list.rows()[2].after;
  two_meet.flat(batches);
  REQUIRE(batches == std::vector<std::size_t>{2, 0});

  batches.clear();
  Rows mixed({5, 5, 5}, true, Rows::list_size);
  mixed.list.rows()[0].weights = nullptr;
  mixed.flat(batches);
  REQUIRE(batches == std::vector<std::size_t>{1, 2});
}
