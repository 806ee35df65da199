#include "neurons/amplitude_neurons.h"

#include <algorithm>
#include <cmath>

#include "core/math.h"

namespace ranvier::neurons {
namespace {

constexpr double epoch_taus = 512;            // exp(512) is far from the largest double
constexpr double longest_epoch = 0xffffffff;  // ns: times in it have 32 bits

/// mV: exp(512) times as much, of any number of arrivals, is below the largest amplitude, and that
/// far from the largest double.
constexpr double largest = 1e40, largest_amplitude = 1e280;

double ms(std::int64_t ns) { return ms_between(0, ns); }
std::int64_t whole_ns(double stretch) {
  return stretch < max_ms ? from_ms(stretch).count() : AmplitudeNeurons::never;
}
/// `ns` later than `at`, or never.
std::int64_t later(std::int64_t at, std::int64_t ns) {
  return at + std::min(ns, AmplitudeNeurons::never - at);
}

/// Beyond 2^53 ns (104 days) what is held is so until a whole `coarse`, as is what the stretch is
/// saved from: a double tells it exactly.
constexpr std::int64_t longest_exact = std::int64_t{1} << 53, coarse = 1024;
std::int64_t end_of_hold(std::int64_t at, std::int64_t ns) {
  const std::int64_t end = later(at, ns);
  return end - at > longest_exact ? end / coarse * coarse : end;
}

/// One number where all are the same.
void fold(std::vector<double>& values) {
  if (values.empty() || std::count(values.begin(), values.end(), values[0]) !=
                            static_cast<std::ptrdiff_t>(values.size()))
    return;
  values.resize(1);
  values.shrink_to_fit();
}

/// To n elements; little more is reserved, but by a part of them, for there may be thousands of
/// populations that are joined one by one.
template <class Vector>
void grow(Vector& values, std::size_t n) {
  if (n > values.capacity()) values.reserve(std::max(n, values.size() + values.size() / 4));
  values.resize(n);
}

/// Behind a column, folded or not, of `size` neurons another one of those from `at` to n.
void append_column(std::vector<double>& column, std::size_t size, std::size_t at, std::size_t n,
                   const std::vector<double>& more) {
  const bool folded = column.size() == 1, more_folded = more.size() == 1;
  if (folded && more_folded && column[0] == more[0]) return;
  if (folded) column.assign(size, column[0]);
  grow(column, n);
  for (std::size_t i = at; i < n; ++i) column[i] = more[more_folded ? 0 : i - at];
}

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
      epoch_(static_cast<std::int64_t>(std::clamp(
          epoch_taus * std::min(all.tau_syn_E, all.tau_syn_I) * 1e6, 1.0, longest_epoch))),
      early_(later(1, whole_ns(-std::log(limit) * all.tau_m))),  // rounded up
      lines_(spec.size),
      rest_(spec.size),
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
  rest_[i].threshold = value(threshold_, i) - value(level_, i) - resistance_ * nA;
  note(v_reset_ - v_inf(i), largest);
  lines_[i].ceiling = AmplitudeLine::not_calm;
}

void AmplitudeNeurons::arrivals_of(std::span<const double> quantum) {
  for (std::size_t r = 0; r < std::min<std::size_t>(2, quantum.size()); ++r)
    note(jump_[r] * quantum[r] * 0x1p62, largest);
}

void AmplitudeNeurons::calm(std::uint32_t i) {
  const double threshold = rest_[i].threshold;
  if (!(threshold > near)) return;
  const double below = threshold - (1e-9 + 1e-9 * threshold);  // far above a summit's rounding
  auto ceiling = static_cast<float>(below);
  if (static_cast<double>(ceiling) > below)
    ceiling = std::nextafter(ceiling, AmplitudeLine::not_calm);
  lines_[i].ceiling = ceiling;
}

double AmplitudeNeurons::scale_of(std::uint32_t i) const {
  if (rest_[i].held_until >= moved(i)) return 1;
  return math::exp(ms(moved(i) - epoch_begin_) * membrane_.rate_m);
}

void AmplitudeNeurons::put(std::uint32_t i, std::int64_t at, const State& state, double current) {
  settle(at);
  AmplitudeLine& l = lines_[i];
  set_current(i, current);
  l.moved = static_cast<std::uint32_t>(at - epoch_begin_);
  std::int64_t& held_until = rest_[i].held_until;
  held_until = state[3] > 0 ? end_of_hold(at, whole_ns(state[3])) : -1;
  const double since = since_epoch(at), held = ms(free_since(i) - at);
  double a = state[0] - v_inf(i);
  for (std::size_t r = 0; r < 2; ++r) {
    const double b = jump_[r] * state[1 + r];
    l.b[r] = b * math::exp(since * rates_[1 + r]) + 0.0;  // +0, as after next_epoch()
    a += b * math::exp(-held * rates_[1 + r]);
  }
  l.a = held_until < 0 ? a * math::exp(since * membrane_.rate_m) : a;
  for (const double x : {a, jump_[0] * state[1], jump_[1] * state[2]}) note(x, largest);
}

void AmplitudeNeurons::save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const {
  AmplitudeLine l = lines_[i];
  std::int64_t held_until = rest_[i].held_until;
  const std::int64_t epoch = std::max(epoch_begin_, epoch_of(passed_));
  carry(l, held_until, epoch_begin_, epoch);
  moved = epoch + l.moved;
  std::int64_t held = held_until < 0 ? -1 : held_until - moved;  // a time may have over 53 bits
  if (held > longest_exact) held += moved % coarse;
  out = {l.a, l.b[0], l.b[1], static_cast<double>(held), current(i)};
}

void AmplitudeNeurons::load(std::uint32_t i, std::span<const double> saved, std::int64_t moved) {
  settle(moved);
  AmplitudeLine& l = lines_[i];
  const std::int64_t epoch = epoch_of(moved);
  l.a = saved[0];
  l.b = {saved[1], saved[2]};
  l.moved = static_cast<std::uint32_t>(moved - epoch);
  std::int64_t& held_until = rest_[i].held_until;
  held_until = -1;
  if (saved[3] >= 0) {
    const std::int64_t held = saved[3] < 0x1p63 ? static_cast<std::int64_t>(saved[3]) : never;
    held_until = end_of_hold(held > longest_exact ? moved - moved % coarse : moved, held);
  }
  carry(l, held_until, epoch, epoch_begin_);
  set_current(i, saved[4]);
  note(l.a, held_until < 0 ? largest_amplitude : largest);
  for (const double b : l.b) note(b, largest_amplitude);
}

void AmplitudeNeurons::change_current(std::uint32_t i, std::int64_t at, double nA) {
  settle(at);
  AmplitudeLine& l = lines_[i];
  const double u = resistance_ * nA;
  if (begin_touch(i, at)) l.a -= u;
  else l.a -= u * math::exp(since_epoch(at) * membrane_.rate_m);
  set_current(i, current(i) + nA);
  note(u, largest);
}

void AmplitudeNeurons::append(std::uint32_t at, const AmplitudeNeurons& more) {
  const std::size_t n = at + std::size_t{more.size()};
  append_column(level_, size(), at, n, more.level_);
  append_column(threshold_, size(), at, n, more.threshold_);
  if (!current_.empty()) current_.resize(n);
  grow(lines_, n);
  grow(rest_, n);
  std::vector<double> saved;
  std::int64_t moved = 0;
  for (std::uint32_t i = 0; i < more.size(); ++i) {
    more.save(i, saved, moved);
    load(at + i, saved, moved);
  }
}

/// b_X exp(-t/tau_X) at `at`.
std::array<double, 2> AmplitudeNeurons::b_at(const AmplitudeLine& l, std::int64_t epoch,
                                             std::int64_t at) const {
  const double since = ms(at - epoch);
  const double e = math::exp(-since * rates_[1]);
  return {l.b[0] * e, l.b[1] * (alike_ ? e : math::exp(-since * rates_[2]))};
}

exact::TwoCurrentState AmplitudeNeurons::seen(const AmplitudeLine& l, std::int64_t held_until,
                                              std::int64_t epoch, std::int64_t at) const {
  const auto b = b_at(l, epoch, at);
  if (at < held_until) {
    TwoCurrentState s = state_of(0, b);
    s.u = state_of(l.a, b_at(l, epoch, held_until)).u;
    return s;
  }
  if (at == held_until) return state_of(l.a, b);
  const std::int64_t from = held_until < 0 ? epoch : held_until;
  return state_of(l.a * math::exp(-ms(at - from) * membrane_.rate_m), b);
}

exact::TwoCurrentState AmplitudeNeurons::seen(std::uint32_t i, std::int64_t at) const {
  AmplitudeLine l = lines_[i];
  std::int64_t held_until = rest_[i].held_until;
  const std::int64_t epoch = std::max(epoch_begin_, epoch_of(at));
  carry(l, held_until, epoch_begin_, epoch);
  return seen(l, held_until, epoch, at);
}

exact::TwoCurrentState AmplitudeNeurons::seen_free(std::uint32_t i) const {
  return seen(lines_[i], rest_[i].held_until, epoch_begin_, free_since(i));
}

void AmplitudeNeurons::see(std::span<const std::uint32_t> who, exact::ManyStates& states) {
  const auto since = [&](std::size_t k) { return -ms_between(epoch_begin_, free_since(who[k])); };
  each_exponential(who.size(), since, [&](std::size_t k, double m, const std::array<double, 2>& x) {
    const AmplitudeLine& l = lines_[who[k]];
    const double a = rest_[who[k]].held_until >= moved(who[k]) ? l.a : l.a * m;
    const TwoCurrentState s = state_of(a, {l.b[0] * x[0], l.b[1] * x[1]});
    states.u[k] = s.u;
    states.i_e[k] = s.i_e;
    states.i_i[k] = s.i_i;
    states.threshold[k] = rest_[who[k]].threshold;
  });
}

/// What `a` is in an epoch, as a multiple of what it is when the neuron is no longer held.
double AmplitudeNeurons::from_hold(std::int64_t held_until, std::int64_t epoch) const {
  return math::exp(-ms(epoch - held_until) * membrane_.rate_m);
}

/// From the epoch before to that which begins at `epoch`.
void AmplitudeNeurons::next_epoch(AmplitudeLine& l, std::int64_t& held_until,
                                  std::int64_t epoch) const {
  if (held_until < 0) return next_epoch(l);
  const double a = held_until > epoch ? l.a : left_of(l.a, from_hold(held_until, epoch));
  next_epoch(l);
  l.a = a;
  if (held_until <= epoch) held_until = -1;
}

void AmplitudeNeurons::carry(AmplitudeLine& l, std::int64_t& held_until, std::int64_t from,
                             std::int64_t to) const {
  while (from < to) {
    from += epoch_;
    next_epoch(l, held_until, from);
    if (l.b[0] != 0 || l.b[1] != 0) continue;
    if (held_until < 0 && l.a == 0) return;
    if (held_until > from) from = std::min(to, epoch_of(held_until - 1));  // nothing changes before
  }
}

void AmplitudeNeurons::settle(std::int64_t at) {
  const std::int64_t epoch = epoch_of(at);
  if (epoch <= epoch_begin_) return;
  const bool next = epoch - epoch_begin_ == epoch_;
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (next && lines_[i].ceiling > AmplitudeLine::not_calm) {
      next_epoch(lines_[i]);
      continue;
    }
    carry(lines_[i], rest_[i].held_until, epoch_begin_, epoch);
    rest_[i].limit = AmplitudeRest::no_limit;
  }
  epoch_begin_ = epoch;
}

bool AmplitudeNeurons::begin_touch(std::uint32_t i, std::int64_t at) {
  AmplitudeLine& l = lines_[i];
  std::int64_t& held_until = rest_[i].held_until;
  l.moved = static_cast<std::uint32_t>(at - epoch_begin_);
  if (held_until > at) return true;
  if (held_until >= 0) {
    const double growth = from_hold(held_until, epoch_begin_);
    l.a *= growth;
    rest_[i].limit *= growth;
  }
  held_until = -1;
  return false;
}

void AmplitudeNeurons::touch(std::uint32_t i, std::int64_t at, const EventSums& sums) {
  AmplitudeLine& l = lines_[i];
  const bool held = begin_touch(i, at);
  const double since = since_epoch(at);
  double jump = 0;
  for (std::size_t r = 0; r < 2; ++r) {
    const double c = jump_[r] * sums[r];
    l.b[r] += c * math::exp(since * rates_[1 + r]);
    jump += held ? c * math::exp(-ms(rest_[i].held_until - at) * rates_[1 + r]) : c;
  }
  l.a += held ? jump : jump * math::exp(since * membrane_.rate_m);
}

void AmplitudeNeurons::fire(std::uint32_t i, std::int64_t at) {
  AmplitudeLine& l = lines_[i];
  AmplitudeRest& rest = rest_[i];
  l.moved = static_cast<std::uint32_t>(at - epoch_begin_);
  l.ceiling = AmplitudeLine::not_calm;
  rest.held_until = end_of_hold(at, refractory_);
  rest.limit = AmplitudeRest::no_limit;
  const auto b = b_at(l, epoch_begin_, rest.held_until);
  l.a = v_reset_ - v_inf(i) + b[0] + b[1];
}

}  // namespace ranvier::neurons
