#include "neurons/amplitude_slice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/event_slice.h"
#include "core/firing_loop.h"
#include "core/math.h"
#include "core/prefetch.h"
#include "neurons/amplitude_neurons.h"

namespace ranvier::neurons {
namespace {

using exact::TwoCurrentState;
using Line = AmplitudeLine;
using Sums = EventSums;

constexpr std::int64_t never = AmplitudeNeurons::never;

/// Fetches the lines that rows reach, one after the other.
class Fetching {
 public:
  Fetching(std::span<const ArrivalRow> rows, const Line* lines) : rows_(rows), lines_(lines) {
    take_row();
  }
  void next() {
    if (at_ == end_) return;
    prefetch_to_write(lines_ + (*at_ - base_));
    if (++at_ == end_) take_row();
  }

 private:
  void take_row() {
    if (rows_.empty()) return;
    const ArrivalRow& row = rows_.front();
    at_ = row.targets.data();
    end_ = at_ + row.targets.size();
    base_ = row.base;
    rows_ = rows_.subspan(1);
  }
  std::span<const ArrivalRow> rows_;
  const Line* lines_;
  const std::uint32_t *at_ = nullptr, *end_ = nullptr;
  std::uint32_t base_ = 0;
};

template <class Predictions>
class AmplitudeSlice final : public EventSlice,
                             private FiringLoop<AmplitudeSlice<Predictions>, Predictions> {
 public:
  AmplitudeSlice(const SliceSpec& spec, const AlikeNeurons& all,
                 const exact::TwoCurrentMembrane& membrane,
                 const std::function<OneNeuron(std::uint32_t)>& neuron)
      : Loop(spec.first, spec.size), neurons_(spec, all, membrane, neuron) {
    for (std::uint32_t i = 0; i < spec.size; ++i) changed(i);
  }

  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    const EventWindow now{window.begin.count(), window.end.count(), quantum, fired};
    reach_all(arrivals, now);
    fire_all(now);
  }

  void advance_through(Window window, ArrivalList& arrivals, std::span<const double> quantum,
                       std::vector<Firing>& fired) override {
    const EventWindow now{window.begin.count(), window.end.count(), quantum, fired};
    if (exact_predictions || !arrivals.is_in_rows()) reach_all(arrivals.ordered(), now);
    else reach_rows(arrivals, now);
    fire_all(now);
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    neurons_.change_current(i, at.count(), nA);
    changed(i);
  }

  double state(int variable, std::uint32_t i, Time at) const override {
    const Line& l = neurons_[i];
    const TwoCurrentState s = neurons_.seen(l, at.count());
    switch (variable) {
      case 0:
        return neurons_.v_inf(i) + s.u;
      case 1:
        return s.i_e;
      case 2:
        return s.i_i;
      default:
        return std::max(0.0, ms_between(at.count(), l.held_until));
    }
  }

  void place(std::uint32_t i, std::span<const double> state, Time at) override {
    neurons_.put(i, at.count(), {state[0], state[1], state[2], state[3]}, state[4]);
    changed(i);
  }

  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const override {
    neurons_.save(i, out, moved);
  }

  void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) override {
    neurons_.load(i, in, moved);
    changed(i);
  }

  std::optional<std::uint32_t> first_not_finite() const override {
    for (std::uint32_t i = 0; i < neurons_.size(); ++i) {
      const Line& l = neurons_[i];
      if (!std::isfinite(l.a) || !std::isfinite(l.b[0]) || !std::isfinite(l.b[1])) return i;
    }
    return std::nullopt;
  }

 private:
  /// Instants whose factors are made at once, and neurons that are solved at once.
  static constexpr std::size_t block = AmplitudeNeurons::most_at_once;
  static constexpr std::size_t ahead = 48;   ///< arrivals whose lines are on their way
  static constexpr double rounding = 1e-12;  ///< above that of a part of u (512 times 2^-53, twice)
  static constexpr std::size_t several = max_receptors;
  using Loop = FiringLoop<AmplitudeSlice, Predictions>;
  friend Loop;
  using Loop::changed, Loop::enter, Loop::exact_predictions, Loop::fire_due, Loop::fire_from,
      Loop::receive, Loop::take_due;

  struct Instant {
    std::size_t first;        ///< arrival
    std::int64_t at, epoch;   ///< ns; epoch: the begin of the one that it lies in
    double m;                 ///< exp(t/tau_m), t from the epoch's begin
    std::array<double, 2> s;  ///< exp(t/tau_X)
  };
  struct Here {  ///< an instant, as additions need it
    std::int64_t at;
    double m;                 ///< what a counts for the height of the next summit
    std::array<double, 2> s;  ///< and b where it is negative
    Here(const Instant& f, double summit)
        : at(f.at), m(summit / f.m), s{summit / f.s[0], summit / f.s[1]} {}
  };
  AmplitudeNeurons& bounds() { return neurons_; }
  std::int64_t last_moved(std::uint32_t i) const { return neurons_[i].moved; }
  auto raw_state(std::uint32_t i) const { return std::pair(neurons_[i].a, neurons_[i].b); }

  template <class... Until>
  std::int64_t solve(std::uint32_t i, Until... until) const {
    const Line& l = neurons_[i];
    const std::int64_t from = l.free_since();
    return ns_after(from, exact::first_crossing(neurons_.membrane(), neurons_.seen(l, from),
                                                l.threshold, ms_between(from, until)...));
  }
  std::int64_t lower_bound(std::uint32_t i, std::int64_t sharp) const {
    const Line& l = neurons_[i];
    const std::int64_t from = l.free_since();
    return bound_from(neurons_.seen(l, from), l.threshold, from, sharp);
  }
  bool move_and_receive(std::uint32_t i, std::int64_t at, const Sums& sums) {
    neurons_.touch(i, at, sums);
    return false;
  }
  void reset(std::uint32_t i, std::int64_t at) { neurons_.fire(i, at); }

  /// A bound of the firing of a neuron that is in state `s` at `from`; worth some care where not
  /// after `sharp`. u is a difference of amplitudes, and known to their rounding: solve() may
  /// find it at the threshold where it is as near as that.
  [[gnu::noinline]] std::int64_t bound_from(const TwoCurrentState& s, double above,
                                            std::int64_t from, std::int64_t sharp) const {
    const double b = std::fabs(s.i_e) * neurons_.jump(0) + std::fabs(s.i_i) * neurons_.jump(1);
    const double threshold = above - rounding * (std::fabs(s.u) + b);
    const std::int64_t cheap =
        ns_after(from, exact::crossing_roughly_not_before(neurons_.membrane(), s, threshold));
    if (cheap > sharp) return cheap;
    return ns_after(from, exact::crossing_not_before(neurons_.membrane(), s, threshold,
                                                     ms_between(from, sharp)));
  }

  void reach_all(std::span<const Arrival> arrivals, const EventWindow& now) {
    for (std::size_t a = 0; a < std::min(ahead, arrivals.size()); ++a)
      prefetch_to_write(neurons_.lines() + arrivals[a].target);
    for (std::size_t a = 0; a < arrivals.size();) {
      const std::size_t last = std::min(a + block, arrivals.size());
      std::size_t n = 0;
      for (std::size_t k = a; k < last; ++k)
        if (k == a || arrivals[k].after != arrivals[k - 1].after)
          instants_[n++] = {k, now.begin + arrivals[k].after, 0, 0, {}};
      find_factors(n);
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t upto = k + 1 < n ? instants_[k + 1].first : last;
        a = neurons_.currents_alike() ? reach<true>(arrivals, a, upto, instants_[k], now)
                                      : reach<false>(arrivals, a, upto, instants_[k], now);
      }
    }
  }

  void reach_rows(ArrivalList& arrivals, const EventWindow& now) {
    const auto rows = arrivals.rows();
    Fetching fetching(rows, neurons_.lines());
    for (std::size_t k = 0; k < ahead; ++k) fetching.next();
    for (std::size_t d = 0; d < rows.size();) {
      const std::size_t begin = d, n = std::min(block, rows.size() - d);
      for (std::size_t k = 0; k < n; ++k)
        instants_[k] = {d + k, now.begin + rows[d + k].after, 0, 0, {}};
      find_factors(n);
      while (d < begin + n) {
        const Instant& f = instants_[d - begin];
        std::size_t last = d + 1;
        while (last < rows.size() && rows[last].after == rows[d].after) ++last;
        if (last == d + 1) {
          if (neurons_.currents_alike()) reach_row<true>(rows[d], f, fetching, now);
          else reach_row<false>(rows[d], f, fetching, now);
        } else {
          const auto together = arrivals.merged(rows.subspan(d, last - d));
          for (std::size_t k = 0; k < together.size(); ++k) fetching.next();
          if (neurons_.currents_alike()) reach<true>(together, 0, together.size(), f, now);
          else reach<false>(together, 0, together.size(), f, now);
        }
        d = last;
      }
    }
  }

  /// Neurons whose bounds lie in the window are solved together: each for itself this takes three
  /// times as long (measured).
  void fire_all(const EventWindow& now) {
    if constexpr (exact_predictions) return fire_due(now);
    const auto due = take_due(now);
    for (std::size_t d = 0; d < due.size(); d += block) {
      const auto these = due.subspan(d, std::min(block, due.size() - d));
      neurons_.see(these, states_);
      for (std::size_t k = 0; k < these.size(); ++k)
        states_.until[k] = ms_between(neurons_[these[k]].free_since(), now.end);
      exact::first_crossings(neurons_.membrane(), states_, these.size());
      for (std::size_t k = 0; k < these.size(); ++k) {
        const std::int64_t from = neurons_[these[k]].free_since();
        fire_from(these[k], ns_after(from, states_.at[k]), now);
      }
    }
  }

  /// The factors of n instants.
  void find_factors(std::size_t n) {
    const auto ms = [this](std::size_t k) {
      Instant& of = instants_[k];
      if (of.at - epoch_begin_ >= neurons_.epoch() || of.at < epoch_begin_)
        epoch_begin_ = neurons_.epoch_of(of.at);
      of.epoch = epoch_begin_;
      return ms_between(epoch_begin_, of.at);
    };
    neurons_.each_exponential(n, ms, [this](std::size_t k, double m, const auto& s) {
      instants_[k].m = m;
      instants_[k].s = s;
    });
  }

  /// Arrivals [a, end) of one instant reach their neurons, and those of that instant that go on
  /// beyond `end`. Nearly always that is two additions. Returns where it ended.
  template <bool alike>
  std::size_t reach(std::span<const Arrival> arrivals, std::size_t a, std::size_t end,
                    const Instant& f, const EventWindow& now) {
    const Here here(f, neurons_.summit());
    while (a < end) {
      const Arrival in = arrivals[a];
      if (a + ahead < arrivals.size())
        prefetch_to_write(neurons_.lines() + arrivals[a + ahead].target);
      Line& l = neurons_[in.target];
      const bool alone = a + 1 == arrivals.size() || arrivals[a + 1].key() != in.key();
      const std::size_t r = in.receptor();
      if (alone & (here.at < l.calm_until)) [[likely]] {
        const double c = neurons_.jump(r) * (static_cast<double>(in.weight()) * now.quantum[r]);
        if (!add<alike>(l, r, c * f.m, c * f.s[r], here)) [[unlikely]]
          bound_at(in.target, f, now);
        ++a;
      } else {
        reach_slowly<alike>(in.target, alone ? r : several,
                            sums_of_instant(arrivals, a, now.quantum), f, now);
      }
    }
    return a;
  }

  /// The same of a row with an instant of its own.
  template <bool alike>
  void reach_row(const ArrivalRow& row, const Instant& f, Fetching& fetching,
                 const EventWindow& now) {
    const Here here(f, neurons_.summit());
    const std::size_t r = row.receptor, n = row.targets.size();
    const double unit = neurons_.jump(r), quantum = now.quantum[r];
    const std::uint32_t *const targets = row.targets.data(), base = row.base;
    const std::int64_t* const weights = row.weights;
    Line* const lines = neurons_.lines();
    double c = unit * (static_cast<double>(row.weight) * quantum), a = c * f.m, b = c * f.s[r];
    for (std::size_t k = 0; k < n;) {
      const std::uint32_t t = targets[k];
      fetching.next();
      const bool alone = k + 1 == n || targets[k + 1] != t;
      Line& l = lines[t - base];
      if (alone & (here.at < l.calm_until)) [[likely]] {
        if (weights) {
          c = unit * (static_cast<double>(weights[k]) * quantum);
          a = c * f.m;
          b = c * f.s[r];
        }
        if (!add<alike>(l, r, a, b, here)) [[unlikely]]
          bound_at(t - base, f, now);
        ++k;
        continue;
      }
      std::int64_t sum = 0;
      for (; k < n && targets[k] == t; ++k) sum += row.weight_of(k);
      Sums sums{};
      sums[r] = static_cast<double>(sum) * quantum;
      reach_slowly<alike>(t - base, alone ? r : several, sums, f, now);
    }
  }

  /// Adds what arrives by receptor r at a neuron that is not held. Whether no summit that follows
  /// is near the threshold.
  template <bool alike>
  [[gnu::always_inline]] static bool add(Line& l, std::size_t r, double a, double b,
                                         const Here& here) {
    l.a += a;
    l.b[r] += b;
    l.moved = here.at;
    double summit = l.a * here.m;
    if constexpr (!alike)
      summit += std::max(0.0, -l.b[0] * here.s[0]) + std::max(0.0, -l.b[1] * here.s[1]);
    return summit < l.threshold - (1e-9 + 1e-9 * l.threshold);  // far above a summit's rounding
  }

  /// What arrives at a neuron that is not calm: by receptor r, or `several` arrivals.
  template <bool alike>
  [[gnu::noinline]] void reach_slowly(std::uint32_t i, std::size_t r, const Sums& sums,
                                      const Instant& f, const EventWindow& now) {
    Line& l = neurons_[i];
    if (exact_predictions || r == several || l.held_until > f.at || l.bound <= f.at)
      return receive(i, f.at, sums, now);
    if (l.held_until >= 0 || l.moved < f.epoch) neurons_.begin_touch(l, f.at);
    const double c = neurons_.jump(r) * sums[r];
    const bool low = add<alike>(l, r, c * f.m, c * f.s[r], Here(f, neurons_.summit()));
    if (!low || l.threshold <= AmplitudeNeurons::near) return bound_at(i, f, now);
    enter(i, never);
    l.calm_until = neurons_.end_of_epoch(f.epoch);
  }

  [[gnu::noinline]] void bound_at(std::uint32_t i, const Instant& f, const EventWindow& now) {
    const Line& l = neurons_[i];
    const TwoCurrentState s = neurons_.state_of(l.a / f.m, {l.b[0] / f.s[0], l.b[1] / f.s[1]});
    enter(i, bound_from(s, l.threshold, f.at, now.end));
  }

  AmplitudeNeurons neurons_;
  std::int64_t epoch_begin_ = 0;
  std::array<Instant, block> instants_{};
  exact::ManyStates states_;
};

}  // namespace

std::unique_ptr<EventSlice> make_amplitude_slice(
    const SliceSpec& spec, const AlikeNeurons& all,
    const std::function<OneNeuron(std::uint32_t)>& neuron) {
  const auto membrane =
      exact::two_current_membrane(all.tau_m, all.tau_syn_E, all.tau_syn_I, all.cm);
  if (!(membrane.jump_e > 0 && membrane.jump_i > 0)) return nullptr;
  if (spec.plain) return std::make_unique<AmplitudeSlice<FiringQueue>>(spec, all, membrane, neuron);
  return std::make_unique<AmplitudeSlice<Candidates>>(spec, all, membrane, neuron);
}

}  // namespace ranvier::neurons
