// The one loop of event-driven populations: every neuron keeps its state as last moved; arrivals of
// one instant are summed as integers and then move it once; a firing is predicted, never found by
// looking at v at the end of a step.
//
// A model with a lower bound of its next firing (earliest_spike) enters the calendar of candidates
// (core/candidates.h) and is solved only when that bound is due; a model that can only predict
// enters the firing queue (core/firing_queue.h), and so does every model in the plain form that
// tests compare with. Since a neuron is moved by its arrivals, changes of its input and its own
// firings alone, neither the way time is cut into windows nor the way predictions are kept can be
// seen in its state.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/event_lines.h"
#include "core/firing_loop.h"
#include "core/neuron_model.h"

namespace ranvier {

/// Whether a model's `Event` part is written over the lane type, so that neurons move in batches.
template <class Model>
concept MovesInLanes = requires {
  typename Model::Event::template Derived<double>;
};

/// The coefficients of an `Event` part in plain numbers.
template <class Model>
struct EventDerived {
  using Type = typename Model::Event::Derived;
};
template <MovesInLanes Model>
struct EventDerived<Model> {
  using Type = typename Model::Event::template Derived<double>;
};

/// Whether a model's `Event` part bounds its next firing from below.
template <class Model>
concept BoundsItsFiring = requires(const typename Model::template State<double>& s,
                                   const typename EventDerived<Model>::Type& d) {
  Model::Event::earliest_spike(s, d, 0.0, 0.0);
};

/// Whether its solver stops where the firing is known to be too late to matter.
template <class Model>
concept StopsLooking = requires(const typename Model::template State<double>& s,
                                const typename EventDerived<Model>::Type& d) {
  Model::Event::next_spike(s, d, 0.0, 0.0);
};

/// Neurons that move together, `count` of them: each to its time, then by the sums of that instant.
/// Columns are of one number a neuron; coefficients of mask 0 are one value, repeated for the
/// widest register.
template <std::size_t n_state, std::size_t n_derived>
struct EventBatch {
  static constexpr std::size_t most = 16;
  using Lines = EventLines<n_state, n_derived>;
  template <class T>
  using Column = std::array<T, most>;
  const double* words = nullptr;  ///< the lines, and how many of a line's words there are to read
  std::size_t n_words = 0, words_a_line = 0;
  /// Who and when: the next `count` arrivals, each the only one of its neuron at its instant, that
  /// count from `begin` (ns); or, where null, line, time and sums, which else are made from them.
  const Arrival* arrivals = nullptr;
  std::int64_t begin = 0;
  std::array<double, max_receptors> quantum{};
  alignas(64) Column<std::int64_t> line{};                       ///< where each begins in `words`
  alignas(64) Column<std::int64_t> time{};                       ///< ns
  alignas(64) std::array<Column<double>, max_receptors> sums{};  ///< in the receptors' units
  alignas(64) std::array<Column<double>, Lines::most_words> word{};  ///< of the lines, as they were
  alignas(64) std::array<Column<double>, n_derived> common{};
  std::array<const double*, n_derived> derived{};  ///< a column of `common` or of `word`
  std::array<std::size_t, n_derived> derived_mask{};
  std::size_t count = most;
  alignas(64) std::array<double, most * Lines::state_words> state{};  ///< out: neuron by neuron
  alignas(64) Column<double> earliest{};  ///< ms until it may fire if nothing reaches it
  std::uint32_t due = 0;                  ///< a bit a neuron: may have fired by its time
  std::uint32_t fires = 0;                ///< at once

  /// Of neurons in `lines`; a batch stays where it is.
  explicit EventBatch(const Lines& lines)
      : words(lines.words()), n_words(lines.words_in_use()), words_a_line(lines.words_a_line()) {
    for (std::size_t k = 0; k < n_derived; ++k) {
      common[k].fill(lines.common()[k]);
      derived[k] = common[k].data();
    }
    for (std::size_t v = 0; v < lines.varied().size(); ++v) {
      derived[lines.varied()[v]] = word[Lines::own_at + v].data();
      derived_mask[lines.varied()[v]] = ~std::size_t{0};
    }
  }
  EventBatch(const EventBatch&) = delete;
  EventBatch& operator=(const EventBatch&) = delete;

  std::array<double, n_state> state_of(std::size_t k) const {
    std::array<double, n_state> values;
    std::copy_n(state.data() + k * Lines::state_words, n_state, values.begin());
    return values;
  }
  std::int64_t moved_before(std::size_t k) const {
    return std::bit_cast<std::int64_t>(word[Lines::moved_at][k]);
  }
};

/// Sums the arrivals of one instant, from `a` on, as integers; `a` moves behind them.
inline EventSums sums_of_instant(std::span<const Arrival> arrivals, std::size_t& a,
                                 std::span<const double> quantum) {
  std::array<std::int64_t, max_receptors> sums{};
  const std::uint64_t instant = arrivals[a].key();
  for (; a < arrivals.size() && arrivals[a].key() == instant; ++a)
    sums[arrivals[a].receptor()] += arrivals[a].weight();
  EventSums values{};
  for (std::size_t r = 0; r < quantum.size(); ++r)
    values[r] = static_cast<double>(sums[r]) * quantum[r];
  return values;
}

/// A model's `Event` part: closed forms between events. State and parameters as in the clocked
/// form; `current` in nA.
///   Derived derive(Parameters)
///   void decay(State&, Derived, current, ms)         over a silent stretch
///   bool receive(State&, Derived, sums)              sums of one instant; true: fires at once
///   void fire(State&, Derived)                       reset
///   double next_spike(State, Derived, current)       ms to the next firing in silence, or infinity
///   double next_spike(State, Derived, current, ms)   optional: the same, or, where that is beyond
///                                                    `ms`, a lower bound of it beyond `ms`
///   double earliest_spike(State, Derived, current, ms)   optional: a lower bound of it (may be
///                                                    itself); worth some care where below `ms`
/// Where Derived is a template over the lane type, decay (which then leaves a state as it is over
/// 0 ms) and receive are so too, and there is
///   V earliest(State, Derived, current)              a lower bound (ms) of next_spike, cheap;
///                                                    infinity where that surely is
/// The neurons of a window then move in batches by core/neuron_loop.h's loop for the SIMD target.
///   std::unique_ptr<EventSlice> of_one_kind(SliceSpec)   optional: a slice of the model's own,
///                                                    where what neurons share allows it, else null
/// `Predictions` is Candidates or FiringQueue.
template <class Model, class Predictions>
class EventSliceOf final : public EventSlice,
                           private FiringLoop<EventSliceOf<Model, Predictions>, Predictions> {
 public:
  using Event = typename Model::Event;
  using State = typename Model::template State<double>;
  using Derived = typename EventDerived<Model>::Type;
  static constexpr std::size_t n_state = sizeof(State) / sizeof(double);
  static constexpr std::size_t n_derived = sizeof(Derived) / sizeof(double);
  static constexpr std::size_t n_receptors = std::size(Model::receptors);
  using StateValues = std::array<double, n_state>;
  using Batch = EventBatch<n_state, n_derived>;
  using Move = void (*)(Batch&);

  template <class MakeParameters>
  EventSliceOf(const SliceSpec& spec, const MakeParameters& parameters_of,
               Move move_lanes = nullptr)
      : Loop(spec.size),
        size_(spec.size),
        move_(move_lanes),
        lines_(
            spec.size,
            [&](std::uint32_t i) {
              return std::bit_cast<std::array<double, n_derived>>(Event::derive(parameters_of(i)));
            }),
        batch_(lines_),
        one_(lines_) {
    derived_ = std::bit_cast<Derived>(lines_.common());
    for (std::uint32_t i = 0; i < spec.size; ++i) {
      auto values = std::bit_cast<StateValues>(Model::initial(parameters_of(i)));
      for (std::size_t s = 0; s < n_state; ++s)
        if (s < spec.initial.size() && !spec.initial[s].empty())
          values[s] = spec.initial[s][spec.initial[s].size() == 1 ? 0 : i];
      lines_.set_state(i, values);
      lines_.set_bound(i, Predictions::never);
      changed(i);
    }
  }

  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    const EventWindow now{window.begin.count(), window.end.count(), quantum, fired};
    for (std::size_t a = 0; a < arrivals.size();) {
      if constexpr (MovesInLanes<Model>) {
        receive_together(arrivals, a, now);
      } else {
        const Arrival& of = arrivals[a];
        receive(of.target, now.begin + of.after, sums_of_instant(arrivals, a, quantum), now);
      }
    }
    fire(take_due(now), now);
    refuse_endless();
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    move(i, at.count());
    lines_.set_current(i, lines_.current(i) + nA);
    changed(i);
  }

  double state(int variable, std::uint32_t i, Time at) const override {
    return std::bit_cast<StateValues>(
        state_after(i, at.count()))[static_cast<std::size_t>(variable)];
  }

  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const override {
    const StateValues values = lines_.state(i);
    out.assign(values.begin(), values.end());
    out.push_back(lines_.current(i));
    moved = lines_.moved(i);
  }

  void place(std::uint32_t i, std::span<const double> state, Time at) override {
    load(i, state, at.count());
  }

  std::optional<std::uint32_t> first_not_finite(std::uint32_t begin,
                                                std::uint32_t end) const override {
    for (std::uint32_t i = begin; i < end; ++i)
      for (const double x : lines_.state(i))
        if (!std::isfinite(x)) return i;
    return std::nullopt;
  }

  void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) override {
    StateValues values;
    std::copy_n(in.begin(), n_state, values.begin());
    lines_.set_state(i, values);
    lines_.set_current(i, in[n_state]);
    lines_.set_moved(i, moved);
    changed(i);
  }

 private:
  using Loop = FiringLoop<EventSliceOf, Predictions>;
  friend Loop;
  using Loop::changed, Loop::fire, Loop::receive, Loop::refuse_endless, Loop::take_due;

  State state_of(std::uint32_t i) const { return std::bit_cast<State>(lines_.state(i)); }
  void set_state(std::uint32_t i, const State& s) {
    lines_.set_state(i, std::bit_cast<StateValues>(s));
  }
  /// Valid until the next call.
  const Derived& derived(std::uint32_t i) const {
    for (std::size_t v = 0; v < lines_.varied().size(); ++v) {
      const double own = lines_.varied(i, v);
      std::memcpy(reinterpret_cast<std::byte*>(&derived_) + lines_.varied()[v] * sizeof(double),
                  &own, sizeof own);
    }
    return derived_;
  }
  /// A batch for one neuron alone.
  const Batch& alone(std::uint32_t i, std::int64_t to, const EventSums& sums) const {
    one_.count = 1;
    one_.line[0] = lines_.begin(i);
    one_.time[0] = to;
    for (std::size_t r = 0; r < n_receptors; ++r) one_.sums[r][0] = sums[r];
    move_(one_);
    return one_;
  }

  /// Neuron i as it is at `to` when nothing reaches it before.
  StateValues state_after(std::uint32_t i, std::int64_t to) const {
    if (to == lines_.moved(i)) return lines_.state(i);
    State s = state_of(i);
    const double ms = ms_between(lines_.moved(i), to);
    if constexpr (MovesInLanes<Model>) return alone(i, to, {}).state_of(0);
    else Event::decay(s, derived(i), lines_.current(i), ms);
    return std::bit_cast<StateValues>(s);
  }

  void move(std::uint32_t i, std::int64_t to) {
    lines_.set_state(i, state_after(i, to));
    lines_.set_moved(i, to);
  }

  /// Moves neuron i to `to`, where the sums reach it; returns whether it fires at once.
  bool move_and_receive(std::uint32_t i, std::int64_t to, const EventSums& sums) {
    bool fires = false;
    if constexpr (MovesInLanes<Model>) {
      const Batch& moved = alone(i, to, sums);
      lines_.set_state(i, moved.state_of(0));
      fires = moved.fires & 1;
    } else {
      move(i, to);
      State s = state_of(i);
      fires = Event::receive(s, derived(i), sums);
      set_state(i, s);
    }
    lines_.set_moved(i, to);
    return fires;
  }

  EventLines<n_state, n_derived>& bounds() { return lines_; }
  std::int64_t last_moved(std::uint32_t i) const { return lines_.moved(i); }
  StateValues raw_state(std::uint32_t i) const { return lines_.state(i); }

  std::int64_t solve(std::uint32_t i) const {
    return ns_after(lines_.moved(i), Event::next_spike(state_of(i), derived(i), lines_.current(i)));
  }
  std::int64_t solve(std::uint32_t i, std::int64_t until) const {
    if constexpr (StopsLooking<Model>)
      return ns_after(lines_.moved(i), Event::next_spike(state_of(i), derived(i), lines_.current(i),
                                                         ms_between(lines_.moved(i), until)));
    else return solve(i);
  }
  std::int64_t lower_bound(std::uint32_t i, std::int64_t sharp) const {
    return ns_after(lines_.moved(i),
                    Event::earliest_spike(state_of(i), derived(i), lines_.current(i),
                                          ms_between(lines_.moved(i), sharp)));
  }

  void reset(std::uint32_t i, std::int64_t at) {
    move(i, at);
    State s = state_of(i);
    Event::fire(s, derived(i));
    set_state(i, s);
  }

  /// The arrivals of the next instants of several neurons, from `a` on, which moves behind them.
  /// For most neurons it is enough to be moved to their instant, all together: no firing was due
  /// before, and none will follow. One that is met twice is moved alone the second time.
  void receive_together(std::span<const Arrival> arrivals, std::size_t& a, const EventWindow& now) {
    std::array<std::uint32_t, Batch::most> who;
    fill_batch(arrivals, a, now, who);
    move_(batch_);
    const std::uint32_t apart = batch_.due | batch_.fires;
    for (std::size_t k = 0; k < batch_.count; ++k) {
      const std::uint32_t i = who[k];
      if ((apart >> k & 1) != 0 || lines_.moved(i) != batch_.moved_before(k)) {
        EventSums sums{};
        for (std::size_t r = 0; r < n_receptors; ++r) sums[r] = batch_.sums[r][k];
        receive(i, batch_.time[k], sums, now);
        continue;
      }
      lines_.set_state(i, batch_.state_of(k));
      lines_.set_moved(i, batch_.time[k]);
      changed(i, ns_after(batch_.time[k], batch_.earliest[k]), now.end);
    }
  }

  /// Nearly always the next sixteen arrivals as they come; where an instant has several of a
  /// neuron, sums of them.
  void fill_batch(std::span<const Arrival> arrivals, std::size_t& a, const EventWindow& now,
                  std::array<std::uint32_t, Batch::most>& who) {
    constexpr std::size_t most = Batch::most, ahead = 4 * most;
    if (a + most < arrivals.size()) {
      const Arrival* const next = arrivals.data() + a;
      bool shared = false;
      for (std::size_t k = 0; k < most; ++k) {
        // A fetch a neuron: in one burst they would wait for each other (measured).
        if (a + k + ahead < arrivals.size()) lines_.prefetch_line(next[k + ahead].target);
        who[k] = next[k].target;
        shared |= next[k].key() == next[k + 1].key();
      }
      if (!shared) {
        batch_.arrivals = next;
        batch_.begin = now.begin;
        std::copy(now.quantum.begin(), now.quantum.end(), batch_.quantum.begin());
        batch_.count = most;
        a += most;
        return;
      }
    }
    batch_.arrivals = nullptr;
    std::size_t n = 0;
    for (; n < most && a < arrivals.size(); ++n) {
      who[n] = arrivals[a].target;
      batch_.line[n] = lines_.begin(who[n]);
      batch_.time[n] = now.begin + arrivals[a].after;
      const auto sums = sums_of_instant(arrivals, a, now.quantum);
      for (std::size_t r = 0; r < n_receptors; ++r) batch_.sums[r][n] = sums[r];
    }
    batch_.count = n;
  }

  std::uint32_t size_;
  Move move_;
  EventLines<n_state, n_derived> lines_;
  Batch batch_;
  mutable Batch one_;
  mutable Derived derived_;
};

/// The event-driven form of a slice, `move` by SIMD target where the model moves in lanes: with
/// the calendar of candidates where the model can bound its next firing, else the firing queue.
template <class Model, class... Move>
std::unique_ptr<EventSlice> make_event_slice(const SliceSpec& spec, Move... move) {
  if constexpr (requires { Model::Event::of_one_kind(spec); })
    if (auto slice = Model::Event::of_one_kind(spec)) return slice;
  const auto parameters = parameters_from<Model>(spec);
  if constexpr (BoundsItsFiring<Model>)
    if (!spec.plain)
      return std::make_unique<EventSliceOf<Model, Candidates>>(spec, parameters, move...);
  return std::make_unique<EventSliceOf<Model, FiringQueue>>(spec, parameters, move...);
}

}  // namespace ranvier
