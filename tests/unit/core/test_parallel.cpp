// Workers (core/parallel.h). Under the thread sanitizer these run on std::thread, elsewhere on TBB.
#include "core/parallel.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("each index runs once, and what it wrote is seen after the call", "[core][threads]") {
  Workers workers(4);
  std::vector<int> counts(1000, 0);
  for (int round = 0; round < 20; ++round) {
    workers.parallel_for(1000, [&](int i) { ++counts[static_cast<std::size_t>(i)]; });
  }
  CHECK(counts == std::vector<int>(1000, 20));
}

TEST_CASE("a phase sees all that the phase before it wrote", "[core][threads]") {
  Workers workers(3);
  std::vector<int> first(64, 0);
  std::vector<int> second(64, 0);
  for (int round = 1; round <= 50; ++round) {
    workers.parallel_for(64, [&](int i) { first[static_cast<std::size_t>(i)] += i; });
    workers.parallel_for(64, [&](int i) {
      second[static_cast<std::size_t>(i)] = first[static_cast<std::size_t>(63 - i)];
    });
    for (int i = 0; i < 64; ++i) REQUIRE(second[static_cast<std::size_t>(i)] == (63 - i) * round);
  }
}

TEST_CASE("as many threads as asked for do the work, whatever the affinity", "[core][threads]") {
  for (const int n : {1, 2, 4}) {
    Workers workers(n);
    CHECK(workers.size() == n);
    for (int round = 0; round < 500 && workers.distinct_threads() < static_cast<std::size_t>(n);
         ++round) {
      workers.parallel_for(n,
                           [](int) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
    }
    CHECK(workers.distinct_threads() == static_cast<std::size_t>(n));
  }
}

TEST_CASE("the exception of the lowest index arrives, and all others have run", "[core][threads]") {
  Workers workers(4);
  std::atomic<int> done = 0;
  const auto run = [&](int i) {
    ++done;
    if (i == 11 || i == 7 || i == 90) throw std::runtime_error(std::to_string(i));
  };
  CHECK_THROWS_WITH(workers.parallel_for(100, run), "7");
  CHECK(done == 100);
  workers.parallel_for(100, [&](int) { ++done; });
  CHECK(done == 200);
}

TEST_CASE("subnormal numbers are zero inside a worker", "[core][threads]") {
  Workers workers(2);
  volatile double smallest_normal = 2.2250738585072014e-308;
  std::vector<double> halves(8, 1);
  workers.parallel_for(8,
                       [&](int i) { halves[static_cast<std::size_t>(i)] = smallest_normal / 2; });
  CHECK(halves == std::vector<double>(8, 0));
}

TEST_CASE("a number of workers that cannot be is refused", "[core]") {
  CHECK_THROWS_AS(Workers(0), Error);
  CHECK_THROWS_AS(Workers(1025), Error);
}
