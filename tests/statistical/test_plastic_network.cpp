// A recurrent network with power-law STDP in its stationary state (bench/networks/plastic_s.json,
// 8.1 million plastic synapses) against NEST 3.10: rates 7.07 and 7.13 Hz, and the spread of
// weights that all begin alike: standard deviation 0.447 and 0.777 pA after 1 and 3 s, mean 97.66
// pA (both simulators run the same document with other random numbers). The state is stable in a
// narrow basin: a mean weight 4 % too high gives 20 Hz.
#include <cmath>

#include "app/catalogue.h"
#include "app/document.h"
#include "core/kernel.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

struct Spread {
  double mean, sd;  ///< pA
};

Spread spread_of_weights(Kernel& kernel) {
  const PlasticState state = kernel.plastic(0);
  const std::size_t n = state.sources.size(), width = state.synapses.size() / n;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = 1000 * state.synapses[i * width] - 97;
    sum += w;
    squares += w * w;
  }
  const double mean = sum / static_cast<double>(n);
  return {97 + mean, std::sqrt(squares / static_cast<double>(n) - mean * mean)};
}

}  // namespace

TEST_CASE("a plastic network keeps NEST's rates and spread of weights", "[learning][slow]") {
  app::Document document =
      app::load_document("bench/networks/plastic_s.json", {&app::catalogue(), {}});
  document.network.projections[0].weight = 0.0977349;
  const Layout layout = make_layout(document.network, document.run, app::catalogue(), {1, 2});
  const auto comm = make_local_comm();
  Workers workers(2);
  Kernel kernel(layout, *comm, workers);
  MemoryRecorder recorder(layout.record);
  const auto run_to = [&](std::int64_t seconds) {
    kernel.run(seconds * 1'000'000'000, recorder, [](std::int64_t) { return true; });
  };
  run_to(1);
  const Spread first = spread_of_weights(kernel);
  const std::vector<std::int64_t> before = kernel.totals().spikes_of;
  INFO("after 1 s: mean " << first.mean << " pA, sd " << first.sd << " pA");
  CHECK(std::fabs(first.mean - 97.7) < 0.1);
  CHECK(std::fabs(first.sd / 0.447 - 1) < 0.03);
  run_to(3);
  const Spread last = spread_of_weights(kernel);
  INFO("after 3 s: mean " << last.mean << " pA, sd " << last.sd << " pA");
  CHECK(std::fabs(last.mean - 97.66) < 0.05);
  CHECK(std::fabs(last.sd / 0.777 - 1) < 0.03);
  const std::vector<std::int64_t> after = kernel.totals().spikes_of;
  const double excitatory = static_cast<double>(after[0] - before[0]) / 9000 / 2,
               inhibitory = static_cast<double>(after[1] - before[1]) / 2250 / 2;
  INFO(excitatory << " and " << inhibitory << " Hz");
  CHECK(std::fabs(excitatory - 7.07) < 0.3);
  CHECK(std::fabs(inhibitory - 7.13) < 0.3);
}
