// LIF with conductances: the membrane's order of convergence against an adaptive integration of the
// equations (Dormand & Prince, Boost.Odeint), the exact course of the conductances, the steady
// state, every SIMD target; and a recording of NEST 3.10 (tests/golden/lif_cond.json, made by the
// script of that name).
#include "neurons/reference_solver.h"
#include "tests/unit/neurons/conductance_slopes.h"
#include "tests/unit/neurons/one_slice.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

constexpr double excitatory_weight = 0.04,
                 inhibitory_weight = 0.3;  // uS, at 2 and 6 ms; the whole rate reaches 0.4 /ms

/// v at 12 ms by the adaptive method.
double reference_v(bool alpha) {
  const auto slope = conductance_slopes(alpha);
  Vector y(alpha ? 5 : 3);
  y[0] = -65;
  y = integrate_reference(slope, y, 0, 2, 1e-13);
  y[alpha ? 2 : 1] += alpha ? excitatory_weight * std::exp(1.0) / 2 : excitatory_weight;
  y = integrate_reference(slope, y, 2, 6, 1e-13);
  y[alpha ? 4 : 2] += alpha ? inhibitory_weight * std::exp(1.0) / 5 : inhibitory_weight;
  return integrate_reference(slope, y, 6, 12, 1e-13)[0];
}

TEST_CASE("conductance models converge to the adaptive solution with order 4", "[neurons]") {
  for (const bool alpha : {false, true}) {
    const double expected = reference_v(alpha);
    std::vector<double> errors;
    for (const int steps_per_ms : {1, 2, 4, 8}) {
      OneSlice neuron(alpha ? "if_cond_alpha" : "if_cond_exp",
                      {{"tau_syn_E", 2}, {"tau_syn_I", 5}, {"i_offset", 0.2}}, {},
                      {.dt = 1.0 / steps_per_ms});
      CHECK(neuron
                .run(12 * steps_per_ms, {{2 * steps_per_ms, 0, excitatory_weight},
                                         {6 * steps_per_ms, 1, inhibitory_weight}})
                .empty());
      errors.push_back(std::fabs(neuron.state("v") - expected));
    }
    CAPTURE(alpha, errors);
    CHECK(measured_order(errors) == Approx(4).margin(0.3));
    CHECK(errors.back() < 1e-5);
  }
}

TEST_CASE("conductances follow their closed forms", "[neurons]") {
  for (const bool alpha : {false, true}) {
    OneSlice neuron(alpha ? "if_cond_alpha" : "if_cond_exp", {{"tau_syn_E", 2}, {"v_thresh", 0}},
                    {}, {.dt = 0.1});
    neuron.run(1, {{1, 0, 0.02}});
    for (int n = 1; n <= 200; ++n) {
      neuron.step();
      const double t = 0.1 * n;
      REQUIRE(
          neuron.state("g_e") ==
          Approx(0.02 * (alpha ? t / 2 * std::exp(1 - t / 2) : std::exp(-t / 2))).epsilon(1e-9));
    }
  }
}

// g_e and g_i that hardly decay: v goes to (g_l v_rest + g_e e_rev_E + g_i e_rev_I + i) / (g_l +
// g_e + g_i), however stiff.
TEST_CASE(
    "constant conductances: the weighted mean of the reversal potentials, also at rates far above "
    "1/dt",
    "[neurons]") {
  for (const double scale : {1.0, 1e4}) {
    OneSlice neuron(
        "if_cond_exp",
        {{"tau_syn_E", 1e12}, {"tau_syn_I", 1e12}, {"v_thresh", 100}, {"i_offset", 0.5}}, {},
        {.dt = 0.1});
    const double g_e = 0.03 * scale, g_i = 0.02 * scale, g_l = 0.05;
    neuron.run(8000, {{1, 0, g_e}, {1, 1, g_i}});
    CHECK(neuron.state("v") ==
          Approx((g_l * -65 + g_i * -70 + 0.5) / (g_l + g_e + g_i)).epsilon(1e-8));
  }
}

// NEST integrates adaptively to an error of 1e-3 a step, hence the margin.
TEST_CASE("conductance models: potentials as NEST 3.10 recorded them to 1e-3 mV, the same spikes",
          "[neurons]") {
  const Json golden = parse_json(read_text("tests/golden/lif_cond.json"), "lif_cond.json");
  const double dt = golden.find("dt")->as_number(), every = golden.find("every")->as_number();
  Values parameters;
  for (const auto& [name, value] : golden.find("parameters")->as_object())
    parameters[name] = value.as_number();
  std::vector<Pulse> pulses;
  for (const Json& p : golden.find("pulses")->as_array()) {
    const double weight = p.as_array()[1].as_number();
    pulses.push_back(
        {std::llround(p.as_array()[0].as_number() / dt), weight > 0 ? 0u : 1u, std::fabs(weight)});
  }
  for (const char* model : {"if_cond_exp", "if_cond_alpha"}) {
    INFO(model);
    OneSlice neuron(model, parameters, {}, {.dt = dt});
    std::vector<double> spikes, expected;
    double worst = 0;
    const auto& v = golden.find(model)->find("v")->as_array();
    for (std::size_t k = 0; k < v.size(); ++k) {
      for (const auto step :
           neuron.run(std::llround(every * static_cast<double>(k + 1) / dt), pulses))
        spikes.push_back(std::round(static_cast<double>(step) * dt * 10) / 10);
      worst = std::max(worst, std::fabs(neuron.state("v") - v[k].as_number()));
    }
    CHECK(worst < 1e-3);
    for (const Json& t : golden.find(model)->find("spikes")->as_array())
      expected.push_back(t.as_number());
    CHECK(spikes == expected);
    CHECK(!spikes.empty());
  }
}

TEST_CASE("conductance models: the same bits in wide registers and in one lane, float near double",
          "[neurons]") {
  for (const char* model : {"if_cond_exp", "if_cond_alpha"}) {
    INFO(model);
    for (const bool single : {false, true})
      require_same_bits(model, {}, 0.8, 0.02, 3000, {.dt = 0.1, .single_precision = single});
    OneSlice doubles(model, {}, {}, {.dt = 0.1}),
        singles(model, {}, {}, {.dt = 0.1, .single_precision = true});
    for (OneSlice* slice : {&doubles, &singles})
      CHECK(slice->run(150, {{5, 0, 0.02}, {100, 1, 0.05}}).empty());
    CHECK(std::fabs(doubles.state("v") + 65) > 0.01);
    CHECK(singles.state("v") == Approx(doubles.state("v")).margin(1e-4));
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
