// The Hodgkin-Huxley models against an adaptive integration of the published equations, written
// here as the papers print them, against published constants, and against a recording of NEST 3.10
// (tests/golden/hh_and_adex.json).
#include "neurons/reference_solver.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

using Vector = std::vector<double>;

/// Hodgkin & Huxley 1952 with rest at -65 mV; y = v, m, h, n; current in uA/cm2.
auto squid(double current) {
  return [current](const Vector& y, Vector& dy) {
    const double v = y[0] + 65, m = y[1], h = y[2], n = y[3];
    const double ionic = 120 * m * m * m * h * (y[0] - 50) + 36 * n * n * n * n * (y[0] + 77) +
                         0.3 * (y[0] + 54.387);
    dy[0] = current - ionic;
    dy[1] = 0.1 * (25 - v) / std::expm1((25 - v) / 10) * (1 - m) - 4 * std::exp(-v / 18) * m;
    dy[2] = 0.07 * std::exp(-v / 20) * (1 - h) - 1 / (std::exp((30 - v) / 10) + 1) * h;
    dy[3] = 0.01 * (10 - v) / std::expm1((10 - v) / 10) * (1 - n) - 0.125 * std::exp(-v / 80) * n;
  };
}

/// The COBAHH neuron (Brette et al. 2007) with PyNN's defaults; y = v, m, h, n, g_e, g_i; current
/// in nA.
auto cobahh(double current) {
  return [current](const Vector& y, Vector& dy) {
    const double v = y[0] + 63, m = y[1], h = y[2], n = y[3];
    const double ionic =
        20 * m * m * m * h * (y[0] - 50) + 6 * n * n * n * n * (y[0] + 90) + 0.01 * (y[0] + 65);
    dy[0] = (current - ionic - y[4] * y[0] - y[5] * (y[0] + 80)) / 0.2;
    dy[1] = 0.32 * (13 - v) / std::expm1((13 - v) / 4) * (1 - m) -
            0.28 * (v - 40) / std::expm1((v - 40) / 5) * m;
    dy[2] = 0.128 * std::exp((17 - v) / 18) * (1 - h) - 4 / (1 + std::exp((40 - v) / 5)) * h;
    dy[3] =
        0.032 * (15 - v) / std::expm1((15 - v) / 5) * (1 - n) - 0.5 * std::exp((10 - v) / 40) * n;
    dy[4] = -y[4] / 0.2;
    dy[5] = -y[5] / 2;
  };
}

TEST_CASE("hh_1952 converges to the adaptive solution with order 2 through two action potentials",
          "[neurons]") {
  const OneSlice rest("hh_1952", {}, {});
  Vector y{rest.state("v"), rest.state("m"), rest.state("h"), rest.state("n")};
  Vector reference;
  for (int ms = 0; ms < 20; ++ms) {
    y = integrate_reference(squid(10), y, ms, ms + 1);
    reference.push_back(y[0]);
  }
  Vector errors;
  for (const int steps_per_ms : {20, 40, 80, 160}) {
    OneSlice neuron("hh_1952", {{"i_offset", 1}}, {}, {.dt = 1.0 / steps_per_ms});
    double worst = 0;
    for (int ms = 0; ms < 20; ++ms) {
      neuron.run((ms + 1) * steps_per_ms);
      worst =
          std::max(worst, std::fabs(neuron.state("v") - reference[static_cast<std::size_t>(ms)]));
    }
    errors.push_back(worst);
  }
  CAPTURE(errors);
  CHECK(measured_order(errors) == Approx(2).margin(0.1));
  CHECK(errors.back() < 0.01);
}

TEST_CASE(
    "hh_cond_exp converges to the adaptive solution with order 2 under current and synaptic pulses",
    "[neurons]") {
  const OneSlice rest("hh_cond_exp", {}, {});
  Vector y{rest.state("v"), rest.state("m"), rest.state("h"), rest.state("n"), 0, 0};
  Vector reference;
  for (int ms = 0; ms < 20; ++ms) {
    y = integrate_reference(cobahh(0.3), y, ms, ms + 1);
    if (ms + 1 == 4) y[4] += 0.1;
    if (ms + 1 == 7) y[5] += 0.05;
    reference.push_back(y[0]);
  }
  Vector errors;
  for (const int steps_per_ms : {40, 80, 160, 320}) {
    OneSlice neuron("hh_cond_exp", {{"i_offset", 0.3}}, {}, {.dt = 1.0 / steps_per_ms});
    double worst = 0;
    for (int ms = 0; ms < 20; ++ms) {
      neuron.run((ms + 1) * steps_per_ms,
                 {{4 * steps_per_ms, 0, 0.1}, {7 * steps_per_ms, 1, 0.05}});
      worst =
          std::max(worst, std::fabs(neuron.state("v") - reference[static_cast<std::size_t>(ms)]));
    }
    errors.push_back(worst);
  }
  CAPTURE(errors);
  CHECK(measured_order(errors) == Approx(2).margin(0.1));
  CHECK(errors.back() < 0.1);
}

TEST_CASE(
    "hh_cond_exp follows NEST's hh_cond_exp_traub: v to 0.1 mV for 65 ms, every spike to a step",
    "[neurons]") {
  require_as_recorded("hh_cond_exp", {}, {{"v", -65}, {"m", 0.01}, {"h", 0.99}, {"n", 0.02}},
                      0.0101, 0.1, 65);
}

TEST_CASE("hh_1952 rests at -65 mV with the gates that textbooks print", "[neurons]") {
  OneSlice neuron("hh_1952", {}, {});
  CHECK(neuron.run(10000).empty());
  CHECK(neuron.state("v") == Approx(-65).margin(0.01));
  CHECK(neuron.state("m") == Approx(0.0529).margin(1e-4));
  CHECK(neuron.state("h") == Approx(0.596).margin(1e-3));
  CHECK(neuron.state("n") == Approx(0.3177).margin(1e-3));
}

TEST_CASE(
    "hh_1952 fires for ever from about 6.3 uA/cm2 (Rinzel & Miller 1980), 68 times a second at 10",
    "[neurons]") {
  const auto spikes_in_last_half_second = [](double uA_per_cm2) {
    OneSlice neuron("hh_1952", {{"i_offset", uA_per_cm2 / 10}}, {}, {.dt = 0.05});
    neuron.run(10000);
    return neuron.run(20000).size();
  };
  CHECK(spikes_in_last_half_second(5.8) == 0);
  CHECK(spikes_in_last_half_second(6.8) > 20);
  CHECK(static_cast<double>(spikes_in_last_half_second(10)) == Approx(34).margin(1));
}

TEST_CASE("hh_1952 runs faster in the warm by a factor of 3 for 10 degrees", "[neurons]") {
  OneSlice cold("hh_1952", {}, {{"v", -65}, {"n", 0.5}}, {.dt = 1e-4});
  OneSlice warm("hh_1952", {{"celsius", 16.3}}, {{"v", -65}, {"n", 0.5}}, {.dt = 1e-4});
  cold.run(1);
  warm.run(1);
  CHECK((warm.state("n") - 0.5) / (cold.state("n") - 0.5) == Approx(3).epsilon(1e-3));
}

TEST_CASE("hh_cond_exp stays at rest without input", "[neurons]") {
  OneSlice neuron("hh_cond_exp", {}, {});
  CHECK(neuron.run(10000).empty());
  const auto settled = neuron.states(0);
  CHECK(neuron.state("v") == Approx(-65).margin(0.5));
  neuron.run(20000);
  for (std::size_t k = 0; k < settled.size(); ++k)
    CHECK(neuron.states(0)[k] == Approx(settled[k]).margin(1e-9));
}

TEST_CASE("a Hodgkin-Huxley spike is reported once, where v turns above the detection level",
          "[neurons]") {
  for (const char* model : {"hh_1952", "hh_cond_exp"}) {
    INFO(model);
    OneSlice neuron(model, {{"i_offset", 1}}, {}, {.dt = 0.01});
    std::vector<std::int64_t> peaks, spikes;
    double before_last = -65, last = -65;
    const double level = std::string(model) == "hh_1952" ? 0 : -33;
    for (std::int64_t n = 1; n <= 5000; ++n) {
      if (!neuron.step().empty()) spikes.push_back(n);
      const double v = neuron.state("v");
      if (v < last && last >= before_last && v >= level) peaks.push_back(n);
      before_last = last;
      last = v;
    }
    CHECK(spikes.size() > 1);
    CHECK(spikes == peaks);
  }
}

TEST_CASE("rates at the removable singularities of the channels are finite and continuous",
          "[neurons]") {
  for (const double v : {-50.0, -48.0, -23.0, -55.0, -40.0}) {
    for (const char* model : {"hh_1952", "hh_cond_exp"}) {
      INFO(model << " at " << v);
      OneSlice at(model, {}, {{"v", v}}), beside(model, {}, {{"v", v + 1e-9}});
      at.run(1);
      beside.run(1);
      REQUIRE(std::isfinite(at.state("v")));
      for (const char* gate : {"m", "h", "n"})
        CHECK(at.state(gate) == Approx(beside.state(gate)).margin(1e-9));
    }
  }
}

TEST_CASE("in single precision the Hodgkin-Huxley models fire with the double form to a step",
          "[neurons]") {
  for (const char* model : {"hh_1952", "hh_cond_exp"}) {
    INFO(model);
    OneSlice wide(model, {{"i_offset", 1}}, {}, {.dt = 0.05});
    OneSlice single(model, {{"i_offset", 1}}, {}, {.dt = 0.05, .single_precision = true});
    const auto expected = wide.run(2000), spikes = single.run(2000);
    REQUIRE(expected.size() > 4);
    REQUIRE(spikes.size() == expected.size());
    for (std::size_t k = 0; k < spikes.size(); ++k) CHECK(std::llabs(spikes[k] - expected[k]) <= 1);
  }
}

TEST_CASE("the Hodgkin-Huxley models give the same bits in wide registers and in one lane",
          "[neurons]") {
  for (const bool single : {false, true}) {
    require_same_bits("hh_1952", {}, 1, 5, 1000, {.dt = 0.05, .single_precision = single});
    require_same_bits("hh_cond_exp", {}, 0.5, 0.02, 1000, {.dt = 0.05, .single_precision = single});
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
