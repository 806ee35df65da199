// LIF models with current or delta synapses against closed forms: the interval by a constant
// current, T = tau_refrac + tau_m ln((v_inf - v_reset)/(v_inf - v_thresh)), the responses to one
// spike, the reset rules; and against a recording of NEST 3.10 (tests/golden/lif_psc.json, made by
// the script of that name).
#include "core/json.h"
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {
namespace {

TEST_CASE("LIF by constant current fires at the step after the exact crossing", "[neurons]") {
  const double dt = 0.1, tau_m = 20, tau_refrac = 2, v_inf = -65 + 20 * 0.9;
  const double interval = tau_m * std::log((v_inf + 65) / (v_inf + 50));
  const auto steps = static_cast<std::int64_t>(std::ceil(interval / dt) + tau_refrac / dt);
  for (const char* model :
       {"if_curr_exp", "if_curr_alpha", "if_curr_delta", "if_cond_exp", "if_cond_alpha"}) {
    INFO(model);
    OneSlice neuron(model, {{"i_offset", 0.9}, {"tau_refrac", tau_refrac}}, {}, {.dt = dt});
    const auto spikes = neuron.run(3000);
    REQUIRE(spikes.size() > 5);
    CHECK(spikes[0] == steps - 20);
    for (std::size_t k = 1; k < spikes.size(); ++k) CHECK(spikes[k] - spikes[k - 1] == steps);
  }
}

// Steps that NEST 3.10's iaf_psc_delta is refractory for with resolution 0.1 ms: its intervals,
// driven over the threshold in every step, less the one step.
TEST_CASE("a refractory period lasts the steps that NEST gives it", "[neurons]") {
  for (const auto& [tau_refrac, steps] :
       {std::pair{0.0, 0}, std::pair{0.04, 1}, std::pair{0.1, 1}, std::pair{0.11, 2},
        std::pair{0.13, 2}, std::pair{0.15, 2}, std::pair{0.16, 2}, std::pair{0.2, 2},
        std::pair{0.25, 3}}) {
    INFO(tau_refrac);
    OneSlice neuron("if_curr_delta", {{"i_offset", 1e6}, {"tau_refrac", tau_refrac}}, {},
                    {.dt = 0.1});
    const auto spikes = neuron.run(30);
    REQUIRE(spikes.size() > 5);
    CHECK(spikes[1] - spikes[0] == steps + 1);
  }
}

TEST_CASE("perfect integrate-and-fire: interval (v_thresh - v_reset) cm / I, jumps add up",
          "[neurons]") {
  OneSlice neuron("pif_curr_delta", {{"i_offset", 0.3}, {"tau_refrac", 1}, {"cm", 0.5}}, {},
                  {.dt = 0.1});
  const auto spikes = neuron.run(2000);
  REQUIRE(spikes.size() == 7);  // 25 ms (and the sum's rounding) and 1 ms of rest
  for (std::size_t k = 1; k < spikes.size(); ++k)
    CHECK(std::abs(spikes[k] - spikes[k - 1] - 260) <= 1);
  OneSlice still("pif_curr_delta", {}, {}, {.dt = 0.1});
  CHECK(still.run(100, {{10, 0, 4}, {50, 1, -1.5}}).empty());
  CHECK(still.state("v") == Approx(-62.5).epsilon(1e-14));
}

// v(t) = w e/(tau cm) * integral of s exp(-s/tau) exp(-(t-s)/tau_m): with k = 1/tau - 1/tau_m,
// (exp(-t/tau_m) - exp(-t/tau) (1 + k t)) / k^2; for small k: (t^2/2 - k t^3/3) exp(-t/tau_m).
TEST_CASE("if_curr_alpha: response to one spike is the closed form, also for equal time constants",
          "[neurons]") {
  for (const double tau : {0.5, 2.0, 10.0, 10.0 + 1e-7, 30.0}) {
    INFO("tau_syn_E " << tau);
    OneSlice neuron("if_curr_alpha",
                    {{"tau_syn_E", tau}, {"tau_m", 10}, {"cm", 0.25}, {"v_thresh", 0}}, {},
                    {.dt = 0.1});
    neuron.run(10, {{10, 0, 0.5}});
    for (int n = 1; n <= 400; ++n) {
      neuron.step();
      const double t = 0.1 * n, k = 1 / tau - 0.1;
      const double shape = std::fabs(k) < 1e-6
                               ? (t * t / 2 - k * t * t * t / 3) * std::exp(-t / 10)
                               : (std::exp(-t / 10) - std::exp(-t / tau) * (1 + k * t)) / (k * k);
      REQUIRE(neuron.state("v") + 65 ==
              Approx(0.5 * std::exp(1.0) / tau / 0.25 * shape).margin(1e-7).epsilon(1e-9));
      REQUIRE(neuron.state("i_e") == Approx(0.5 * t / tau * std::exp(1 - t / tau)).epsilon(1e-12));
    }
  }
}

TEST_CASE("if_curr_exp: response to one spike is the closed form, also for equal time constants",
          "[neurons]") {
  for (const double tau : {0.5, 10.0, 30.0}) {
    OneSlice neuron("if_curr_exp", {{"tau_syn_I", tau}, {"tau_m", 10}, {"cm", 0.25}}, {},
                    {.dt = 0.1});
    neuron.run(10, {{10, 1, -0.5}});
    for (int n = 1; n <= 400; ++n) {
      neuron.step();
      const double t = 0.1 * n;
      const double shape = tau == 10.0 ? t * std::exp(-t / 10)
                                       : (std::exp(-t / 10) - std::exp(-t / tau)) / (1 / tau - 0.1);
      REQUIRE(neuron.state("v") + 65 == Approx(-2 * shape).margin(1e-11));
    }
  }
}

// A rate by subtraction follows the input without bias: the potential's balance, input = spikes
// (v_thresh - v_reset) + rest.
TEST_CASE("if_curr_delta_subtract keeps what is above the threshold", "[neurons]") {
  OneSlice neuron("if_curr_delta_subtract", {{"tau_m", 1e12}, {"cm", 1e12}}, {}, {.dt = 1});
  std::size_t spikes = 0;
  for (int n = 1; n <= 1000; ++n) {
    neuron.receive(0, 7);
    spikes += neuron.step().size();
  }
  CHECK(spikes == 466);  // floor(7000/15)
  CHECK(neuron.state("v") + 65 == Approx(7000 - 466 * 15.0).margin(1e-5));
  OneSlice reset("if_curr_delta", {{"tau_m", 1e12}, {"cm", 1e12}, {"tau_refrac", 0}}, {},
                 {.dt = 1});
  std::size_t fewer = 0;
  for (int n = 1; n <= 1000; ++n) {
    reset.receive(0, 7);
    fewer += reset.step().size();
  }
  CHECK(fewer == 333);  // every third arrival: the excess is lost
}

TEST_CASE(
    "LIF with current or delta synapses: potentials as NEST 3.10 recorded them to 1e-10 mV, the "
    "same spikes",
    "[neurons]") {
  const Json golden = parse_json(read_text("tests/golden/lif_psc.json"), "lif_psc.json");
  const double dt = golden.find("dt")->as_number(), every = golden.find("every")->as_number();
  std::vector<Pulse> pulses;
  for (const Json& p : golden.find("pulses")->as_array()) {
    const double weight = p.as_array()[1].as_number();
    pulses.push_back(
        {std::llround(p.as_array()[0].as_number() / dt), weight > 0 ? 0u : 1u, weight});
  }
  for (const char* model : {"if_curr_exp", "if_curr_alpha", "if_curr_delta"}) {
    INFO(model);
    Values parameters;
    for (const auto& [name, value] : golden.find("parameters")->as_object())
      parameters[name] = value.as_number();
    if (model == std::string("if_curr_delta"))
      parameters.erase("tau_syn_E"), parameters.erase("tau_syn_I");
    OneSlice neuron(model, parameters, {}, {.dt = dt});
    std::vector<std::int64_t> spikes;
    const auto& v = golden.find(model)->find("v")->as_array();
    for (std::size_t k = 0; k < v.size(); ++k) {
      for (const auto step :
           neuron.run(std::llround(every * static_cast<double>(k + 1) / dt), pulses))
        spikes.push_back(step);
      REQUIRE(neuron.state("v") == Approx(v[k].as_number()).margin(1e-10).epsilon(0));
    }
    const auto& expected = golden.find(model)->find("spikes")->as_array();
    REQUIRE(spikes.size() == expected.size());
    REQUIRE(!spikes.empty());
    for (std::size_t k = 0; k < spikes.size(); ++k)
      CHECK(spikes[k] == std::llround(expected[k].as_number() / dt));
  }
}

TEST_CASE(
    "LIF with current synapses: the same bits in wide registers and in one lane, float near double",
    "[neurons]") {
  for (const char* model : {"if_curr_exp", "if_curr_alpha", "if_curr_delta",
                            "if_curr_delta_subtract", "pif_curr_delta"}) {
    INFO(model);
    for (const bool single : {false, true})
      require_same_bits(model, {}, 0.8, 2, 3000, {.dt = 0.1, .single_precision = single});
    OneSlice doubles(model, {}, {}, {.dt = 0.1}),
        singles(model, {}, {}, {.dt = 0.1, .single_precision = true});
    for (OneSlice* slice : {&doubles, &singles})
      CHECK(slice->run(300, {{5, 0, 1.5}, {100, 1, -1}}).empty());
    CHECK(doubles.state("v") != -65);
    CHECK(singles.state("v") == Approx(doubles.state("v")).margin(1e-4));
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
