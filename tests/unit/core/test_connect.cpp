// Connection rules: what they promise whatever was drawn. Their laws are tested in
// tests/statistical/test_degrees.cpp.
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "tests/catch.h"
#include "tests/unit/core/one_projection.h"

using namespace ranvier;
using namespace ranvier::test;
using Rule = Connector::Rule;

namespace {

/// Every rule, in the given manner, on 300 neurons of one population or 300 x 9,000 of two (three
/// logical blocks).
std::vector<Connector> every_rule(bool self, bool multiple, bool within_one) {
  std::vector<Connector> all;
  for (const Rule rule : {Rule::all_to_all, Rule::one_to_one, Rule::fixed_probability,
                          Rule::fixed_indegree, Rule::fixed_outdegree, Rule::fixed_total_number,
                          Rule::list, Rule::distance_dependent, Rule::small_world}) {
    if (!within_one && (rule == Rule::one_to_one || rule == Rule::small_world)) continue;
    Connector c;
    c.rule = rule;
    c.probability = 0.2;
    c.number = rule == Rule::fixed_total_number ? 20'000 : 40;
    c.rewiring = 0.5;
    c.distance = {DistanceFunction::Kind::gaussian, 0.9, 20, 0, 1};
    c.self_connections = self;
    c.multiple_connections = multiple;
    c.sources = std::make_shared<const std::vector<std::uint32_t>>(
        std::vector<std::uint32_t>{5, 0, 5, 7, 299, 5});
    c.targets = std::make_shared<const std::vector<std::uint32_t>>(
        std::vector<std::uint32_t>{1, 2, 5, 299, 0, 64});
    all.push_back(c);
  }
  return all;
}

std::string refusal(const Network& network) {
  try {
    estimate(network, 0, 0.1);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::range);
    return error.what();
  }
  return "";
}

Array array(std::vector<double> values) {
  return std::make_shared<const std::vector<double>>(std::move(values));
}

}  // namespace

TEST_CASE("walking from source to source misses no synapse, for every rule", "[core]") {
  for (const bool within_one : {true, false})
    for (const Connector& c : every_rule(true, true, within_one)) {
      const std::uint64_t n_sources = within_one ? 300 : 10'000;  // many more than synapses, or few
      const Network network =
          one_projection(static_cast<std::int64_t>(n_sources), 9000, c, within_one);
      RunSettings run;
      const std::uint32_t begin = 70, end = 90;
      const auto rows = make_rows(network, 0, run, {begin, end});
      std::vector<Edge> walked;
      std::vector<Synapse> row;
      for (std::uint64_t s = rows->next_source(0); s < n_sources; s = rows->next_source(s + 1)) {
        row.clear();
        rows->append(s, row);
        for (const Synapse& x : row)
          walked.emplace_back(static_cast<std::uint32_t>(s), x.target, x.delay, x.weight);
      }
      std::sort(walked.begin(), walked.end());
      CHECK(walked == edges(network, begin, end));
    }
}

TEST_CASE("the union over any cut of the targets is the whole projection, for every rule",
          "[core]") {
  for (const bool within_one : {true, false})
    for (const bool multiple : {true, false})
      for (const Connector& c : every_rule(false, multiple, within_one)) {
        Network network = one_projection(300, within_one ? 300 : 9000, c, within_one);
        network.projections[0].weight = Distribution{Distribution::Kind::normal, 1, 0.1};
        network.projections[0].delay = Distribution{Distribution::Kind::normal, 1.5, 0.75, 0.1};
        const std::uint32_t n = within_one ? 300 : 9000;
        const auto whole = edges(network);
        CAPTURE(static_cast<int>(c.rule), within_one, multiple);
        REQUIRE(whole.empty() ==
                (c.rule ==
                 Rule::one_to_one));  // which is nothing but self-connections within one population
        for (std::uint64_t trial = 0; trial < 3; ++trial) {
          std::set<std::uint32_t> cuts{0, n};
          for (std::uint64_t k = 0; k < 4; ++k)
            cuts.insert(static_cast<std::uint32_t>(hash_word(99 + trial, k) % n));
          std::vector<Edge> joined;
          for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
            const auto part = edges(network, *cut, *std::next(cut));
            joined.insert(joined.end(), part.begin(), part.end());
          }
          std::sort(joined.begin(), joined.end());
          CHECK(joined == whole);
        }
        if (c.rule != Rule::list && c.rule != Rule::all_to_all && c.rule != Rule::one_to_one)
          CHECK(edges(network, 2) != whole);
      }
}

// Of fewer synapses than logical blocks, which then are larger: a part of the targets is drawn with
// all others. Where they fall: chi-square over ninths, 5 standard deviations.
TEST_CASE("few synapses of many neurons are the same for any cut, and anywhere", "[core]") {
  for (const Rule rule :
       {Rule::fixed_probability, Rule::fixed_outdegree, Rule::fixed_total_number}) {
    Connector c;
    c.rule = rule;
    c.number = rule == Rule::fixed_outdegree ? 1 : 3000;
    c.probability = 1.0 / 9000;
    const Network network = one_projection(3000, 9000, c, false);
    CAPTURE(static_cast<int>(rule));
    CHECK(targets_of_block(c, 3000, 9000) == 16'384);
    const auto whole = edges(network);
    std::vector<Edge> joined;
    for (const auto& [begin, end] :
         {std::pair{0u, 10u}, {10u, 4096u}, {4096u, 8999u}, {8999u, 9000u}}) {
      const auto part = edges(network, begin, end);
      joined.insert(joined.end(), part.begin(), part.end());
    }
    std::sort(joined.begin(), joined.end());
    CHECK(joined == whole);
    std::array<double, 9> targets{}, sources{};
    for (const auto& [s, t, d, w] : whole) ++targets[t / 1000], ++sources[s / 334];
    const double n = static_cast<double>(whole.size());
    if (rule == Rule::fixed_probability) CHECK(std::abs(n - 3000) < 5 * std::sqrt(3000));
    else CHECK(n == 3000);
    double chi = 0, chi_of_sources = 0;
    for (std::size_t k = 0; k < 9; ++k) {
      chi += (targets[k] - n / 9) * (targets[k] - n / 9) / (n / 9);
      const double expected = n * std::min(334.0, 3000 - 334.0 * static_cast<double>(k)) / 3000;
      chi_of_sources += (sources[k] - expected) * (sources[k] - expected) / expected;
    }
    CHECK(chi < 8 + 5 * 4);  // mean 8, s.d. 4
    CHECK(chi_of_sources < 8 + 5 * 4);
  }
  Connector total;
  total.rule = Rule::fixed_total_number;
  total.number = 1000;
  const auto rows =
      make_rows(one_projection(100'000, 1'000'000, total, false), 0, {}, {0, 1'000'000});
  CHECK(rows->bytes() == 400'000);  // a count a source
}

TEST_CASE("among billions of targets a source with hardly any has no more", "[core]") {
  Connector c;
  c.rule = Rule::fixed_probability;
  c.probability = 2.5e-11;
  Network network = one_projection(3000, 0, c);
  network.populations[1].size = 4'000'000'000;
  CHECK(std::abs(static_cast<double>(edges(network).size()) - 300) < 5 * std::sqrt(300));
}

TEST_CASE(
    "forbidden self-connections and multiple connections do not occur, and no synapse is lost by "
    "that",
    "[core]") {
  for (const bool multiple : {true, false})
    for (const Connector& c : every_rule(false, multiple, true)) {
      const auto all = edges(one_projection(300, 0, c, true));
      CAPTURE(static_cast<int>(c.rule), multiple);
      std::map<std::pair<std::uint32_t, std::uint32_t>, int> pairs;
      std::vector<std::int64_t> in(300), out(300);
      for (const auto& [s, t, d, w] : all) ++pairs[{s, t}], ++in[t], ++out[s];
      int self = 0, most = 1;
      for (const auto& [pair, n] : pairs)
        self += pair.first == pair.second, most = std::max(most, n);
      CHECK(self == 0);
      if (!multiple || c.rule == Rule::small_world) CHECK(most == 1);
      if (multiple && c.rule == Rule::fixed_total_number) CHECK(pairs.size() < all.size());
      if (c.rule == Rule::fixed_indegree) CHECK(in == std::vector<std::int64_t>(300, 40));
      if (c.rule == Rule::fixed_outdegree || c.rule == Rule::small_world)
        CHECK(out == std::vector<std::int64_t>(300, 40));
      if (c.rule == Rule::fixed_total_number) CHECK(all.size() == 20'000);
      if (c.rule == Rule::all_to_all) CHECK(all.size() == 300 * 299);
    }
}

TEST_CASE("degrees at their limit connect every allowed pair once", "[core]") {
  for (const Rule rule : {Rule::fixed_indegree, Rule::fixed_outdegree, Rule::fixed_total_number}) {
    Connector c;
    c.rule = rule;
    c.self_connections = c.multiple_connections = false;
    c.number = rule == Rule::fixed_total_number ? 50 * 49 : 49;
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const auto& [s, t, d, w] : edges(one_projection(50, 0, c, true))) pairs.insert({s, t});
    CHECK(pairs.size() == 50 * 49);
    c.number += 1;
    CHECK(refusal(one_projection(50, 0, c, true)).rfind("projection \"p\": number: ", 0) == 0);
  }
}

TEST_CASE("arrays read back as given: by row for all_to_all, in order for lists", "[core]") {
  Connector c;
  Network network = one_projection(2, 3, c);
  network.projections[0].weight = array({0.1, 0.2, 0.3, 0.4, 0.5, -0.6});
  network.projections[0].delay =
      array({0.1, 0.2, 0.3, 0.4, 0.5, 0.64});  // 6.4 steps: the nearest are 6
  CHECK(edges(network) == std::vector<Edge>{{0, 0, 1, 0.1},
                                            {0, 1, 2, 0.2},
                                            {0, 2, 3, 0.3},
                                            {1, 0, 4, 0.4},
                                            {1, 1, 5, 0.5},
                                            {1, 2, 6, -0.6}});
  const auto e = estimate(network, 0, 0.1);
  CHECK(e.synapses == 6);
  CHECK(e.max_abs_weight == 0.6);
  CHECK(e.min_delay == 1);
  CHECK(e.max_delay == 6);
  CHECK(e.rounded_delays == 1);

  c = every_rule(true, true, true)[6];
  network = one_projection(300, 300, c);
  network.projections[0].weight = array({1, 2, 3, 4, 5, 6});
  CHECK(edges(network) == std::vector<Edge>{{0, 2, 10, 2},
                                            {5, 1, 10, 1},
                                            {5, 5, 10, 3},
                                            {5, 64, 10, 6},
                                            {7, 299, 10, 4},
                                            {299, 0, 10, 5}});
}

// As NEST 3.10 has them: nest.Connect with these delays at a resolution of 0.1 ms.
TEST_CASE("delays halfway between two steps take the later one", "[core]") {
  Network network = one_projection(1, 20, Connector{});
  std::vector<double> halves, ones(20, 1.0);
  for (int k = 1; k <= 20; ++k) halves.push_back((100.0 * k + 50) / 1000);
  network.projections[0].weight = array(ones);
  network.projections[0].delay = array(halves);
  std::vector<Edge> expected;
  for (std::uint32_t k = 0; k < 20; ++k) expected.push_back({0, k, k + 2, 1});
  CHECK(edges(network) == expected);
  CHECK(estimate(network, 0, 0.1).max_delay == 21);
}

TEST_CASE("bounds of an estimate hold for what is drawn", "[core]") {
  using Kind = Distribution::Kind;
  for (const Distribution::Bounds bounds :
       {Distribution::Bounds::clip, Distribution::Bounds::redraw})
    for (const Kind kind : {Kind::normal, Kind::uniform, Kind::lognormal, Kind::exponential}) {
      Network network = one_projection(300, 500, Connector{});
      network.projections[0].weight = Distribution{kind, 0.5, 1.5, -0.7, 2.2, bounds};
      network.projections[0].delay = Distribution{kind, 0.5, 1.5, 0.3, 2.2, bounds};
      const auto e = estimate(network, 0, 0.1);
      for (const auto& [s, t, d, w] : edges(network))
        if (std::fabs(w) > e.max_abs_weight || w < -0.7 || w > 2.2 || d < e.min_delay ||
            d > e.max_delay || d < 3 || d > 22)
          FAIL("bounds left");
    }
  Network network = one_projection(100, 100, Connector{});
  network.projections[0].weight = DistanceFunction{DistanceFunction::Kind::exponential, 2, 10};
  network.projections[0].delay = DistanceFunction{DistanceFunction::Kind::linear, 0.1, 0.2};
  const auto e = estimate(network, 0, 0.1);
  CHECK(e.max_abs_weight == 2.0);
  CHECK(e.min_delay == 1);
  CHECK(e.max_delay == 199);
  for (const auto& [s, t, d, w] : edges(network)) {
    const double distance = std::fabs(static_cast<double>(s) - static_cast<double>(t));
    CHECK(w == Approx(2 * std::exp(-distance / 10)).epsilon(1e-14));
    CHECK(d == 1 + 2 * static_cast<std::uint32_t>(distance));
  }
}

TEST_CASE("what cannot be connected is refused with projection, field, value and what is accepted",
          "[core]") {
  Network network = one_projection(3, 4, Connector{});
  network.projections[0].delay = 0.05;
  CHECK(refusal(network) ==
        "projection \"p\": delay: 0.05 ms, must be at least one step of 0.1 ms");
  network.projections[0].delay = array(std::vector<double>(11, 1.0));
  CHECK(refusal(network) == "projection \"p\": delay: 11 values, must be 12 (one a connection)");
  network.projections[0].delay = Distribution{Distribution::Kind::normal, 1, 0.1, 5.0, 6.0};
  CHECK(refusal(network).find("hardly any of the law lies within its bounds") != std::string::npos);
  network = one_projection(3, 4, Connector{});
  network.projections[0].connector.rule = Rule::one_to_one;
  CHECK(refusal(network) ==
        "projection \"p\": rule one_to_one: source has 3 neurons and target 4, must be equal");
  network.projections[0].connector.rule = Rule::fixed_probability;
  network.projections[0].weight = array(std::vector<double>(12, 1.0));
  CHECK(refusal(network) ==
        "projection \"p\": weight: an array needs the rule list, one_to_one or all_to_all");
}

TEST_CASE("functions of distance that are not finite between some pair are refused", "[core]") {
  using Kind = DistanceFunction::Kind;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const DistanceFunction steep{Kind::linear, 1, 1e308, -infinity, infinity},
      narrow{Kind::gaussian, 1, 1e-200, -infinity, infinity};
  Network network = one_projection(3, 4, Connector{});
  network.projections[0].weight = steep;  // finite between neighbours alone
  CHECK(refusal(network) ==
        "projection \"p\": weight: the function of distance is inf at 3 um, must be finite");
  network.projections[0].weight = narrow;
  CHECK(refusal(network) == "projection \"p\": weight: b: 1e-200 um, must have a square > 0");
  network.projections[0].weight = 1.0;
  network.projections[0].delay = narrow;
  CHECK(refusal(network) == "projection \"p\": delay: b: 1e-200 um, must have a square > 0");
  network.projections[0].delay = 1.0;
  network.projections[0].connector.rule = Rule::distance_dependent;
  network.projections[0].connector.distance = narrow;
  CHECK(refusal(network) == "projection \"p\": probability: b: 1e-200 um, must have a square > 0");
  network.projections[0].connector.distance = {Kind::linear, 0, 1e308, 0, 1};  // clipped
  CHECK(refusal(network).empty());
}

TEST_CASE("names that HDF5 does not take are refused", "[core]") {
  Network n;
  n.populations.resize(1);
  n.populations[0].size = 2;
  for (const std::string& name : {std::string("."), std::string("a\0b", 3)}) {
    n.populations[0].name = name;
    CHECK_THROWS_WITH(check(n, {}), Catch::Contains("a name must not "));
  }
  n.populations[0].name = "..";
  CHECK_NOTHROW(check(n, {}));
}

TEST_CASE("a position that is not finite is refused by its neuron", "[core]") {
  Network n;
  n.populations.resize(1);
  n.populations[0].name = "a";
  n.populations[0].size = 2;
  n.populations[0].positions = {{0, 0, 0}, {0, std::nan(""), 0}};
  CHECK_THROWS_WITH(check(n, {}),
                    "population \"a\": positions: neuron 1 lies at nan, must be finite");
}
