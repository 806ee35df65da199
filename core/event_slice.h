// The one loop of event-driven populations: every neuron keeps its state as last moved; arrivals of
// one instant are summed as integers and then move it once; a firing is predicted, never found by
// looking at v at the end of a step.
//
// Predictions live in a calendar of windows (core/candidates.h): a model with a lower bound
// (earliest_spike) is solved only when that bound is due. Since a neuron is moved by its arrivals,
// changes of its input and its own firings alone, the way time is cut into windows cannot be seen
// in its state.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/candidates.h"
#include "core/clocked_slice.h"
#include "core/neuron_model.h"

namespace ranvier {

/// A model's `Event` part: closed forms between events. State and parameters as in the clocked
/// form; `current` in nA.
///   Derived derive(Parameters)
///   void decay(State&, Derived, current, ms)               over a silent stretch
///   bool receive(State&, Derived, sums)                    sums of one instant; true: fires at
///   this instant void fire(State&, Derived)                             reset double
///   next_spike(State, Derived, current)             ms to the next firing in silence, infinity if
///   none double earliest_spike(State, Derived, current)         a lower bound of it (may be
///   itself)
template <class Model>
class EventSliceOf final : public EventSlice {
 public:
  using Event = typename Model::Event;
  using State = typename Model::template State<double>;
  using Derived = typename Event::Derived;
  static constexpr std::size_t n_state = sizeof(State) / sizeof(double);

  template <class MakeParameters>
  EventSliceOf(const SliceSpec& spec, const MakeParameters& parameters_of)
      : neurons_(spec.size), bounds_(spec.size) {
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
    bounds_.take_due(end, due_);
    for (const std::uint32_t i : due_) {
      fire_until(i, end, fired);
      predict(i);
    }
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    move(i, at.count());
    neurons_[i].current += nA;
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

  /// Nanoseconds, rounded up, of the firing predicted from the present state; the largest integer
  /// when there is none.
  std::int64_t next_firing(std::uint32_t i) const {
    return after(neurons_[i].moved,
                 Event::next_spike(neurons_[i].state, derived(i), neurons_[i].current));
  }

  static std::int64_t after(std::int64_t moved, double ms) {
    constexpr double horizon = 9e12;  // ms; beyond it (and for infinity) there is no firing
    if (!(ms < horizon)) return std::numeric_limits<std::int64_t>::max();
    return moved + static_cast<std::int64_t>(std::ceil(ms * 1e6));
  }

  void fire_until(std::uint32_t i, std::int64_t end, std::vector<Firing>& fired) {
    for (;;) {
      if (after(neurons_[i].moved,
                Event::earliest_spike(neurons_[i].state, derived(i), neurons_[i].current)) > end)
        return;
      const std::int64_t at = next_firing(i);
      if (at > end) return;
      fire_at(i, at, fired);
    }
  }

  void fire_at(std::uint32_t i, std::int64_t at, std::vector<Firing>& fired) {
    move(i, at);
    Event::fire(neurons_[i].state, derived(i));
    fired.push_back({at, i});
  }

  /// All arrivals of one instant at neuron i; a firing predicted for just that instant comes after
  /// they are summed.
  std::size_t move_to_arrival(std::uint32_t i, std::span<const Arrival> arrivals, std::size_t a,
                              std::span<const double> quantum, std::vector<Firing>& fired) {
    const std::int64_t time = arrivals[a].time;
    fire_until(i, time - 1, fired);
    const bool due_now =
        after(neurons_[i].moved,
              Event::earliest_spike(neurons_[i].state, derived(i), neurons_[i].current)) <= time &&
        next_firing(i) == time;
    std::array<std::int64_t, max_receptors> sums{};
    for (; a < arrivals.size() && arrivals[a].target == i && arrivals[a].time == time; ++a)
      sums[arrivals[a].receptor] += arrivals[a].weight;
    std::array<double, max_receptors> values{};
    for (std::size_t r = 0; r < quantum.size(); ++r)
      values[r] = static_cast<double>(sums[r]) * quantum[r];
    move(i, time);
    const bool crossed = Event::receive(neurons_[i].state, derived(i), values);
    if (crossed || due_now) fire_at(i, time, fired);
    return a;
  }

  void predict(std::uint32_t i) {
    bounds_.enter(i, after(neurons_[i].moved, Event::earliest_spike(neurons_[i].state, derived(i),
                                                                    neurons_[i].current)));
  }

  std::vector<Neuron> neurons_;
  std::vector<Derived> derived_;
  Candidates bounds_;
  std::vector<std::uint32_t> due_;
};

/// Fills in the event-driven form of a model that has one.
template <class Model>
void add_event_form(NeuronModel& m) {
  if constexpr (requires { typename Model::Event; })
    m.make_event = [](const SliceSpec& spec) -> std::unique_ptr<EventSlice> {
      return std::make_unique<EventSliceOf<Model>>(spec, parameters_from<Model>(spec));
    };
}

}  // namespace ranvier
