// Workers (core/parallel.h). Under the thread sanitizer both calls run on the team, elsewhere
// parallel_for runs on TBB.
#include "core/parallel.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

/// Both calls must keep what they promise in common.
using Call = void (Workers::*)(int, IndexFunction);
const Call calls[] = {&Workers::phase, &Workers::parallel_for};

}  // namespace

TEST_CASE("each index runs once, and what it wrote is seen after the call", "[core][threads]") {
  Workers workers(4);
  for (const Call call : calls) {
    std::vector<int> counts(1000, 0);
    for (int round = 0; round < 20; ++round)
      (workers.*call)(1000, [&](int i) { ++counts[static_cast<std::size_t>(i)]; });
    CHECK(counts == std::vector<int>(1000, 20));
  }
}

TEST_CASE("a phase sees all that the phase before it wrote", "[core][threads]") {
  Workers workers(3);
  for (const Call call : calls) {
    std::vector<int> first(64, 0);
    std::vector<int> second(64, 0);
    for (int round = 1; round <= 50; ++round) {
      (workers.*call)(64, [&](int i) { first[static_cast<std::size_t>(i)] += i; });
      (workers.*call)(64, [&](int i) {
        second[static_cast<std::size_t>(i)] = first[static_cast<std::size_t>(63 - i)];
      });
      for (int i = 0; i < 64; ++i) REQUIRE(second[static_cast<std::size_t>(i)] == (63 - i) * round);
    }
  }
}

TEST_CASE("every worker of a phase is a thread of its own, and has the same indices each time",
          "[core][threads]") {
  for (const int n : {1, 2, 4}) {
    Workers workers(n);
    CHECK(workers.size() == n);
    std::vector<std::thread::id> first(12), again(12);
    workers.phase(12,
                  [&](int i) { first[static_cast<std::size_t>(i)] = std::this_thread::get_id(); });
    // Long enough apart for the others to have fallen asleep, and at once.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (int round = 0; round < 3; ++round) {
      workers.phase(
          12, [&](int i) { again[static_cast<std::size_t>(i)] = std::this_thread::get_id(); });
      CHECK(again == first);
    }
    CHECK(std::set(first.begin(), first.end()).size() == static_cast<std::size_t>(n));
    CHECK(workers.distinct_threads() == static_cast<std::size_t>(n));
    CHECK(workers.indices_run() ==
          std::vector<std::int64_t>(static_cast<std::size_t>(n), 4 * 12 / n));
  }
}

TEST_CASE("phases without number: no worker is lost between them", "[core][threads]") {
  Workers workers(3);
  std::vector<std::int64_t> sums(3, 0);
  for (int round = 0; round < 2'000; ++round)
    workers.phase(3, [&](int i) { sums[static_cast<std::size_t>(i)] += round; });
  CHECK(sums == std::vector<std::int64_t>(3, 1'999'000));
}

TEST_CASE("the exception of the lowest index arrives, and all others have run", "[core][threads]") {
  Workers workers(4);
  for (const Call call : calls) {
    std::atomic<int> done = 0;
    const auto run = [&](int i) {
      ++done;
      if (i == 11 || i == 7 || i == 90) throw std::runtime_error(std::to_string(i));
    };
    CHECK_THROWS_WITH((workers.*call)(100, run), "7");
    CHECK(done == 100);
    (workers.*call)(100, [&](int) { ++done; });
    CHECK(done == 200);
  }
}

TEST_CASE("subnormal numbers are zero inside a worker", "[core][threads]") {
  Workers workers(2);
  volatile double smallest_normal = 2.2250738585072014e-308;
  for (const Call call : calls) {
    std::vector<double> halves(8, 1);
    (workers.*call)(8, [&](int i) { halves[static_cast<std::size_t>(i)] = smallest_normal / 2; });
    CHECK(halves == std::vector<double>(8, 0));
  }
}

TEST_CASE("a number of workers that cannot be is refused", "[core]") {
  CHECK_THROWS_AS(Workers(0), Error);
  CHECK_THROWS_AS(Workers(1025), Error);
}
