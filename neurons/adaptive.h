// The method `rk_adaptive`: a model moved over each step by Dormand & Prince's adaptive Runge-Kutta
// method (neurons/reference_solver.h), neuron by neuron in double precision. A step is a function
// of the neuron's state and input alone: nothing of the step control is kept, so the split of a run
// cannot be seen. Arrivals and threshold are those of the model's `settle` at the end of the step.
// Tested by tests/unit/neurons/test_methods.cpp.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/neuron_model.h"
#include "core/simd.h"
#include "neurons/reference_solver.h"

namespace ranvier::HWY_NAMESPACE {

/// A model whose step is adaptive; for one lane (see neurons/methods.h for `slope` and `settle`).
template <class Model>
struct ByAdaptive : Model {
  static constexpr double tolerance = 1e-10;  ///< absolute and relative, a part of a step

  template <class V>
  static typename V::Mask step(typename Model::template State<V>& s,
                               const typename Model::template Derived<V>& c, const Input<V>& in) {
    using State = typename Model::template State<V>;
    constexpr std::size_t n = sizeof(State) / sizeof(V);
    using Doubles = std::array<double, n>;
    const auto to_lanes = [](const Doubles& y) {
      std::array<V, n> x;
      for (std::size_t i = 0; i < n; ++i) x[i] = V(y[i]);
      return std::bit_cast<State>(x);
    };
    const auto to_doubles = [](const State& state) {
      const auto x = std::bit_cast<std::array<V, n>>(state);
      Doubles y;
      for (std::size_t i = 0; i < n; ++i) y[i] = hn::GetLane(x[i].v);
      return y;
    };
    const auto slope = [&](const Doubles& y, Doubles& dy) {
      dy = to_doubles(Model::slope(to_lanes(y), c, in.current));
    };
    const State before = s;
    s = to_lanes(moved(slope, to_doubles(s), hn::GetLane(c.dt.v)));
    return Model::settle(s, before, c, in);
  }

 private:
  /// Not a number where no trial step is short enough: the kernel says for whom.
  template <class Slope, class Doubles>
  static Doubles moved(const Slope& slope, Doubles y, double dt) {
    const auto is_finite = [](double x) { return std::isfinite(x); };
    if (!std::all_of(y.begin(), y.end(), is_finite)) return y;
    try {
      return neurons::integrate_reference(slope, y, 0.0, dt, tolerance);
    } catch (const std::runtime_error&) {
      y.fill(std::numeric_limits<double>::quiet_NaN());
      return y;
    }
  }
};

}  // namespace ranvier::HWY_NAMESPACE
