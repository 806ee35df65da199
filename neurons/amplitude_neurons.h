// The neurons of neurons/amplitude_slice.h, and how one of them moves.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/firing_loop.h"
#include "core/math.h"
#include "core/prefetch.h"
#include "neurons/amplitude_slice.h"
#include "neurons/lif_crossing.h"

namespace ranvier::neurons {

/// What every arrival at a neuron touches: half a line of memory, two neurons a line.
struct alignas(32) AmplitudeLine {
  static constexpr float not_calm = -std::numeric_limits<float>::infinity();
  double a = 0;               ///< mV; while held, as it will be when that ends
  std::array<double, 2> b{};  ///< mV, a receptor
  std::uint32_t moved = 0;    ///< ns since the begin of the slice's epoch
  /// mV above v_inf. While the next summit stays below, an arrival has but to be added: the neuron
  /// is calm, that is neither held nor with a bound of its next firing, nor driven above the
  /// threshold. Else not_calm.
  float ceiling = not_calm;
};
static_assert(sizeof(AmplitudeLine) == 32);

/// What an arrival adds to `a` and `b` of a line, and 0: one register, for the compiler keeps three
/// additions apart, which is a fifth of the time of an arrival (measured).
using AmplitudeSums [[gnu::vector_size(sizeof(AmplitudeLine))]] = double;

/// What is looked at where a neuron is not calm.
struct alignas(32) AmplitudeRest {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  static constexpr double no_limit = -std::numeric_limits<double>::infinity();
  double threshold = 0;          ///< mV above v_inf
  std::int64_t bound = never;    ///< ns, of the next firing
  std::int64_t held_until = -1;  ///< ns; below 0: is not
  /// mV, as a: while a (and what negative currents may add) stays below, the bound holds whatever
  /// arrives. no_limit: anything may move it.
  double limit = no_limit;
};
static_assert(sizeof(AmplitudeRest) == 32);

/// Of one slice. Times in ns, ms where they are doubles.
class AmplitudeNeurons {
 public:
  static constexpr std::size_t n_state = 4;
  static constexpr std::int64_t never = AmplitudeRest::never;
  static constexpr std::size_t most_at_once = exact::ManyStates::most;
  static constexpr double near = 1e-6;        ///< mV, so far below the threshold zero surely is
  using State = std::array<double, n_state>;  ///< v, i_e, i_i, and how long it is held yet
  using TwoCurrentState = exact::TwoCurrentState;

  AmplitudeNeurons(const SliceSpec& spec, const AlikeNeurons& all,
                   const exact::TwoCurrentMembrane& membrane,
                   const std::function<OneNeuron(std::uint32_t)>& neuron);

  std::uint32_t size() const { return static_cast<std::uint32_t>(lines_.size()); }
  AmplitudeLine* lines() { return lines_.data(); }
  AmplitudeLine& operator[](std::uint32_t i) { return lines_[i]; }
  const AmplitudeLine& operator[](std::uint32_t i) const { return lines_[i]; }
  AmplitudeRest& rest(std::uint32_t i) { return rest_[i]; }
  const AmplitudeRest& rest(std::uint32_t i) const { return rest_[i]; }
  const exact::TwoCurrentMembrane& membrane() const { return membrane_; }
  double jump(std::size_t receptor) const { return jump_[receptor]; }
  bool currents_alike() const { return alike_; }
  /// Of the highest turn, as a part of a exp(-t/tau_m).
  double summit() const { return summit_; }
  double v_inf(std::uint32_t i) const { return value(threshold_, i) - rest_[i].threshold; }
  double current(std::uint32_t i) const { return current_.empty() ? 0.0 : current_[i]; }

  std::int64_t epoch_of(std::int64_t at) const { return at / epoch_ * epoch_; }
  /// The last instant of the epoch that `at` lies in.
  std::int64_t last_of_epoch(std::int64_t at) const {
    const std::int64_t begin = epoch_of(at);
    return begin + std::min(epoch_ - 1, never - begin);
  }
  /// From which the amplitudes count now, ns.
  std::int64_t epoch_begin() const { return epoch_begin_; }
  /// They count from the epoch of `at` from now on (or from a later one, if they do).
  void settle(std::int64_t at);
  /// Time has come to `at`, with no need to settle yet.
  void pass(std::int64_t at) { passed_ = std::max(passed_, at); }

  /// ns, of the last change; or the epoch's begin, where every neuron is scaled anew.
  std::int64_t moved(std::uint32_t i) const { return epoch_begin_ + lines_[i].moved; }
  /// Since when nothing has reached it, or will when it is no longer held.
  std::int64_t free_since(std::uint32_t i) const { return std::max(moved(i), rest_[i].held_until); }

  // Predictions keep their bounds here.
  std::int64_t bound(std::uint32_t i) const { return rest_[i].bound; }
  void prefetch_line(std::uint32_t i) const {
    prefetch_to_write(&rest_[i]);
    prefetch_to_write(&lines_[i]);
  }
  void set_bound(std::uint32_t i, std::int64_t at) {
    rest_[i].bound = at;
    if (at != never) lines_[i].ceiling = AmplitudeLine::not_calm;
  }
  /// It is neither held nor has it a bound: is calm, if not driven above the threshold.
  void calm(std::uint32_t i);
  /// An early bound holds while a stays below this part of what it was: it comes earlier, ns.
  static constexpr double limit = 0.85;
  std::int64_t early() const { return early_; }
  /// What `a` is a mV of when the neuron is free.
  double scale_of(std::uint32_t i) const;

  void put(std::uint32_t i, std::int64_t at, const State& state, double current);
  /// As saved: a, b, how long it was held yet (below 0: was not), current.
  void load(std::uint32_t i, std::span<const double> saved, std::int64_t moved);
  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const;
  void change_current(std::uint32_t i, std::int64_t at, double nA);
  /// Neurons of the same membrane, as they are, become numbers `at` on, which is not below size();
  /// what lies between is never reached.
  void append(std::uint32_t at, const AmplitudeNeurons& more);

  TwoCurrentState state_of(double a, const std::array<double, 2>& b) const {
    return {a - b[0] - b[1], b[0] / jump_[0], b[1] / jump_[1]};
  }
  /// u and the currents at `at`, not before the last touch, when nothing reaches it before.
  TwoCurrentState seen(std::uint32_t i, std::int64_t at) const;
  /// u and the currents when it is free, in the present epoch.
  TwoCurrentState seen_free(std::uint32_t i) const;
  /// The same of at most most_at_once neurons.
  void see(std::span<const std::uint32_t> who, exact::ManyStates& states);

  /// f(k, exp(ms(k)/tau_m), exp(ms(k)/tau_X)) for each k < n <= most_at_once.
  template <class Ms, class F>
  void each_exponential(std::size_t n, const Ms& ms, const F& f) {
    const std::size_t n_rates = alike_ ? 2 : 3;
    for (std::size_t k = 0; k < n; ++k) {
      const double stretch = ms(k);
      for (std::size_t r = 0; r < n_rates; ++r) factors_[r * n + k] = stretch * rates_[r];
    }
    math::exp_of_each(factors_.data(), n_rates * n);
    for (std::size_t k = 0; k < n; ++k)
      f(k, factors_[k], std::array<double, 2>{factors_[n + k], factors_[(n_rates - 1) * n + k]});
  }

  /// In the present epoch: reached at `at`. Returns whether it is held then.
  bool begin_touch(std::uint32_t i, std::int64_t at);
  void touch(std::uint32_t i, std::int64_t at, const EventSums& sums);
  void fire(std::uint32_t i, std::int64_t at);

  /// Arrivals of up to 62 bits of these units keep amplitudes far from the largest double; else
  /// surely_finite() ends.
  void arrivals_of(std::span<const double> quantum);
  /// Whether no amplitude can have overflowed, as far as was noted.
  bool surely_finite() const { return surely_finite_; }

 private:
  static double value(const std::vector<double>& values, std::uint32_t i) {
    return values[values.size() == 1 ? 0 : i];
  }
  double since_epoch(std::int64_t at) const;
  TwoCurrentState seen(const AmplitudeLine& l, std::int64_t held_until, std::int64_t epoch,
                       std::int64_t at) const;
  std::array<double, 2> b_at(const AmplitudeLine& l, std::int64_t epoch, std::int64_t at) const;
  double from_hold(std::int64_t held_until, std::int64_t epoch) const;
  /// What is left of an amplitude. One below the normal numbers is +0: threads differ in whether
  /// they keep such numbers, and which one comes here first depends on who lies beside the neuron.
  /// There is no -0: arrivals add 0 to a receptor that nothing reaches, +0 in touch(), of either
  /// sign where they are but added, and which of them it is depends on the windows.
  static double left_of(double amplitude, double factor) {
    const double left = amplitude * factor;
    return std::fabs(left) < std::numeric_limits<double>::min() ? 0.0 : left;
  }
  /// Of a neuron that is not held.
  void next_epoch(AmplitudeLine& l) const {
    l.a = left_of(l.a, over_epoch_[0]);
    for (std::size_t r = 0; r < 2; ++r) l.b[r] = left_of(l.b[r], over_epoch_[1 + r]);
    l.moved = 0;
  }
  void next_epoch(AmplitudeLine& l, std::int64_t& held_until, std::int64_t epoch) const;
  /// From one epoch to another, which are told by their begins.
  void carry(AmplitudeLine& l, std::int64_t& held_until, std::int64_t from, std::int64_t to) const;
  void set_current(std::uint32_t i, double nA);
  void note(double x, double largest) {
    if (!(std::fabs(x) < largest)) surely_finite_ = false;
  }

  exact::TwoCurrentMembrane membrane_;
  std::array<double, 3> rates_;  ///< 1/tau_m, and a receptor
  std::array<double, 2> jump_;   ///< a receptor
  bool alike_;                   ///< one time constant of both currents
  double summit_, resistance_, v_reset_;
  std::int64_t refractory_, epoch_, early_;
  std::array<double, 3> over_epoch_{};  ///< what is left of each after an epoch
  std::int64_t epoch_begin_ = 0, passed_ = 0;
  bool surely_finite_ = true;
  AlignedVector<AmplitudeLine> lines_;
  AlignedVector<AmplitudeRest> rest_;
  std::vector<double> level_, threshold_;  ///< mV, v_inf without injected current; one number: all
  std::vector<double> current_;            ///< injected, nA; empty: none
  alignas(64) std::array<double, 3 * most_at_once> factors_{};
};

}  // namespace ranvier::neurons
