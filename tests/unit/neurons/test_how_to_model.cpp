// The model that docs/how-to/add-a-neuron-model.md shows (compiled out of the page by
// tests/docs/how_to_model.cmake) against the analytic solution of the quadratic integrate-and-fire
// neuron.
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons {

NeuronModel qif_delta_model();

namespace testing {
namespace {

TEST_CASE("the how-to page's model fires with the analytic period of the quadratic neuron",
          "[neurons]") {
  const double cm = 0.1, k = 0.0007, current = 0.2, dt = 0.001;
  const double root =
      std::sqrt(current / k - 100);  // completed square about -50 mV, (v_crit - v_rest) / 2 = 10 mV
  const double period = cm / (k * root) * (std::atan(85 / root) - std::atan(0 / root));
  OneSlice neuron(qif_delta_model(), {{"i_offset", current}}, {{"v", -50}}, {.dt = dt});
  const auto spikes = neuron.run(std::llround(10.5 * period / dt));
  REQUIRE(spikes.size() == 10);
  CHECK(static_cast<double>(spikes.back()) * dt / 10 == Approx(period).margin(2 * dt));
}

TEST_CASE("the how-to page's model rests, takes jumps, and has a table", "[neurons]") {
  const NeuronModel model = qif_delta_model();
  CHECK(model.name == "qif_delta");
  CHECK(model.parameters.size() == 7);
  OneSlice neuron(model, {}, {});
  CHECK(neuron.run(1000).empty());
  CHECK(neuron.state("v") == -60);
  CHECK(neuron.run(1001, {{1001, 0, 5}, {1001, 1, -2}}).empty());
  CHECK(neuron.state("v") == Approx(-57).margin(1e-9));
  CHECK(neuron.run(2000, {{1002, 0, 30}}).size() == 1);
}

}  // namespace
}  // namespace testing
}  // namespace ranvier::neurons
