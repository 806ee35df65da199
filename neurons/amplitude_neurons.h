// The neurons of neurons/amplitude_slice.h, a line of memory each, and how one of them moves.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/firing_loop.h"
#include "core/math.h"
#include "neurons/amplitude_slice.h"
#include "neurons/lif_crossing.h"

namespace ranvier::neurons {

/// One neuron, as last reached.
struct alignas(64) AmplitudeLine {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  double a = 0;                  ///< mV; while held, as it will be when that ends
  std::array<double, 2> b{};     ///< mV, a receptor
  double threshold = 0;          ///< mV above v_inf
  std::int64_t moved = 0;        ///< ns; a and b count from the begin of its epoch
  std::int64_t bound = never;    ///< ns, of the next firing
  std::int64_t held_until = -1;  ///< ns; below 0: is not
  /// ns. Before, an arrival has but to be added: the epoch lasts, the neuron is not held, has no
  /// bound, and fires only where a summit is at the threshold.
  std::int64_t calm_until = 0;
  /// Since when nothing has reached it, or will when it is no longer held.
  std::int64_t free_since() const { return std::max(moved, held_until); }
};
static_assert(sizeof(AmplitudeLine) == 64);

/// Of one slice. Times in ns, ms where they are doubles.
class AmplitudeNeurons {
 public:
  static constexpr std::size_t n_state = 4;
  static constexpr std::int64_t never = AmplitudeLine::never;
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
  const exact::TwoCurrentMembrane& membrane() const { return membrane_; }
  double jump(std::size_t receptor) const { return jump_[receptor]; }
  bool currents_alike() const { return alike_; }
  /// Of the highest turn, as a part of a exp(-t/tau_m).
  double summit() const { return summit_; }
  std::int64_t epoch() const { return epoch_; }
  std::int64_t epoch_of(std::int64_t at) const { return at / epoch_ * epoch_; }
  /// Where the epoch ends that begins at `begin`, or never.
  std::int64_t end_of_epoch(std::int64_t begin) const {
    return begin + std::min(epoch_, never - begin);
  }
  double v_inf(std::uint32_t i) const { return value(threshold_, i) - lines_[i].threshold; }
  double current(std::uint32_t i) const { return current_.empty() ? 0.0 : current_[i]; }

  // Predictions keep their bounds here.
  std::int64_t bound(std::uint32_t i) const { return lines_[i].bound; }
  void set_bound(std::uint32_t i, std::int64_t at) {
    lines_[i].bound = at;
    if (at != never) lines_[i].calm_until = 0;
  }

  void put(std::uint32_t i, std::int64_t at, const State& state, double current);
  /// As saved: a, b, how long it was held yet (below 0: was not), current.
  void load(std::uint32_t i, std::span<const double> saved, std::int64_t moved);
  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const;
  void change_current(std::uint32_t i, std::int64_t at, double nA);

  TwoCurrentState state_of(double a, const std::array<double, 2>& b) const {
    return {a - b[0] - b[1], b[0] / jump_[0], b[1] / jump_[1]};
  }
  /// u and the currents at `at`, not before the last touch, when nothing reaches it before.
  TwoCurrentState seen(const AmplitudeLine& l, std::int64_t at) const;
  /// The same of at most most_at_once neurons, each when it is free.
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

  /// Counts the amplitudes from the epoch of `at`, when the neuron is next reached. Returns whether
  /// it is held then.
  bool begin_touch(AmplitudeLine& l, std::int64_t at) const;
  void touch(std::uint32_t i, std::int64_t at, const EventSums& sums);
  void fire(std::uint32_t i, std::int64_t at);

 private:
  static double value(const std::vector<double>& values, std::uint32_t i) {
    return values[values.size() == 1 ? 0 : i];
  }
  double since_epoch(std::int64_t at) const;
  double over_epochs(std::int64_t stretch, std::size_t rate) const;
  std::array<double, 2> b_at(const AmplitudeLine& l, std::int64_t at) const;
  void move_b(AmplitudeLine& l, std::int64_t from_epoch, std::int64_t to_epoch) const;
  void set_current(std::uint32_t i, double nA);

  exact::TwoCurrentMembrane membrane_;
  std::array<double, 3> rates_;  ///< 1/tau_m, and a receptor
  std::array<double, 2> jump_;   ///< a receptor
  bool alike_;                   ///< one time constant of both currents
  double summit_, resistance_, v_reset_;
  std::int64_t refractory_, epoch_;
  std::array<double, 3> over_epoch_{};  ///< what is left of each after an epoch
  AlignedVector<AmplitudeLine> lines_;
  std::vector<double> level_, threshold_;  ///< mV, v_inf without injected current; one number: all
  std::vector<double> current_;            ///< injected, nA; empty: none
  alignas(64) std::array<double, 3 * most_at_once> factors_{};
};

}  // namespace ranvier::neurons
