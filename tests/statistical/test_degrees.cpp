// The laws of the connection rules, by Pearson's chi-square at fixed seeds. Each bound is the
// chi-square value that a right sampler passes with a probability below 1e-6 (Wilson & Hilferty
// 1931: k (1 - 2/(9k) + 4.75 sqrt(2/(9k)))^3). Expected counts come from the laws' own formulas
// with the C library's lgamma and erf, independent of core/draw.cpp.
#include <cmath>
#include <functional>

#include "tests/catch.h"
#include "tests/unit/core/one_projection.h"

using namespace ranvier;
using namespace ranvier::test;
using Rule = Connector::Rule;

namespace {

double bound(std::size_t freedom) {
  const double k = static_cast<double>(freedom),
               x = 1 - 2 / (9 * k) + 4.75 * std::sqrt(2 / (9 * k));
  return k * x * x * x;
}

/// Checks integer samples against a probability mass; cells that expect fewer than 8 are joined
/// with the next.
void check_law(const std::vector<std::uint32_t>& samples,
               const std::function<double(std::uint32_t)>& mass, std::uint32_t last) {
  std::vector<double> seen(last + std::size_t{1});
  for (const std::uint32_t x : samples) {
    REQUIRE(x <= last);
    ++seen[x];
  }
  const double n = static_cast<double>(samples.size());
  std::vector<std::pair<double, double>> cells{{0, 0}};  // seen, expected
  double rest = 1;
  for (std::uint32_t x = 0; x <= last; ++x) {
    cells.back().first += seen[x], cells.back().second += n * mass(x), rest -= mass(x);
    if (cells.back().second >= 8 && n * rest >= 8) cells.emplace_back(0, 0);
  }
  double chi_square = 0;
  for (const auto& [observed, expected] : cells)
    chi_square += (observed - expected) * (observed - expected) / expected;
  REQUIRE(cells.size() > 2);
  CAPTURE(cells.size());
  CHECK(chi_square < bound(cells.size() - 1));
}

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

std::function<double(std::uint32_t)> binomial_law(double n, double p) {
  return [=](std::uint32_t k) {
    return k > n ? 0 : std::exp(log_choose(n, k) + k * std::log(p) + (n - k) * std::log1p(-p));
  };
}

std::function<double(std::uint32_t)> hypergeometric_law(double whole, double marked, double n) {
  return [=](std::uint32_t k) {
    return k > n || k > marked || n - k > whole - marked
               ? 0
               : std::exp(log_choose(marked, k) + log_choose(whole - marked, n - k) -
                          log_choose(whole, n));
  };
}

std::vector<std::uint32_t> degrees(const Network& network, bool in, std::uint32_t n) {
  std::vector<std::uint32_t> count(n);
  for (const auto& [s, t, d, w] : edges(network)) ++count[in ? t : s];
  return count;
}

Connector rule(Rule r, std::int64_t number, bool self = true, bool multiple = true,
               double probability = 0) {
  Connector c;
  c.rule = r, c.number = number, c.self_connections = self, c.multiple_connections = multiple,
  c.probability = probability;
  return c;
}

}  // namespace

TEST_CASE("fixed probability: both degrees are binomial", "[core]") {
  for (const double p : {0.004, 0.1, 0.6}) {
    const Network network =
        one_projection(2000, 5000, rule(Rule::fixed_probability, 0, true, true, p));
    check_law(degrees(network, false, 2000), binomial_law(5000, p), 5000);
    check_law(degrees(network, true, 5000), binomial_law(2000, p), 2000);
  }
  check_law(
      degrees(one_projection(3000, 0, rule(Rule::fixed_probability, 0, false, true, 0.01), true),
              false, 3000),
      binomial_law(2999, 0.01), 3000);
}

TEST_CASE(
    "fixed total number: degrees are binomial with multiple connections, hypergeometric without",
    "[core]") {
  // One degree's marginal law; the fixed sum makes the chi-square slightly smaller, never larger,
  // on average.
  const Network many = one_projection(2000, 5000, rule(Rule::fixed_total_number, 200'000));
  check_law(degrees(many, false, 2000), binomial_law(200'000, 1 / 2000.0), 1000);
  check_law(degrees(many, true, 5000), binomial_law(200'000, 1 / 5000.0), 1000);
  const Network within =
      one_projection(3000, 0, rule(Rule::fixed_total_number, 90'000, false), true);
  check_law(degrees(within, false, 3000), binomial_law(90'000, 1 / 3000.0), 1000);
  check_law(degrees(within, true, 3000), binomial_law(90'000, 1 / 3000.0), 1000);
  const Network once =
      one_projection(1000, 60, rule(Rule::fixed_total_number, 30'000, true, false));
  check_law(degrees(once, false, 1000), hypergeometric_law(60'000, 60, 30'000), 60);
}

TEST_CASE("fixed degrees: the other degree is binomial", "[core]") {
  for (const bool multiple : {true, false}) {
    const double p = 50 / 5000.0, q = 50 / 2000.0;
    const Network out = one_projection(2000, 5000, rule(Rule::fixed_outdegree, 50, true, multiple));
    check_law(degrees(out, true, 5000),
              multiple ? binomial_law(2000.0 * 50, 1 / 5000.0) : binomial_law(2000, p), 1000);
    const Network in = one_projection(2000, 5000, rule(Rule::fixed_indegree, 50, true, multiple));
    check_law(degrees(in, false, 2000),
              multiple ? binomial_law(5000.0 * 50, 1 / 2000.0) : binomial_law(5000, q), 1000);
  }
}

TEST_CASE("drawn delays follow the truncated normal law on the grid, weights have its moments",
          "[core]") {
  Network network = one_projection(400, 1000, Connector{});
  network.projections[0].weight = Distribution{Distribution::Kind::normal, 87.8, 8.78, 0};
  network.projections[0].delay = Distribution{Distribution::Kind::normal, 1.5, 0.75, 0.1};
  std::vector<std::uint32_t> delays;
  double sum = 0, squares = 0;
  for (const auto& [s, t, d, w] : edges(network)) {
    delays.push_back(d);
    sum += w, squares += (w - 87.8) * (w - 87.8);
  }
  const auto cumulated = [](double x) {
    return 0.5 * std::erfc(-(x - 1.5) / 0.75 / std::sqrt(2.0));
  };
  check_law(
      delays,
      [&](std::uint32_t d) {
        if (d == 0) return 0.0;
        const double low = cumulated(d == 1 ? 0.1 : (d - 0.5) * 0.1),
                     high = cumulated((d + 0.5) * 0.1);
        return (high - low) / (1 - cumulated(0.1));
      },
      100);
  const double n = static_cast<double>(delays.size());
  CHECK(sum / n == Approx(87.8).margin(5 * 8.78 / std::sqrt(n)));  // five standard errors
  CHECK(std::sqrt(squares / n) ==
        Approx(8.78).epsilon(5 / std::sqrt(2 * n) +
                             6e-4));  // and what the table of quantiles cuts off
}

TEST_CASE("small world: the rewired share of edges is binomial", "[core]") {
  Connector c = rule(Rule::small_world, 20, false, false);
  c.rewiring = 0.3;
  std::vector<std::uint32_t> rewired(2000);
  for (const auto& [s, t, d, w] : edges(one_projection(2000, 0, c, true))) {
    const std::uint32_t ahead = (t + 2000 - s) % 2000;
    rewired[s] += ahead > 10 && ahead < 1990;
  }
  check_law(rewired, binomial_law(20, 0.3), 20);
}
