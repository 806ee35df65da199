// Methods of integration by name: the order of each fixed-step method, and the error of the
// adaptive one, against an adaptive integration of the published equations, which are written here
// (and in conductance_slopes.h) a second time as the papers print them; the same bits in any
// registers.
#include <map>

#include "neurons/reference_solver.h"
#include "tests/unit/neurons/conductance_slopes.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

using Slopes = std::function<void(const Vector&, Vector&)>;

/// A model under constant current, an excitatory arrival at 2 ms and an inhibitory one at 6 ms.
struct Case {
  std::string model;
  Values parameters;
  Vector start;                   ///< what `slopes` takes, at time 0
  Slopes slopes;                  ///< v first
  std::vector<double> arrivals;   ///< weights
  std::vector<std::size_t> jump;  ///< where the two arrivals go
  std::vector<double> scale;      ///< and how much a unit of weight is there
};

double linoid(double x, double y) { return x == 0 ? y : x / std::expm1(x / y); }

/// Hodgkin & Huxley 1952, rest at -65 mV, 10 uA/cm2: through one action potential.
Case squid() {
  const auto slopes = [](const Vector& y, Vector& dy) {
    const double V = y[0] + 65, m = y[1], h = y[2], n = y[3];
    dy[0] = 10 - 120 * m * m * m * h * (y[0] - 50) - 36 * n * n * n * n * (y[0] + 77) -
            0.3 * (y[0] + 54.387);
    dy[1] = 0.1 * linoid(25 - V, 10) * (1 - m) - 4 * std::exp(-V / 18) * m;
    dy[2] = 0.07 * std::exp(-V / 20) * (1 - h) - 1 / (std::exp((30 - V) / 10) + 1) * h;
    dy[3] = 0.01 * linoid(10 - V, 10) * (1 - n) - 0.125 * std::exp(-V / 80) * n;
  };
  return {"hh_1952", {{"i_offset", 1}}, {-65, 0.05, 0.6, 0.32}, slopes, {5, -3}, {0, 0}, {1, 1}};
}

/// The COBAHH neuron (Brette et al. 2007) with PyNN's defaults.
Case cobahh() {
  const auto slopes = [](const Vector& y, Vector& dy) {
    const double V = y[0] + 63, m = y[1], h = y[2], n = y[3];
    const double ionic =
        20 * m * m * m * h * (y[0] - 50) + 6 * n * n * n * n * (y[0] + 90) + 0.01 * (y[0] + 65);
    dy[0] = (0.3 - ionic - y[4] * y[0] - y[5] * (y[0] + 80)) / 0.2;
    dy[1] = 0.32 * linoid(13 - V, 4) * (1 - m) - 0.28 * linoid(V - 40, 5) * m;
    dy[2] = 0.128 * std::exp((17 - V) / 18) * (1 - h) - 4 / (1 + std::exp((40 - V) / 5)) * h;
    dy[3] = 0.032 * linoid(15 - V, 5) * (1 - n) - 0.5 * std::exp((10 - V) / 40) * n;
    dy[4] = -y[4] / 0.2;
    dy[5] = -y[5] / 2;
  };
  return {"hh_cond_exp", {{"i_offset", 0.3}}, {-65, 0.01, 0.99, 0.02, 0, 0},
          slopes,        {0.1, 0.05},         {4, 5},
          {1, 1}};
}

/// Leaky membrane with conductances, PyNN's defaults with tau_syn_E 2 ms.
Case lif(bool alpha) {
  const double e = std::exp(1.0);
  Case c{alpha ? "if_cond_alpha" : "if_cond_exp",
         {{"tau_syn_E", 2}, {"tau_syn_I", 5}, {"i_offset", 0.2}},
         Vector(alpha ? 5 : 3),
         conductance_slopes(alpha),
         {0.04, 0.3},
         {alpha ? 2u : 1u, alpha ? 4u : 2u},
         {alpha ? e / 2 : 1, alpha ? e / 5 : 1}};
  c.start[0] = -65;
  return c;
}

/// AdEx (Brette & Gerstner 2005), below threshold.
Case adex(bool alpha) {
  const auto slopes = [alpha](const Vector& y, Vector& dy) {
    const double g_l = 0.281 / 9.3667, g_e = y[2], g_i = y[alpha ? 4 : 3];
    dy[0] = (-g_l * (y[0] + 70.6) + g_l * 2 * std::exp((y[0] + 50.4) / 2) - y[1] - g_e * y[0] -
             g_i * (y[0] + 80) + 0.3) /
            0.281;
    dy[1] = (0.004 * (y[0] + 70.6) - y[1]) / 144;
    for (std::size_t k = 2; k < y.size(); ++k) dy[k] = -y[k] / 5;
    if (alpha) dy[2] += y[3], dy[4] += y[5];
  };
  const double rise = alpha ? std::exp(1.0) / 5 : 1;
  Case c{alpha ? "eif_cond_alpha_isfa_ista" : "eif_cond_exp_isfa_ista",
         {{"i_offset", 0.3}},
         Vector(alpha ? 6 : 4),
         slopes,
         {0.01, 0.03},
         {alpha ? 3u : 2u, alpha ? 5u : 3u},
         {rise, rise}};
  c.start[0] = -70.6;
  return c;
}

/// GIF (Mensi et al. 2012) with currents of earlier spikes, which does not fire.
Case gif() {
  const auto slopes = [](const Vector& y, Vector& dy) {
    dy[0] = -(y[0] + 65) / 20 - y[1] * y[0] - y[2] * (y[0] + 70) - y[3] - y[4] - y[5] + 0.3;
    dy[1] = -y[1] / 5;
    dy[2] = -y[2] / 5;
    for (std::size_t k = 0; k < 3; ++k)
      dy[3 + k] = -y[3 + k] / std::pow(10.0, static_cast<double>(k));
  };
  return {"gif_cond_exp",
          {{"i_offset", 0.3}, {"lambda0", 0}},
          {-65, 0, 0, 0.5, 0.4, 0.1},
          slopes,
          {0.03, 0.05},
          {1, 2},
          {1, 1}};
}

/// The same with adaptation and relative refractoriness, in nS, as one spike has left them.
Case gsfa_grr() {
  const auto slopes = [](const Vector& y, Vector& dy) {
    dy[0] = -(y[0] + 65) / 20 - y[1] * y[0] - y[2] * (y[0] + 70) -
            1e-3 * (y[3] + y[4]) * (y[0] + 75) + 0.6;
    dy[1] = -y[1] / 5;
    dy[2] = -y[2] / 5;
    dy[3] = -y[3] / 100;
    dy[4] = -y[4] / 2;
  };
  return {"if_cond_exp_gsfa_grr",
          {{"i_offset", 0.6}},
          {-65, 0, 0, 15, 300},
          slopes,
          {0.03, 0.05},
          {1, 2},
          {1, 1}};
}

std::vector<Case> cases() {
  return {squid(), cobahh(), lif(false), lif(true), adex(false), adex(true), gif(), gsfa_grr()};
}

constexpr int end_ms = 12;

double reference_v(const Case& c) {
  Vector y = integrate_reference(c.slopes, c.start, 0, 2, 1e-13);
  y[c.jump[0]] += c.arrivals[0] * c.scale[0];
  y = integrate_reference(c.slopes, y, 2, 6, 1e-13);
  y[c.jump[1]] += c.arrivals[1] * c.scale[1];
  return integrate_reference(c.slopes, y, 6, end_ms, 1e-13)[0];
}

/// The state variables of the model at time 0: the vector's, in the model's order.
Values initial(const Case& c) {
  static const std::map<std::string, std::vector<std::string>> names = {
      {"hh_1952", {"v", "m", "h", "n"}},
      {"hh_cond_exp", {"v", "m", "h", "n"}},
      {"gif_cond_exp", {"v", "g_e", "g_i", "eta_1", "eta_2", "eta_3"}},
      {"if_cond_exp_gsfa_grr", {"v", "g_e", "g_i", "g_s", "g_r"}}};
  Values values = {{"v", c.start[0]}};
  if (const auto known = names.find(c.model); known != names.end())
    for (std::size_t k = 0; k < known->second.size(); ++k) values[known->second[k]] = c.start[k];
  return values;
}

double error(const Case& c, const std::string& method, int steps_per_ms, double expected) {
  OneSlice neuron(c.model, c.parameters, initial(c), {.dt = 1.0 / steps_per_ms, .method = method});
  neuron.run(end_ms * steps_per_ms,
             {{2 * steps_per_ms, 0, c.arrivals[0]}, {6 * steps_per_ms, 1, c.arrivals[1]}});
  return std::fabs(neuron.state("v") - expected);
}

struct Expected {
  const char* method;
  double order, margin;
  int coarsest;  ///< steps a ms
};

// Where the model is stiff against the coarsest steps (Hodgkin-Huxley) the steps are finer.
TEST_CASE("every fixed-step method has the order that its table says", "[neurons]") {
  for (const Case& c : cases()) {
    const bool gates = c.model.starts_with("hh");
    const double expected = reference_v(c);
    std::vector<Expected> methods = {{"rk4", 4, 0.35, gates ? 40 : 1}};
    if (gates) methods.push_back({"exponential_euler", 1, 0.15, 160});
    for (const Expected& m : methods) {
      std::vector<double> errors;
      for (const int factor : {1, 2, 4})
        errors.push_back(error(c, m.method, m.coarsest * factor, expected));
      CAPTURE(c.model, m.method, errors);
      CHECK(measured_order(errors) == Approx(m.order).margin(m.margin));
    }
  }
}

TEST_CASE("rk_adaptive is right to 1e-7 mV at any step", "[neurons]") {
  for (const Case& c : cases()) {
    const double expected = reference_v(c);
    for (const int steps_per_ms : {1, 10}) {
      CAPTURE(c.model, steps_per_ms);
      CHECK(error(c, "rk_adaptive", steps_per_ms, expected) < 1e-7);
    }
  }
}

TEST_CASE("by every method the same spikes, to the step, where steps are fine", "[neurons]") {
  for (const char* model :
       {"hh_1952", "hh_cond_exp", "if_cond_exp", "if_cond_alpha", "if_cond_exp_gsfa_grr",
        "eif_cond_exp_isfa_ista", "eif_cond_alpha_isfa_ista"}) {
    static const NeuronCatalogue catalogue = make_catalogue();
    std::vector<std::int64_t> reference;
    for (const char* method : {"rk_adaptive", "", "rk4", "exponential_euler"}) {
      if (!find_method(*catalogue.find(model), method)) continue;
      INFO(model << " by " << method);
      Values values = {{"i_offset", 1}};
      if (model == std::string("if_cond_exp_gsfa_grr"))
        values.insert({{"q_sfa", 2}, {"q_rr", 100}});
      OneSlice neuron(model, values, {}, {.dt = 0.005, .method = method});
      const auto spikes = neuron.run(12000, {{2000, 0, 0.02}, {4000, 1, 0.02}});
      REQUIRE(spikes.size() >= 2);
      if (reference.empty()) reference = spikes;
      REQUIRE(spikes.size() == reference.size());
      // Exponential Euler, of order 1, runs ahead by up to half a millisecond.
      const std::int64_t margin = method == std::string("exponential_euler") ? 100 : 2;
      for (std::size_t k = 0; k < spikes.size(); ++k)
        CHECK(std::llabs(spikes[k] - reference[k]) <= margin);
    }
  }
}

TEST_CASE("general methods: the same bits in wide registers and in one lane", "[neurons]") {
  for (const char* method : {"rk4", "exponential_euler", "rk_adaptive"})
    for (const bool single : {false, true}) {
      const double dt = 0.05;
      require_same_bits("hh_1952", {}, 1, 5, 500,
                        {.dt = dt, .single_precision = single, .method = method});
      require_same_bits("hh_cond_exp", {}, 0.5, 0.02, 500,
                        {.dt = dt, .single_precision = single, .method = method});
      if (method == std::string("exponential_euler")) continue;
      require_same_bits("gif_cond_exp", {}, 1, 0.02, 1000,
                        {.dt = dt, .single_precision = single, .method = method});
      require_same_bits("if_cond_exp_gsfa_grr", {}, 0.9, 0.02, 1500,
                        {.dt = dt, .single_precision = single, .method = method});
      if (method == std::string("rk4")) continue;  // the default of AdEx
      require_same_bits("eif_cond_exp_isfa_ista", {}, 0.9, 0.02, 1500,
                        {.dt = dt, .single_precision = single, .method = method});
    }
}

TEST_CASE("a model's methods are found by name, the default first", "[neurons]") {
  const NeuronCatalogue catalogue = make_catalogue();
  for (const NeuronModel& model : catalogue.all()) {
    REQUIRE(!model.methods.empty());
    CHECK(find_method(model, "") == &model.methods[0]);
    CHECK(model.methods[0].scheme == Scheme::own);
    for (const Method& method : model.methods) CHECK(find_method(model, method.name) == &method);
    CHECK(find_method(model, "leapfrog") == nullptr);
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
