// SpikeHistory: the trace of a neuron's train, whatever is forgotten.
#include "core/spike_history.h"

#include <cmath>

#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("forgetting old spikes leaves the trace as it is", "[core]") {
  SpikeHistory whole(2, 20, 0.1), short_one(2, 20, 0.1);
  double trace = 0;
  std::int64_t last = 0;
  for (const std::int64_t step : {3, 40, 41, 300, 1000, 1001, 5000}) {
    whole.add(1, step);
    short_one.forget_before(step - 50);
    short_one.add(1, step);
    trace = trace * std::exp(-static_cast<double>(step - last) * 0.1 / 20) + 1;
    last = step;
    CHECK(std::fabs(whole.of(1).back().trace / trace - 1) < 1e-14);
    CHECK(short_one.of(1).back().trace == whole.of(1).back().trace);
  }
  CHECK(whole.of(0).empty());
  CHECK(whole.of(1).size() == 7);
  CHECK(short_one.of(1).size() == 2);  // the last before, which holds the trace, and the newest
}
