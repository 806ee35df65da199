// What is saved of neurons of the form by amplitudes (neurons/amplitude_slice.h) far into a run.
#include <algorithm>

#include "neurons/amplitude_slice.h"
#include "tests/catch.h"
#include "tests/unit/neurons/amplitude_cases.h"

namespace ranvier::neurons::testing {

// Stretches of more bits than a double has: where they are rounded, the end moves by it.
TEST_CASE("by amplitudes: a refractory time beyond 2^53 ns is loaded as it was saved",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  for (const double tau_refrac : {9007199255.0, 1e10, 1234567890123.457, 8.9e12, 1e300}) {
    const Case c{{{"tau_refrac", tau_refrac}, {"i_offset", 1.2}}, 0.01, -0.01, 1};
    const SliceSpec spec = spec_of(model, c, false);
    const auto slice = model.make_event(spec);
    std::vector<Firing> fired;
    std::int64_t now = 200 * ms;
    slice->advance({Time{0}, Time{now}}, {}, quanta, fired);
    REQUIRE(fired.size() > 0);
    for (int k = 0; k < 10; ++k) {
      const auto loaded = model.make_event(spec);
      std::vector<double> saved;
      std::int64_t moved = 0;
      for (std::uint32_t i = 0; i < size; ++i) {
        slice->save(i, saved, moved);
        loaded->load(i, saved, moved);
      }
      std::vector<Arrival> arrivals;
      for (std::uint32_t i = 0; i < size; ++i) arrivals.push_back({i, 7531u + 2 * i, 0, 1 << 30});
      const Window next{Time{now}, Time{now + 77'777'777}};
      now = next.end.count();
      std::vector<std::uint64_t> bits, bits_of_loaded;
      slice->advance(next, arrivals, quanta, fired);
      save_bits(*slice, bits);
      loaded->advance(next, arrivals, quanta, fired);
      save_bits(*loaded, bits_of_loaded);
      CHECK((bits == bits_of_loaded));
    }
    CHECK(slice->state(3, size - 1, Time{now}) ==
          Approx(std::min(tau_refrac, 9.223372e12)).margin(1500));
  }
}

}  // namespace ranvier::neurons::testing
