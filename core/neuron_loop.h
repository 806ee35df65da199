// The one loop of clocked populations, compiled for every SIMD target: load a group of neurons,
// step the model's equations, store, note who fired. Included once a target by the units that
// cmake/model.cpp.in makes, hence the toggle in place of `#pragma once`.
#include "core/simd.h"

#if defined(RANVIER_CORE_NEURON_LOOP_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_CORE_NEURON_LOOP_TOGGLE
#undef RANVIER_CORE_NEURON_LOOP_TOGGLE
#else
#define RANVIER_CORE_NEURON_LOOP_TOGGLE
#endif

#undef RANVIER_FLATTEN
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RANVIER_FLATTEN
#else
#define RANVIER_FLATTEN [[gnu::flatten]]
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// The coefficients of the neurons from i on; with `uniform`, those of all.
template <class Model, class V, bool uniform, class Arguments>
HWY_INLINE auto load_derived(const Arguments& a, std::size_t i) {
  using Derived = typename Model::template Derived<V>;
  const typename V::Tag d;
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    return Derived{V(hn::Load(d, a.derived[k] + (uniform ? 0 : i & a.derived_mask[k])))...};
  }
  (std::make_index_sequence<sizeof(Derived) / sizeof(V)>());
}

template <class Model, class V, class Arguments>
HWY_INLINE auto load_state(const Arguments& a, std::size_t i) {
  using State = typename Model::template State<V>;
  const typename V::Tag d;
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    return State{V(hn::Load(d, a.state[k] + (a.inert[k] ? 0 : i)))...};
  }
  (std::make_index_sequence<sizeof(State) / sizeof(V)>());
}

/// One group's sums in the receptor's unit; they are set to zero for the next step.
template <class V, class Sum>
HWY_INLINE V take_sums(Sum* sums, std::size_t i, V quantum) {
  using D = typename V::Tag;
  using Real = typename V::Real;
  const D d;
  if constexpr (sizeof(Sum) == sizeof(Real)) {
    const hn::RebindToSigned<D> di;
    const auto raw = hn::Load(di, sums + i);
    hn::Store(hn::Zero(di), di, sums + i);
    return V(hn::ConvertTo(d, raw)) * quantum;
  } else if constexpr (sizeof(Sum) < sizeof(Real)) {
    const hn::Rebind<Sum, D> di;
    const auto raw = hn::LoadU(di, sums + i);
    hn::StoreU(hn::Zero(di), di, sums + i);
    return V(hn::PromoteTo(d, raw)) * quantum;
  } else {
    HWY_ALIGN Real buffer[hn::MaxLanes(d)];
    for (std::size_t k = 0; k < hn::Lanes(d); ++k) {
      buffer[k] = static_cast<Real>(sums[i + k]);
      sums[i + k] = 0;
    }
    return V(hn::Load(d, buffer)) * quantum;  // rounded as narrow sums are: the width is not seen
  }
}

/// One step of all neurons of a slice: `wide_sums` 64-bit ones, `uniform` one set of coefficients.
/// Flattened: a model's step that is called holds its coefficients in memory. (Not with sanitizers,
/// under which that takes long to compile.)
template <class Model, class D, bool wide_sums, bool uniform, class Arguments>
RANVIER_FLATTEN void loop_over(const Arguments& arguments) {
  const Arguments a = arguments;  // a copy that no store can reach: its pointers stay in registers
  using V = Lanes<D>;
  constexpr std::size_t n_state = sizeof(typename Model::template State<V>) / sizeof(V);
  constexpr std::size_t n_receptors = std::size(Model::receptors);
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::array<V, n_receptors> quantum;
  unrolled<n_receptors>([&](auto r) { quantum[r] = V(a.quantum[r]); });
  auto derived = load_derived<Model, V, true>(a, 0);
  for (std::size_t i = 0; i < a.size; i += lanes) {
    auto state = load_state<Model, V>(a, i);
    if constexpr (!uniform) derived = load_derived<Model, V, false>(a, i);
    Input<V> in;
    unrolled<n_receptors>([&](auto r) {
      in.sum[r] = V(0.0);
      if constexpr (wide_sums) {
        if (a.sums64[r]) in.sum[r] = take_sums<V>(a.sums64[r], i, quantum[r]);
      } else {
        if (a.sums32[r]) in.sum[r] = take_sums<V>(a.sums32[r], i, quantum[r]);
      }
    });
    in.current = a.current ? V(hn::Load(d, a.current + i)) : V(0.0);
    if constexpr (requires { Model::stochastic; }) in.uniform = V(hn::Load(d, a.uniform + i));
    const auto fired = Model::step(state, derived, in);
    const auto after = std::bit_cast<std::array<V, n_state>>(state);
    unrolled<n_state>([&](auto k) {
      if (!a.inert[k]) hn::Store(after[k].v, d, a.state[k] + i);
    });
    if (!hn::AllFalse(d, fired.m)) {
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, fired.m, bits);
      for (std::size_t k = 0; k < lanes; ++k)
        if ((bits[k / 8] >> (k % 8) & 1) != 0 && i + k < a.size)
          a.fired->push_back(static_cast<std::uint32_t>(i + k));
    }
  }
}

/// One step of a slice, by the loop that fits its sums and coefficients.
template <class Model, class D, class Arguments>
void run_loop(const Arguments& a) {
  const bool uniform = std::none_of(a.derived_mask.begin(), a.derived_mask.end(),
                                    [](std::size_t mask) { return mask != 0; });
  if (a.sums64[0] != nullptr)
    return uniform ? loop_over<Model, D, true, true>(a) : loop_over<Model, D, true, false>(a);
  return uniform ? loop_over<Model, D, false, true>(a) : loop_over<Model, D, false, false>(a);
}

/// Four columns of four doubles from four rows, or back.
HWY_INLINE void transpose(std::array<const double*, 4> rows, std::array<double*, 4> columns) {
  const hn::CappedTag<double, 4> d;
  if constexpr (hn::MaxLanes(d) == 4) {
    const auto r0 = hn::LoadU(d, rows[0]), r1 = hn::LoadU(d, rows[1]);
    const auto r2 = hn::LoadU(d, rows[2]), r3 = hn::LoadU(d, rows[3]);
    const auto even01 = hn::InterleaveLower(d, r0, r1), odd01 = hn::InterleaveUpper(d, r0, r1);
    const auto even23 = hn::InterleaveLower(d, r2, r3), odd23 = hn::InterleaveUpper(d, r2, r3);
    hn::StoreU(hn::ConcatLowerLower(d, even23, even01), d, columns[0]);
    hn::StoreU(hn::ConcatLowerLower(d, odd23, odd01), d, columns[1]);
    hn::StoreU(hn::ConcatUpperUpper(d, even23, even01), d, columns[2]);
    hn::StoreU(hn::ConcatUpperUpper(d, odd23, odd01), d, columns[3]);
  } else {
    for (std::size_t r = 0; r < 4; ++r)
      for (std::size_t c = 0; c < 4; ++c) columns[c][r] = rows[r][c];
  }
}

/// Where and when the neurons of a batch are reached, and by what, from its arrivals.
template <class D, std::size_t n_receptors, class Batch>
HWY_INLINE void read_arrivals(Batch& b) {
  const D d;
  const hn::RebindToSigned<D> di;
  const auto words = hn::Set(di, static_cast<std::int64_t>(b.words_a_line));
  const auto low_half = hn::Set(di, 0xFFFFFFFF);
  for (std::size_t i = 0; i < b.count; i += hn::Lanes(d)) {
    hn::Vec<decltype(di)> who_and_when, input;
    hn::LoadInterleaved2(di, reinterpret_cast<const std::int64_t*>(b.arrivals + i), who_and_when,
                         input);
    const auto target = hn::And(who_and_when, low_half);
    const auto after = hn::And(hn::ShiftRight<32>(who_and_when), low_half);
    hn::Store(hn::Mul(target, words), di, b.line.data() + i);
    hn::Store(hn::Add(hn::Set(di, b.begin), after), di, b.time.data() + i);
    const auto receptor = hn::And(input, hn::Set(di, 3));
    const auto weight = hn::ConvertTo(d, hn::ShiftRight<2>(input));
    unrolled<n_receptors>([&](auto r) {
      const auto is_here = hn::RebindMask(d, hn::Eq(receptor, hn::Set(di, r)));
      const auto sum = hn::Mul(weight, hn::Set(d, b.quantum[r]));
      hn::Store(hn::IfThenElseZero(is_here, sum), d, b.sums[r].data() + i);
    });
  }
}

/// A batch of event-driven neurons (EventBatch) over their silent stretches and through what then
/// reaches them. Lines are read and states left as rows and turned into columns and back in
/// registers: that is quicker than to gather.
template <class Model, class D, class Batch>
RANVIER_FLATTEN void move_batch(Batch& b) {
  using V = Lanes<D>;
  using Event = typename Model::Event;
  using State = typename Model::template State<V>;
  using Derived = typename Event::template Derived<V>;
  using Line = typename Batch::Lines;
  constexpr std::size_t n_state = sizeof(State) / sizeof(V);
  constexpr std::size_t n_receptors = std::size(Model::receptors);
  const D d;
  const hn::RebindToSigned<D> di;
  const auto bits_of = [&d](auto mask) {
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, mask, bits);
    return std::uint32_t{bits[0]};
  };
  if (b.arrivals) read_arrivals<D, n_receptors>(b);
  for (std::size_t i = 0; i < b.count; i += 4)
    for (std::size_t w = 0; w < b.n_words; w += 4) {
      const double* words = b.words + w;
      transpose(
          {words + b.line[i], words + b.line[i + 1], words + b.line[i + 2], words + b.line[i + 3]},
          {&b.word[w][i], &b.word[w + 1][i], &b.word[w + 2][i], &b.word[w + 3][i]});
    }
  b.due = b.fires = 0;
  std::array<typename Batch::template Column<double>, Line::state_words> after;
  for (std::size_t w = n_state; w < Line::state_words; ++w) after[w].fill(0.0);
  for (std::size_t i = 0; i < b.count; i += hn::Lanes(d)) {
    const auto word = [&](std::size_t at) { return hn::LoadU(d, b.word[at].data() + i); };
    const auto time = hn::Load(di, b.time.data() + i);
    const auto moved = hn::BitCast(di, word(Line::moved_at));
    const auto bound = hn::BitCast(di, word(Line::bound_at));
    const V ms = V(hn::ConvertTo(d, hn::Sub(time, moved))) * V(1e-6);
    auto state = [&]<std::size_t... k>(std::index_sequence<k...>) { return State{V(word(k))...}; }
    (std::make_index_sequence<n_state>());
    const auto derived = [&]<std::size_t... k>(std::index_sequence<k...>) {
      return Derived{V(hn::LoadU(d, b.derived[k] + (i & b.derived_mask[k])))...};
    }
    (std::make_index_sequence<sizeof(Derived) / sizeof(V)>());
    std::array<V, n_receptors> sums;
    unrolled<n_receptors>([&](auto r) { sums[r] = V(hn::Load(d, b.sums[r].data() + i)); });
    const V current = word(Line::current_at);
    Event::decay(state, derived, current, ms);
    b.due |= bits_of(hn::RebindMask(d, hn::Not(hn::Gt(bound, time)))) << i;
    b.fires |= bits_of(Event::receive(state, derived, sums).m) << i;
    hn::Store(Event::earliest(state, derived, current).v, d, b.earliest.data() + i);
    const auto values = std::bit_cast<std::array<V, n_state>>(state);
    unrolled<n_state>([&](auto k) { hn::StoreU(values[k].v, d, after[k].data() + i); });
  }
  for (std::size_t i = 0; i < b.count; i += 4)
    for (std::size_t w = 0; w < Line::state_words; w += 4) {
      double* const out = b.state.data() + i * Line::state_words + w;
      transpose(
          {&after[w][i], &after[w + 1][i], &after[w + 2][i], &after[w + 3][i]},
          {out, out + Line::state_words, out + 2 * Line::state_words, out + 3 * Line::state_words});
    }
}

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
