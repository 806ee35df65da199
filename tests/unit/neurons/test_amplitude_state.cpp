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

// Silent neurons are brought over many epochs at once where they are saved, and over each of them
// where another neuron of the slice is reached in it.
TEST_CASE("by amplitudes: a neuron held over many epochs is saved alike by one step or by many",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  constexpr std::int64_t epoch = 512 * 20'000;
  const Case c{{{"tau_syn_E", 0.02}, {"tau_syn_I", 0.02}}, 0.01, -0.01, 1};
  SliceSpec spec = spec_of(model, c, false);
  spec.initial[3] = {0};
  for (std::int64_t k = 1; k < size; ++k)  // to where an epoch begins, and to either side
    spec.initial[3].push_back(static_cast<double>(k / 3 * 3 * epoch + k % 3 - 1) * 1e-6);
  const auto at_once = model.make_event(spec), by_epochs = model.make_event(spec);
  std::vector<Firing> fired;
  for (std::int64_t k = 0; k < 20; ++k) {
    const Window next{Time{k * epoch}, Time{(k + 1) * epoch}};
    by_epochs->advance(next, std::vector<Arrival>{{0, 5, 0, 1 << 20}}, quanta, fired);
    at_once->advance(next, {}, quanta, fired);
    for (std::uint32_t i = 1; i < size; ++i) {
      std::vector<double> one, other;
      std::int64_t moved_one = 0, moved_other = 0;
      at_once->save(i, one, moved_one);
      by_epochs->save(i, other, moved_other);
      CHECK(one == other);
      CHECK(moved_one == moved_other);
    }
  }
  // Epoch by epoch, 900 million of them, this would take minutes.
  at_once->place(1, std::vector<double>{-57, 0, 0, 1e12, 0}, Time{20 * epoch});
  std::vector<double> held;
  std::int64_t moved = 0;
  at_once->save(1, held, moved);
  by_epochs->place(2, std::vector<double>{-57, 0, 0, 0, 0}, Time{std::int64_t{1} << 53});
  by_epochs->load(1, held, moved);
  CHECK(by_epochs->state(0, 1, Time{std::int64_t{1} << 53}) == Approx(-57));
}

}  // namespace ranvier::neurons::testing
