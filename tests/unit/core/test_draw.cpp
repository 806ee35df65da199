#include "core/distinct.h"
#include "core/rng.h"
#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("Philox 4x32-10 gives Random123's known answers", "[core]") {
  // Random123 1.14, tests/kat_vectors: philox4x32 10 with counter and key all zero, and all ones.
  CHECK(random_block(RandomKey{0}, 0, 0) ==
        std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(random_block(RandomKey{~0ULL}, ~0ULL, ~0ULL) ==
        std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}

TEST_CASE("the normal quantile has the values of R's qnorm", "[core]") {
  CHECK(normal_quantile(0.5) == 0.0);
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(normal_quantile(0.001) == Approx(-3.090232306167814).epsilon(1e-14));
  CHECK(normal_quantile(1e-12) == Approx(-7.034483825301131).epsilon(1e-13));
}

TEST_CASE("binomial draws have the law's mean and variance", "[core]") {
  Words words(42);
  const double n = 1000, p = 3.0 / 7.0;
  double sum = 0, squares = 0;
  constexpr int draws = 20'000;
  for (int i = 0; i < draws; ++i) {
    const auto x = static_cast<double>(binomial(1000, 3, 7, words));
    sum += x;
    squares += x * x;
  }
  const double mean = sum / draws, variance = squares / draws - mean * mean;
  CHECK(mean ==
        Approx(n * p).margin(5 * std::sqrt(n * p * (1 - p) / draws)));  // five standard errors
  CHECK(variance == Approx(n * p * (1 - p)).epsilon(0.05));
  CHECK(binomial(17, 5, 5, words) == 17);
  CHECK(binomial(17, 0, 5, words) == 0);
}

TEST_CASE("a law of which little lies within its bounds is drawn until it does", "[core]") {
  const Distribution rare{Distribution::Kind::normal, 0, 1, 3.090232306167814};  // a thousandth
  for (std::uint64_t h = 0; h < 1000; ++h) CHECK(draw(rare, h) >= rare.low);
}

// Every number is among k of n with probability k / n, every pair with k (k - 1) / (n (n - 1)).
TEST_CASE("k distinct numbers of n: every number and every pair is as likely", "[core]") {
  constexpr std::uint64_t n = 20;
  constexpr int sets = 40'000;
  DistinctNumbers distinct;
  for (const std::uint64_t k : {1u, 5u, 10u, 11u, 17u, 20u}) {
    INFO(k << " of " << n);
    std::array<std::array<int, n>, n> pairs{};
    for (int set = 0; set < sets; ++set) {
      std::vector<std::uint64_t> drawn;
      distinct.draw(random_bits({9}, static_cast<std::uint64_t>(set), k), k, n,
                    [&](std::uint64_t number, std::uint64_t i) {
                      REQUIRE(i == drawn.size());
                      drawn.push_back(number);
                    });
      REQUIRE(drawn.size() == k);
      for (const std::uint64_t a : drawn)
        for (const std::uint64_t b : drawn) ++pairs.at(a).at(b);
    }
    const double one = static_cast<double>(k) / n, two = one * static_cast<double>(k - 1) / (n - 1);
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) {
        const double p = a == b ? one : two, sd = std::sqrt(sets * p * (1 - p));
        CHECK(std::abs(pairs[a][b] - sets * p) <= 5 * sd);
      }
  }
  for (const std::uint64_t k : {0u, 1u}) {
    int calls = 0;
    distinct.draw(3, k, k, [&](std::uint64_t, std::uint64_t) { ++calls; });
    CHECK(calls == static_cast<int>(k));
  }
}

TEST_CASE("a keyed permutation visits every element once", "[core]") {
  for (const std::uint64_t n : {1ULL, 2ULL, 5ULL, 64ULL, 1000ULL}) {
    const Permutation order(7, n);
    std::vector<int> seen(n);
    for (std::uint64_t i = 0; i < n; ++i) ++seen.at(order(i));
    for (const int count : seen) CHECK(count == 1);
  }
}
