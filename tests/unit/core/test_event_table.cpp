// EventTable: rows come out as they were put in, each group by target.
#include "core/event_table.h"

#include <tuple>
#include <utility>
#include <vector>

#include "tests/catch.h"

using namespace ranvier;

namespace {

using Synapse = std::tuple<std::uint32_t, std::uint16_t, std::uint16_t, std::int64_t>;

/// (target, delay, receptor, weight) of a row, group by group.
std::vector<std::vector<Synapse>> groups_of(const EventTable& table, const EventTable::Row& row) {
  std::vector<std::vector<Synapse>> groups;
  table.for_each_group(row, [&](const EventTable::Group& group) {
    const EventTable::Kind& kind = table.kind(group);
    const std::uint64_t first = EventTable::first(group);
    groups.emplace_back();
    for (std::uint64_t s = first; s < first + group.count; ++s)
      groups.back().emplace_back(
          table.targets()[s], table.form().delays ? table.delays()[s] : kind.delay, kind.receptor,
          table.form().weights ? table.weights()[s] : kind.weight);
  });
  return groups;
}
std::vector<std::vector<Synapse>> groups_of(const EventTable& table, std::uint32_t row) {
  return groups_of(table, table.row(row));
}

}  // namespace

TEST_CASE("a row's synapses come by group, and in each by target", "[core]") {
  EventTable table;
  table.set_form({});
  const std::vector<ExactPlaced> row{{5, 9, 2, 0}, {5, 3, 2, 0}, {4, 7, 1, 1}, {5, 3, 2, 0}};
  REQUIRE(table.append_row(row) == 0);
  REQUIRE(table.append_row(row) == 2);  // behind two groups
  REQUIRE(groups_of(table, 2) == groups_of(table, 0));
  REQUIRE(groups_of(table, 0) == std::vector<std::vector<Synapse>>{
                                     {{7, 1, 1, 4}}, {{3, 2, 0, 5}, {3, 2, 0, 5}, {9, 2, 0, 5}}});
}

TEST_CASE("rows that are filled in at once are sorted with their columns", "[core]") {
  for (const bool columns : {false, true}) {
    EventTable table;
    table.set_form({columns, columns});
    const std::int64_t weight = columns ? 0 : 6;
    const std::uint16_t delay = columns ? 0 : 3;
    table.append_row(std::vector<ExactPlaced>{{weight, 2, delay, 0}, {weight, 1, delay, 0}});
    std::vector<std::uint32_t> rows;
    const std::vector<EventTable::Kind> kinds{{weight, delay, 0}, {weight, delay, 1}};
    const std::vector<std::vector<std::uint32_t>> counts{{3, 0, 2}, {1, 0, 0}};
    const std::size_t first = table.groups();
    const auto next = table.append_rows(kinds, counts, rows);
    REQUIRE(rows == std::vector<std::uint32_t>{1, no_row, 3});
    const auto put = [&](std::uint64_t place, std::uint32_t target) {
      table.targets()[place] = target;
      if (!columns) return;
      table.delays()[place] = static_cast<std::uint16_t>(target + 10);
      table.weights()[place] = target + 100;
    };
    const std::uint64_t begin = next[0][0];
    for (const std::uint32_t target : {8u, 2u, 5u})
      put(begin + (target == 2u) + 2 * (target == 5u), target);
    put(next[1][0], 1);
    put(next[0][2], 4);
    put(next[0][2] + 1, 3);
    table.sort_groups(first);
    const auto synapse = [&](std::uint32_t target, std::uint16_t receptor) {
      return columns
                 ? Synapse{target, static_cast<std::uint16_t>(target + 10), receptor, target + 100}
                 : Synapse{target, delay, receptor, weight};
    };
    REQUIRE(groups_of(table, 1) ==
            std::vector<std::vector<Synapse>>{{synapse(2, 0), synapse(5, 0), synapse(8, 0)},
                                              {synapse(1, 1)}});
    REQUIRE(groups_of(table, 3) ==
            std::vector<std::vector<Synapse>>{{synapse(3, 0), synapse(4, 0)}});
  }
}

TEST_CASE("rows have 32 bits, and more groups than those tell apart are refused with a word",
          "[core]") {
  CHECK(EventTable::row_that_begins(0) == 0);
  CHECK(EventTable::row_that_begins(no_row - 1) == no_row - 1);
  for (const std::uint64_t group : {std::uint64_t{no_row}, std::uint64_t{1} << 32})
    CHECK_THROWS_WITH(EventTable::row_that_begins(group),
                      "the synapses of event-driven neurons in one chunk are of more than "
                      "4294967295 sources, delays and weights; more threads or ranks make chunks "
                      "smaller");
}

TEST_CASE("rows are found by what was kept of them, with and without the table's groups",
          "[core]") {
  for (const bool several : {false, true}) {
    EventTable table;
    table.set_form({});
    const std::vector<ExactPlaced> one{{5, 3, 2, 0}, {5, 9, 2, 0}}, two{{5, 1, 2, 0}, {4, 7, 2, 0}};
    table.append_row(one);
    table.append_row(several ? two : one);
    const EventTable::Row first = table.row(0), second = table.row(1);
    REQUIRE(table.row(no_row).empty());
    REQUIRE(!first.empty());
    const auto before = std::pair(groups_of(table, first), groups_of(table, second));
    REQUIRE(before.first == std::vector<std::vector<Synapse>>{{{3, 2, 0, 5}, {9, 2, 0, 5}}});
    REQUIRE(before.second.size() == (several ? 2 : 1));
    table.forget_single_groups();
    REQUIRE((table.groups() > 0) == several);
    REQUIRE(std::pair(groups_of(table, first), groups_of(table, second)) == before);
  }
}
