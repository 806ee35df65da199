// Measures of spike trains where closed forms say the answer. Against elephant and PySpike:
// tests/unit/python/test_measures.py.
#include "core/error.h"
#include "encoding/measures/counts.h"
#include "encoding/measures/distances.h"
#include "encoding/measures/intervals.h"
#include "tests/catch.h"

#include <cmath>

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

SpikeTrains trains_of(const std::vector<std::vector<double>>& all) {
  SpikeTrains trains;
  for (const std::vector<double>& one : all) {
    trains.times.insert(trains.times.end(), one.begin(), one.end());
    trains.begin.push_back(trains.times.size());
  }
  return trains;
}

}  // namespace

TEST_CASE("spikes by time become trains by neuron, others are left out", "[encoding]") {
  const std::vector<double> times{1, 2, 3, 4, 5};
  const std::vector<std::int64_t> neurons{2, 0, 2, -1, 3};
  const SpikeTrains trains = by_neuron(times, neurons, 3);
  REQUIRE(trains.size() == 3);
  CHECK(std::vector<double>(trains[0].begin(), trains[0].end()) == std::vector<double>{2});
  CHECK(trains[1].empty());
  CHECK(std::vector<double>(trains[2].begin(), trains[2].end()) == std::vector<double>{1, 3});
}

TEST_CASE("measures of intervals need two of them and are their closed forms", "[encoding]") {
  for (const auto measure : {cv, cv2, lv}) {
    CHECK(std::isnan(measure(std::vector<double>{})));
    CHECK(std::isnan(measure(std::vector<double>{1, 2})));
    CHECK(measure(std::vector<double>{1, 2, 3, 4}) == Approx(0).margin(1e-12));
  }
  const std::vector<double> train{0, 1, 4};  // intervals 1 and 3
  CHECK(std::isnan(cv(std::vector<double>{1, 1, 1})));
  CHECK(cv(train) == Approx(0.5));
  CHECK(cv2(train) == Approx(1));
  CHECK(lv(train) == Approx(0.75));
  CHECK(cv_of_sums(2, 4, 10) == Approx(0.5));
  CHECK(interval_histogram(trains_of({train, {0, 1, 2.5}}), 1, 3) ==
        std::vector<std::int64_t>{0, 3, 0});
}

TEST_CASE("a bin holds the spikes after its begin up to its end", "[encoding]") {
  const SpikeTrains trains = trains_of({{0, 10, 10.5, 20}, {}, {30, 30.1}});
  CHECK(psth(trains, bins_of(0, 30, 10)) ==
        std::vector<double>{1000.0 / 30, 2000.0 / 30, 1000.0 / 30});
  CHECK(rates(trains, 0, 30) == std::vector<double>{100, 0, 1000.0 / 30});
  CHECK(fano_factor(trains, 0, 30) == Approx((9 + 1 + 0 - 3 * 16.0 / 9) / 3 / (4.0 / 3)));
  const std::vector<double> c = correlations(trains, bins_of(0, 30, 10));
  CHECK(c[0] == 1);
  CHECK(std::isnan(c[4]));
  CHECK(c[2] == Approx(-std::sqrt(0.75)));  // counts 1 2 0 and 0 0 1
  CHECK(bins_of(0, 0.3, 0.1).n == 3);
  CHECK(bins_of(0, 0.35, 0.1).n == 4);
}

TEST_CASE("distances of single spikes are closed forms", "[encoding]") {
  const SpikeTrains trains = trains_of({{10}, {12}, {}});
  const auto rossum = van_rossum_distances(trains, 5);
  CHECK(rossum[1] == Approx(std::sqrt(2 * (1 - std::exp(-2.0 / 5)))));
  CHECK(rossum[2] == Approx(1));
  CHECK(victor_purpura_distances(trains, 0.1)[1] == Approx(0.2));
  CHECK(victor_purpura_distances(trains, 10)[1] == 2);
  CHECK(victor_purpura_distances(trains, 10)[2] == 1);
  // 5, 10, ... against 10, 20, ...: every interval is twice the other's.
  SpikeTrains clocks = trains_of({{}, {}});
  for (int k = 0; k <= 20; ++k) clocks.times.push_back(5 * k);
  clocks.begin[1] = clocks.times.size();
  for (int k = 0; k <= 10; ++k) clocks.times.push_back(10 * k);
  clocks.begin[2] = clocks.times.size();
  CHECK(isi_distances(clocks, 0, 100)[1] == Approx(0.5));
  CHECK(isi_distances(clocks, 0, 100)[0] == 0);
  CHECK(spike_distances(trains_of({{3, 9, 50}, {3, 9, 50}}), 0, 100)[1] == 0);
}

TEST_CASE("distances do not depend on where time begins", "[encoding]") {
  for (const double begin : {-1e6, -800.0, 0.0, 1e6}) {
    CAPTURE(begin);
    const SpikeTrains trains =
        trains_of({{begin + 1, begin + 2}, {begin + 1}, {begin + 1500, begin + 1600}});
    const auto rossum = van_rossum_distances(trains, 1);
    CHECK(rossum[1] == Approx(std::sqrt(1 + 2 * std::exp(-1.0) - 2 * std::exp(-1.0))));
    CHECK(rossum[2] == Approx(std::sqrt(4 + 2 * std::exp(-1.0))));  // far apart: both norms
    CHECK(victor_purpura_distances(trains, 1)[2] == 4);
  }
}

TEST_CASE("measures refuse what has no meaning", "[encoding]") {
  const SpikeTrains trains = trains_of({{10}, {12}});
  CHECK_THROWS_AS(van_rossum_distances(trains, 0), Error);
  CHECK_THROWS_AS(victor_purpura_distances(trains, -1), Error);
  CHECK_THROWS_AS(spike_distances(trains, 0, 11), Error);
  CHECK_THROWS_AS(isi_distances(trains, 5, 5), Error);
  CHECK_THROWS_AS(bins_of(0, 1, 0), Error);
  CHECK_THROWS_AS(bins_of(0, 1, 1e-12), Error);
}
