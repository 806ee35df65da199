#include "neurons/amplitude_slice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "core/event_slice.h"
#include "core/firing_loop.h"
#include "core/joined_slice.h"
#include "core/math.h"
#include "core/prefetch.h"
#include "neurons/amplitude_neurons.h"
#include "neurons/flat_rows.h"

namespace ranvier::neurons {
namespace {

using exact::TwoCurrentState;
using Line = AmplitudeLine;
using Sums = EventSums;

constexpr std::int64_t never = AmplitudeNeurons::never;

template <class Predictions>
class AmplitudeSlice final : public GrowingSlice,
                             private FiringLoop<AmplitudeSlice<Predictions>, Predictions> {
 public:
  AmplitudeSlice(const SliceSpec& spec, const AlikeNeurons& all,
                 const exact::TwoCurrentMembrane& membrane,
                 const std::function<OneNeuron(std::uint32_t)>& neuron)
      : Loop(spec.size), all_(all), neurons_(spec, all, membrane, neuron) {
    for (std::uint32_t i = 0; i < spec.size; ++i) changed(i);
  }

  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    by_epochs(window, quantum, fired, [&](const EventWindow& now, std::int64_t from) {
      if (from == now.begin && now.end == window.end.count()) return reach_all(arrivals, now);
      part_.clear();
      std::copy_if(arrivals.begin(), arrivals.end(), std::back_inserter(part_),
                   [&](const Arrival& a) {
                     const std::int64_t at = now.begin + a.after;
                     return from <= at && at <= now.end;
                   });
      reach_all(part_, now);
    });
  }

  void advance_through(Window window, ArrivalList& arrivals, std::span<const double> quantum,
                       std::vector<Firing>& fired) override {
    if (exact_predictions || !arrivals.is_in_rows())
      return advance(window, arrivals.ordered(), quantum, fired);
    std::span<ArrivalRow> rows = arrivals.rows();
    by_epochs(window, quantum, fired, [&](const EventWindow& now, std::int64_t) {
      const auto due = [&](const ArrivalRow& row) { return now.begin + row.after <= now.end; };
      const auto end = std::partition_point(rows.begin(), rows.end(), due);
      const auto n = static_cast<std::size_t>(end - rows.begin());
      reach_rows(arrivals, rows.first(n), now);
      rows = rows.subspan(n);
    });
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    neurons_.change_current(i, at.count(), nA);
    changed(i);
  }

  double state(int variable, std::uint32_t i, Time at) const override {
    if (variable == 3) return std::max(0.0, ms_between(at.count(), neurons_.rest(i).held_until));
    const TwoCurrentState s = neurons_.seen(i, at.count());
    if (variable == 0) return neurons_.v_inf(i) + s.u;
    return variable == 1 ? s.i_e : s.i_i;
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

  bool take_in(std::uint32_t at, const EventSlice& other) override {
    const auto* const more = dynamic_cast<const AmplitudeSlice*>(&other);
    if (exact_predictions || !more || !(more->all_ == all_)) return false;
    neurons_.append(at, more->neurons_);
    for (std::uint32_t i = at; i < neurons_.size(); ++i) changed(i);
    return true;
  }

  std::optional<std::uint32_t> first_not_finite(std::uint32_t begin,
                                                std::uint32_t end) const override {
    if (neurons_.surely_finite()) return std::nullopt;
    for (std::uint32_t i = begin; i < end; ++i) {
      const Line& l = neurons_[i];
      if (!std::isfinite(l.a) || !std::isfinite(l.b[0]) || !std::isfinite(l.b[1])) return i;
    }
    return std::nullopt;
  }

 private:
  /// Instants whose factors are made at once, and neurons that are solved at once.
  static constexpr std::size_t block = AmplitudeNeurons::most_at_once;
  static_assert(FlatRows::most_rows <= block);
  static constexpr std::size_t ahead = 48;   ///< arrivals fetched where they come one by one
  static constexpr double rounding = 1e-12;  ///< above that of a part of u (512 times 2^-53, twice)
  using Loop = FiringLoop<AmplitudeSlice, Predictions>;
  friend Loop;
  using Loop::changed, Loop::enter, Loop::exact_predictions, Loop::fire, Loop::fire_from,
      Loop::receive, Loop::refuse_endless, Loop::take_due;

  struct Instant {
    std::size_t first;        ///< arrival
    std::int64_t at;          ///< ns
    double m;                 ///< exp(t/tau_m), t from the epoch's begin
    std::array<double, 2> s;  ///< exp(t/tau_X)
  };
  template <bool alike>
  struct Here {               ///< an instant, as additions need it
    std::uint32_t moved;      ///< ns since the epoch's begin
    double m;                 ///< what a counts for the height of the next summit
    std::array<double, 2> s;  ///< and b where it is negative
    Here() = default;
    Here(const Instant& f, const AmplitudeNeurons& of)
        : moved(static_cast<std::uint32_t>(f.at - of.epoch_begin())), m(of.summit() / f.m), s{} {
      if constexpr (!alike) s = {of.summit() / f.s[0], of.summit() / f.s[1]};
    }
  };
  struct PutOff {
    std::uint32_t neuron;
    std::uint16_t receptor, instant;  ///< instant: number in instants_
    double sum;
  };
  AmplitudeNeurons& bounds() { return neurons_; }
  std::int64_t last_moved(std::uint32_t i) const { return neurons_.moved(i); }
  auto raw_state(std::uint32_t i) const { return std::pair(neurons_[i].a, neurons_[i].b); }

  template <class... Until>
  std::int64_t solve(std::uint32_t i, Until... until) const {
    const std::int64_t from = neurons_.free_since(i);
    return ns_after(from,
                    exact::first_crossing(neurons_.membrane(), neurons_.seen_free(i),
                                          neurons_.rest(i).threshold, ms_between(from, until)...));
  }
  std::int64_t lower_bound(std::uint32_t i, std::int64_t sharp) {
    const std::int64_t from = neurons_.free_since(i);
    return bound_from(i, neurons_.seen_free(i), from, neurons_.scale_of(i), sharp);
  }
  bool move_and_receive(std::uint32_t i, std::int64_t at, const Sums& sums) {
    neurons_.touch(i, at, sums);
    return false;
  }
  void reset(std::uint32_t i, std::int64_t at) { neurons_.fire(i, at); }

  /// A bound of the firing of neuron i, which is in state `s` at `from`, where its `a` is `scale`
  /// times what it counts in mV. u is a difference of amplitudes, and known to their rounding:
  /// solve() may find it at the threshold where it is as near as that.
  /// Where the neuron is driven above the threshold it has a bound after every arrival: an early
  /// one after `sharp`, if there can be one, which most arrivals do not move.
  [[gnu::noinline]] std::int64_t bound_from(std::uint32_t i, const TwoCurrentState& s,
                                            std::int64_t from, double scale, std::int64_t sharp) {
    AmplitudeRest& rest = neurons_.rest(i);
    rest.limit = AmplitudeRest::no_limit;
    const double e = s.i_e * neurons_.jump(0), inh = s.i_i * neurons_.jump(1);
    const double uncertain = rounding * (std::fabs(s.u) + std::fabs(e) + std::fabs(inh));
    const double most = s.u + most_charge(e, inh) + uncertain;
    if (!(rest.threshold < -AmplitudeNeurons::near && most < rest.threshold))
      return ns_after(from, exact::crossing_roughly_not_before(neurons_.membrane(), s,
                                                               rest.threshold - uncertain));
    const std::int64_t bound = decays_not_before(from, most, rest.threshold);
    const std::int64_t early = bound - neurons_.early();
    if (bound == never || early <= std::max(from, sharp)) return bound;
    rest.limit = most * scale * AmplitudeNeurons::limit;
    return early;
  }
  /// What positive currents add at most to u, all of their charge at once.
  double most_charge(double e, double i) const {
    return neurons_.currents_alike() ? std::max(0.0, e + i) : std::max(0.0, e) + std::max(0.0, i);
  }
  /// When what is `most` < threshold < 0 at `from`, and decays with the membrane, is at the
  /// threshold.
  std::int64_t decays_not_before(std::int64_t from, double most, double threshold) const {
    return ns_after(
        from, math::log_below(most / threshold) * (1 - 1e-9) / neurons_.membrane().rate_m - 1e-9);
  }

  /// Moves the neurons through the parts of a window that lie in one epoch each:
  /// reach(part, where it begins) brings it its arrivals.
  template <class Reach>
  void by_epochs(Window window, std::span<const double> quantum, std::vector<Firing>& fired,
                 const Reach& reach) {
    const std::int64_t begin = window.begin.count(), end = window.end.count();
    neurons_.arrivals_of(quantum);
    for (std::int64_t from = begin, last; from <= end; from = last + 1) {
      last = std::min(end, neurons_.last_of_epoch(from));
      const EventWindow now{begin, last, quantum, fired};
      reach(now, from);
      fire_all(now);
      if (last == end) break;  // which may be the end of time
    }
    neurons_.pass(end);
    refuse_endless();
  }

  void reach_all(std::span<const Arrival> arrivals, const EventWindow& now) {
    if (arrivals.empty()) return;
    neurons_.settle(now.end);
    for (std::size_t a = 0; a < std::min(ahead, arrivals.size()); ++a)
      prefetch_to_write(neurons_.lines() + arrivals[a].target);
    for (std::size_t a = 0; a < arrivals.size();) {
      const std::size_t last = std::min(a + block, arrivals.size());
      std::size_t n = 0;
      for (std::size_t k = a; k < last; ++k)
        if (k == a || arrivals[k].after != arrivals[k - 1].after)
          instants_[n++] = {k, now.begin + arrivals[k].after, 0, {}};
      find_factors(n);
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t upto = k + 1 < n ? instants_[k + 1].first : last;
        a = neurons_.currents_alike() ? reach<true>(arrivals, a, upto, instants_[k], now)
                                      : reach<false>(arrivals, a, upto, instants_[k], now);
      }
      reach_put_off(now);
    }
  }

  void reach_rows(ArrivalList& arrivals, std::span<ArrivalRow> rows, const EventWindow& now) {
    if (rows.empty()) return;
    neurons_.settle(now.end);
    batch_.begin(rows);
    const auto fetch = [lines = neurons_.lines(), base = rows[0].base](std::uint32_t target) {
      prefetch_to_write(lines + (target - base));
    };
    while (!rows.empty()) {
      std::size_t n = batch_.fill(arrivals, rows, fetch);
      if (n > 0) walk(rows.first(n), now);
      else n = reach_one_by_one(arrivals, rows, now);
      reach_put_off(now);
      rows = rows.subspan(n);
    }
  }

  /// Rows that batch_ holds.
  void walk(std::span<const ArrivalRow> rows, const EventWindow& now) {
    for (std::size_t k = 0; k < rows.size(); ++k)
      instants_[k] = {k, now.begin + rows[k].after, 0, {}};
    find_factors(rows.size());
    if (neurons_.currents_alike()) walk_as<true>(rows, now);
    else walk_as<false>(rows, now);
  }
  template <bool alike>
  void walk_as(std::span<const ArrivalRow> rows, const EventWindow& now) {
    if (rows[0].weights) walk_as<alike, true>(rows, now);
    else walk_as<alike, false>(rows, now);
  }
  template <bool alike, bool weighted>
  [[gnu::noinline]] void walk_as(std::span<const ArrivalRow> rows, const EventWindow& now) {
    struct OfRow {
      AmplitudeSums added;  ///< by an arrival; with weights, for each mV
      Here<alike> here;
    };
    std::array<OfRow, FlatRows::most_rows> of_rows;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Instant& f = instants_[k];
      const std::size_t r = rows[k].receptor;
      const double c =
          weighted ? 1 : neurons_.jump(r) * (static_cast<double>(rows[k].weight) * now.quantum[r]);
      of_rows[k] = {added(c, r, f), Here<alike>(f, neurons_)};
    }
    const std::uint32_t *const targets = batch_.targets(), base = rows[0].base;
    const std::uint8_t* const row_of = batch_.rows();
    Line* const lines = neurons_.lines();
    for (std::size_t k = 0, n = batch_.size(); k < n;) {
      const std::uint32_t t = targets[k];
      prefetch_to_write(lines + (targets[k + FlatRows::ahead] - base));
      const OfRow& of = of_rows[row_of[k]];
      AmplitudeSums sums = of.added;
      if constexpr (weighted) {
        const std::size_t r = rows[row_of[k]].receptor;
        sums *= neurons_.jump(r) * (static_cast<double>(batch_.weights()[k]) * now.quantum[r]);
      }
      if (targets[k + 1] != t && add_if_calm<alike>(lines[t - base], sums, of.here)) [[likely]]
        ++k;
      else k = put_off_from(rows[row_of[k]], k, now);
    }
  }

  /// The k-th arrival of batch_, and those behind it of its row at the same neuron. Returns what
  /// comes next.
  [[gnu::noinline]] std::size_t put_off_from(const ArrivalRow& row, std::size_t k,
                                             const EventWindow& now) {
    const std::uint32_t t = batch_.targets()[k];
    const std::uint8_t number = batch_.rows()[k];
    const std::size_t first = k;
    std::int64_t weight = 0;
    for (; k < batch_.size() && batch_.targets()[k] == t && batch_.rows()[k] == number; ++k)
      weight += row.weights ? batch_.weights()[k] : row.weight;
    const double sum = static_cast<double>(weight) * now.quantum[row.receptor];
    if (k == first + 1) {
      put_off(t - row.base, row.receptor, sum, instants_[number]);
      return k;
    }
    Sums sums{};
    sums[row.receptor] = sum;
    receive_now(t - row.base, sums, instants_[number], now);
    return k;
  }

  /// The first rows, which batch_ cannot hold: those that share an instant, or one alone. Returns
  /// how many.
  std::size_t reach_one_by_one(ArrivalList& arrivals, std::span<ArrivalRow> rows,
                               const EventWindow& now) {
    std::size_t n = 1;
    while (n < rows.size() && rows[n].after == rows[0].after) ++n;
    for (std::size_t k = 0; k < n; ++k) {
      batch_.fetch_targets(rows.subspan(k));
      arrivals.trim(rows[k]);
    }
    instants_[0] = {0, now.begin + rows[0].after, 0, {}};
    find_factors(1);
    const auto together = arrivals.merged(rows.first(n));
    if (neurons_.currents_alike()) reach<true>(together, 0, together.size(), instants_[0], now);
    else reach<false>(together, 0, together.size(), instants_[0], now);
    return n;
  }

  /// Neurons whose bounds lie in the window are solved together: each for itself this takes three
  /// times as long (measured).
  void fire_all(const EventWindow& now) {
    const auto due = take_due(now);
    if (due.empty()) return;
    neurons_.settle(now.end);
    if constexpr (exact_predictions) return fire(due, now);
    for (std::size_t d = 0; d < due.size(); d += block) {
      const auto these = due.subspan(d, std::min(block, due.size() - d));
      neurons_.see(these, states_);
      for (std::size_t k = 0; k < these.size(); ++k)
        states_.until[k] = ms_between(neurons_.free_since(these[k]), now.end);
      exact::first_crossings(neurons_.membrane(), states_, these.size());
      for (std::size_t k = 0; k < these.size(); ++k) {
        const std::uint32_t i = these[k];
        neurons_.rest(i).limit = AmplitudeRest::no_limit;
        fire_from(i, ns_after(neurons_.free_since(i), states_.at[k]), now);
      }
    }
  }

  /// The factors of n instants.
  void find_factors(std::size_t n) {
    const auto ms = [this](std::size_t k) {
      return ms_between(neurons_.epoch_begin(), instants_[k].at);
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
    const Here<alike> here(f, neurons_);
    while (a < end) {
      const Arrival in = arrivals[a];
      if (a + ahead < arrivals.size())
        prefetch_to_write(neurons_.lines() + arrivals[a + ahead].target);
      const bool alone = a + 1 == arrivals.size() || arrivals[a + 1].key() != in.key();
      const std::size_t r = in.receptor();
      const double c = neurons_.jump(r) * (static_cast<double>(in.weight()) * now.quantum[r]);
      if (alone && add_if_calm<alike>(neurons_[in.target], added(c, r, f), here)) [[likely]] {
        ++a;
        continue;
      }
      const Sums sums = sums_of_instant(arrivals, a, now.quantum);
      if (alone) put_off(in.target, r, sums[r], f);
      else receive_now(in.target, sums, f, now);
    }
    return a;
  }

  /// What c mV, that receptor r brings at an instant, are as amplitudes.
  [[gnu::always_inline]] static AmplitudeSums added(double c, std::size_t r, const Instant& f) {
    return AmplitudeSums{c * f.m, r == 0 ? c * f.s[0] : 0.0, r == 1 ? c * f.s[1] : 0.0, 0};
  }

  /// Adds what arrives at a calm neuron, unless a summit that follows is near the
  /// threshold. Returns whether that was all.
  template <bool alike>
  [[gnu::always_inline]] static bool add_if_calm(Line& l, const AmplitudeSums& sums,
                                                 const Here<alike>& here) {
    AmplitudeSums before;  // behind a and b what is no double
    std::memcpy(&before, &l, sizeof before);
    const AmplitudeSums after = before + sums;
    double summit = after[0] * here.m;
    if constexpr (!alike)
      summit += std::max(0.0, -after[1] * here.s[0]) + std::max(0.0, -after[2] * here.s[1]);
    if (!(summit < static_cast<double>(l.ceiling))) return false;
    const AmplitudeSums whole = __builtin_shufflevector(after, before, 0, 1, 2, 7);
    std::memcpy(static_cast<void*>(&l), &whole, sizeof whole);
    l.moved = here.moved;
    return true;
  }

  /// What arrives at a neuron that is not calm, or will not be: put off until the neuron's rest has
  /// come from afar. Until then it is not calm, so that what arrives later comes later.
  void put_off(std::uint32_t i, std::size_t r, double sum, const Instant& f) {
    neurons_[i].ceiling = Line::not_calm;
    prefetch_to_write(&neurons_.rest(i));
    put_off_.push_back(
        {i, static_cast<std::uint16_t>(r), static_cast<std::uint16_t>(&f - instants_.data()), sum});
  }
  /// What several synapses bring at one instant.
  [[gnu::noinline]] void receive_now(std::uint32_t i, const Sums& sums, const Instant& f,
                                     const EventWindow& now) {
    reach_put_off(now);
    receive(i, f.at, sums, now);
  }

  void reach_put_off(const EventWindow& now) {
    for (const PutOff& p : put_off_)
      if (neurons_.currents_alike()) reach_slowly<true>(p, now);
      else reach_slowly<false>(p, now);
    put_off_.clear();
  }
  template <bool alike>
  void reach_slowly(const PutOff& p, const EventWindow& now) {
    const Instant& f = instants_[p.instant];
    const std::uint32_t i = p.neuron;
    const std::size_t r = p.receptor;
    const AmplitudeRest& rest = neurons_.rest(i);
    if (exact_predictions || rest.held_until > f.at || rest.bound <= f.at) {
      Sums sums{};
      sums[r] = p.sum;
      return receive(i, f.at, sums, now);
    }
    if (rest.held_until >= 0) neurons_.begin_touch(i, f.at);
    Line& l = neurons_[i];
    const Here<alike> here(f, neurons_);
    const double c = neurons_.jump(r) * p.sum;
    neurons_.calm(i);
    if (add_if_calm<alike>(l, added(c, r, f), here)) return enter(i, never);
    l.ceiling = Line::not_calm;
    l.a += c * f.m;
    l.b[r] += c * f.s[r];
    l.moved = here.moved;
    if (most_from<alike>(l, f) <= rest.limit) return;
    const TwoCurrentState s = neurons_.state_of(l.a / f.m, {l.b[0] / f.s[0], l.b[1] / f.s[1]});
    enter(i, bound_from(i, s, f.at, f.m, now.end));
  }

  /// What u is at most from f on, as an amplitude that decays with the membrane: a, and negative
  /// currents' parts as if they did.
  template <bool alike>
  static double most_from(const Line& l, const Instant& f) {
    const double e = l.b[0] * (f.m / f.s[0]), i = l.b[1] * (f.m / f.s[1]);
    const double below = alike ? std::max(0.0, -(e + i)) : std::max(0.0, -e) + std::max(0.0, -i);
    return l.a + below + rounding * (std::fabs(e) + std::fabs(i));
  }

  AlikeNeurons all_;
  AmplitudeNeurons neurons_;
  FlatRows batch_;
  std::vector<Arrival> part_;  ///< of a window
  std::vector<PutOff> put_off_;
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
  return std::make_unique<JoinedSlice>(
      std::make_unique<AmplitudeSlice<Candidates>>(spec, all, membrane, neuron));
}

}  // namespace ranvier::neurons
