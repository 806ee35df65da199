// AdEx with exponential and alpha conductances against an adaptive integration of the published
// equations (Brette & Gerstner 2005), and against a recording of NEST 3.10
// (tests/golden/hh_and_adex.json).
#include "neurons/reference_solver.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

using Vector = std::vector<double>;

/// PyNN's defaults; y = v, w, g_e, r_e, g_i, r_i (alpha) or v, w, g_e, g_i (exponential); current
/// in nA.
void adex(const Vector& y, double g_e, double g_i, double current, Vector& dy) {
  const double g_l = 0.281 / 9.3667;
  dy[0] = (-g_l * (y[0] + 70.6) + g_l * 2 * std::exp((y[0] + 50.4) / 2) - y[1] - g_e * y[0] -
           g_i * (y[0] + 80) + current) /
          0.281;
  dy[1] = (0.004 * (y[0] + 70.6) - y[1]) / 144;
}

auto exponential(double current) {
  return [current](const Vector& y, Vector& dy) {
    adex(y, y[2], y[3], current, dy);
    dy[2] = -y[2] / 5;
    dy[3] = -y[3] / 5;
  };
}

auto alpha(double current) {
  return [current](const Vector& y, Vector& dy) {
    adex(y, y[2], y[4], current, dy);
    for (const std::size_t k : {2u, 4u}) {
      dy[k] = y[k + 1] - y[k] / 5;
      dy[k + 1] = -y[k + 1] / 5;
    }
  };
}

constexpr double excitatory_weight = 0.01, inhibitory_weight = 0.03;  // uS, at 2 and 6 ms

/// Errors of v and w at 12 ms, without a spike, at four steps.
std::vector<double> errors_below_threshold(const std::string& model, const Vector& reference) {
  std::vector<double> errors;
  for (const int steps_per_ms : {1, 2, 4, 8}) {
    OneSlice neuron(model, {{"i_offset", 0.3}}, {}, {.dt = 1.0 / steps_per_ms});
    const auto spikes = neuron.run(12 * steps_per_ms, {{2 * steps_per_ms, 0, excitatory_weight},
                                                       {6 * steps_per_ms, 1, inhibitory_weight}});
    CHECK(spikes.empty());
    errors.push_back(std::fabs(neuron.state("v") - reference[0]) +
                     std::fabs(neuron.state("w") - reference[1]));
  }
  return errors;
}

TEST_CASE("AdEx with exponential conductances converges to the adaptive solution with order 4",
          "[neurons]") {
  Vector y = integrate_reference(exponential(0.3), {-70.6, 0, 0, 0}, 0, 2, 1e-13);
  y[2] += excitatory_weight;
  y = integrate_reference(exponential(0.3), y, 2, 6, 1e-13);
  y[3] += inhibitory_weight;
  y = integrate_reference(exponential(0.3), y, 6, 12, 1e-13);
  const auto errors = errors_below_threshold("eif_cond_exp_isfa_ista", y);
  CAPTURE(errors);
  CHECK(measured_order(errors) == Approx(4).margin(0.3));
  CHECK(errors.back() < 1e-6);
}

TEST_CASE("AdEx with alpha conductances converges to the adaptive solution with order 4",
          "[neurons]") {
  Vector y = integrate_reference(alpha(0.3), {-70.6, 0, 0, 0, 0, 0}, 0, 2, 1e-13);
  y[3] += excitatory_weight * std::exp(1.0) / 5;
  y = integrate_reference(alpha(0.3), y, 2, 6, 1e-13);
  y[5] += inhibitory_weight * std::exp(1.0) / 5;
  y = integrate_reference(alpha(0.3), y, 6, 12, 1e-13);
  const auto errors = errors_below_threshold("eif_cond_alpha_isfa_ista", y);
  CAPTURE(errors);
  CHECK(measured_order(errors) == Approx(4).margin(0.3));
  CHECK(errors.back() < 1e-6);
}

TEST_CASE("AdEx follows NEST: v to 1e-6 mV before the first spike, spikes to a few steps",
          "[neurons]") {
  for (const char* model : {"eif_cond_exp_isfa_ista", "eif_cond_alpha_isfa_ista"})
    require_as_recorded(model, {}, {}, 0.05, 1e-6, 10);
}

TEST_CASE("an alpha conductance peaks at the weight, tau_syn after the arrival", "[neurons]") {
  OneSlice neuron("eif_cond_alpha_isfa_ista", {}, {});
  neuron.run(10 + 50, {{10, 0, 0.01}, {10, 1, 0.02}});
  CHECK(neuron.state("g_e") == Approx(0.01).epsilon(1e-9));
  CHECK(neuron.state("g_i") == Approx(0.02).epsilon(1e-9));
  neuron.run(10 + 100);
  CHECK(neuron.state("g_e") == Approx(0.01 * 2 * std::exp(-1.0)).epsilon(1e-9));
}

TEST_CASE("an AdEx spike resets v, raises w by b and holds v for tau_refrac", "[neurons]") {
  for (const char* model : {"eif_cond_exp_isfa_ista", "eif_cond_alpha_isfa_ista"}) {
    INFO(model);
    OneSlice neuron(model, {{"tau_refrac", 2}, {"v_reset", -60}, {"a", 0}}, {{"v", -39}});
    REQUIRE(neuron.run(1).size() == 1);
    CHECK(neuron.state("w") == Approx(0.0805).margin(1e-12));
    for (int n = 0; n < 20; ++n) {
      CHECK(neuron.state("v") == -60);
      neuron.step();
    }
    CHECK(neuron.state("v") == -60);
    neuron.step();
    CHECK(neuron.state("v") < -60);
    CHECK(neuron.state("w") == Approx(0.0805 * std::exp(-2.1 / 144)).epsilon(1e-9));
  }
}

TEST_CASE(
    "AdEx with a peak far above the threshold stays finite through a spike, in single precision "
    "too",
    "[neurons]") {
  for (const bool single : {false, true}) {
    OneSlice neuron("eif_cond_exp_isfa_ista", {{"v_spike", 20}, {"i_offset", 1}}, {},
                    {.single_precision = single});
    CHECK(neuron.run(2000).size() > 3);
    for (const double x : neuron.states(0)) CHECK(std::isfinite(x));
    CHECK(std::fabs(neuron.state("w")) < 1);
  }
}

TEST_CASE("AdEx stays at rest without input, at the fixed point of the adaptive solution",
          "[neurons]") {
  const Vector rest = integrate_reference(exponential(0), {-70.6, 0, 0, 0}, 0, 2000);
  for (const char* model : {"eif_cond_exp_isfa_ista", "eif_cond_alpha_isfa_ista"}) {
    OneSlice neuron(model, {}, {});
    CHECK(neuron.run(20000).empty());
    CHECK(neuron.state("v") == Approx(rest[0]).margin(1e-9));
    CHECK(neuron.state("w") == Approx(rest[1]).margin(1e-9));
  }
}

TEST_CASE("the AdEx models give the same bits in wide registers and in one lane", "[neurons]") {
  for (const bool single : {false, true}) {
    for (const char* model : {"eif_cond_exp_isfa_ista", "eif_cond_alpha_isfa_ista"})
      require_same_bits(model, {}, 0.9, 0.02, 1500, {.single_precision = single});
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
