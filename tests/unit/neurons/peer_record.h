// Comparison with the recordings of NEST's conductance models in tests/golden/hh_and_adex.json, and
// orders of convergence.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/json.h"
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {

/// Runs `model` with the recorded current and pulses at the recorded dt; requires the same number
/// of spikes, each within `spike_margin` ms, and v within `v_margin` mV up to the first recorded
/// time after `v_until`.
inline void require_as_recorded(const std::string& model, Values parameters, const Values& initial,
                                double spike_margin, double v_margin, double v_until) {
  const Json golden = parse_json(read_text("tests/golden/hh_and_adex.json"), "hh_and_adex.json");
  const Json& record = *golden.find(model);
  const double dt = golden.find("dt")->as_number();
  parameters["i_offset"] = record.find("current_nA")->as_number();
  std::vector<Pulse> pulses;
  for (const Json& p : golden.find("pulses")->as_array()) {
    const double nS = p.as_array()[1].as_number();
    pulses.push_back(
        {std::llround(p.as_array()[0].as_number() / dt), nS > 0 ? 0u : 1u, std::fabs(nS) * 1e-3});
  }
  OneSlice neuron(model, parameters, initial, {.dt = dt});
  std::vector<std::int64_t> spikes;
  const auto& times = record.find("times")->as_array();
  for (std::size_t k = 0; k < times.size(); ++k) {
    const double t = times[k].as_number();
    for (const std::int64_t step : neuron.run(std::llround(t / dt), pulses)) spikes.push_back(step);
    INFO(model << " at " << t << " ms");
    if (t <= v_until)
      CHECK(neuron.state("v") ==
            Approx(record.find("v")->as_array()[k].as_number()).margin(v_margin));
  }
  const auto& expected = record.find("spikes")->as_array();
  REQUIRE(!expected.empty());
  REQUIRE(spikes.size() == expected.size());
  for (std::size_t k = 0; k < spikes.size(); ++k)
    CHECK(static_cast<double>(spikes[k]) * dt ==
          Approx(expected[k].as_number()).margin(spike_margin));
}

/// The order at which errors fall when dt is halved: log2 of the ratio of the last two.
inline double measured_order(const std::vector<double>& errors) {
  return std::log2(errors[errors.size() - 2] / errors.back());
}

}  // namespace ranvier::neurons::testing
