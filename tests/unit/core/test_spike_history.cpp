// SpikeHistory: the trace of a neuron's train, whatever is forgotten.
#include "core/spike_history.h"

#include <algorithm>
#include <array>
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

TEST_CASE("the newest spikes are those of the train, however late", "[core]") {
  SpikeHistory history(2, 20, 0.1);
  const std::int64_t far = std::int64_t{1} << 30;
  for (const std::int64_t step : {std::int64_t{3}, std::int64_t{40}, far - 1, far + 10, 2 * far - 1,
                                  5 * far, 5 * far + 7, 5 * far + 9}) {
    history.add(1, step);
    const SpikeHistory::Newest& newest = history.newest()[1];
    const auto entries = history.of(1);
    for (std::size_t k = 0; k < std::min(entries.size(), newest.step.size()); ++k) {
      const SpikeHistory::Entry& e = entries[entries.size() - 1 - k];
      INFO("spike " << k << " before step " << step);
      if (step - e.step < far) CHECK(newest.step[k] + history.origin() == e.step);
      else CHECK(newest.step[k] + history.origin() <= step - far);
      if (k < newest.trace.size() && step - e.step < far) CHECK(newest.trace[k] == e.trace);
      const std::int64_t before = step - (k == 0 ? 1 : 100);
      const auto late = SpikeHistory::Newest::short_step(before - history.origin());
      const auto counted = newest.after(late, late);
      const auto expected = static_cast<std::size_t>(std::count_if(
          entries.begin(), entries.end(), [&](const auto& entry) { return entry.step > before; }));
      CHECK(counted[0] == expected);
      CHECK(counted[1] == expected);
    }
    CHECK(std::fabs(history.trace_before(1, step) - (entries.back().trace - 1)) < 1e-15);
  }
  CHECK(history.newest()[0].after(-5, -7) == std::array<std::uint32_t, 2>{0, 0});

  SpikeHistory lasting(1, 1e8, 0.1);  // longer than short steps reach: the train itself is asked
  lasting.add(0, 3);
  CHECK(lasting.newest()[0].after(SpikeHistory::Newest::short_step(far), 0)[0] ==
        SpikeHistory::Newest::n);
}
