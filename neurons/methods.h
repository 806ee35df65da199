// General methods of integration: a model that has `slope` and `settle` is moved by them as well as
// by a step of its own. Each is the model with another `step`, so that the loop
// (core/neuron_loop.h) is the same for all.
//   slope(State, Derived, current)          the time derivative of every state variable, 0 for
//   those
//                                           that only count; current in nA, constant over the step
//   settle(State&, before, Derived, Input)  what follows the dynamics: arrivals, threshold, reset;
//                                           `before` is the state at the step's beginning
//   exponential_euler(State&, Derived, current)   the dynamics by that method, for models that
//   offer it
// Tested by tests/unit/neurons/test_methods.cpp.
//
// Included once for every target by the units that cmake/model.cpp.in makes, hence the toggle in
// place of `#pragma once`.
#include "core/simd.h"

#if defined(RANVIER_NEURONS_METHODS_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_NEURONS_METHODS_TOGGLE
#undef RANVIER_NEURONS_METHODS_TOGGLE
#else
#define RANVIER_NEURONS_METHODS_TOGGLE
#endif

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {

/// A model whose step is an exponential Euler step.
template <class Model>
struct ByExponentialEuler : Model {
  template <class V>
  static typename V::Mask step(typename Model::template State<V>& s,
                               const typename Model::template Derived<V>& c, const Input<V>& in) {
    const auto before = s;
    Model::exponential_euler(s, c, in.current);
    return Model::settle(s, before, c, in);
  }
};

/// A model whose step is the classical Runge-Kutta step of order 4.
template <class Model>
struct ByRk4 : Model {
  template <class V>
  static typename V::Mask step(typename Model::template State<V>& s,
                               const typename Model::template Derived<V>& c, const Input<V>& in) {
    using State = typename Model::template State<V>;
    constexpr std::size_t n = sizeof(State) / sizeof(V);
    using Array = std::array<V, n>;
    const auto y = std::bit_cast<Array>(s);
    const auto slope_at = [&](const Array& x) {
      return std::bit_cast<Array>(Model::slope(std::bit_cast<State>(x), c, in.current));
    };
    const auto along = [&](const Array& k, V dt) {
      Array x;
      for (std::size_t i = 0; i < n; ++i) x[i] = fma(dt, k[i], y[i]);
      return x;
    };
    const V half = 0.5 * c.dt;
    const Array k1 = slope_at(y), k2 = slope_at(along(k1, half)), k3 = slope_at(along(k2, half)),
                k4 = slope_at(along(k3, c.dt));
    Array sum;
    for (std::size_t i = 0; i < n; ++i) sum[i] = k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i];
    const State before = s;
    s = std::bit_cast<State>(along(sum, c.dt * (1.0 / 6)));
    return Model::settle(s, before, c, in);
  }
};

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
