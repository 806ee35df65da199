// Neurons with several receptors and with conductances that a spike raises: against recordings of
// NEST 3.10 (tests/golden/multi.json), closed forms of the conductances, an adaptive integration of
// the equations, and the models of two receptors.
#include "neurons/reference_solver.h"
#include "tests/unit/neurons/peer_record.h"

namespace ranvier::neurons::testing {
namespace {

using Vector = std::vector<double>;

/// Runs `model` as tests/golden/multi.py ran NEST's; the largest difference of v before the first
/// spike, and spikes (ms) of both.
struct Compared {
  double v = 0;
  std::vector<double> ours, theirs;
};

Compared compare(const std::string& model) {
  const Json golden = parse_json(read_text("tests/golden/multi.json"), "multi.json");
  const Json& record = *golden.find(model);
  Values parameters;
  for (const auto& [name, value] : record.find("parameters")->as_object()) {
    if (value.is_number()) parameters[name] = value.as_number();
    else
      for (std::size_t k = 0; k < 4; ++k)
        parameters[name + "_" + std::to_string(k + 1)] = value.as_array()[k].as_number();
  }
  std::vector<Pulse> pulses;
  const double dt = golden.find("dt")->as_number();
  for (const Json& p : record.find("pulses")->as_array())
    pulses.push_back({std::llround(p.as_array()[0].as_number() / dt),
                      static_cast<std::size_t>(p.as_array()[1].as_number()),
                      p.as_array()[2].as_number()});
  Compared result;
  for (const Json& t : record.find("spikes")->as_array()) result.theirs.push_back(t.as_number());
  OneSlice neuron(model, parameters, {}, {.dt = dt});
  const auto steps = std::llround(golden.find("every")->as_number() / dt);
  std::int64_t at = 0;
  for (const Json& v : record.find("v")->as_array()) {
    at += steps;
    for (const std::int64_t step : neuron.run(at, pulses))
      result.ours.push_back(static_cast<double>(step) * dt);
    if (static_cast<double>(at) * dt < result.theirs[0])
      result.v = std::max(result.v, std::fabs(neuron.state("v") - v.as_number()));
  }
  return result;
}

void require_like_nest(const std::string& model, double v_margin, double spike_margin) {
  const Compared c = compare(model);
  INFO(model);
  CHECK(c.v < v_margin);
  REQUIRE(c.ours.size() == c.theirs.size());
  for (std::size_t k = 0; k < c.ours.size(); ++k)
    CHECK(c.ours[k] == Approx(c.theirs[k]).margin(spike_margin));
}

TEST_CASE("neurons of several receptors, and gsfa_grr, follow NEST", "[neurons]") {
  require_like_nest("lif_curr_multi", 1e-10, 1e-9);
  require_like_nest("adex_cond_multi", 5e-5, 0.1 + 1e-9);  // NEST's solver: 1e-6 a step
  require_like_nest("if_cond_exp_gsfa_grr", 1e-4, 1e-9);   // NEST's solver: 1e-3 a step
}

TEST_CASE("a conductance jumps, or rises to the weight as an alpha or beta function", "[neurons]") {
  const double rise = 1, decay = 7;
  for (const char* model : {"lif_cond_multi", "adex_cond_multi"}) {
    OneSlice neuron(model,
                    {{"tau_decay_1", 5},
                     {"tau_rise_2", 4},
                     {"tau_decay_2", 4},
                     {"tau_rise_3", rise},
                     {"tau_decay_3", decay},
                     {"tau_rise_4", decay},
                     {"tau_decay_4", rise}},
                    {});
    const auto beta = [&](double t) { return std::exp(-t / decay) - std::exp(-t / rise); };
    const double peak = std::log(decay / rise) * decay * rise / (decay - rise);
    for (std::size_t r = 0; r < 4; ++r) neuron.receive(r, 0.01 * static_cast<double>(r + 1));
    neuron.step();
    for (int n = 1; n <= 200; ++n) {
      neuron.step();
      const double t = 0.1 * n;
      CHECK(neuron.state("g_1") == Approx(0.01 * std::exp(-t / 5)).epsilon(1e-10));
      CHECK(neuron.state("g_2") == Approx(0.02 * t / 4 * std::exp(1 - t / 4)).epsilon(1e-10));
      CHECK(neuron.state("g_3") == Approx(0.03 * beta(t) / beta(peak)).epsilon(1e-10));
      CHECK(neuron.state("g_4") == Approx(0.04 * beta(t) / beta(peak)).epsilon(1e-10));
    }
  }
}

TEST_CASE("with two receptors in use they are the models of two receptors", "[neurons]") {
  const std::vector<Pulse> pulses{{20, 0, 0.04}, {60, 1, 0.06}, {300, 0, 0.1}, {301, 0, 0.1}};
  const auto compare_two = [&](const char* two, const char* many, const Values& a,
                               const Values& b) {
    INFO(many);
    OneSlice plain(two, a, {}), multi(many, b, {});
    std::size_t spikes = 0;
    for (int until = 10; until <= 1500; until += 10) {
      const auto fired = plain.run(until, pulses);
      CHECK(multi.run(until, pulses) == fired);
      spikes += fired.size();
      CHECK(multi.state("v") == Approx(plain.state("v")).margin(1e-9));
    }
    CHECK(spikes > 0);
  };
  compare_two("if_curr_exp", "lif_curr_multi",
              {{"tau_syn_E", 3}, {"tau_syn_I", 8}, {"i_offset", 0.8}},
              {{"tau_syn_1", 3}, {"tau_syn_2", 8}, {"i_offset", 0.8}});
  compare_two("if_cond_exp", "lif_cond_multi",
              {{"tau_syn_E", 3}, {"tau_syn_I", 8}, {"e_rev_I", -80}, {"i_offset", 0.8}},
              {{"tau_decay_1", 3}, {"tau_decay_2", 8}, {"e_rev_2", -80}, {"i_offset", 0.8}});
  compare_two("if_cond_alpha", "lif_cond_multi",
              {{"tau_syn_E", 3}, {"tau_syn_I", 8}, {"e_rev_I", -80}, {"i_offset", 0.8}},
              {{"tau_decay_1", 3},
               {"tau_rise_1", 3},
               {"tau_decay_2", 8},
               {"tau_rise_2", 8},
               {"e_rev_2", -80},
               {"i_offset", 0.8}});
  compare_two("eif_cond_exp_isfa_ista", "adex_cond_multi", {{"tau_syn_E", 3}, {"i_offset", 0.8}},
              {{"tau_decay_1", 3}, {"e_rev_2", -80}, {"i_offset", 0.8}});
}

TEST_CASE("AdEx with currents and LIF with beta conductances converge with order 4", "[neurons]") {
  // Currents of 2 and 9 ms from 2 ms on; conductances of 1 to 6 ms from 2 ms on.
  const double g_l = 0.281 / 9.3667, jump = 0.01 / (std::pow(6, -0.2) - std::pow(6, -1.2));
  Vector adex = integrate_reference(
      [g_l](const Vector& y, Vector& dy) {
        dy[0] =
            (-g_l * (y[0] + 70.6) + g_l * 2 * std::exp((y[0] + 50.4) / 2) - y[1] + y[2] + y[3]) /
            0.281;
        dy[1] = (0.004 * (y[0] + 70.6) - y[1]) / 144;
        dy[2] = -y[2] / 2;
        dy[3] = -y[3] / 9;
      },
      {-70.6, 0, 0.3, 0.2}, 0, 10, 1e-13);
  Vector lif = integrate_reference(
      [](const Vector& y, Vector& dy) {
        dy[0] = -(y[0] + 65) / 20 - y[1] * y[0];
        dy[1] = y[2] - y[1] / 6;
        dy[2] = -y[2];
      },
      {-65, 0, jump * (1 - 1 / 6.0)}, 0, 10, 1e-13);
  std::vector<double> adex_errors, lif_errors;
  for (const int per_ms : {1, 2, 4, 8}) {
    OneSlice a("adex_curr_multi", {{"tau_syn_1", 2}, {"tau_syn_4", 9}},
               {{"i_1", 0.3}, {"i_4", 0.2}}, {.dt = 1.0 / per_ms});
    a.run(10 * per_ms);
    adex_errors.push_back(std::fabs(a.state("v") - adex[0]) + std::fabs(a.state("w") - adex[1]));
    OneSlice l("lif_cond_multi", {{"tau_rise_2", 1}, {"tau_decay_2", 6}},
               {{"x_2", jump * (1 - 1 / 6.0)}}, {.dt = 1.0 / per_ms});
    l.run(10 * per_ms);
    lif_errors.push_back(std::fabs(l.state("v") - lif[0]));
  }
  CAPTURE(adex_errors, lif_errors);
  CHECK(measured_order(adex_errors) > 3.6);  // the last is 1e-10 mV
  CHECK(measured_order(lif_errors) == Approx(4).margin(0.4));
}

TEST_CASE("a spike of gsfa_grr raises both conductances, which decay", "[neurons]") {
  OneSlice neuron("if_cond_exp_gsfa_grr", {{"tau_refrac", 1}}, {{"v", -40}});
  REQUIRE(neuron.run(1).size() == 1);
  CHECK(neuron.state("g_s") == 15);
  CHECK(neuron.state("g_r") == 3000);
  neuron.run(31);
  CHECK(neuron.state("g_s") == Approx(15 * std::exp(-3.0 / 100)).epsilon(1e-12));
  CHECK(neuron.state("g_r") == Approx(3000 * std::exp(-3.0 / 2)).epsilon(1e-12));
}

TEST_CASE("the models of this page give the same bits in wide registers and in one lane",
          "[neurons]") {
  for (const bool single : {false, true}) {
    const SliceOptions options{.single_precision = single};
    require_same_bits("lif_curr_multi", {}, 0.9, 0.2, 1500, options);
    require_same_bits("lif_cond_multi", {{"tau_rise_1", 1}}, 0.9, 0.02, 1500, options);
    require_same_bits("adex_curr_multi", {}, 0.9, 0.2, 1500, options);
    require_same_bits("adex_cond_multi", {{"tau_rise_1", 1}}, 0.9, 0.02, 1500, options);
    require_same_bits("if_cond_exp_gsfa_grr", {}, 0.9, 0.02, 1500, options);
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
