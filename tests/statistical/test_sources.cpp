// Spike sources against their laws: intervals of Poisson and gamma trains (chi-square against
// closed forms, fixed seeds, normal deviates below 5), and trains that do not depend on slices or
// windows.
#include "neurons/sources.h"

#include "core/error.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/catch.h"
#include "tests/statistical/law.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

Population source(const char* model, std::map<std::string, Value> parameters, std::int64_t size) {
  Population p;
  p.model = model;
  p.size = size;
  p.parameters = std::move(parameters);
  return p;
}

using Train = std::vector<std::pair<std::int64_t, std::int64_t>>;  // (neuron, ns)

Train train(const Population& p, const std::vector<std::int64_t>& ends, std::int64_t first,
            std::int64_t size, std::int64_t from = 0) {
  const auto models = neurons::make_sources();
  const auto model = std::find_if(models.begin(), models.end(),
                                  [&](const SourceModel& m) { return m.name == p.model; });
  REQUIRE(model != models.end());
  const auto made = model->make({&p, first, static_cast<std::uint32_t>(size), RandomKey{99}});
  if (from > 0) made->restart_at(Time{from});
  Train all;
  std::vector<Firing> window;
  for (const std::int64_t end : ends) {
    window.clear();
    made->spikes({Time{from}, Time{end}}, window);
    for (const Firing& f : window) {
      CHECK((f.time > from && f.time <= end));
      all.emplace_back(first + f.neuron, f.time);
    }
    from = end;
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Intervals in ms, all neurons together.
std::vector<double> intervals(const Train& all) {
  std::vector<double> out;
  for (std::size_t k = 1; k < all.size(); ++k)
    if (all[k].first == all[k - 1].first)
      out.push_back(static_cast<double>(all[k].second - all[k - 1].second) * 1e-6);
  return out;
}

/// Deviate of values from a law given by its distribution function, in 40 classes of equal width up
/// to `most`.
template <class F>
double law_deviate(const std::vector<double>& values, double most, F&& below) {
  std::vector<double> seen(41), expected(41);
  for (const double x : values)
    ++seen[std::min<std::size_t>(40, static_cast<std::size_t>(x / most * 40))];
  for (std::size_t k = 0; k < 41; ++k)
    expected[k] = static_cast<double>(values.size()) *
                  ((k == 40 ? 1 : below(most * static_cast<double>(k + 1) / 40)) -
                   below(most * static_cast<double>(k) / 40));
  return deviate(seen, expected);
}

}  // namespace

TEST_CASE("a Poisson source has Poisson counts and exponential intervals", "[neurons]") {
  const Train all =
      train(source("spike_source_poisson", {{"rate", 50.0}}, 200), {20'000'000'000}, 0, 200);
  CHECK(static_cast<double>(all.size()) ==
        Approx(200'000).margin(5 * std::sqrt(200'000.0)));  // five standard deviations
  CHECK(law_deviate(intervals(all), 120, [](double ms) { return 1 - std::exp(-ms / 20); }) < 5);
  std::vector<double> counts(200 * 200), seen(60),
      expected(60);  // spikes of a neuron in 100 ms: mean 5
  for (const auto& [i, time] : all)
    ++counts[static_cast<std::size_t>(i * 200 +
                                      std::min<std::int64_t>(199, (time - 1) / 100'000'000))];
  for (const double n : counts) ++seen.at(static_cast<std::size_t>(n));
  for (int k = 0; k < 60; ++k)
    expected[static_cast<std::size_t>(k)] =
        40'000 * std::exp(k * std::log(5.0) - 5 - std::lgamma(k + 1.0));
  CHECK(deviate(seen, expected) < 5);
}

TEST_CASE("below a spike a nanosecond a source keeps its rate, and waits as a queue does",
          "[neurons]") {
  // Spikes rounded up to nanoseconds, one each, leave a queue that serves one a slot (M/D/1 in
  // discrete time). Of a load r the queue is empty after a slot in which one left with probability
  // (1 - r) (e^r - 1) / r, and the next leaves one slot later unless then none arrives either.
  const double hz = 5e8, expected = hz * 1e-3, r = hz * 1e-9;
  const Train all = train(source("spike_source_poisson", {{"rate", hz}}, 1), {1'000'000}, 0, 1);
  CHECK(static_cast<double>(all.size()) == Approx(expected).margin(5 * std::sqrt(expected)));
  const auto gaps = intervals(all);
  const auto next = std::count_if(gaps.begin(), gaps.end(), [](double ms) { return ms < 1.5e-6; });
  CHECK(static_cast<double>(next) / static_cast<double>(gaps.size()) ==
        Approx(1 - (1 - r) * (1 - std::exp(-r)) / r).margin(0.005));
}

TEST_CASE("a rate of a spike a nanosecond and more is refused, given or drawn", "[neurons]") {
  const auto answer = [](Value rate) {
    const Population p = source("spike_source_regular", {{"rate", std::move(rate)}}, 2);
    try {
      train(p, {1000}, 0, 2);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string why = " Hz, must be below a spike a nanosecond = 1000000000 Hz";
  CHECK(answer(0.999e9) == "");
  CHECK(answer(1e9) == "population \"\": neuron 0: rate: 1000000000" + why);
  CHECK(answer(std::make_shared<const std::vector<double>>(std::vector<double>{5, 3e12})) ==
        "population \"\": neuron 1: rate: 3000000000000" + why);
  Distribution law;
  law.kind = Distribution::Kind::uniform;
  law.a = 1e9, law.b = 2e9;
  CHECK(answer(law).find(why) != std::string::npos);
}

TEST_CASE("gamma sources have gamma intervals", "[neurons]") {
  // Distribution functions of Gamma(shape, mean 10 ms) in closed form: integer shapes, and one half
  // (an error function).
  const auto of_shape = [](double shape) {
    return intervals(train(source("spike_source_gamma", {{"rate", 100.0}, {"shape", shape}}, 100),
                           {10'000'000'000}, 0, 100));
  };
  const std::vector<double> three = of_shape(3), two = of_shape(2), one = of_shape(1),
                            half = of_shape(0.5);
  CHECK(law_deviate(three, 40, [](double ms) {
          const double x = ms * 0.3;
          return 1 - std::exp(-x) * (1 + x + x * x / 2);
        }) < 5);
  CHECK(law_deviate(two, 50, [](double ms) {
          const double x = ms * 0.2;
          return 1 - std::exp(-x) * (1 + x);
        }) < 5);
  CHECK(law_deviate(one, 60, [](double ms) { return 1 - std::exp(-ms / 10); }) < 5);
  CHECK(law_deviate(half, 80, [](double ms) { return std::erf(std::sqrt(ms / 20)); }) < 5);
  for (const auto& [values, shape] :
       {std::pair{&three, 3.0}, std::pair{&two, 2.0}, std::pair{&half, 0.5}}) {
    double sum = 0, squares = 0;
    for (const double x : *values) sum += x, squares += x * x;
    const auto n = static_cast<double>(values->size());
    const double mean = sum / n, cv = std::sqrt(squares / n - mean * mean) / mean;
    CHECK(mean == Approx(10).margin(5 * 10 / std::sqrt(shape * n) + 0.02));
    CHECK(cv == Approx(1 / std::sqrt(shape)).epsilon(0.02));
  }
}

TEST_CASE("a Poisson source with dead time has shifted exponential intervals of the same mean",
          "[neurons]") {
  const std::vector<double> values = intervals(
      train(source("spike_source_poisson_refractory", {{"rate", 50.0}, {"tau_refrac", 8.0}}, 100),
            {10'000'000'000}, 0, 100));
  CHECK(*std::min_element(values.begin(), values.end()) >= 8);
  CHECK(law_deviate(values, 80,
                    [](double ms) { return ms < 8 ? 0.0 : 1 - std::exp(-(ms - 8) / 12); }) < 5);
  CHECK_THROWS_WITH(
      train(source("spike_source_poisson_refractory", {{"rate", 50.0}, {"tau_refrac", 20.0}}, 1),
            {1}, 0, 1),
      Catch::Matchers::Contains("tau_refrac 20 ms"));
}

TEST_CASE("a regular source fires at start + n / rate, before stop", "[neurons]") {
  const Train all =
      train(source("spike_source_regular", {{"rate", 40.0}, {"start", 10.0}, {"stop", 120.0}}, 1),
            {1'000'000'000}, 0, 1);
  CHECK(all == Train{{0, 35'000'000}, {0, 60'000'000}, {0, 85'000'000}, {0, 110'000'000}});
}

TEST_CASE("a regular source's times on a grid are not rounded up beyond it", "[neurons]") {
  // 1e3 / rate ms that doubles do not hold, so that their sums lie on either side of n / rate.
  for (const auto& [rate, start, period] :
       {std::tuple{5000.0, 0.0, 200'000}, std::tuple{1250.0, 0.3, 800'000},
        std::tuple{10.0, 0.1, 100'000'000}}) {
    INFO(rate);
    const Train all =
        train(source("spike_source_regular", {{"rate", rate}, {"start", start}, {"stop", 9e5}}, 1),
              {900'000'000'000}, 0, 1);
    const auto first = static_cast<std::int64_t>(start * 1e6);
    REQUIRE(all.size() >= 8999);
    for (std::size_t n = 0; n < all.size(); ++n)
      REQUIRE(all[n].second == first + period * static_cast<std::int64_t>(n + 1));
  }
}

TEST_CASE("an array source fires at its times", "[neurons]") {
  Population p = source("spike_source_array", {}, 3);
  p.spike_times = {{5.0, 1.25, 7.0}, {}, {0.000001, 30}};
  CHECK(train(p, {7'000'000, 40'000'000}, 0, 3) ==
        Train{{0, 1'250'000}, {0, 5'000'000}, {0, 7'000'000}, {2, 1}, {2, 30'000'000}});
  CHECK(train(p, {40'000'000}, 0, 3, 5'000'000) == Train{{0, 7'000'000}, {2, 30'000'000}});
  // No window has the time 0, to which these would be rounded.
  p.spike_times = {{1e-9}, {4e-7}, {6e-7}};
  CHECK(train(p, {1'000'000}, 0, 3) == Train{{0, 1}, {1, 1}, {2, 1}});
}

TEST_CASE("trains keep to start and stop, a rate of zero is silent", "[neurons]") {
  for (const char* model : {"spike_source_poisson", "spike_source_gamma"}) {
    const Train all =
        train(source(model, {{"rate", 200.0}, {"start", 100.0}, {"stop", 300.0}}, 100),
              {1'000'000'000}, 0, 100);
    CHECK(static_cast<double>(all.size()) ==
          Approx(4000).margin(5 * std::sqrt(4000.0)));  // five standard deviations
    for (const auto& [i, time] : all) CHECK((time > 100'000'000 && time < 300'000'000));
    CHECK(train(source(model, {{"rate", 0.0}}, 10), {1'000'000'000}, 0, 10).empty());
  }
}

TEST_CASE("trains do not depend on slices, windows or a restart", "[neurons]") {
  for (const char* model : {"spike_source_poisson", "spike_source_poisson_refractory",
                            "spike_source_gamma", "spike_source_regular"}) {
    INFO(model);
    const Population p =
        source(model, {{"rate", Distribution{Distribution::Kind::uniform, 20, 90}}}, 130);
    const Train whole = train(p, {500'000'000}, 0, 130);
    CHECK(whole.size() > 1000);
    CHECK(train(p, {1, 100'000, 333'333'333, 333'333'334, 500'000'000}, 0, 130) == whole);
    Train parts = train(p, {500'000'000}, 0, 64);
    const Train rest = train(p, {500'000'000}, 64, 66);
    parts.insert(parts.end(), rest.begin(), rest.end());
    CHECK(parts == whole);
    Train tail = whole;
    std::erase_if(tail, [](const auto& spike) { return spike.second <= 200'000'000; });
    CHECK(train(p, {500'000'000}, 0, 130, 200'000'000) == tail);
  }
}

TEST_CASE("a source that has stopped keeps to its rate when that is changed", "[neurons]") {
  const auto models = neurons::make_sources();
  for (const char* name : {"spike_source_poisson", "spike_source_poisson_refractory",
                           "spike_source_gamma", "spike_source_regular"}) {
    INFO(name);
    Population p = source(name, {{"rate", 100.0}, {"start", 10.0}, {"stop", 60.0}}, 400);
    const auto model = std::find_if(models.begin(), models.end(),
                                    [&](const SourceModel& m) { return m.name == name; });
    const auto made = model->make({&p, 0, 400, RandomKey{99}});
    std::vector<Firing> window;
    made->spikes({Time{0}, Time{100'000'000}}, window);
    p.parameters["rate"] = 50.0;
    made->change(p, Time{100'000'000});
    window.clear();
    made->spikes({Time{100'000'000}, Time{200'000'000}}, window);
    CHECK(window.empty());
    // Its stop is put off first, and then its rate is changed, as a caller does who sets both.
    p.parameters["stop"] = 1000.0;
    made->change(p, Time{200'000'000});
    p.parameters["rate"] = 80.0;
    made->change(p, Time{200'000'000});
    made->spikes({Time{200'000'000}, Time{300'000'000}}, window);
    CHECK(static_cast<double>(window.size()) ==
          Approx(400 * 8).margin(5 * std::sqrt(400 * 8.0)));  // five standard deviations
    // None of them is where all of them are.
    CHECK(std::count_if(window.begin(), window.end(),
                        [](const Firing& f) { return f.time < 200'000'000 + 100; }) == 0);
  }
}

TEST_CASE("laws of two parameters draw independently", "[neurons]") {
  const auto law = [](double low, double high) {
    return Distribution{Distribution::Kind::uniform, low, high};
  };
  const Train all =
      train(source("spike_source_regular", {{"rate", law(10, 20)}, {"start", law(0, 50)}}, 1000),
            {300'000'000}, 0, 1000);
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0, n = 0;
  for (std::size_t k = 1; k < all.size(); ++k) {
    if (all[k].first != all[k - 1].first || (k > 1 && all[k].first == all[k - 2].first))
      continue;  // a neuron's first two spikes
    const double interval = static_cast<double>(all[k].second - all[k - 1].second) * 1e-6;
    const double rate = 1000 / interval,
                 start = static_cast<double>(all[k - 1].second) * 1e-6 - interval;
    x += rate, y += start, xx += rate * rate, yy += start * start, xy += rate * start, ++n;
  }
  CHECK(n == 1000);  // 50 + 2 x 100 ms at most
  const double correlation = (xy / n - x / n * (y / n)) /
                             std::sqrt((xx / n - x / n * (x / n)) * (yy / n - y / n * (y / n)));
  CHECK(std::fabs(correlation) < 5 / std::sqrt(n));  // five standard errors
}
