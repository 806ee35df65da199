// LIF models with current or delta synapses against closed forms: the interval by a constant current,
// T = tau_refrac + tau_m ln((v_inf - v_reset)/(v_inf - v_thresh)), the responses to one spike, the reset rules.
#include "core/json.h"
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {
namespace {

TEST_CASE("LIF by constant current fires at the step after the exact crossing", "[neurons]") {
  const double dt = 0.1, tau_m = 20, tau_refrac = 2, v_inf = -65 + 20 * 0.9;
  const double interval = tau_m * std::log((v_inf + 65) / (v_inf + 50));
  const auto steps = static_cast<std::int64_t>(std::ceil(interval / dt) + tau_refrac / dt);
  for (const char* model : {"if_curr_exp", "if_curr_alpha", "if_curr_delta", "if_cond_exp", "if_cond_alpha"}) {
    INFO(model);
    OneSlice neuron(model, {{"i_offset", 0.9}, {"tau_refrac", tau_refrac}}, {}, {.dt = dt});
    const auto spikes = neuron.run(3000);
    REQUIRE(spikes.size() > 5);
    CHECK(spikes[0] == steps - 20);
    for (std::size_t k = 1; k < spikes.size(); ++k) CHECK(spikes[k] - spikes[k - 1] == steps);
  }
}

TEST_CASE("perfect integrate-and-fire: interval (v_thresh - v_reset) cm / I, jumps add up", "[neurons]") {
  OneSlice neuron("pif_curr_delta", {{"i_offset", 0.3}, {"tau_refrac", 1}, {"cm", 0.5}}, {}, {.dt = 0.1});
  const auto spikes = neuron.run(2000);
  REQUIRE(spikes.size() == 7);  // 25 ms (and the sum's rounding) and 1 ms of rest
  for (std::size_t k = 1; k < spikes.size(); ++k) CHECK(std::abs(spikes[k] - spikes[k - 1] - 260) <= 1);
  OneSlice still("pif_curr_delta", {}, {}, {.dt = 0.1});
  CHECK(still.run(100, {{10, 0, 4}, {50, 1, -1.5}}).empty());
  CHECK(still.state("v") == Approx(-62.5).epsilon(1e-14));
}

// v(t) = w e/(tau cm) * integral of s exp(-s/tau) exp(-(t-s)/tau_m): with k = 1/tau - 1/tau_m,
// (exp(-t/tau_m) - exp(-t/tau) (1 + k t)) / k^2; for small k: (t^2/2 - k t^3/3) exp(-t/tau_m).
TEST_CASE("if_curr_alpha: response to one spike is the closed form, also for equal time constants", "[neurons]") {
  for (const double tau : {0.5, 2.0, 10.0, 10.0 + 1e-7, 30.0}) {
    INFO("tau_syn_E " << tau);
    OneSlice neuron("if_curr_alpha", {{"tau_syn_E", tau}, {"tau_m", 10}, {"cm", 0.25}, {"v_thresh", 0}}, {}, {.dt = 0.1});
    neuron.run(10, {{10, 0, 0.5}});
    for (int n = 1; n <= 400; ++n) {
      neuron.step();
      const double t = 0.1 * n, k = 1 / tau - 0.1;
      const double shape = std::fabs(k) < 1e-6 ? (t * t / 2 - k * t * t * t / 3) * std::exp(-t / 10)
                                               : (std::exp(-t / 10) - std::exp(-t / tau) * (1 + k * t)) / (k * k);
      REQUIRE(neuron.state("v") + 65 == Approx(0.5 * std::exp(1.0) / tau / 0.25 * shape).margin(1e-7).epsilon(1e-9));
      REQUIRE(neuron.state("i_e") == Approx(0.5 * t / tau * std::exp(1 - t / tau)).epsilon(1e-12));
    }
  }
}

TEST_CASE("if_curr_exp: response to one spike is the closed form, also for equal time constants", "[neurons]") {
  for (const double tau : {0.5, 10.0, 30.0}) {
    OneSlice neuron("if_curr_exp", {{"tau_syn_I", tau}, {"tau_m", 10}, {"cm", 0.25}}, {}, {.dt = 0.1});
    neuron.run(10, {{10, 1, -0.5}});
    for (int n = 1; n <= 400; ++n) {
      neuron.step();
      const double t = 0.1 * n;
      const double shape = tau == 10.0 ? t * std::exp(-t / 10) : (std::exp(-t / 10) - std::exp(-t / tau)) / (1 / tau - 0.1);
      REQUIRE(neuron.state("v") + 65 == Approx(-2 * shape).margin(1e-11));
    }
  }
}

// A rate by subtraction follows the input without bias: the potential's balance, input = spikes (v_thresh - v_reset) + rest.
TEST_CASE("if_curr_delta_subtract keeps what is above the threshold", "[neurons]") {
  OneSlice neuron("if_curr_delta_subtract", {{"tau_m", 1e12}, {"cm", 1e12}}, {}, {.dt = 1});
  std::size_t spikes = 0;
  for (int n = 1; n <= 1000; ++n) {
    neuron.receive(0, 7);
    spikes += neuron.step().size();
  }
  CHECK(spikes == 466);  // floor(7000/15)
  CHECK(neuron.state("v") + 65 == Approx(7000 - 466 * 15.0).margin(1e-5));
  OneSlice reset("if_curr_delta", {{"tau_m", 1e12}, {"cm", 1e12}, {"tau_refrac", 0}}, {}, {.dt = 1});
  std::size_t fewer = 0;
  for (int n = 1; n <= 1000; ++n) {
    reset.receive(0, 7);
    fewer += reset.step().size();
  }
  CHECK(fewer == 333);  // every third arrival: the excess is lost
}

TEST_CASE("LIF with current synapses: the same bits in wide registers and in one lane, float near double", "[neurons]") {
  for (const char* model : {"if_curr_exp", "if_curr_alpha", "if_curr_delta", "if_curr_delta_subtract", "pif_curr_delta"}) {
    INFO(model);
    for (const bool single : {false, true}) require_same_bits(model, {}, 0.8, 2, 3000, {.dt = 0.1, .single_precision = single});
    OneSlice doubles(model, {}, {}, {.dt = 0.1}), singles(model, {}, {}, {.dt = 0.1, .single_precision = true});
    for (OneSlice* slice : {&doubles, &singles}) CHECK(slice->run(300, {{5, 0, 1.5}, {100, 1, -1}}).empty());
    CHECK(doubles.state("v") != -65);
    CHECK(singles.state("v") == Approx(doubles.state("v")).margin(1e-4));
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
