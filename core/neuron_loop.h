// The one loop of clocked populations, compiled for every SIMD target: load a group of neurons,
// step the model's equations, store, note who fired. Included once a target by the units that
// cmake/model.cpp.in makes.
#include "core/simd.h"

#if defined(RANVIER_CORE_NEURON_LOOP_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_CORE_NEURON_LOOP_TOGGLE
#undef RANVIER_CORE_NEURON_LOOP_TOGGLE
#else
#define RANVIER_CORE_NEURON_LOOP_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// One group's sums in the receptor's unit; they are set to zero for the next step.
template <class V, class Sum>
HWY_INLINE V take_sums(Sum* sums, std::size_t i, double quantum) {
  using D = typename V::Tag;
  using Real = typename V::Real;
  const D d;
  if constexpr (sizeof(Sum) == sizeof(Real)) {
    const hn::RebindToSigned<D> di;
    const auto raw = hn::Load(di, sums + i);
    hn::Store(hn::Zero(di), di, sums + i);
    return V(hn::ConvertTo(d, raw)) * V(quantum);
  } else if constexpr (sizeof(Sum) < sizeof(Real)) {
    const hn::Rebind<Sum, D> di;
    const auto raw = hn::LoadU(di, sums + i);
    hn::StoreU(hn::Zero(di), di, sums + i);
    return V(hn::PromoteTo(d, raw)) * V(quantum);
  } else {
    HWY_ALIGN Real buffer[hn::MaxLanes(d)];
    for (std::size_t k = 0; k < hn::Lanes(d); ++k) {
      buffer[k] = static_cast<Real>(static_cast<double>(sums[i + k]) * quantum);
      sums[i + k] = 0;
    }
    return V(hn::Load(d, buffer));
  }
}

template <class Model, class D, class Arguments, bool wide_sums>
void loop_over(const Arguments& a) {
  using V = Lanes<D>;
  using State = typename Model::template State<V>;
  using Derived = typename Model::template Derived<V>;
  constexpr std::size_t n_state = sizeof(State) / sizeof(V);
  constexpr std::size_t n_derived = sizeof(Derived) / sizeof(V);
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < a.size; i += lanes) {
    std::array<V, n_state> s;
    std::array<V, n_derived> c;
    for (std::size_t k = 0; k < n_state; ++k)
      s[k] = V(hn::Load(d, a.state[k] + (a.inert[k] ? 0 : i)));
    for (std::size_t k = 0; k < n_derived; ++k)
      c[k] = V(hn::Load(d, a.derived[k] + (i & a.derived_mask[k])));
    Input<V> in;
    for (std::size_t r = 0; r < std::size(Model::receptors); ++r) {
      const bool used = wide_sums ? a.sums64[r] != nullptr : a.sums32[r] != nullptr;
      if (!used) in.sum[r] = V(0.0);
      else if constexpr (wide_sums) in.sum[r] = take_sums<V>(a.sums64[r], i, a.quantum[r]);
      else in.sum[r] = take_sums<V>(a.sums32[r], i, a.quantum[r]);
    }
    in.current = a.current ? V(hn::Load(d, a.current + i)) : V(0.0);
    if constexpr (requires { Model::stochastic; }) in.uniform = V(hn::Load(d, a.uniform + i));
    State state = std::bit_cast<State>(s);
    const auto fired = Model::step(state, std::bit_cast<Derived>(c), in);
    s = std::bit_cast<std::array<V, n_state>>(state);
    for (std::size_t k = 0; k < n_state; ++k)
      if (!a.inert[k]) hn::Store(s[k].v, d, a.state[k] + i);
    if (!hn::AllFalse(d, fired.m)) {
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(d, fired.m, bits);
      for (std::size_t k = 0; k < lanes; ++k)
        if ((bits[k / 8] >> (k % 8) & 1) != 0 && i + k < a.size)
          a.fired->push_back(static_cast<std::uint32_t>(i + k));
    }
  }
}

template <class Model, class D, class Arguments>
void run_loop(const Arguments& a) {
  if (a.sums64[0] != nullptr) return loop_over<Model, D, Arguments, true>(a);
  return loop_over<Model, D, Arguments, false>(a);
}

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
