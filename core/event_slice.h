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
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "core/candidates.h"
#include "core/clocked_slice.h"
#include "core/firing_queue.h"
#include "core/neuron_model.h"

namespace ranvier {

/// Whether a model's `Event` part bounds its next firing from below.
template <class Model>
concept BoundsItsFiring = requires(const typename Model::template State<double>& s,
                                   const typename Model::Event::Derived& d) {
  Model::Event::earliest_spike(s, d, 0.0);
};

/// A model's `Event` part: closed forms between events. State and parameters as in the clocked
/// form; `current` in nA.
///   Derived derive(Parameters)
///   void decay(State&, Derived, current, ms)         over a silent stretch
///   bool receive(State&, Derived, sums)              sums of one instant; true: fires at once
///   void fire(State&, Derived)                       reset
///   double next_spike(State, Derived, current)       ms to the next firing in silence, or infinity
///   double earliest_spike(State, Derived, current)   optional: a lower bound of it (may be itself)
/// `Predictions` is Candidates or FiringQueue.
template <class Model, class Predictions>
class EventSliceOf final : public EventSlice {
 public:
  using Event = typename Model::Event;
  using State = typename Model::template State<double>;
  using Derived = typename Event::Derived;
  static constexpr std::size_t n_state = sizeof(State) / sizeof(double);

  template <class MakeParameters>
  EventSliceOf(const SliceSpec& spec, const MakeParameters& parameters_of)
      : neurons_(spec.size), predictions_(spec.size) {
    if (exact_predictions) next_.assign(spec.size, unknown);
    const bool uniform =
        std::all_of(spec.parameters.begin(), spec.parameters.end(),
                    [](const std::vector<double>& column) { return column.size() == 1; });
    derived_.resize(uniform ? 1 : spec.size);
    for (std::uint32_t i = 0; i < spec.size; ++i) {
      const auto p = parameters_of(i);
      if (i < derived_.size()) derived_[i] = Event::derive(p);
      auto values = std::bit_cast<std::array<double, n_state>>(Model::initial(p));
      for (std::size_t s = 0; s < n_state; ++s)
        if (s < spec.initial.size() && !spec.initial[s].empty())
          values[s] = spec.initial[s][spec.initial[s].size() == 1 ? 0 : i];
      neurons_[i].state = std::bit_cast<State>(values);
    }
    for (std::uint32_t i = 0; i < spec.size; ++i) predict(i);
  }

  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    const std::int64_t end = window.end.count();
    std::size_t a = 0;
    while (a < arrivals.size()) {
      const std::uint32_t i = arrivals[a].target;
      while (a < arrivals.size() && arrivals[a].target == i)
        a = move_to_arrival(i, arrivals, a, quantum, fired);
      fire_until(i, end, fired);
      predict(i);
    }
    predictions_.take_due(end, due_);
    for (const std::uint32_t i : due_) {
      fire_until(i, end, fired);
      predict(i);
    }
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    move(i, at.count());
    neurons_[i].current += nA;
    forget(i);
    predict(i);
  }

  double state(int variable, std::uint32_t i, Time at) const override {
    State copy = neurons_[i].state;
    Event::decay(copy, derived(i), neurons_[i].current,
                 static_cast<double>(at.count() - neurons_[i].moved) * 1e-6);
    return std::bit_cast<std::array<double, n_state>>(copy)[static_cast<std::size_t>(variable)];
  }

  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const override {
    const auto values = std::bit_cast<std::array<double, n_state>>(neurons_[i].state);
    out.assign(values.begin(), values.end());
    out.push_back(neurons_[i].current);
    moved = neurons_[i].moved;
  }

  void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) override {
    std::array<double, n_state> values;
    std::copy_n(in.begin(), n_state, values.begin());
    neurons_[i].state = std::bit_cast<State>(values);
    neurons_[i].current = in[n_state];
    neurons_[i].moved = moved;
    forget(i);
    predict(i);
  }

 private:
  struct Neuron {
    State state{};
    double current = 0;
    std::int64_t moved = 0;  ///< ns
  };

  const Derived& derived(std::uint32_t i) const { return derived_[derived_.size() == 1 ? 0 : i]; }

  void move(std::uint32_t i, std::int64_t to) {
    Neuron& n = neurons_[i];
    if (to == n.moved) return;
    Event::decay(n.state, derived(i), n.current, static_cast<double>(to - n.moved) * 1e-6);
    n.moved = to;
  }

  /// With the firing queue the exact prediction stands in for the bound, and is made once a change.
  static constexpr bool exact_predictions = std::is_same_v<Predictions, FiringQueue>;
  static constexpr std::int64_t unknown = -1;

  /// What was predicted no longer holds.
  void forget(std::uint32_t i) {
    if (exact_predictions) next_[i] = unknown;
  }

  /// Nanoseconds, rounded up, of the firing predicted from the present state; the largest integer
  /// when there is none.
  std::int64_t next_firing(std::uint32_t i) {
    const auto solved = [this, i] {
      return after(neurons_[i].moved,
                   Event::next_spike(neurons_[i].state, derived(i), neurons_[i].current));
    };
    if constexpr (!exact_predictions) return solved();
    if (next_[i] == unknown) next_[i] = solved();
    return next_[i];
  }

  /// Not after next_firing.
  std::int64_t not_before(std::uint32_t i) {
    if constexpr (exact_predictions) return next_firing(i);
    else
      return after(neurons_[i].moved,
                   Event::earliest_spike(neurons_[i].state, derived(i), neurons_[i].current));
  }

  static std::int64_t after(std::int64_t moved, double ms) {
    constexpr double horizon = 9e12;  // ms; beyond it (and for infinity) there is no firing
    if (!(ms < horizon)) return std::numeric_limits<std::int64_t>::max();
    return moved + static_cast<std::int64_t>(std::ceil(ms * 1e6));
  }

  void fire_until(std::uint32_t i, std::int64_t end, std::vector<Firing>& fired) {
    while (not_before(i) <= end) {
      const std::int64_t at = next_firing(i);
      if (at > end) return;
      fire_at(i, at, fired);
    }
  }

  void fire_at(std::uint32_t i, std::int64_t at, std::vector<Firing>& fired) {
    move(i, at);
    Event::fire(neurons_[i].state, derived(i));
    forget(i);
    fired.push_back({at, i});
  }

  /// All arrivals of one instant at neuron i; a firing predicted for just that instant comes after
  /// they are summed.
  std::size_t move_to_arrival(std::uint32_t i, std::span<const Arrival> arrivals, std::size_t a,
                              std::span<const double> quantum, std::vector<Firing>& fired) {
    const std::int64_t time = arrivals[a].time;
    fire_until(i, time - 1, fired);
    const bool due_now = not_before(i) <= time && next_firing(i) == time;
    std::array<std::int64_t, max_receptors> sums{};
    for (; a < arrivals.size() && arrivals[a].target == i && arrivals[a].time == time; ++a)
      sums[arrivals[a].receptor] += arrivals[a].weight;
    std::array<double, max_receptors> values{};
    for (std::size_t r = 0; r < quantum.size(); ++r)
      values[r] = static_cast<double>(sums[r]) * quantum[r];
    move(i, time);
    const bool crossed = Event::receive(neurons_[i].state, derived(i), values);
    forget(i);
    if (crossed || due_now) fire_at(i, time, fired);
    return a;
  }

  void predict(std::uint32_t i) { predictions_.enter(i, not_before(i)); }

  std::vector<Neuron> neurons_;
  std::vector<Derived> derived_;
  Predictions predictions_;
  std::vector<std::int64_t> next_;  ///< ns, as predicted, or unknown
  std::vector<std::uint32_t> due_;
};

/// Fills in the event-driven form of a model that has one.
template <class Model>
void add_event_form(NeuronModel& m) {
  if constexpr (requires { typename Model::Event; })
    m.make_event = [](const SliceSpec& spec) -> std::unique_ptr<EventSlice> {
      const auto parameters = parameters_from<Model>(spec);
      if constexpr (BoundsItsFiring<Model>)
        if (!spec.plain) return std::make_unique<EventSliceOf<Model, Candidates>>(spec, parameters);
      return std::make_unique<EventSliceOf<Model, FiringQueue>>(spec, parameters);
    };
}

}  // namespace ranvier
