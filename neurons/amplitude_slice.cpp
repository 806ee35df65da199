#include "neurons/amplitude_slice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "core/candidates.h"
#include "core/event_slice.h"
#include "core/firing_queue.h"
#include "core/math.h"
#include "core/prefetch.h"
#include "neurons/lif_crossing.h"

namespace ranvier::neurons {
namespace {

using exact::TwoCurrentMembrane;
using exact::TwoCurrentState;

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// One neuron, as last reached: a line of memory.
struct alignas(64) Line {
  double a = 0;                  ///< mV; while held, as it will be when that ends
  std::array<double, 2> b{};     ///< mV, a receptor
  double threshold = 0;          ///< mV above v_inf
  std::int64_t moved = 0;        ///< ns; a and b count from the begin of its epoch
  std::int64_t bound = never;    ///< ns, of the next firing
  std::int64_t held_until = -1;  ///< ns; below 0: is not
  double current = 0;            ///< injected, nA
};
static_assert(sizeof(Line) == 64);

/// The lines, with the face that predictions keep their bounds by.
struct Lines {
  AlignedVector<Line> of;
  std::int64_t bound(std::uint32_t i) const { return of[i].bound; }
  void set_bound(std::uint32_t i, std::int64_t ns) { of[i].bound = ns; }
};

double to_ms(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }
std::int64_t whole_ns(double ms) { return ms < max_ms ? from_ms(ms).count() : never; }
/// `ns` later than `at`, or never.
std::int64_t later(std::int64_t at, std::int64_t ns) { return at + std::min(ns, never - at); }

template <class Predictions>
class AmplitudeSlice final : public EventSlice {
 public:
  AmplitudeSlice(const SliceSpec& spec, const AlikeNeurons& all, const TwoCurrentMembrane& membrane,
                 const std::function<OneNeuron(std::uint32_t)>& neuron)
      : first_(spec.first),
        membrane_(membrane),
        rate_{membrane.rate_e, membrane.rate_i},
        jump_{membrane.jump_e, membrane.jump_i},
        alike_(all.tau_syn_E == all.tau_syn_I),
        summit_(1 - std::min(all.tau_syn_E, all.tau_syn_I) / all.tau_m),
        resistance_(all.tau_m / all.cm),
        v_reset_(all.v_reset),
        refractory_(whole_ns(all.tau_refrac)),
        epoch_(static_cast<std::int64_t>(
            std::clamp(epoch_taus * std::min(all.tau_syn_E, all.tau_syn_I) * 1e6, 1.0, 1e18))),
        predictions_(spec.size) {
    lines_.of.resize(spec.size);
    level_.resize(spec.size);
    threshold_.resize(spec.size);
    if (exact_predictions) next_.assign(spec.size, unknown);
    for (std::uint32_t i = 0; i < spec.size; ++i) {
      const OneNeuron n = neuron(i);
      level_[i] = n.v_rest + resistance_ * n.i_offset;
      threshold_[i] = n.v_thresh;
      std::array<double, n_state> state{n.v_rest, 0, 0, 0};
      for (std::size_t s = 0; s < n_state && s < spec.initial.size(); ++s)
        if (const auto& given = spec.initial[s]; !given.empty())
          state[s] = given[given.size() == 1 ? 0 : i];
      put(i, 0, state, 0);
    }
    fold(level_);
    fold(threshold_);
    for (std::uint32_t i = 0; i < spec.size; ++i) predict(i);
  }

  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    const Frame now{window.begin.count(), window.end.count(), quantum, fired};
    for (std::size_t a = 0; a < std::min(ahead, arrivals.size()); ++a)
      prefetch_to_write(&lines_.of[arrivals[a].target]);
    for (std::size_t a = 0; a < arrivals.size();) {
      const std::size_t last = std::min(a + block, arrivals.size());
      find_instants(arrivals, a, last, now.begin);
      for (std::size_t k = 0; k < n_instants_; ++k) {
        const std::size_t upto = k + 1 < n_instants_ ? instants_[k + 1].first : last;
        a = alike_ ? reach<true>(arrivals, a, upto, instants_[k], now)
                   : reach<false>(arrivals, a, upto, instants_[k], now);
      }
    }
    predictions_.take_due(now.end, due_, lines_);
    for (const std::uint32_t i : due_) predictions_.enter(i, fire_until(i, now.end, fired), lines_);
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    Line& l = lines_.of[i];
    const double u = resistance_ * nA;
    if (begin_touch(l, at.count())) l.a -= u;
    else l.a -= u * math::exp(since_epoch(at.count()) * membrane_.rate_m);
    set_current(i, l.current + nA);
    forget(i);
    predict(i);
  }

  double state(int variable, std::uint32_t i, Time at) const override {
    const Line& l = lines_.of[i];
    const TwoCurrentState s = seen(l, at.count());
    switch (variable) {
      case 0:
        return v_inf(i) + s.u;
      case 1:
        return s.i_e;
      case 2:
        return s.i_i;
      default:
        return to_ms(std::max<std::int64_t>(0, l.held_until - at.count()));
    }
  }

  void place(std::uint32_t i, std::span<const double> state, Time at) override {
    put(i, at.count(), {state[0], state[1], state[2], state[3]}, state[4]);
    forget(i);
    predict(i);
  }

  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const override {
    const Line& l = lines_.of[i];
    const double held = l.held_until < 0 ? -1 : static_cast<double>(l.held_until - l.moved);
    out = {l.a, l.b[0], l.b[1], held, l.current};  // a stretch: a time may have over 53 bits
    moved = l.moved;
  }

  void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) override {
    Line& l = lines_.of[i];
    l.a = in[0];
    l.b = {in[1], in[2]};
    const double longest = max_ms * 1e6;
    l.held_until =
        in[3] >= 0 ? later(moved, in[3] < longest ? static_cast<std::int64_t>(in[3]) : never) : -1;
    l.moved = moved;
    set_current(i, in[4]);
    forget(i);
    predict(i);
  }

  std::optional<std::uint32_t> first_not_finite() const override {
    for (std::uint32_t i = 0; i < lines_.of.size(); ++i) {
      const Line& l = lines_.of[i];
      if (!std::isfinite(l.a) || !std::isfinite(l.b[0]) || !std::isfinite(l.b[1])) return i;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t n_state = 4;
  static constexpr std::size_t block = 64;   ///< arrivals whose factors are made at once
  static constexpr std::size_t ahead = 48;   ///< arrivals whose lines are on their way
  static constexpr double epoch_taus = 512;  ///< exp(512) is far from the largest double
  static constexpr double rounding = 1e-12;  ///< above that of a part of u (512 times 2^-53, twice)
  static constexpr double near = 1e-6;       ///< mV, so far below the threshold zero surely is
  static constexpr std::int64_t unknown = -1;
  static constexpr bool exact_predictions = std::is_same_v<Predictions, FiringQueue>;

  struct Instant {
    std::size_t first;        ///< arrival
    std::int64_t at, epoch;   ///< ns; epoch: the begin of the one that it lies in
    double m;                 ///< exp(t/tau_m), t from the epoch's begin
    std::array<double, 2> s;  ///< exp(t/tau_X)
  };
  struct Frame {  ///< a window, ns
    std::int64_t begin, end;
    std::span<const double> quantum;
    std::vector<Firing>& fired;
  };

  /// One number where all are the same.
  static void fold(std::vector<double>& values) {
    if (values.empty() || std::count(values.begin(), values.end(), values[0]) !=
                              static_cast<std::ptrdiff_t>(values.size()))
      return;
    values.resize(1);
    values.shrink_to_fit();
  }
  static double value(const std::vector<double>& values, std::uint32_t i) {
    return values[values.size() == 1 ? 0 : i];
  }
  double v_inf(std::uint32_t i) const { return value(threshold_, i) - lines_.of[i].threshold; }
  void set_current(std::uint32_t i, double nA) {
    lines_.of[i].current = nA;
    lines_.of[i].threshold = value(threshold_, i) - value(level_, i) - resistance_ * nA;
  }

  std::int64_t epoch_of(std::int64_t ns) const { return ns / epoch_ * epoch_; }
  double since_epoch(std::int64_t ns) const { return to_ms(ns % epoch_); }

  void put(std::uint32_t i, std::int64_t at, const std::array<double, n_state>& state,
           double current) {
    Line& l = lines_.of[i];
    set_current(i, current);
    l.moved = at;
    l.held_until = state[3] > 0 ? later(at, whole_ns(state[3])) : -1;
    const double ms = since_epoch(at), held = to_ms(std::max(at, l.held_until) - at);
    double a = state[0] - v_inf(i);
    for (std::size_t r = 0; r < 2; ++r) {
      const double b = jump_[r] * state[1 + r];
      l.b[r] = unsigned_zero(b * math::exp(ms * rate_[r]));
      a += b * math::exp(-held * rate_[r]);
    }
    l.a = l.held_until < 0 ? a * math::exp(ms * membrane_.rate_m) : a;
  }

  /// +0 for -0: a receptor that nothing reaches has zero added to it by touch(), and not by
  /// reach(), and which of them it is depends on the windows.
  static double unsigned_zero(double x) { return x + 0.0; }

  /// b_X exp(-t/tau_X) at `at`.
  std::array<double, 2> b_at(const Line& l, std::int64_t at) const {
    const double ms = to_ms(at - epoch_of(l.moved));
    const double e = math::exp(-ms * rate_[0]);
    return {l.b[0] * e, l.b[1] * (alike_ ? e : math::exp(-ms * rate_[1]))};
  }
  TwoCurrentState state_of(double a, const std::array<double, 2>& b) const {
    return {a - b[0] - b[1], b[0] / jump_[0], b[1] / jump_[1]};
  }

  /// u and the currents at `at`, not before the last touch, when nothing reaches it before.
  TwoCurrentState seen(const Line& l, std::int64_t at) const {
    const auto b = b_at(l, at);
    if (at < l.held_until) {
      TwoCurrentState s = state_of(0, b);
      s.u = state_of(l.a, b_at(l, l.held_until)).u;
      return s;
    }
    const std::int64_t from = l.held_until < 0 ? epoch_of(l.moved) : l.held_until;
    return state_of(l.a * math::exp(-to_ms(at - from) * membrane_.rate_m), b);
  }

  /// Counts the amplitudes from the epoch of `at`, when the neuron is next reached. Returns whether
  /// it is held then.
  bool begin_touch(Line& l, std::int64_t at) const {
    const std::int64_t epoch = epoch_of(at), before = epoch_of(l.moved);
    if (before != epoch)
      for (std::size_t r = 0; r < 2; ++r)
        l.b[r] = unsigned_zero(l.b[r] * math::exp(-to_ms(epoch - before) * rate_[r]));
    if (l.held_until > at) {
      l.moved = at;
      return true;
    }
    const std::int64_t from = l.held_until < 0 ? before : l.held_until;
    if (from != epoch) l.a *= math::exp(-to_ms(epoch - from) * membrane_.rate_m);
    l.held_until = -1;
    l.moved = at;
    return false;
  }

  void touch(std::uint32_t i, std::int64_t at, const std::array<double, max_receptors>& sums) {
    Line& l = lines_.of[i];
    const bool held = begin_touch(l, at);
    const double ms = since_epoch(at);
    double jump = 0;
    for (std::size_t r = 0; r < 2; ++r) {
      const double c = jump_[r] * sums[r];
      l.b[r] += c * math::exp(ms * rate_[r]);
      jump += held ? c * math::exp(-to_ms(l.held_until - at) * rate_[r]) : c;
    }
    l.a += held ? jump : jump * math::exp(ms * membrane_.rate_m);
    forget(i);
  }

  void fire_at(std::uint32_t i, std::int64_t at, std::vector<Firing>& fired) {
    Line& l = lines_.of[i];
    begin_touch(l, at);
    l.held_until = later(at, refractory_);
    const auto b = b_at(l, l.held_until);
    l.a = v_reset_ - v_inf(i) + b[0] + b[1];
    forget(i);
    fired.push_back({at, i});
  }

  /// What was predicted no longer holds.
  void forget(std::uint32_t i) {
    if (exact_predictions) next_[i] = unknown;
  }

  /// As of EventSliceOf.
  std::int64_t next_firing(std::uint32_t i, std::int64_t sharp) {
    const Line& l = lines_.of[i];
    const std::int64_t from = std::max(l.moved, l.held_until);
    const auto solved = [&](auto... until) {
      return ns_after(from, exact::first_crossing(membrane_, seen(l, from), l.threshold, until...));
    };
    if constexpr (exact_predictions) {
      if (next_[i] == unknown) next_[i] = solved();
      return next_[i];
    } else {
      return solved(to_ms(sharp - from));
    }
  }
  std::int64_t not_before(std::uint32_t i, std::int64_t sharp) {
    if constexpr (exact_predictions) return next_firing(i, sharp);
    const Line& l = lines_.of[i];
    const std::int64_t from = std::max(l.moved, l.held_until);
    return bound_from(seen(l, from), l.threshold, from, sharp);
  }

  /// A bound of the firing of a neuron that is in state `s` at `from`; worth some care where not
  /// after `sharp`. u is a difference of amplitudes, and known to their rounding: next_firing may
  /// find it at the threshold where it is as near as that.
  [[gnu::noinline]] std::int64_t bound_from(const TwoCurrentState& s, double above,
                                            std::int64_t from, std::int64_t sharp) const {
    const double b = std::fabs(s.i_e) * jump_[0] + std::fabs(s.i_i) * jump_[1];
    const double threshold = above - rounding * (std::fabs(s.u) + b);
    const std::int64_t cheap =
        ns_after(from, exact::crossing_roughly_not_before(membrane_, s, threshold));
    if (cheap > sharp) return cheap;
    return ns_after(from, exact::crossing_not_before(membrane_, s, threshold, to_ms(sharp - from)));
  }

  std::int64_t fire_until(std::uint32_t i, std::int64_t end, std::vector<Firing>& fired) {
    for (std::int64_t last = unknown;;) {
      const std::int64_t at = next_firing(i, end);
      if (at > end) return at;
      const Line& l = lines_.of[i];
      const auto before = std::pair(l.a, l.b);
      fire_at(i, at, fired);
      if (at == last && std::pair(l.a, l.b) == before)
        refuse_to_fire_for_ever(first_ + i, Time{at});
      last = at;
      const std::int64_t bound = not_before(i, end);
      if (bound > end) return bound;
    }
  }

  /// The instants that arrivals [a, end) come at, and their factors: those of one instant that
  /// follow share them.
  void find_instants(std::span<const Arrival> arrivals, std::size_t a, std::size_t end,
                     std::int64_t begin) {
    std::size_t n = 0;
    for (std::size_t k = a; k < end; ++k) {
      if (k > a && arrivals[k].after == arrivals[k - 1].after) continue;
      const std::int64_t at = begin + arrivals[k].after;
      if (at - epoch_begin_ >= epoch_ || at < epoch_begin_) epoch_begin_ = epoch_of(at);
      instants_[n++] = {k, at, epoch_begin_, 0, {}};
    }
    const std::size_t n_rates = alike_ ? 2 : 3;
    const std::array<double, 3> rates{membrane_.rate_m, rate_[0], rate_[1]};
    for (std::size_t r = 0; r < n_rates; ++r)
      for (std::size_t j = 0; j < n; ++j)
        factors_[r * n + j] = to_ms(instants_[j].at - instants_[j].epoch) * rates[r];
    math::exp_of_each(factors_.data(), n_rates * n);
    for (std::size_t j = 0; j < n; ++j) {
      instants_[j].m = factors_[j];
      instants_[j].s = {factors_[n + j], factors_[(n_rates - 1) * n + j]};
    }
    n_instants_ = n;
  }

  /// Arrivals [a, end) of one instant reach their neurons, and those of that instant that go on
  /// beyond `end`. Nearly always that is two additions. Returns where it ended.
  template <bool alike>
  std::size_t reach(std::span<const Arrival> arrivals, std::size_t a, std::size_t end,
                    const Instant& f, const Frame& now) {
    Line* const lines = lines_.of.data();
    const std::array<double, 2> jump = jump_;
    const double back_m = 1 / f.m;  // for bounds only, so that the rounding is not seen
    const std::array<double, 2> back_s{1 / f.s[0], 1 / f.s[1]};
    const double summit_part = summit_;
    while (a < end) {
      const Arrival in = arrivals[a];
      if (a + ahead < arrivals.size()) prefetch_to_write(lines + arrivals[a + ahead].target);
      const std::size_t r = in.receptor();
      const bool alone = a + 1 == arrivals.size() || arrivals[a + 1].key() != in.key();
      Line& l = lines[in.target];
      const bool moves_freely = !exact_predictions && alone & (l.held_until < 0) &
                                                          (l.moved >= f.epoch) & (l.bound > f.at);
      if (!moves_freely) [[unlikely]] {
        if (exact_predictions || !alone || l.held_until > f.at || l.bound <= f.at) {
          const auto sums = sums_of_instant(arrivals, a, now.quantum);
          receive(in.target, f.at, sums, now);
          continue;
        }
        begin_touch(l, f.at);
      }
      const double c = jump[r] * (static_cast<double>(in.weight()) * now.quantum[r]);
      l.a += c * f.m;
      l.b[r] += c * f.s[r];
      l.moved = f.at;
      ++a;
      double summit = l.a * back_m;
      if constexpr (!alike)
        summit += std::max(0.0, -l.b[0] * back_s[0]) + std::max(0.0, -l.b[1] * back_s[1]);
      const double margin = 1e-9 + 1e-9 * l.threshold;  // far above the rounding of a summit
      const bool silent = (l.threshold > near) & (summit * summit_part < l.threshold - margin);
      if (silent & (l.bound == never)) [[likely]]
        continue;
      const std::array<double, 2> b{l.b[0] * back_s[0], l.b[1] * back_s[1]};
      predictions_.enter(
          in.target,
          silent ? never : bound_from(state_of(l.a * back_m, b), l.threshold, f.at, now.end),
          lines_);
    }
    return a;
  }

  /// What reaches neuron i at `time`; a firing predicted for just that instant comes after it.
  void receive(std::uint32_t i, std::int64_t time, const std::array<double, max_receptors>& sums,
               const Frame& now) {
    bool due_now = false;
    if (lines_.bound(i) <= time) {
      const std::int64_t next = fire_until(i, time - 1, now.fired);
      due_now = next == time && next_firing(i, time) == time;
    }
    touch(i, time, sums);
    if (due_now) fire_at(i, time, now.fired);
    predictions_.enter(i, not_before(i, now.end), lines_);
  }

  void predict(std::uint32_t i) {
    predictions_.enter(i, not_before(i, lines_.of[i].moved), lines_);
  }

  std::int64_t first_;  ///< index in the population
  TwoCurrentMembrane membrane_;
  std::array<double, 2> rate_, jump_;  ///< a receptor
  bool alike_;                         ///< one time constant of both currents
  double summit_;                      ///< of the highest turn, as a part of a exp(-t/tau_m)
  double resistance_, v_reset_;
  std::int64_t refractory_, epoch_;  ///< ns
  Lines lines_;
  std::vector<double> level_, threshold_;  ///< mV, v_inf without injected current; one number: all
  Predictions predictions_;
  std::vector<std::int64_t> next_;  ///< ns, as predicted, or unknown
  std::vector<std::uint32_t> due_;
  std::int64_t epoch_begin_ = 0;
  alignas(64) std::array<double, 3 * block> factors_{};
  std::array<Instant, block> instants_{};
  std::size_t n_instants_ = 0;
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
