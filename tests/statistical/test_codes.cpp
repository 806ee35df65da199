// The error of a round trip, value -> spikes -> value, against the law that a code's page states,
// as a function of the window T and the grid dt. The laws are closed forms: variance of a Poisson
// count, rounding of a count, of a time, of a binary fraction. Each bound is also nearly reached,
// so that it is the law and not just a bound.
#include "encoding/codes.h"

#include "tests/catch.h"
#include "tests/statistical/law.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

constexpr double slack = 1e-9;  // of doubles; and dt = 0 means 1 ns

std::vector<double> spread(std::size_t n) {
  std::vector<double> values;
  for (std::size_t i = 0; i <= n; ++i)
    values.push_back(static_cast<double>(i) / static_cast<double>(n));
  return values;
}

std::vector<double> round_trip(CodeSettings s, const std::vector<double>& values,
                               std::uint64_t seed = 1) {
  s.shape.n_channels = values.size() / s.shape.n_steps;
  const EncodedSpikes spikes = encode_samples(s, values, seed);
  return decode_samples(s, spikes.times, spikes.channels, 1);
}

/// The largest error over its bound, a value in [0, 1] each.
double worst(const CodeSettings& s, const std::function<double(double x)>& bound,
             std::size_t n = 2000) {
  const std::vector<double> values = spread(n), back = round_trip(s, values);
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::fabs(back[i] - values[i]);
    if (error > slack) largest = std::max(largest, error / bound(values[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("a Poisson rate is off by 1 / sqrt(r T): its count has the Poisson law",
          "[statistical]") {
  const double rate = 0.1, n = 20000;  // 1/ms of the value 1
  for (const double window : {50.0, 200.0, 800.0, 3200.0})
    for (const double x : {0.25, 1.0}) {
      const double mean = x * rate * window;
      const CodeSettings s{"rate_poisson", {}, {1, 1, window}};
      const auto back = round_trip(s, std::vector<double>(static_cast<std::size_t>(n), x));
      double squares = 0, sum = 0;
      std::vector<double> seen(static_cast<std::size_t>(mean + 12 * std::sqrt(mean) + 12)),
          expected = seen;
      for (const double one : back) {
        sum += (one - x) / x;
        squares += (one - x) * (one - x) / (x * x);
        ++seen.at(static_cast<std::size_t>(std::lround(one * rate * window)));
      }
      for (std::size_t k = 0; k < expected.size(); ++k) {
        const double count = static_cast<double>(k);
        expected[k] = n * std::exp(count * std::log(mean) - mean - std::lgamma(count + 1));
      }
      CAPTURE(window, x);
      CHECK(std::fabs(sum / n) < 5 / std::sqrt(mean * n));
      CHECK(std::fabs(squares / n * mean - 1) < 5 * std::sqrt((2 + 1 / mean) / n));
      CHECK(test::deviate(seen, expected) < 5);
    }
}

TEST_CASE("a regular rate is off by at most half a spike: 1 / (2 r T)", "[statistical]") {
  for (const double window : {50.0, 200.0, 800.0, 3200.0}) {
    const double ratio = worst({"rate_regular", {}, {1, 1, window}},
                               [window](double) { return 1 / (2 * 0.1 * window); });
    CAPTURE(window, ratio);
    CHECK(ratio <= 1 + slack);
    CHECK(ratio > 0.9);
    CHECK(worst({"rate_regular", {}, {1, 1, window, 1}},
                [window](double) { return 1 / (0.1 * window); }) <= 1 + slack);
  }
}

TEST_CASE("an interval is off by the rounding of its ends over the number of intervals",
          "[statistical]") {
  for (const double window : {100.0, 400.0, 1600.0})
    for (const double dt : {0.1, 1.0}) {
      const double ratio = worst({"isi", {}, {1, 1, window, dt}}, [=](double x) {
        const double n = std::floor(window / (50 - 45 * x));
        return dt / ((n - 1) * 45);
      });
      CAPTURE(window, dt, ratio);
      CHECK(ratio <= 1 + slack);
      CHECK(ratio > 0.8);
    }
}

TEST_CASE("a first spike is late by less than dt: dt / T, and x dt / tau with a logarithm",
          "[statistical]") {
  for (const double window : {20.0, 100.0, 500.0})
    for (const double dt : {0.1, 1.0}) {
      const CodeSettings s{"ttfs_linear", {}, {1, 1, window, dt}};
      const double ratio = worst(s, [=](double) { return dt / window; });
      CAPTURE(window, dt, ratio);
      CHECK(ratio <= 1 + slack);
      CHECK(ratio > 0.8);
      const double logarithmic = worst({"ttfs_logarithmic", {}, {1, 1, window, dt}}, [=](double x) {
        return x >= std::exp(-window / 20) ? x * dt / 20 : std::exp(-window / 20);
      });
      CHECK(logarithmic <= 1 + slack);
      CHECK(logarithmic > 0.8);
    }
}

TEST_CASE("each phase that fits in the window halves the error", "[statistical]") {
  for (const double window : {1.0, 2.0, 4.0, 6.5, 8.0, 100.0}) {
    const double bits = std::min(8.0, std::floor(window));
    const double ratio =
        worst({"phase", {}, {1, 1, window, 0.25}}, [=](double) { return std::exp2(-bits); });
    CAPTURE(window, ratio);
    CHECK(ratio <= 1 + slack);
    CHECK(ratio > 0.99);  // the value 1 has no finite binary fraction below it
  }
}

TEST_CASE("a burst of n spikes is off by dt / (n - 1) in its interval", "[statistical]") {
  for (const double dt : {0.1, 1.0}) {
    const double ratio = worst({"burst", {}, {1, 1, 50, dt}}, [dt](double x) {
      const double n = std::ceil(5 * x);
      return n < 2 ? 0.1 : dt / ((n - 1) * 8);
    });
    CAPTURE(dt, ratio);
    CHECK(ratio <= 1 + slack);
    CHECK(ratio > 0.8);
  }
}

TEST_CASE("an order comes back exactly, values of the decoder's series too", "[statistical]") {
  std::vector<double> values = spread(99), series(100);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = values[i] * values[i];
    series[(i * 37) % 100] = std::pow(0.9, static_cast<double>(i));
  }
  std::rotate(values.begin(), values.begin() + 31, values.end());
  const CodeSettings s{"rank_order", {}, {1, 1, 50, 0.5}};
  const auto back = round_trip(s, values);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j)
      if (values[i] > values[j]) REQUIRE(back[i] > back[j]);
  const auto same = round_trip(s, series);
  for (std::size_t i = 0; i < series.size(); ++i) CHECK(same[i] == Approx(series[i]));
}

TEST_CASE("two receptive fields say a value but for the rounding of their spikes",
          "[statistical]") {
  for (const double window : {50.0, 200.0, 800.0}) {
    const double dt = 0.1;
    const double ratio = worst({"population", {}, {1, 1, window, dt}}, [=](double x) {
      const double to_centre = std::fabs(std::remainder(x - 0.05, 0.1));
      const auto g = [](double d) { return std::exp(-d * d * 15 * 15 / 2); };
      return dt / window * (1 / g(to_centre) + 1 / g(0.1 - to_centre)) / (1.5 * 1.5 * 10);
    });
    CAPTURE(window, ratio);
    CHECK(ratio <= 1 + slack);
    CHECK(ratio > 0.4);
  }
}

TEST_CASE("a phase of an oscillation is late by less than dt: pi dt / P", "[statistical]") {
  for (const double dt : {0.05, 0.5}) {
    const double ratio = worst({"latency_oscillation", {}, {1, 1, 100, dt}},
                               [dt](double) { return std::numbers::pi * dt * 0.040; });
    CAPTURE(dt, ratio);
    CHECK(ratio <= 1 + slack);
    CHECK(ratio > 0.5);
  }
}

TEST_CASE("signals come back within the threshold, whatever the window", "[statistical]") {
  const std::size_t n = 400;
  std::vector<double> signal;
  for (std::size_t k = 0; k < n; ++k)
    signal.push_back(0.4 * std::sin(0.05 * static_cast<double>(k)) +
                     0.1 * std::sin(0.23 * static_cast<double>(k)));
  for (const double window : {40.0, 400.0})
    for (const double threshold : {0.05, 0.1})
      for (const char* code : {"delta_modulation", "step_forward"}) {
        const auto back = round_trip({code, {{"threshold", threshold}}, {1, n, window}}, signal);
        double largest = 0;
        for (std::size_t k = 0; k < n; ++k)
          largest = std::max(largest, std::fabs(back[k] - signal[k]));
        CAPTURE(code, window, threshold, largest);
        CHECK(largest <= threshold * (1 + slack));
        CHECK(largest > 0.8 * threshold);
      }
}

TEST_CASE("Ben's Spiker Algorithm follows a slow signal to the height of its filter",
          "[statistical]") {
  const std::size_t n = 2000;
  std::vector<double> signal;
  for (std::size_t k = 0; k < n; ++k)
    signal.push_back(0.5 + 0.4 * std::sin(0.004 * static_cast<double>(k)));
  for (const double width : {2.0, 5.0, 15.0})
    for (const double threshold : {0.5, 0.7, 0.9}) {
      const auto back =
          round_trip({"bsa", {{"width", width}, {"threshold", threshold}}, {1, n, 2000}}, signal);
      double largest = 0;
      const auto edge = static_cast<std::size_t>(6 * width);
      for (std::size_t k = edge; k < n - edge; ++k)
        largest = std::max(largest, std::fabs(back[k] - signal[k]));
      const double law = 1 / (width * std::sqrt(2 * std::numbers::pi)) + (1 - threshold) / 2;
      CAPTURE(width, threshold, largest, law);
      CHECK(largest <= law);
      CHECK(largest > 0.3 * law);
    }
}
