// The form by amplitudes (neurons/amplitude_slice.h) against the general event-driven form, whose
// equations are its own: if_curr_exp takes the latter where a parameter is given neuron by neuron.
#include <algorithm>
#include <random>

#include "core/event_slice.h"
#include "core/parallel.h"
#include "neurons/amplitude_slice.h"
#include "tests/catch.h"
#include "tests/unit/neurons/amplitude_cases.h"

namespace ranvier::neurons::testing {
namespace {

struct Followed {
  std::vector<Firing> fired;
  std::vector<double> states;      ///< every 50 ms, before and after changes of the current
  std::vector<std::uint64_t> raw;  ///< the bits of what is saved then
};

void sort_by_neuron(std::vector<Firing>& fired) {
  std::sort(fired.begin(), fired.end(), [](const Firing& a, const Firing& b) {
    return a.neuron != b.neuron ? a.neuron < b.neuron : a.time < b.time;
  });
}

/// What is sent row by row: the arrivals of one instant, receptor and weight at rising targets; in
/// half of the rows others' targets behind, and at times those alone.
class InRows {
 public:
  ArrivalList& of(const std::vector<Arrival>& arrivals, bool weights) {
    list_.clear();
    targets_.clear();
    weights_.clear();
    targets_.reserve(7 * arrivals.size());
    weights_.reserve(7 * arrivals.size());
    for (std::size_t a = 0; a < arrivals.size(); ++n_rows_) {
      const Arrival& first = arrivals[a];
      if (n_rows_ % 32 == 0) add(others({base + size + 1}), first, weights);
      const std::size_t begin = targets_.size();
      for (std::uint32_t last = 0; a < arrivals.size(); ++a) {
        const Arrival& next = arrivals[a];
        if (next.after != first.after || next.receptor() != first.receptor() ||
            next.target < last || (!weights && next.weight() != first.weight()))
          break;
        targets_.push_back(base + (last = next.target));
        weights_.push_back(next.weight());
      }
      if (n_rows_ % 4 < 2) others({base + size, base + size + 7});
      add(begin, first, weights);
    }
    return list_;
  }

 private:
  static constexpr std::uint32_t base = 100;
  std::size_t others(std::initializer_list<std::uint32_t> targets) {
    targets_.insert(targets_.end(), targets);
    weights_.insert(weights_.end(), targets.size(), 1 << 30);
    return targets_.size() - targets.size();
  }
  void add(std::size_t begin, const Arrival& first, bool weights) {
    list_.add(ArrivalRow{std::span(targets_).subspan(begin), base, first.after, first.receptor(),
                         first.weight(), weights ? weights_.data() + begin : nullptr});
  }
  ArrivalList list_{size};
  std::vector<std::uint32_t> targets_;
  std::vector<std::int64_t> weights_;
  std::size_t n_rows_ = 0;
};

enum class Sent { one_by_one, in_rows, in_rows_of_weights };

/// Seconds of random arrivals of both signs, some at one instant, in windows of `window`.
Followed follow(EventSlice& slice, const Case& c, std::int64_t window,
                Sent sent = Sent::one_by_one) {
  constexpr std::int64_t end = 4000 * ms, look = 50 * ms;
  std::mt19937 bits(5);
  std::vector<std::pair<std::int64_t, Arrival>> all;
  for (std::int64_t time = 0;;) {
    time += c.grid *
            static_cast<std::int64_t>(1 + bits() % (static_cast<std::uint64_t>(600'000 / c.grid)));
    if (time > end) break;
    for (std::uint32_t i = 0; i < size; ++i) {
      if (bits() % 8 != 0) continue;
      for (unsigned n = bits() % 16 == 0 ? 3 : 1; n > 0; --n) {
        const bool excites = bits() % 4 != 0;
        const double weight =
            (excites ? c.excitatory : c.inhibitory) * (1 + 0.1 * static_cast<double>(bits() % 7));
        all.push_back({time, {i, 0, excites ? 0u : 1u, std::llround(weight / quantum)}});
      }
    }
  }
  Followed out;
  InRows rows;
  std::size_t next = 0;
  for (std::int64_t begin = 0; begin < end; begin += window) {
    std::vector<Arrival> arrivals;
    for (; next < all.size() && all[next].first <= begin + window; ++next) {
      arrivals.push_back(all[next].second);
      arrivals.back().after = static_cast<std::uint32_t>(all[next].first - begin);
    }
    const Window now_to{Time{begin}, Time{begin + window}};
    const std::size_t before = out.fired.size();
    if (sent == Sent::one_by_one) slice.advance(now_to, arrivals, quanta, out.fired);
    else
      slice.advance_through(now_to, rows.of(arrivals, sent == Sent::in_rows_of_weights), quanta,
                            out.fired);
    const std::int64_t now = begin + window;
    for (std::size_t k = before; k < out.fired.size(); ++k)  // found too late it would be lost
      REQUIRE((out.fired[k].time >= begin && out.fired[k].time <= now));
    if (now % look != 0) continue;
    save_bits(slice, out.raw);
    for (int change = 0; change < 2; ++change) {
      for (std::uint32_t i = 0; i < size; ++i)
        for (int variable = 0; variable < 4; ++variable)
          out.states.push_back(slice.state(variable, i, Time{now}));
      if (change == 0)
        for (std::uint32_t i = 0; i < size; i += 3)
          slice.change_current(Time{now}, i, now / look % 2 == 0 ? 0.02 : -0.02);
    }
  }
  sort_by_neuron(out.fired);
  return out;
}

/// `tau_E` of 2 ms: an epoch has 1,024 ms.
const Case cases[] = {
    {{{"tau_syn_E", 2}, {"tau_syn_I", 2}, {"tau_refrac", 2}, {"i_offset", 0.8}}, 0.3, -0.4, 1},
    {{{"tau_syn_E", 2}, {"tau_syn_I", 6}, {"tau_refrac", 0}, {"i_offset", 0.75}}, 0.3, -0.4, 1},
    {{{"tau_syn_E", 8}, {"tau_syn_I", 0.02}, {"tau_refrac", 47.3}, {"i_offset", 0.8}},
     0.2,
     -4,
     10'000},
    {{{"tau_syn_E", 0.5}, {"tau_syn_I", 3}, {"tau_refrac", 2}, {"v_thresh", -52}},
     3,
     -0.3,
     100'000}};

TEST_CASE("by amplitudes: firings of the general event-driven form to 1 ns, states to 1e-9",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  for (const Case& c : cases) {
    INFO("case " << &c - cases);
    const auto slice = model.make_event(spec_of(model, c, false)),
               general = model.make_event(spec_of(model, c, true));
    REQUIRE(typeid(*slice) != typeid(*general));
    const Followed found = follow(*slice, c, ms), expected = follow(*general, c, ms);
    REQUIRE(expected.fired.size() > 200);
    REQUIRE(found.fired.size() == expected.fired.size());
    for (std::size_t k = 0; k < found.fired.size(); ++k) {
      REQUIRE(found.fired[k].neuron == expected.fired[k].neuron);
      REQUIRE(std::abs(found.fired[k].time - expected.fired[k].time) <= 1);
    }
    REQUIRE(found.states.size() == expected.states.size());
    for (std::size_t k = 0; k < found.states.size(); ++k)
      REQUIRE(found.states[k] == Approx(expected.states[k]).epsilon(1e-9).margin(1e-9));
  }
}

TEST_CASE(
    "by amplitudes: the same bits in other windows, row by row, in the plain form, and after a "
    "state was saved and loaded",
    "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  for (const Case& c : cases) {
    INFO("case " << &c - cases);
    SliceSpec spec = spec_of(model, c, false);
    const auto slice = model.make_event(spec), cut = model.make_event(spec);
    const auto in_rows = model.make_event(spec), weighted = model.make_event(spec);
    spec.plain = true;
    const auto plain = model.make_event(spec);
    const Followed expected = follow(*slice, c, 50 * ms);
    for (const Followed& other :
         {follow(*cut, c, ms / 10), follow(*plain, c, ms), follow(*in_rows, c, ms, Sent::in_rows),
          follow(*weighted, c, 10 * ms, Sent::in_rows_of_weights)}) {
      REQUIRE(other.fired.size() == expected.fired.size());
      for (std::size_t k = 0; k < other.fired.size(); ++k)
        REQUIRE((other.fired[k].neuron == expected.fired[k].neuron &&
                 other.fired[k].time == expected.fired[k].time));
      REQUIRE(other.states == expected.states);
      REQUIRE((other.raw == expected.raw));
    }
    const auto loaded = model.make_event(spec_of(model, c, false));
    for (std::uint32_t i = 0; i < size; ++i) {
      std::vector<double> raw, again;
      std::int64_t moved = 0, moved_again = 0;
      slice->save(i, raw, moved);
      loaded->load(i, raw, moved);
      loaded->save(i, again, moved_again);
      REQUIRE(raw == again);
      REQUIRE(moved == moved_again);
      for (int variable = 0; variable < 4; ++variable)
        REQUIRE(loaded->state(variable, i, 4000ms) == slice->state(variable, i, 4000ms));
    }
  }
}

// All neurons of a slice are scaled anew when one of them is reached in another epoch (of 1,024
// ms).
TEST_CASE("by amplitudes: the same bits of a neuron alone and among others, epochs in silence",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  // Neuron 0 is never silent, others are for thousands of ms; from 7 on they are driven to fire.
  const auto reached = [](std::uint32_t i, std::int64_t time) {
    return i == 0 ? time % (7 * ms) == 0 : time == (1000 + 733 * i) * ms || time == 9001 * ms;
  };
  for (const Case& c : cases) {
    INFO("case " << &c - cases);
    const SliceSpec whole = spec_of(model, c, false);
    const auto run = [&](std::uint32_t first, std::uint32_t n) {
      SliceSpec spec = whole;
      spec.size = n;
      for (std::vector<double>& column : spec.parameters)
        if (column.size() > 1) column = {column.begin() + first, column.begin() + first + n};
      const auto slice = model.make_event(spec);
      std::vector<Firing> fired;
      std::vector<std::uint64_t> bits;
      for (std::int64_t begin = 0; begin < 10'000 * ms; begin += 10 * ms) {
        std::vector<Arrival> arrivals;
        for (std::int64_t time = begin + ms; time <= begin + 10 * ms; time += ms)
          for (std::uint32_t i = 0; i < n; ++i)
            if (reached(first + i, time))
              arrivals.push_back({i, time - begin, static_cast<std::uint32_t>(time / ms % 2),
                                  std::llround(c.excitatory / quantum)});
        slice->advance({Time{begin}, Time{begin + 10 * ms}}, arrivals, quanta, fired);
        if (begin % (500 * ms) != 0) continue;
        save_bits(*slice, bits, n);
        for (std::uint32_t i = 0; i < n; ++i)
          bits.push_back(std::bit_cast<std::uint64_t>(slice->state(0, i, Time{begin + 10 * ms})));
      }
      return std::pair(bits, fired);
    };
    const auto [bits, fired] = run(0, size);
    const std::size_t looks = bits.size() / size;
    CHECK(fired.size() > 100);
    for (std::uint32_t i = 0; i < size; ++i) {
      const auto [own_bits, own_fired] = run(i, 1);
      REQUIRE(own_bits.size() == looks);
      constexpr std::size_t saved = 6, look = saved + 1;
      for (std::size_t k = 0; k < looks; ++k) {
        const std::size_t at = k / look, of = k % look;
        const std::size_t among =
            at * look * size + (of < saved ? i * saved + of : saved * size + i);
        REQUIRE(own_bits[k] == bits[among]);
      }
      std::vector<std::int64_t> times, own_times;
      for (const Firing& f : fired)
        if (f.neuron == i) times.push_back(f.time);
      for (const Firing& f : own_fired) own_times.push_back(f.time);
      REQUIRE(own_times == times);
    }
  }
}

TEST_CASE("by amplitudes: what is too large for a double is found", "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  const Case c{{{"tau_syn_E", 2}, {"tau_syn_I", 2}}, 0, 0, 1};
  const std::vector<double> large{1e90, 1e90};
  const std::vector<Arrival> arrivals{{3, ms, 1, -(std::int64_t{1} << 40)}};
  std::vector<Firing> fired;
  // An epoch has 1,024 ms: what arrives at its end counts exp(500) times as much.
  for (const auto& [at, found] : {std::pair{10, false}, std::pair{1010, true}}) {
    const auto slice = model.make_event(spec_of(model, c, false));
    slice->advance({Time{}, Time{at * ms}}, {}, quanta, fired);
    CHECK(slice->first_not_finite(0, size) == std::nullopt);
    slice->advance({Time{at * ms}, Time{(at + 1) * ms}}, arrivals, large, fired);
    CHECK(slice->first_not_finite(0, size) == (found ? std::optional{3u} : std::nullopt));
  }
  const auto placed = model.make_event(spec_of(model, c, false));
  placed->place(5, std::vector<double>{-1e308, -1e308, 0, 0, 0}, 1000ms);
  CHECK(placed->first_not_finite(0, size) == 5);
  // v_reset is finite, but not exp(210) times as much.
  const Case reset{{{"tau_syn_E", 18}, {"tau_syn_I", 18}, {"v_reset", -1e250}}, 0, 0, 1};
  const auto fires = model.make_event(spec_of(model, reset, false));
  fires->place(7, std::vector<double>{-50.001, 10, 0, 0, 0}, 4200ms);
  fires->advance({4200ms, 4210ms}, std::vector<Arrival>{{7, 9 * ms, 0, 1}}, quanta, fired);
  REQUIRE(fired.size() == 1);
  CHECK(fires->first_not_finite(0, size) == 7);
}

// Workers take such numbers for zero (core/parallel.h); what changes a run between slices does not.
TEST_CASE("by amplitudes: the same bits whoever scales what is below the normal numbers",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  Workers workers(1);
  // An epoch has 1,024 ms, in which currents decay by exp(-512) = 4e-223.
  SliceSpec spec = spec_of(model, {{{"tau_syn_E", 2}, {"tau_syn_I", 2}}, 0, 0, 1}, false);
  for (const double i_i : {-1e-90, 1e-90}) {
    spec.initial = {{-65}, {1e-95}, {i_i}, {0}};
    const auto silent = model.make_event(spec), reached = model.make_event(spec);
    const std::vector<Arrival> arrivals{{0, ms, 0, 1}};
    std::vector<Firing> fired;
    workers.parallel_for(1, [&](int) {
      silent->advance({1500ms, 1510ms}, {}, quanta, fired);
      reached->advance({1500ms, 1510ms}, arrivals, quanta, fired);
    });
    std::vector<std::uint64_t> alone, among;  // six a neuron, of which 0 alone was reached
    save_bits(*silent, alone);
    save_bits(*reached, among);
    CHECK(std::equal(alone.begin() + 6, alone.end(), among.begin() + 6));
  }
}

// Then u tends to zero from below, and is there to the rounding of amplitudes when it is reached
// next: whether that is a firing may be chance, but not another one in other windows.
TEST_CASE("by amplitudes: the same bits where the level is the threshold", "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  const Case c{{{"cm", 0.0025},
                {"tau_m", 0.05},
                {"tau_syn_E", 0.02},
                {"tau_syn_I", 0.01},
                {"tau_refrac", 0.5},
                {"i_offset", 0.75}},
               0.1,
               -3,
               1};
  SliceSpec spec = spec_of(model, c, false);
  for (std::vector<double>& column : spec.parameters)
    if (column.size() > 1) column.assign(size, 0.75);
  const auto slice = model.make_event(spec), cut = model.make_event(spec);
  spec.plain = true;
  const auto plain = model.make_event(spec);
  const Followed expected = follow(*slice, c, 50 * ms);
  CHECK(expected.fired.size() > 100);
  CHECK((follow(*cut, c, ms / 10).raw == expected.raw));
  CHECK((follow(*plain, c, ms).raw == expected.raw));
}

TEST_CASE("by amplitudes: time constants beyond time, and times of more bits than a double has",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  for (const double tau_refrac : {1e10, 1e300}) {
    const Case c{{{"tau_m", 1e12}, {"tau_syn_E", 1e11}, {"tau_refrac", tau_refrac}}, 0, 0, 1};
    const SliceSpec spec = spec_of(model, c, false);
    const auto slice = model.make_event(spec), loaded = model.make_event(spec);
    // 2^53 + 1 ns, one that no double is
    const Time now{(std::int64_t{1} << 53) + 1}, later = now + 1000ms;
    for (std::uint32_t i = 0; i < size; ++i)
      slice->place(i, std::vector<double>{-57, 0.05, 0, 0, 0}, now);
    CHECK(slice->state(0, 3, later) == Approx(-57 + 0.05 * 1000));  // cm = 1 nF: nothing leaks
    CHECK(slice->state(1, 3, later) == Approx(0.05));
    std::vector<Firing> fired;
    slice->advance({now, later}, {}, quanta, fired);
    REQUIRE(fired.size() == size);  // each once
    CHECK(fired[0].time == Approx(static_cast<double>(now.count() + 140 * ms)));
    std::vector<double> raw, again;
    std::int64_t moved = 0, moved_again = 0;
    slice->save(3, raw, moved);
    loaded->load(3, raw, moved);
    loaded->save(3, again, moved_again);
    CHECK(raw == again);
    for (int variable = 0; variable < 4; ++variable)
      CHECK(loaded->state(variable, 3, later) == slice->state(variable, 3, later));
    CHECK(slice->state(3, 3, later) == Approx(std::min(tau_refrac, 9.2e12)).epsilon(1e-2));
  }
}

TEST_CASE("by amplitudes: a neuron is where it was put, held for as long as was said",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  const auto slice = model.make_event(spec_of(model, cases[1], false));
  for (const double refractory : {0.0, 3.5, 5000.0}) {
    slice->place(4, std::vector<double>{-63, 0.3, -0.2, refractory, 0.01}, 1500ms);
    CHECK(slice->state(0, 4, 1500ms) == Approx(-63));
    CHECK(slice->state(1, 4, 1500ms) == Approx(0.3));
    CHECK(slice->state(2, 4, 1500ms) == Approx(-0.2));
    CHECK(slice->state(3, 4, 1500ms) == Approx(refractory));
    CHECK(slice->state(1, 4, 1502ms) == Approx(0.3 * std::exp(-1.0)));
    if (refractory > 2) CHECK(slice->state(0, 4, 1502ms) == Approx(-63));
    else CHECK(slice->state(0, 4, 1502ms) > -62.5);
  }
}

TEST_CASE("by amplitudes: a state of an earlier epoch is loaded beside one of a later",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  const SliceSpec spec = spec_of(model, cases[0], false);
  const auto early = model.make_event(spec), late = model.make_event(spec),
             both = model.make_event(spec);
  early->place(3, std::vector<double>{-63, 0.3, -0.2, 0, 0}, 500ms);  // an epoch has 1,024 ms
  late->place(4, std::vector<double>{-62, 0.3, -0.2, 0, 0}, 1500ms);
  for (const auto& [of, i] : {std::pair{&late, 4u}, std::pair{&early, 3u}}) {
    std::vector<double> raw;
    std::int64_t moved = 0;
    (*of)->save(i, raw, moved);
    both->load(i, raw, moved);
  }
  for (int variable = 0; variable < 4; ++variable)
    CHECK(both->state(variable, 3, 1510ms) == early->state(variable, 3, 1510ms));
}

TEST_CASE("by amplitudes: what arrives at the very instant at which a neuron is free, or fires",
          "[neurons]") {
  const NeuronModel& model = if_curr_exp();
  constexpr std::int64_t end = 100 * ms;
  for (Case c : cases) {
    c.values["v_rest"] = -30;  // all fire, first at once after 3.5 ms
    SliceSpec spec = spec_of(model, c, false), general = spec_of(model, c, true);
    spec.initial[3] = general.initial[3] = {3.5};
    std::vector<Firing> fired;
    model.make_event(spec)->advance({Time{}, Time{end}}, {}, quanta, fired);
    const auto first_of_2 = [&fired] {
      return std::find_if(fired.begin(), fired.end(), [](auto& f) { return f.neuron == 2; })->time;
    };
    const std::int64_t first = first_of_2();
    const std::vector<Arrival> all{{1, 7 * ms / 2, 0, std::llround(c.excitatory / quantum)},
                                   {2, first, 1, std::llround(30 * c.inhibitory / quantum)}};
    const auto run = [&](const SliceSpec& of, std::int64_t window) {
      const auto slice = model.make_event(of);
      fired.clear();
      for (std::int64_t begin = 0, last; begin < end; begin = last) {
        last = std::min(begin + window, end);
        std::vector<Arrival> now;
        for (const Arrival& a : all)
          if (a.after > begin && a.after <= last)
            now.push_back({a.target, a.after - begin, a.receptor(), a.weight()});
        slice->advance({Time{begin}, Time{last}}, now, quanta, fired);
      }
      sort_by_neuron(fired);
      std::vector<std::uint64_t> bits;
      save_bits(*slice, bits);
      return bits;
    };
    const auto expected = run(spec, end);
    const std::vector<Firing> found = fired;
    CHECK(first_of_2() == first);  // what arrives then is too late for it
    for (const std::int64_t window : {first - 1, first, ms / 10})
      CHECK((run(spec, window) == expected));
    spec.plain = true;
    CHECK((run(spec, ms) == expected));
    run(general, ms);
    REQUIRE(fired.size() == found.size());
    for (std::size_t k = 0; k < found.size(); ++k)
      CHECK(std::abs(fired[k].time - found[k].time) <= 1);
  }
}

TEST_CASE("by amplitudes: only where currents decay faster than the membrane", "[neurons]") {
  const auto neuron = [](std::uint32_t) { return OneNeuron{-65, 0, -50}; };
  SliceSpec spec;
  spec.size = 1;
  CHECK(make_amplitude_slice(spec, {1, 20, 5, 5, 2, -65}, neuron) != nullptr);
  for (const double tau : {19.5, 20.0, 30.0}) {
    CHECK(make_amplitude_slice(spec, {1, 20, tau, 5, 2, -65}, neuron) == nullptr);
    CHECK(make_amplitude_slice(spec, {1, 20, 5, tau, 2, -65}, neuron) == nullptr);
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
