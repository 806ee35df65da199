// Drives: counts against the Poisson law (chi-square, mean and variance, fixed seeds), independence
// of the slice, and currents against their formulas.
#define HWY_WANT_AVX3_DL  // as core/step_random.cpp does
#include "core/drive.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>

#include "core/draw.h"
#include "tests/catch.h"
#include "tests/simd_targets.h"

using namespace ranvier;

namespace {

/// Normal deviate of a chi-square value (Wilson & Hilferty 1931): 5 is one in 3.5 million.
double deviate(double chi_square, double freedom) {
  const double a = 2 / (9 * freedom);
  return (std::cbrt(chi_square / freedom) - (1 - a)) / std::sqrt(a);
}

double poisson_probability(double mean, int k) {
  return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
}

struct ChiSquare {
  int cells;
  double deviate;
};

/// How often each number was seen against the law; numbers too rare for a cell share one.
ChiSquare against_the_law(const std::vector<double>& seen, double mean) {
  const double draws = std::accumulate(seen.begin(), seen.end(), 0.0);
  double chi = 0, rest = draws, rest_seen = draws;
  int cells = 0;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    const double expected = draws * poisson_probability(mean, static_cast<int>(k));
    if (expected < 10) continue;
    chi += (seen[k] - expected) * (seen[k] - expected) / expected;
    rest -= expected;
    rest_seen -= seen[k];
    ++cells;
  }
  if (rest > 5) chi += (rest_seen - rest) * (rest_seen - rest) / rest, ++cells;
  return {cells, deviate(chi, cells - 1)};
}

Stimulus poisson_at(double rate) {
  Stimulus s;
  s.type = Stimulus::Type::poisson;
  s.rate = rate;
  return s;
}

/// Sums of a drive over neurons [first, first + size) at one step.
template <class Sum = std::int64_t>
std::vector<Sum> counts(const Stimulus& s, std::int64_t first, std::uint32_t size,
                        std::int64_t step, std::int64_t whole = 1000) {
  PoissonDrive drive(s, 0, RunSettings{}, first, size, whole);
  std::vector<Sum> sums(size);
  drive.add(step, 1, sums.data());
  return sums;
}

/// Rates from 0.5 Hz to 2 MHz, one a neuron.
Stimulus poisson_of_many_rates(std::size_t n) {
  Stimulus s = poisson_at(0);
  std::vector<double> rates;
  for (std::size_t i = 0; i < n; ++i)
    rates.push_back(i % 7 == 0 ? 0 : 0.5 * std::pow(4e6, static_cast<double>(i % 101) / 100));
  s.rate = std::make_shared<const std::vector<double>>(rates);
  return s;
}

}  // namespace

TEST_CASE("Poisson numbers follow the law", "[core]") {
  constexpr int draws = 200'000;
  for (const double mean : {0.001, 0.08, 0.7, 1.6, 3.9, 4.1, 12.0, 100.0}) {
    INFO("mean " << mean);
    const PoissonTable table(mean);
    std::vector<double> seen(400);
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
      const std::uint32_t k = table.draw(RandomKey{77}, static_cast<std::uint64_t>(i % 1000),
                                         static_cast<std::uint64_t>(i / 1000));
      CHECK(k <= table.largest());
      ++seen.at(k);
      sum += k;
      squares += static_cast<double>(k) * k;
    }
    const double got = sum / draws, variance = squares / draws - got * got;
    CHECK(got == Approx(mean).margin(5 * std::sqrt(mean / draws) +
                                     1e-4 * mean));  // five standard errors and the stated bound
    CHECK(variance ==
          Approx(mean).margin(5 * std::sqrt((2 * mean * mean + mean) / draws) + 2e-3 * mean));
    const ChiSquare law = against_the_law(seen, mean);
    if (law.cells > 1) CHECK(law.deviate < 5);
  }
}

TEST_CASE("a rate of zero gives nothing", "[core]") {
  const PoissonTable table(0);
  CHECK(table.largest() == 0);
  for (std::uint64_t i = 0; i < 1000; ++i) CHECK(table.draw(RandomKey{1}, i, 1) == 0);
}

TEST_CASE("a neuron's drive does not depend on its slice, the others or the SIMD target",
          "[core]") {
  std::vector<Stimulus> stimuli = {poisson_at(8000), poisson_at(90'000), poisson_at(20),
                                   poisson_of_many_rates(1000)};
  for (const Stimulus& s : stimuli) {
    const auto whole = counts(s, 0, 1000, 17);
    CHECK(counts(s, 0, 1000, 18) != whole);
    test::for_every_simd_target([&] {
      for (const auto& [first, size] : {std::pair{0, 1000u}, std::pair{64, 200u}, std::pair{3, 1u},
                                        std::pair{517, 130u}, std::pair{5, 2u}, std::pair{7, 9u}}) {
        INFO(first << " and " << size << " more");
        const auto part = counts(s, first, size, 17);
        CHECK(std::equal(part.begin(), part.end(), whole.begin() + first));
        const auto narrow = counts<std::int32_t>(s, first, size, 17);
        CHECK(std::equal(narrow.begin(), narrow.end(), whole.begin() + first));
      }
    });
    const std::vector<std::int64_t> few = {998, 0,  3,  4,  5,  70, 71, 72,
                                           73,  74, 75, 76, 77, 78, 500};
    std::vector<std::int64_t> stretches;  // short and long, across multiples of 64, to the end
    for (const auto& [begin, end] : {std::pair{50, 70},
                                     {120, 141},
                                     {160, 192},
                                     {193, 224},
                                     {250, 300},
                                     {305, 321},
                                     {381, 384},
                                     {973, 1000}})
      for (std::int64_t i = begin; i < end; ++i) stretches.push_back(i);
    for (const std::vector<std::int64_t>& neurons : {few, stretches}) {
      Stimulus some = s;
      some.neurons = neurons;
      const auto sums = counts(some, 0, 1000, 17);
      for (std::int64_t i = 0; i < 1000; ++i) {
        const bool reached = std::find(neurons.begin(), neurons.end(), i) != neurons.end();
        CHECK(sums[static_cast<std::size_t>(i)] ==
              (reached ? whole[static_cast<std::size_t>(i)] : 0));
      }
    }
  }
}

// Each neuron at a rate of its own: chi-square over the classes of each, as above.
TEST_CASE("Poisson numbers of a rate a neuron follow each neuron's law", "[core]") {
  const std::vector<double> means = {0.0005, 0.3, 1.7, 3.9, 4.2, 21.0, 0.0};
  constexpr std::uint32_t copies = 3000, steps = 20;
  Stimulus s = poisson_at(0);
  std::vector<double> rates;
  for (std::uint32_t i = 0; i < copies; ++i)
    for (const double mean : means) rates.push_back(mean * 1e4);
  s.rate = std::make_shared<const std::vector<double>>(rates);
  const auto n = static_cast<std::uint32_t>(rates.size());
  PoissonDrive drive(s, 0, RunSettings{}, 0, n, n);
  std::vector<std::vector<double>> seen(means.size(), std::vector<double>(200));
  for (std::uint32_t step = 1; step <= steps; ++step) {
    std::vector<std::int32_t> sums(n);
    drive.add(step, 1, sums.data());
    for (std::uint32_t i = 0; i < n; ++i) {
      REQUIRE(static_cast<std::uint32_t>(sums[i]) <= drive.largest(i));
      ++seen[i % means.size()].at(static_cast<std::size_t>(sums[i]));
    }
  }
  CHECK(seen.back()[0] == copies * steps);
  for (std::size_t m = 0; m + 1 < means.size(); ++m) {
    INFO("mean " << means[m]);
    const ChiSquare law = against_the_law(seen[m], means[m]);
    CHECK(law.cells > 1);
    CHECK(law.deviate < 5);
  }
}

TEST_CASE("drives keep to their neurons, times and pieces", "[core]") {
  Stimulus s = poisson_at(50'000);
  s.neurons = {3, 70, 71};
  s.start = 1;
  s.stop = 2;
  for (const std::int64_t step : {10, 11, 20, 21}) {  // steps 11 to 20 cover [1 ms, 2 ms)
    const auto sums = counts(s, 0, 128, step);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const bool chosen = i == 3 || i == 70 || i == 71;
      if (!chosen || step == 10 || step == 21) CHECK(sums[i] == 0);
    }
  }
  std::int64_t inside = 0;
  for (std::int64_t step = 11; step <= 20; ++step) inside += counts(s, 0, 128, step)[70];
  CHECK(inside > 20);  // 50 expected; fewer is beyond four standard deviations
  Stimulus pieces = poisson_at(0);
  pieces.times = {0, 5};
  pieces.values = {0, 30'000};
  CHECK(counts(pieces, 0, 64, 50) == std::vector<std::int64_t>(64));
  CHECK(counts(pieces, 0, 64, 51) != std::vector<std::int64_t>(64));
}

TEST_CASE("arrivals of event-driven targets have exponential intervals", "[core]") {
  PoissonDrive drive(poisson_at(100), 0, RunSettings{}, 0, 500, 500);
  std::vector<std::pair<std::int64_t, std::uint32_t>> all;
  for (int w = 0; w < 200; ++w)
    drive.arrivals({Time{w * 10'000'000LL}, Time{(w + 1) * 10'000'000LL}}, all);
  CHECK(static_cast<double>(all.size()) ==
        Approx(100'000).margin(5 * std::sqrt(100'000.0)));  // five standard deviations
  std::vector<double> last(500, 0), classes(10);
  for (const auto& [time, i] : all) {
    const double u =
        std::exp(-100 * (static_cast<double>(time) * 1e-9 - last[i]));  // uniform if exponential
    ++classes[std::min<std::size_t>(9, static_cast<std::size_t>(u * 10))];
    last[i] = static_cast<double>(time) * 1e-9;
  }
  double chi = 0;
  const double expected = static_cast<double>(all.size()) / 10;
  for (const double n : classes) chi += (n - expected) * (n - expected) / expected;
  CHECK(deviate(chi, 9) < 5);
}

TEST_CASE("arrivals do not depend on windows, and go on after a restart", "[core]") {
  Stimulus s = poisson_at(0);
  s.times = {0, 20, 60};
  s.values = {300, 0, 900};
  const auto train = [&](const std::vector<std::int64_t>& ends, std::int64_t from) {
    PoissonDrive drive(s, 0, RunSettings{}, 0, 50, 50);
    std::vector<std::pair<std::int64_t, std::uint32_t>> all;
    if (from > 0) drive.restart_at(Time{from});
    for (const std::int64_t end : ends) {
      drive.arrivals({Time{from}, Time{end}}, all);
      from = end;
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto whole = train({100'000'000}, 0);
  CHECK(whole.size() > 500);
  for (const auto& [time, i] : whole) CHECK((time <= 20'000'000 || time > 60'000'000));
  CHECK(train({1, 7'000'000, 7'000'001, 60'000'000, 100'000'000}, 0) == whole);
  auto tail = whole;
  std::erase_if(tail, [](const auto& arrival) { return arrival.first <= 10'000'000; });
  CHECK(train({100'000'000}, 10'000'000) == tail);
}

TEST_CASE("arrivals keep to their rate when a stop that is still to come is put off", "[core]") {
  Stimulus s = poisson_at(20);
  s.stop = 60;
  for (const double rate : {20.0, 5.0}) {
    INFO(rate);
    PoissonDrive before(s, 0, RunSettings{}, 0, 20'000, 20'000);
    std::vector<std::pair<std::int64_t, std::uint32_t>> all;
    before.arrivals({Time{0}, Time{50'000'000}}, all);
    Stimulus later = poisson_at(rate);
    later.stop = 200;
    PoissonDrive drive(later, 0, RunSettings{}, 0, 20'000, 20'000);
    drive.go_on_from(before, Time{50'000'000});
    for (std::int64_t ms = 50; ms < 90; ms += 10) {
      all.clear();
      drive.arrivals({Time{ms * 1'000'000}, Time{(ms + 10) * 1'000'000}}, all);
      const double expected = 20'000 * rate * 10e-3;
      CHECK(static_cast<double>(all.size()) ==
            Approx(expected).margin(5 * std::sqrt(expected)));  // five standard deviations
    }
  }
}

TEST_CASE("currents are what their formulas say", "[core]") {
  Stimulus s;
  s.amplitude = 0.5;
  s.start = 1;
  s.stop = 3;
  const auto at = [](const Stimulus& stimulus, double ms) {
    return CurrentDrive(stimulus, 0, RunSettings{}, 0, 10, 10).at(2, ms);
  };
  CHECK(at(s, 0.9) == 0);
  CHECK(at(s, 1) == 0.5);
  CHECK(at(s, 2.9) == 0.5);
  CHECK(at(s, 3) == 0);
  s.neurons = {4};
  CHECK(at(s, 2) == 0);
  s = Stimulus{};
  s.type = Stimulus::Type::step;
  s.times = {1, 2};
  s.values = {0.25, -1};
  CHECK(at(s, 0.5) == 0);
  CHECK(at(s, 1.5) == 0.25);
  CHECK(at(s, 50) == -1);
  s = Stimulus{};
  s.type = Stimulus::Type::ac;
  s.amplitude = 2.0;
  s.offset = 0.5;
  s.frequency = 10;
  s.phase = 30;
  s.start = 5;
  CHECK(at(s, 27) ==
        Approx(0.5 + 2 * std::sin(2 * std::numbers::pi * 10 * 0.022 + std::numbers::pi / 6))
            .epsilon(1e-12));
}

TEST_CASE("the sum of currents is what each says of each neuron, step by step", "[core]") {
  std::vector<Stimulus> stimuli(5);
  std::vector<double> amplitudes;
  for (int i = 0; i < 100; ++i) amplitudes.push_back(0.01 * i - 0.3);
  stimuli[0].amplitude = std::make_shared<const std::vector<double>>(amplitudes);
  stimuli[0].start = 1.25;
  stimuli[0].stop = 3.3;
  stimuli[1].type = Stimulus::Type::ac;
  stimuli[1].amplitude = std::make_shared<const std::vector<double>>(amplitudes);
  stimuli[1].offset = 0.1;
  stimuli[1].frequency = 70;
  stimuli[1].phase = 20;
  stimuli[1].start = 2;
  stimuli[1].stop = 3;
  stimuli[2].type = Stimulus::Type::step;
  stimuli[2].times = {0.5, 0.8, 2};
  stimuli[2].values = {1, -2, 0.5};
  stimuli[3].type = Stimulus::Type::noise;
  stimuli[3].stdev = 0.2;
  stimuli[3].interval = 0.7;
  stimuli[3].stop = 4;
  stimuli[4] = stimuli[3];
  stimuli[4].interval = 0;  // a step
  stimuli[4].start = 3;
  for (const auto& [first, size] : {std::pair{0, 100u}, std::pair{37, 21u}})
    for (const std::vector<std::int64_t>& neurons :
         {std::vector<std::int64_t>{}, std::vector<std::int64_t>{39, 40, 41, 42, 50, 3, 57, 99}}) {
      Currents currents;
      int changes = 0;
      for (std::size_t k = 0; k < stimuli.size(); ++k) {
        stimuli[k].neurons = neurons;
        currents.add(CurrentDrive(stimuli[k], k, RunSettings{}, first, size, 100));
      }
      for (std::int64_t step = 1; step <= 60; ++step) {
        changes += currents.make(step, 64 * 2);
        for (std::uint32_t i = 0; i < size; ++i) {
          double sum = 0;
          for (const CurrentDrive& drive : currents.drives())
            sum += drive.at(i, static_cast<double>(step - 1) * RunSettings{}.dt);
          REQUIRE(currents.sum()[i] == sum);
        }
      }
      CHECK(changes < 40);  // 10 by steps of ac, 10 of noise, and some by the others
      CHECK_FALSE(currents.make(60, 64 * 2));
      const std::size_t reached = neurons.empty() ? 0 : static_cast<std::size_t>(39 - first);
      const double before = currents.sum()[reached];
      stimuli[2].values[2] = 7;
      currents.replace(2, CurrentDrive(stimuli[2], 2, RunSettings{}, first, size, 100));
      CHECK(currents.make(60, 64 * 2));
      stimuli[2].values[2] = 0.5;
      CHECK(currents.sum()[reached] == Approx(before + 6.5));
    }
}

// Windows of event-driven targets are cut at whole nanoseconds, and look at the current there
// alone.
TEST_CASE("a current changes at the nanosecond nearest to its time", "[core]") {
  Stimulus s;
  s.type = Stimulus::Type::step;
  s.times = {100.0 / 3, 200.0 / 3};
  s.values = {1, 2};
  s.start = 10.0 / 3;
  s.stop = 1000.0 / 3;
  const CurrentDrive drive(s, 0, RunSettings{}, 0, 1, 1);
  std::vector<double> seen;
  for (const double ms : change_times(s)) seen.push_back(drive.at(0, to_ms(from_ms(ms))));
  CHECK(seen == std::vector<double>{1, 2, 0, 0});
  s.stop = 1e300;
  CHECK(change_times(s).size() == 3);
}

TEST_CASE("noise currents are normal and held", "[core]") {
  Stimulus s;
  s.type = Stimulus::Type::noise;
  s.mean = 0.3;
  s.stdev = 0.2;
  s.interval = 1;
  const CurrentDrive drive(s, 0, RunSettings{}, 0, 100, 100);
  double sum = 0, squares = 0;
  constexpr int frames = 500;
  for (std::uint32_t i = 0; i < 100; ++i)
    for (int k = 0; k < frames; ++k) {
      const double x = drive.at(i, k);
      CHECK(drive.at(i, k + 0.9) == x);
      sum += x;
      squares += x * x;
    }
  const double n = 100.0 * frames, mean = sum / n;
  CHECK(mean == Approx(0.3).margin(5 * 0.2 / std::sqrt(n)));  // five standard errors
  CHECK(std::sqrt(squares / n - mean * mean) == Approx(0.2).margin(5 * 0.2 / std::sqrt(2 * n)));
  CHECK(drive.at(0, 3) != drive.at(1, 3));
}
