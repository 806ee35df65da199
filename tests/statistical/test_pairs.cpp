// Which pairs random rules connect: all allowed ones equally often, repeated as chance has it,
// independently of other projections and seeds. Chi-square at fixed seeds, normal deviates below 5
// (chance: once in 3.5 million seeds). Degrees and values: test_degrees.cpp.
#include <cmath>
#include <map>

#include "core/connect.h"
#include "tests/catch.h"
#include "tests/statistical/law.h"

using namespace ranvier;
using namespace ranvier::test;
using Rule = Connector::Rule;

namespace {

struct Pair {
  std::uint32_t source;
  Synapse synapse;
};

Network network_of(std::int64_t sources, std::int64_t targets, Rule rule, double amount,
                   bool same = false, bool self = true, bool multiple = true) {
  Network n;
  n.populations.resize(2);
  n.populations[0].name = "a";
  n.populations[0].size = sources;
  n.populations[1].name = "b";
  n.populations[1].size = targets;
  Projection p;
  p.name = "p";
  p.source = "a";
  p.target = same ? "a" : "b";
  p.connector.rule = rule;
  p.connector.probability = amount;
  p.connector.number = static_cast<std::int64_t>(amount);
  p.connector.self_connections = self;
  p.connector.multiple_connections = multiple;
  n.projections = {p};
  return n;
}

std::vector<Pair> draw(const Network& n, std::uint64_t seed = 3) {
  RunSettings run;
  run.seed = seed;
  const Population& target = n.populations[n.find(n.projections[0].target)];
  const auto rows = make_rows(n, 0, run, {0, static_cast<std::uint32_t>(target.size)});
  std::vector<Pair> all;
  std::vector<Synapse> row;
  for (std::uint32_t s = 0; s < n.populations[0].size; ++s) {
    row.clear();
    rows->append(s, row);
    for (const Synapse& synapse : row) all.push_back({s, synapse});
  }
  return all;
}

}  // namespace

TEST_CASE("every allowed pair is equally likely", "[core]") {
  // 12 x 12 pairs over many seeds, with and without self-connections.
  for (const auto& [rule, amount] :
       {std::pair{Rule::fixed_total_number, 60.0}, std::pair{Rule::fixed_indegree, 5.0},
        std::pair{Rule::fixed_outdegree, 5.0}, std::pair{Rule::fixed_probability, 0.4}})
    for (const bool self : {true, false})
      for (const bool multiple : {true, false}) {
        INFO("rule " << static_cast<int>(rule) << " self " << self << " multiple " << multiple);
        std::vector<double> seen(144);
        double total = 0;
        for (std::uint64_t seed = 1; seed <= 400; ++seed)
          for (const Pair& p : draw(network_of(12, 12, rule, amount, true, self, multiple), seed)) {
            ++seen[p.source * 12 + p.synapse.target];
            ++total;
          }
        std::vector<double> cells, expected;
        for (std::size_t k = 0; k < 144; ++k)
          if (self || k % 13 != 0) {
            cells.push_back(seen[k]);
            expected.push_back(total / (self ? 144 : 132));
          }
        CHECK(deviate(cells, expected) < 5);
        if (!self)
          for (std::size_t k = 0; k < 144; k += 13) CHECK(seen[k] == 0);
      }
}

TEST_CASE("pairs drawn with replacement repeat as often as chance has it", "[core]") {
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> count;
  for (const Pair& p : draw(network_of(300, 300, Rule::fixed_total_number, 90'000)))
    ++count[{p.source, p.synapse.target}];
  std::vector<double> seen(20), expected(20);
  seen[0] = 90'000 - static_cast<double>(count.size());
  for (const auto& [pair, n] : count) ++seen.at(static_cast<std::size_t>(n));
  for (std::size_t k = 0; k < 20; ++k)
    expected[k] = 90'000 * binomial_probability(90'000, 1.0 / 90'000, static_cast<double>(k));
  CHECK(deviate(seen, expected) < 5);
}

TEST_CASE("two projections and two seeds draw independently", "[core]") {
  Network n = network_of(200, 200, Rule::fixed_probability, 0.1);
  n.projections.push_back(n.projections[0]);
  n.projections[1].name = "q";
  const auto pairs = [&](std::size_t projection, std::uint64_t seed) {
    RunSettings run;
    run.seed = seed;
    const auto rows = make_rows(n, projection, run, {0, 200});
    std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
    std::vector<Synapse> row;
    for (std::uint32_t s = 0; s < 200; ++s) {
      row.clear();
      rows->append(s, row);
      for (const Synapse& x : row) all.emplace_back(s, x.target);
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto first = pairs(0, 1);
  for (const auto& other : {pairs(1, 1), pairs(0, 2)}) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> both;
    std::set_intersection(first.begin(), first.end(), other.begin(), other.end(),
                          std::back_inserter(both));
    CHECK(static_cast<double>(both.size()) ==
          Approx(400).margin(5 * std::sqrt(400 * 0.99)));  // 40,000 pairs at p = 0.01
  }
}
