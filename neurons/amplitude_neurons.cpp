#include "neurons/amplitude_neurons.h"

#include <algorithm>
#include <cmath>

#include "core/math.h"

namespace ranvier::neurons {
namespace {

constexpr double epoch_taus = 512;  // exp(512) is far from the largest double

double ms(std::int64_t ns) { return ms_between(0, ns); }
std::int64_t whole_ns(double stretch) {
  return stretch < max_ms ? from_ms(stretch).count() : AmplitudeNeurons::never;
}
/// `ns` later than `at`, or never.
std::int64_t later(std::int64_t at, std::int64_t ns) {
  return at + std::min(ns, AmplitudeNeurons::never - at);
}

/// One number where all are the same.
void fold(std::vector<double>& values) {
  if (values.empty() || std::count(values.begin(), values.end(), values[0]) !=
                            static_cast<std::ptrdiff_t>(values.size()))
    return;
  values.resize(1);
  values.shrink_to_fit();
}

/// +0 for -0: a receptor that nothing reaches has zero added to it by touch(), and not where
/// arrivals are but added, and which of them it is depends on the windows.
double unsigned_zero(double x) { return x + 0.0; }

}  // namespace

AmplitudeNeurons::AmplitudeNeurons(const SliceSpec& spec, const AlikeNeurons& all,
                                   const exact::TwoCurrentMembrane& membrane,
                                   const std::function<OneNeuron(std::uint32_t)>& neuron)
    : membrane_(membrane),
      rates_{membrane.rate_m, membrane.rate_e, membrane.rate_i},
      jump_{membrane.jump_e, membrane.jump_i},
      alike_(all.tau_syn_E == all.tau_syn_I),
      summit_(1 - std::min(all.tau_syn_E, all.tau_syn_I) / all.tau_m),
      resistance_(all.tau_m / all.cm),
      v_reset_(all.v_reset),
      refractory_(whole_ns(all.tau_refrac)),
      epoch_(static_cast<std::int64_t>(
          std::clamp(epoch_taus * std::min(all.tau_syn_E, all.tau_syn_I) * 1e6, 1.0, 1e18))),
      lines_(spec.size),
      level_(spec.size),
      threshold_(spec.size) {
  for (std::size_t k = 0; k < rates_.size(); ++k)
    over_epoch_[k] = math::exp(-ms(epoch_) * rates_[k]);
  for (std::uint32_t i = 0; i < spec.size; ++i) {
    const OneNeuron n = neuron(i);
    level_[i] = n.v_rest + resistance_ * n.i_offset;
    threshold_[i] = n.v_thresh;
    State state{n.v_rest, 0, 0, 0};
    for (std::size_t s = 0; s < n_state && s < spec.initial.size(); ++s)
      if (const auto& given = spec.initial[s]; !given.empty())
        state[s] = given[given.size() == 1 ? 0 : i];
    put(i, 0, state, 0);
  }
  fold(level_);
  fold(threshold_);
}

double AmplitudeNeurons::since_epoch(std::int64_t at) const { return ms(at % epoch_); }

void AmplitudeNeurons::set_current(std::uint32_t i, double nA) {
  if (current_.empty() && nA != 0) current_.resize(lines_.size());
  if (!current_.empty()) current_[i] = nA;
  lines_[i].threshold = value(threshold_, i) - value(level_, i) - resistance_ * nA;
  lines_[i].calm_until = 0;
}

void AmplitudeNeurons::put(std::uint32_t i, std::int64_t at, const State& state, double current) {
  AmplitudeLine& l = lines_[i];
  set_current(i, current);
  l.moved = at;
  l.held_until = state[3] > 0 ? later(at, whole_ns(state[3])) : -1;
  const double since = since_epoch(at), held = ms(l.free_since() - at);
  double a = state[0] - v_inf(i);
  for (std::size_t r = 0; r < 2; ++r) {
    const double b = jump_[r] * state[1 + r];
    l.b[r] = unsigned_zero(b * math::exp(since * rates_[1 + r]));
    a += b * math::exp(-held * rates_[1 + r]);
  }
  l.a = l.held_until < 0 ? a * math::exp(since * membrane_.rate_m) : a;
}

void AmplitudeNeurons::save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const {
  const AmplitudeLine& l = lines_[i];
  const double held = l.held_until < 0 ? -1 : static_cast<double>(l.held_until - l.moved);
  out = {l.a, l.b[0], l.b[1], held, current(i)};  // a stretch: a time may have over 53 bits
  moved = l.moved;
}

void AmplitudeNeurons::load(std::uint32_t i, std::span<const double> saved, std::int64_t moved) {
  AmplitudeLine& l = lines_[i];
  l.a = saved[0];
  l.b = {saved[1], saved[2]};
  const double held = saved[3], longest = max_ms * 1e6;
  l.held_until =
      held >= 0 ? later(moved, held < longest ? static_cast<std::int64_t>(held) : never) : -1;
  l.moved = moved;
  set_current(i, saved[4]);
}

void AmplitudeNeurons::change_current(std::uint32_t i, std::int64_t at, double nA) {
  AmplitudeLine& l = lines_[i];
  const double u = resistance_ * nA;
  if (begin_touch(l, at)) l.a -= u;
  else l.a -= u * math::exp(since_epoch(at) * membrane_.rate_m);
  set_current(i, current(i) + nA);
}

/// b_X exp(-t/tau_X) at `at`.
std::array<double, 2> AmplitudeNeurons::b_at(const AmplitudeLine& l, std::int64_t at) const {
  const double since = ms(at - epoch_of(l.moved));
  const double e = math::exp(-since * rates_[1]);
  return {l.b[0] * e, l.b[1] * (alike_ ? e : math::exp(-since * rates_[2]))};
}

exact::TwoCurrentState AmplitudeNeurons::seen(const AmplitudeLine& l, std::int64_t at) const {
  const auto b = b_at(l, at);
  if (at < l.held_until) {
    TwoCurrentState s = state_of(0, b);
    s.u = state_of(l.a, b_at(l, l.held_until)).u;
    return s;
  }
  if (at == l.held_until) return state_of(l.a, b);
  const std::int64_t from = l.held_until < 0 ? epoch_of(l.moved) : l.held_until;
  return state_of(l.a * math::exp(-ms(at - from) * membrane_.rate_m), b);
}

void AmplitudeNeurons::see(std::span<const std::uint32_t> who, exact::ManyStates& states) {
  const auto since = [&](std::size_t k) {
    const AmplitudeLine& l = lines_[who[k]];
    return -ms_between(epoch_of(l.moved), l.free_since());
  };
  each_exponential(who.size(), since, [&](std::size_t k, double m, const std::array<double, 2>& x) {
    const AmplitudeLine& l = lines_[who[k]];
    const double a = l.held_until >= l.moved ? l.a : l.a * m;
    const TwoCurrentState s = state_of(a, {l.b[0] * x[0], l.b[1] * x[1]});
    states.u[k] = s.u;
    states.i_e[k] = s.i_e;
    states.i_i[k] = s.i_i;
    states.threshold[k] = l.threshold;
  });
}

/// exp(-rate t) of a stretch t from one epoch's begin to another's: nearly always to the next.
double AmplitudeNeurons::over_epochs(std::int64_t stretch, std::size_t rate) const {
  return stretch == epoch_ ? over_epoch_[rate] : math::exp(-ms(stretch) * rates_[rate]);
}

void AmplitudeNeurons::move_b(AmplitudeLine& l, std::int64_t from, std::int64_t to) const {
  if (from == to) return;
  for (std::size_t r = 0; r < 2; ++r)
    l.b[r] = unsigned_zero(l.b[r] * over_epochs(to - from, 1 + r));
}

bool AmplitudeNeurons::begin_touch(AmplitudeLine& l, std::int64_t at) const {
  const std::int64_t epoch = epoch_of(at), before = epoch_of(l.moved);
  move_b(l, before, epoch);
  l.moved = at;
  if (l.held_until > at) return true;
  if (l.held_until >= 0) l.a *= math::exp(-ms(epoch - l.held_until) * membrane_.rate_m);
  else if (before != epoch) l.a *= over_epochs(epoch - before, 0);
  l.held_until = -1;
  return false;
}

void AmplitudeNeurons::touch(std::uint32_t i, std::int64_t at, const EventSums& sums) {
  AmplitudeLine& l = lines_[i];
  const bool held = begin_touch(l, at);
  const double since = since_epoch(at);
  double jump = 0;
  for (std::size_t r = 0; r < 2; ++r) {
    const double c = jump_[r] * sums[r];
    l.b[r] += c * math::exp(since * rates_[1 + r]);
    jump += held ? c * math::exp(-ms(l.held_until - at) * rates_[1 + r]) : c;
  }
  l.a += held ? jump : jump * math::exp(since * membrane_.rate_m);
}

void AmplitudeNeurons::fire(std::uint32_t i, std::int64_t at) {
  AmplitudeLine& l = lines_[i];
  move_b(l, epoch_of(l.moved), epoch_of(at));
  l.moved = at;
  l.held_until = later(at, refractory_);
  l.calm_until = 0;
  const auto b = b_at(l, l.held_until);
  l.a = v_reset_ - v_inf(i) + b[0] + b[1];
}

}  // namespace ranvier::neurons
