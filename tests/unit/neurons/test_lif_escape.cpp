// Models with escape noise: by a constant potential intervals are geometric with p = 1 -
// exp(-lambda dt); with a sharp threshold gif_cond_exp fires where its equations say; its
// after-currents against an adaptive integration.
#include "core/json.h"
#include "neurons/reference_solver.h"
#include "tests/unit/neurons/one_slice.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

/// Intervals, in steps, of 300 neurons over 4000 steps.
std::vector<std::int64_t> intervals(const std::string& model, const Values& parameters) {
  OneSlice slice(model, parameters, {}, {.dt = 0.1, .size = 300});
  std::vector<std::int64_t> last(300, -1), out;
  for (std::int64_t n = 1; n <= 4000; ++n)
    for (const std::uint32_t i : slice.step()) {
      if (last[i] >= 0) out.push_back(n - last[i]);
      last[i] = n;
    }
  return out;
}

TEST_CASE(
    "escape noise: intervals are geometric after the refractory period, intensity lambda0 exp((v - "
    "threshold)/delta_v)",
    "[neurons]") {
  const Values flat = {{"lambda0", 300}, {"delta_v", 2}, {"tau_refrac", 1}};
  for (const double above : {0.0, 1.5}) {
    for (const char* model : {"if_curr_exp_escape", "gif_cond_exp"}) {
      INFO(model << " " << above << " mV above the threshold");
      Values parameters = flat;
      parameters[model == std::string("gif_cond_exp") ? "v_t_star" : "v_thresh"] = -65 - above;
      if (model == std::string("gif_cond_exp"))
        for (const char* name :
             {"a_eta_1", "a_eta_2", "a_eta_3", "a_gamma_1", "a_gamma_2", "a_gamma_3"})
          parameters[name] = 0;
      const auto found = intervals(model, parameters);
      const double p = -std::expm1(-0.3 * std::exp(above / 2) * 0.1),
                   n = static_cast<double>(found.size());
      REQUIRE(n > 15000);
      double sum = 0, longer = 0;
      for (const std::int64_t k : found) {
        REQUIRE(k > 10);
        sum += static_cast<double>(k - 10);
        longer += k - 10 > 30 ? 1 : 0;
      }
      const double tail = std::pow(
          1 - p, 30);  // five standard errors; long intervals cut off at the end cost under 1 %
      CHECK(std::fabs(sum / n - 1 / p) < 5 * std::sqrt(1 - p) / p / std::sqrt(n) + 0.01 / p);
      CHECK(std::fabs(longer / n - tail) < 5 * std::sqrt(tail * (1 - tail) / n) + 0.01 * tail);
    }
  }
}

const Values sharp = {{"delta_v", 1e-3}, {"lambda0", 1e4}, {"tau_refrac", 2}};

TEST_CASE("gif_cond_exp with a sharp threshold: intervals lengthen as the threshold rises",
          "[neurons]") {
  Values parameters = sharp;
  for (const char* name : {"a_eta_1", "a_eta_2", "a_eta_3", "a_gamma_1", "a_gamma_2"})
    parameters[name] = 0;
  parameters["a_gamma_3"] = 2;
  parameters["tau_gamma_3"] = 1e12;
  parameters["i_offset"] = 1.5;  // v_inf = -35 mV
  OneSlice neuron("gif_cond_exp", parameters, {}, {.dt = 0.01});
  const auto spikes = neuron.run(15000);
  REQUIRE(spikes.size() >= 5);
  double at = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    const double threshold = -48 + 2.0 * static_cast<double>(k);
    at += 20 * std::log(30 / (-35 - threshold)) + (k > 0 ? 2 : 0);
    CHECK(static_cast<double>(spikes[k]) * 0.01 ==
          Approx(at).margin(0.02 * static_cast<double>(k + 1)));
  }
}

TEST_CASE("gif_cond_exp: after-currents and conductances against the adaptive solution, order 4",
          "[neurons]") {
  // One spike at the first step (v starts above the threshold), then 2 ms of rest, an arrival at 4
  // ms, v at 12 ms.
  std::vector<double> errors;
  for (const int steps_per_ms : {1, 2, 4, 8}) {
    const double dt = 1.0 / steps_per_ms;
    Values parameters = sharp;
    parameters["i_offset"] = 0.3;
    parameters["v_reset"] = -60;
    OneSlice neuron("gif_cond_exp", parameters, {{"v", -20}}, {.dt = dt});
    REQUIRE(neuron.run(12 * steps_per_ms, {{4 * steps_per_ms, 0, 0.03}}) ==
            std::vector<std::int64_t>{1});
    const auto slope = [](const std::vector<double>& y, std::vector<double>& dy) {
      dy[0] = -(y[0] + 65) / 20 - y[1] * y[0] - y[2] - y[3] - y[4] + 0.3;
      dy[1] = -y[1] / 5;
      for (int k = 0; k < 3; ++k)
        dy[static_cast<std::size_t>(2 + k)] =
            -y[static_cast<std::size_t>(2 + k)] / std::pow(10.0, k);
    };
    std::vector<double> y = {-60, 0, std::exp(-2.0), std::exp(-0.2), std::exp(-0.02)};
    y = integrate_reference(slope, y, dt + 2, 4, 1e-13);
    y[1] += 0.03;
    y = integrate_reference(slope, y, 4, 12, 1e-13);
    errors.push_back(std::fabs(neuron.state("v") - y[0]));
    CHECK(neuron.state("eta_2") == Approx(y[3]).epsilon(1e-10));
    CHECK(neuron.state("gamma_3") == Approx(std::exp(-(12 - dt) / 100)).epsilon(1e-10));
  }
  CAPTURE(errors);
  CHECK(measured_order(errors) == Approx(4).margin(0.3));
  CHECK(errors.back() < 1e-5);
}

// NEST draws with the currents and thresholds of the step's beginning, Ranvier with those of its
// end: by a sharp threshold each spike comes a step or two apart, which adds up to half a
// millisecond.
TEST_CASE("gif_cond_exp follows NEST 3.10: v without spikes, and every spike of a sharp threshold",
          "[neurons]") {
  const Json golden = parse_json(read_text("tests/golden/gif.json"), "gif.json");
  const double dt = golden.find("dt")->as_number(), every = golden.find("every")->as_number();
  std::vector<Pulse> pulses;
  for (const Json& p : golden.find("pulses")->as_array()) {
    const double weight = p.as_array()[1].as_number();
    pulses.push_back(
        {std::llround(p.as_array()[0].as_number() / dt), weight > 0 ? 0u : 1u, std::fabs(weight)});
  }
  for (const char* name : {"silent", "sharp"}) {
    const Json& record = *golden.find(name);
    Values parameters = {{"lambda0", record.find("lambda0")->as_number()},
                         {"delta_v", record.find("delta_v")->as_number()}};
    for (const auto& [field, value] : golden.find("parameters")->as_object())
      parameters[field] = value.as_number();
    const auto& v = record.find("v")->as_array();
    for (const char* method : {"magnus", "rk4", "rk_adaptive"}) {
      CAPTURE(name, method);
      OneSlice neuron("gif_cond_exp", parameters, {}, {.dt = dt, .method = method});
      std::vector<std::int64_t> spikes;
      double worst = 0;
      for (std::size_t k = 0; k < v.size(); ++k) {
        for (const auto step :
             neuron.run(std::llround(every * static_cast<double>(k + 1) / dt), pulses))
          spikes.push_back(step);
        worst = std::max(worst, std::fabs(neuron.state("v") - v[k].as_number()));
      }
      const auto& expected = record.find("spikes")->as_array();
      REQUIRE(spikes.size() == expected.size());
      for (std::size_t k = 0; k < spikes.size(); ++k)
        CHECK(static_cast<double>(spikes[k]) * dt == Approx(expected[k].as_number()).margin(0.55));
      if (name == std::string("silent")) {
        CAPTURE(worst);
        CHECK(worst < (method == std::string("rk_adaptive") ? 1e-7 : 1e-4));
      } else {
        CHECK(spikes.size() >= 5);
      }
    }
  }
}

TEST_CASE("escape models: the same bits in wide registers and in one lane", "[neurons]") {
  for (const bool single : {false, true}) {
    require_same_bits("gif_cond_exp", {}, 1, 0.02, 3000, {.dt = 0.1, .single_precision = single});
    require_same_bits("if_curr_exp_escape", {}, 0.8, 2, 3000,
                      {.dt = 0.1, .single_precision = single});
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
