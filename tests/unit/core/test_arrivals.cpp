// ArrivalList: what is entered comes out in an order in which neurons can be moved.
#include "core/arrivals.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "tests/catch.h"

using namespace ranvier;

namespace {

using Entry = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::int64_t>;

Entry entry(const Arrival& a) { return {a.target, a.after, a.receptor(), a.weight()}; }

std::vector<Entry> entries(ArrivalList& list) {
  std::vector<Entry> all;
  for (const Arrival& a : list.ordered()) all.push_back(entry(a));
  return all;
}

/// `n` arrivals at targets below `targets` in the first `ns` nanoseconds.
std::vector<Entry> drawn(std::size_t n, std::uint64_t targets, std::uint64_t ns) {
  std::vector<Entry> all;
  std::uint64_t x = 7;
  const auto next = [&x](std::uint64_t below) {  // Knuth's multiplier; the upper bits are the good
    x = x * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>((x >> 33) % below);
  };
  for (std::size_t i = 0; i < n; ++i)
    all.emplace_back(next(targets), next(ns), next(4), std::int64_t{next(2001)} - 1000);
  return all;
}

/// Bytes of memory that this program has touched and holds.
double resident() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, pages = 0;
  statm >> all >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void add(ArrivalList& list, const std::vector<Entry>& all) {
  for (const auto& [target, after, receptor, weight] : all)
    list.add({target, after, receptor, weight});
}

}  // namespace

TEST_CASE("an arrival keeps target, time, receptor and weight", "[core]") {
  constexpr std::int64_t limit = std::int64_t{1} << 61;  // 62 bits with the sign
  for (const std::int64_t weight : {std::int64_t{0}, std::int64_t{-1}, limit - 1, -limit})
    for (std::uint32_t receptor = 0; receptor < 4; ++receptor) {
      const Arrival a(4'000'000'000u, 4'294'967'295, receptor, weight);
      REQUIRE(entry(a) == Entry{4'000'000'000u, 4'294'967'295u, receptor, weight});
    }
}

TEST_CASE("arrivals added an instant at a time come out as if added one by one", "[core]") {
  using Instant = std::pair<std::uint32_t, std::vector<std::uint32_t>>;  // time, targets
  const Instant early{5, {1, 4, 4, 9}}, late{7, {0, 2, 9}}, too{7, {3}};
  using Case = std::vector<Instant>;
  for (const Case& instants :
       {Case{early, late}, Case{late, early}, Case{early, late, too}, Case{early, {6, {}}, late}}) {
    ArrivalList at_once(10), one_by_one(10);
    for (const auto& [after, targets] : instants) {
      at_once.add(ArrivalRow{targets, 0, after, 1, 3, nullptr});
      for (const std::uint32_t target : targets) one_by_one.add({target, after, 1, 3});
    }
    REQUIRE(entries(at_once) == entries(one_by_one));
  }
}

TEST_CASE("arrivals added in any order come out a target's by time, an instant's together",
          "[core]") {
  using Case = std::pair<std::size_t, std::uint32_t>;
  for (const auto& [n, targets] :
       {Case{50, 9}, Case{5'000, 9}, Case{5'000, 200'000}, Case{5'000, 3'000'000'000u}}) {
    const std::vector<Entry> all = drawn(n, targets, 100);
    ArrivalList list(targets);
    add(list, all);
    REQUIRE(list.size() == n);
    std::vector<Entry> found = entries(list), expected = all;
    std::map<std::uint32_t, std::pair<std::uint32_t, std::size_t>> last;  // time, place in the list
    for (std::size_t k = 0; k < n; ++k) {
      const auto [target, after, receptor, weight] = found[k];
      if (const auto before = last.find(target); before != last.end()) {
        const auto [time, place] = before->second;
        REQUIRE(time <= after);
        if (time == after) REQUIRE(place == k - 1);
      }
      last[target] = {after, k};
    }
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    REQUIRE(found == expected);
  }
}

TEST_CASE("arrivals added in rising time stay so, an instant's at a target together", "[core]") {
  ArrivalList list(10);
  add(list, {{7, 1, 0, 1}, {2, 3, 0, 2}, {9, 3, 1, 3}, {2, 3, 2, 4}, {1, 8, 0, 5}});
  std::vector<Entry> found = entries(list);
  REQUIRE(found.size() == 5);
  std::sort(found.begin() + 1, found.begin() + 3);
  REQUIRE(found ==
          std::vector<Entry>{{7, 1, 0, 1}, {2, 3, 0, 2}, {2, 3, 2, 4}, {9, 3, 1, 3}, {1, 8, 0, 5}});
}

TEST_CASE("rows of arrivals are handed out as they came, or merged by target", "[core]") {
  const std::vector<std::uint32_t> first{21, 24, 24}, second{22, 24}, third{20};
  const std::vector<std::int64_t> weights{7, -8};
  ArrivalList list(10);
  list.add(ArrivalRow{first, 20, 5, 0, 3, nullptr});
  list.add(ArrivalRow{second, 20, 5, 1, 0, weights.data()});
  list.add(ArrivalRow{{}, 20, 6, 1, 2, nullptr});
  list.add(ArrivalRow{third, 20, 9, 0, 4, nullptr});
  REQUIRE(list.size() == 6);
  REQUIRE(list.is_in_rows());
  REQUIRE(list.rows().size() == 3);
  std::vector<Entry> merged;
  for (const Arrival& a : list.merged(list.rows().first(2))) merged.push_back(entry(a));
  std::sort(merged.begin() + 2, merged.end());
  REQUIRE(merged == std::vector<Entry>{
                        {1, 5, 0, 3}, {2, 5, 1, 7}, {4, 5, 0, 3}, {4, 5, 0, 3}, {4, 5, 1, -8}});
  merged.push_back({0, 9, 0, 4});
  std::vector<Entry> found = entries(list);
  std::sort(found.begin() + 2, found.begin() + 5);
  REQUIRE(found == merged);
  REQUIRE(list.size() == 6);

  list.clear();
  list.add(ArrivalRow{third, 20, 9, 0, 4, nullptr});
  list.add(ArrivalRow{first, 20, 5, 0, 3, nullptr});
  REQUIRE(!list.is_in_rows());  // time falls
  list.clear();
  list.add(ArrivalRow{third, 20, 9, 0, 4, nullptr});
  list.add({3, 7, 1, 6});
  REQUIRE(!list.is_in_rows());
  REQUIRE(entries(list).size() == 2);
}

TEST_CASE("what a row holds behind the list's targets is left to others", "[core]") {
  const std::vector<std::uint32_t> targets{20, 20, 24, 29, 30, 71};
  const std::vector<std::int64_t> weights{3, 4, 5, 6, 7, 8};
  for (std::size_t first = 0; first <= targets.size(); ++first)
    for (std::size_t n = 0; first + n <= targets.size(); ++n) {
      ArrivalList list(10);
      list.add(
          ArrivalRow{std::span(targets).subspan(first, n), 20, 5, 0, 0, weights.data() + first});
      std::vector<Entry> expected, behind;
      for (std::size_t k = first; k < first + n; ++k)
        (targets[k] < 30 ? expected : behind).emplace_back(targets[k] - 20, 5, 0, weights[k]);
      const auto left = [&list] {
        std::vector<Entry> all;
        for (const ArrivalList::Rest& rest : list.rests()) {
          REQUIRE(rest.first == rest.row.targets.front());
          for (std::size_t k = 0; k < rest.row.targets.size(); ++k)
            all.emplace_back(rest.row.targets[k] - 20, rest.row.after, rest.row.receptor,
                             rest.row.weight_of(k));
        }
        return all;
      };
      if (n > 0) {
        ArrivalRow row = list.rows()[0];
        list.trim(row);
        REQUIRE(row.targets.size() == expected.size());
        for (std::size_t k = 0; k < expected.size(); ++k)
          REQUIRE(row.weight_of(k) == std::get<3>(expected[k]));
        REQUIRE(left() == behind);
      }
      list.clear();
      REQUIRE(list.rests().empty());
      list.add(
          ArrivalRow{std::span(targets).subspan(first, n), 20, 5, 0, 0, weights.data() + first});
      REQUIRE(entries(list) == expected);
      REQUIRE(left() == behind);
    }
}

TEST_CASE("a row is cut where the list's targets end, in its first line or far behind", "[core]") {
  std::vector<std::uint32_t> targets;
  for (std::uint32_t k = 0; k < 50; ++k) targets.push_back(20 + k / 2);
  for (std::uint32_t n = 1; n < 30; ++n)
    for (std::size_t length = 0; length <= targets.size(); ++length) {
      ArrivalList list(n);
      ArrivalRow row{std::span(targets).first(length), 20, 5, 0, 0, nullptr};
      list.trim(row);
      REQUIRE(row.targets.size() == std::min<std::size_t>(length, 2 * n));
      REQUIRE(list.rests().size() == (length > 2 * n ? 1 : 0));
    }
}

TEST_CASE("rows that other lists left are put among a list's own by time", "[core]") {
  const std::vector<std::uint32_t> target{3};
  const auto row = [&](std::uint32_t after) {
    return ArrivalRow{target, 0, after, 0, after, nullptr};
  };
  const ArrivalList one, other;
  using Times = std::vector<std::uint32_t>;
  const auto filled = [&](const Times& own, const Times& of_one, const Times& of_other) {
    ArrivalList list(10);
    for (const std::uint32_t t : own) list.add(row(t));
    for (const std::uint32_t t : of_one) list.add_rest(row(t), one);
    for (const std::uint32_t t : of_other) list.add_rest(row(t), other);
    return list;
  };
  for (const auto& [own, of_one, of_other] :
       std::vector<std::tuple<Times, Times, Times>>{{{2, 5, 5, 9}, {1, 5, 12}, {0, 6, 6}},
                                                    {{}, {4, 8}, {3}},
                                                    {{7}, {}, {7, 8}},
                                                    {{1, 2}, {3, 4}, {}}}) {
    Times expected = own;
    for (const Times& more : {of_one, of_other})
      expected.insert(expected.end(), more.begin(), more.end());
    std::sort(expected.begin(), expected.end());
    ArrivalList list = filled(own, of_one, of_other);
    REQUIRE(list.is_in_rows());
    REQUIRE(list.size() == expected.size());
    for (int twice = 0; twice < 2; ++twice) {
      Times found;
      for (const ArrivalRow& r : list.rows()) found.push_back(r.after);
      REQUIRE(found == expected);
    }
    ArrivalList written_out = filled(own, of_one, of_other);
    Times found;
    for (const Entry& e : entries(written_out)) found.push_back(std::get<1>(e));
    REQUIRE(found == expected);
  }
  REQUIRE(!filled({5}, {7, 6}, {}).is_in_rows());  // a list's own fall
}

TEST_CASE("rows that a hundred lists left are put in order", "[core]") {
  const std::vector<std::uint32_t> target{3};
  const std::vector<ArrivalList> others(100);
  for (const std::size_t n : {1u, 2u, 3u, 7u, 64u, 100u}) {
    ArrivalList list(10);
    std::vector<std::uint32_t> expected, found;
    for (std::size_t of = 0; of < n; ++of)
      for (std::uint32_t k = 0; k < of % 4; ++k) {
        const auto after = static_cast<std::uint32_t>(37 * of % 50 + 20 * k);
        list.add_rest(ArrivalRow{target, 0, after, 0, 1, nullptr}, others[of]);
        expected.push_back(after);
      }
    std::sort(expected.begin(), expected.end());
    REQUIRE(list.is_in_rows());
    for (const ArrivalRow& r : list.rows()) found.push_back(r.after);
    REQUIRE(found == expected);
  }
}

TEST_CASE("what rows hold behind a list's targets takes no room in it", "[core]") {
  std::vector<std::uint32_t> targets;
  for (std::uint32_t t = 0; t < 1u << 20; ++t) targets.push_back(t);
  ArrivalList list(10);
  for (const std::uint32_t after : {5u, 5u, 7u})
    list.add(ArrivalRow{targets, 0, after, 0, 1, nullptr});
  const double before = resident();
  SECTION("handed out in order") { REQUIRE(list.ordered().size() == 30); }
  SECTION("merged") {
    for (ArrivalRow& row : list.rows()) list.trim(row);
    REQUIRE(list.merged(list.rows().first(2)).size() == 20);
  }
  CHECK(resident() < before + 10e6);  // all of them: 50 MB, and as much to grow
}

TEST_CASE("many rows of one instant: what each target gets, as neighbours", "[core]") {
  for (const std::uint32_t n : {10u, 5000u, 1u << 20}) {
    std::mt19937 bits(3);
    std::vector<std::vector<std::uint32_t>> targets(20);
    ArrivalList list(n);
    std::vector<Entry> expected;
    for (std::uint32_t row = 0; row < targets.size(); ++row) {
      for (int k = 0; k < 50; ++k)
        targets[row].push_back(static_cast<std::uint32_t>(bits() % n) + 7);
      std::sort(targets[row].begin(), targets[row].end());
      list.add(ArrivalRow{targets[row], 7, row < 15 ? 4u : 6u, row % 2, row, nullptr});
      if (row < 15)
        for (const std::uint32_t target : targets[row])
          expected.push_back({target - 7, 4, row % 2, row});
    }
    std::vector<Entry> found;
    std::set<std::uint32_t> met;
    for (const Arrival& a : list.merged(list.rows().first(15))) {
      if (found.empty() || std::get<0>(found.back()) != a.target)
        REQUIRE(met.insert(a.target).second);
      found.push_back(entry(a));
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    REQUIRE(found == expected);
    REQUIRE(list.is_in_rows());
    REQUIRE(list.rows().size() == targets.size());
  }
}

TEST_CASE("a cleared list of arrivals is as good as new", "[core]") {
  ArrivalList list(8);
  list.add({3, 40, 2, 1});
  list.clear();
  REQUIRE(list.size() == 0);
  REQUIRE(list.ordered().empty());
  list.add({4, 5, 1, 6});
  list.add({3, 5, 1, 7});
  REQUIRE(entries(list) == std::vector<Entry>{{3, 5, 1, 7}, {4, 5, 1, 6}});
}
