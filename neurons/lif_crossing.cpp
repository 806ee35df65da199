#include "neurons/lif_crossing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/math.h"
#include "neurons/root.h"
#include "neurons/solvers.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neurons/lif_crossing.cpp"
#include <hwy/foreach_target.h>

#include "neurons/lif_crossing_lanes.h"

HWY_BEFORE_NAMESPACE();
namespace ranvier::neurons::exact::HWY_NAMESPACE {
namespace {
/// s.at = find(state, threshold, until, at) of n states, whole registers of them.
template <class Find>
HWY_INLINE void find_each(ManyStates& s, std::size_t n, const Find& find) {
  const hn::ScalableTag<double> d;
  using V = Lanes<decltype(d)>;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto of = [&](const ManyStates::Column& column) { return V(hn::Load(d, &column[i])); };
    const StateOf<V> state{of(s.u), of(s.i_e), of(s.i_i)};
    hn::Store(find(state, of(s.threshold), of(s.until), of(s.at)).v, d, &s.at[i]);
  }
}
void first_bounds(const TwoCurrentMembrane& m, ManyStates& s, std::size_t n) {
  find_each(s, n, [&]<class V>(const StateOf<V>& state, V threshold, V, V) {
    return bound_from(m, state, threshold, [](V x) { return log(x); });
  });
}
void concave_crossings(const TwoCurrentMembrane& m, ManyStates& s, std::size_t n) {
  find_each(s, n, [&]<class V>(const StateOf<V>& state, V threshold, V until, V at) {
    return concave_crossing(m, state, threshold, until, at);
  });
}
void closing_crossings(const TwoCurrentMembrane& m, ManyStates& s, std::size_t n) {
  find_each(s, n, [&]<class V>(const StateOf<V>& state, V threshold, V until, V at) {
    return closing_crossing(m, state, threshold, until, at);
  });
}
}  // namespace
}  // namespace ranvier::neurons::exact::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ranvier::neurons::exact {
using namespace HWY_NAMESPACE;  // NOLINT: the static target's, for one number
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Maximum over t of current_to_v.
double peak(double tau_m, double tau_s, double cm) {
  const double ratio = tau_m / tau_s;
  const double at = std::fabs(ratio - 1) < 1e-6 ? std::sqrt(tau_m * tau_s)
                                                : math::log(ratio) / (1 / tau_s - 1 / tau_m);
  return current_to_v(at, tau_m, tau_s, cm) * (1 + 1e-9);
}

/// When the sum of the currents has its extremum, or 0 when it has none later than now.
double current_extremum(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  const double ratio = -(s.i_i * m.rate_i) / (s.i_e * m.rate_e);
  const double rate = m.rate_i - m.rate_e;
  if (!(ratio > 0 && std::isfinite(ratio)) || rate == 0) return 0;
  return std::max(0.0, math::log(ratio) / rate);
}

/// The first crossing in [from, to], where u turns at most once; infinity if there is none. u(from)
/// is below the threshold.
double crossing_between(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                        double from, double to) {
  const auto height = [&](double t) {
    const TwoCurrentState x = moved(m, s, t);
    return Value{x.u - threshold, slope(m, x)};
  };
  double high = to;
  if (height(to).f < 0) {
    if (!(height(from).df > 0 && height(to).df < 0)) return infinity;
    const auto fall = [&](double t) {
      const TwoCurrentState x = moved(m, s, t);
      const double up = slope(m, x);
      return Value{-up, up * m.rate_m + (x.i_e * m.rate_e + x.i_i * m.rate_i) * m.per_cm};
    };
    high = bracketed_root(fall, from, to);
    if (height(high).f < 0) return infinity;
  }
  return bracketed_root(height, from, high);
}

/// When u is 0 to 1e-27 of what it was. A current that is not there does not count: with its time
/// constant the others might underflow to 0 by then, which has no sign.
double silence_after(const TwoCurrentMembrane& m, const TwoCurrentState& s) {
  constexpr double nothing = 1e-200;  // nA
  double slowest = m.rate_m;
  if (std::fabs(s.i_e) > nothing) slowest = std::min(slowest, m.rate_e);
  if (std::fabs(s.i_i) > nothing) slowest = std::min(slowest, m.rate_i);
  return 64 / slowest;
}

/// The first crossing found by brackets, from any state below the threshold.
double bracketed_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold) {
  const double silence = silence_after(m, s), turn = std::min(current_extremum(m, s), silence);
  if (turn > 0) {
    const double at = crossing_between(m, s, threshold, 0, turn);
    if (at < infinity || moved(m, s, turn).u >= threshold) return std::min(at, turn);
  }
  return crossing_between(m, s, threshold, turn, turn + silence);
}

/// The bound that the search for a crossing begins with.
double first_bound(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold) {
  return bound_from(m, s, threshold, math::log);
}

}  // namespace

TwoCurrentMembrane two_current_membrane(double tau_m, double tau_e, double tau_i, double cm) {
  const auto jump = [&](double tau) {
    const bool close = std::fabs(tau_m - tau) < 0.05 * tau_m;
    return close ? 0 : tau_m * tau / (cm * (tau_m - tau));
  };
  return {1 / tau_m,
          1 / tau_e,
          1 / tau_i,
          1 / cm,
          jump(tau_e),
          jump(tau_i),
          peak(tau_m, tau_e, cm),
          peak(tau_m, tau_i, cm)};
}

TwoCurrentState moved(const TwoCurrentMembrane& m, const TwoCurrentState& s, double ms) {
  return moved_by(m, s, ms);
}

// Where the membrane only grazes the threshold, and where closing in takes long, brackets decide.
double first_crossing(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                      double ms) {
  if (s.u >= threshold) return 0;
  double at = first_bound(m, s, threshold);
  if (!(at < ms + nanosecond)) return at;
  at = rises_concavely(m, s) ? concave_crossing(m, s, threshold, ms, at)
                             : closing_crossing(m, s, threshold, ms, at);
  return at < 0 ? bracketed_crossing(m, s, threshold) : at;
}

HWY_EXPORT(first_bounds);
HWY_EXPORT(concave_crossings);
HWY_EXPORT(closing_crossings);
// Sorted by how they are solved, for lanes of one register take the time of the slowest.
void first_crossings(const TwoCurrentMembrane& m, ManyStates& s, std::size_t n) {
  if (!(m.jump_e > 0 && m.jump_i > 0)) {
    for (std::size_t k = 0; k < n; ++k)
      s.at[k] = first_crossing(m, {s.u[k], s.i_e[k], s.i_i[k]}, s.threshold[k], s.until[k]);
    return;
  }
  HWY_DYNAMIC_DISPATCH(first_bounds)(m, s, n);
  std::array<std::array<std::uint8_t, ManyStates::most>, 2> number;
  std::array<std::size_t, 2> found{};
  for (std::size_t k = 0; k < n; ++k) {
    const TwoCurrentState state{s.u[k], s.i_e[k], s.i_i[k]};
    if (state.u >= s.threshold[k] || !(s.at[k] < s.until[k] + nanosecond)) continue;
    const std::size_t kind = rises_concavely(m, state) ? 0 : 1;
    number[kind][found[kind]++] = static_cast<std::uint8_t>(k);
  }
  ManyStates alike;
  for (const std::size_t kind : {0u, 1u}) {
    if (found[kind] == 0) continue;
    for (std::size_t f = 0; f < found[kind]; ++f) alike.put(f, s, number[kind][f]);
    for (std::size_t f = found[kind]; f % ManyStates::lanes != 0; ++f) alike.put(f, alike, 0);
    if (kind == 0) HWY_DYNAMIC_DISPATCH(concave_crossings)(m, alike, found[kind]);
    else HWY_DYNAMIC_DISPATCH(closing_crossings)(m, alike, found[kind]);
    for (std::size_t f = 0; f < found[kind]; ++f) {
      const std::size_t k = number[kind][f];
      s.at[k] = alike.at[f] < 0
                    ? bracketed_crossing(m, {s.u[k], s.i_e[k], s.i_i[k]}, s.threshold[k])
                    : alike.at[f];
    }
  }
}

double crossing_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s, double threshold,
                           double ms) {
  return closing_in(m, s, threshold, ms, first_bound(m, s, threshold), 4);
}

double crossing_roughly_not_before(const TwoCurrentMembrane& m, const TwoCurrentState& s,
                                   double threshold) {
  return bound_from(m, s, threshold, math::log_below);
}

}  // namespace ranvier::neurons::exact
#endif
