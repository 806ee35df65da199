// Dormand & Prince's adaptive Runge-Kutta method of order 5 (Boost.Odeint), at a tolerance near the
// precision of a double: the method `rk_adaptive` of models that have no closed form, and the
// reference of the tests. It knows no spikes. The only file that includes Odeint.
//
// Same bits everywhere: the stepper starts anew with every call, so the result is a function of the
// arguments alone; its arithmetic is sums and products, and the control of the step takes its power
// from core/math.h in place of the C library's. Tested by tests/unit/neurons/test_methods.cpp.
#pragma once
#include <algorithm>
#include <array>
#include <boost/numeric/odeint/integrate/integrate_adaptive.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/math.h"

namespace ranvier::neurons {

/// Odeint's rule for the next step, 0.9 error^(-1/order) of the last one, at most 4.5 times and at
/// least a fifth of it, with core/math.h's exponential and logarithm. Odeint asks for its names.
class StepControl {
 public:
  using time_type = double;
  using value_type = double;
  double decrease_step(double dt, double error, int error_order) const {
    return dt * std::max(0.9 * power(error, -1.0 / (error_order - 1)), 0.2);
  }
  double increase_step(double dt, double error, int stepper_order) const {
    if (error >= 0.5) return dt;
    const double least = power(5.0, -stepper_order);
    return dt * 0.9 * power(std::max(error, least), -1.0 / stepper_order);
  }
  bool check_step_size_limit(double) const { return true; }
  double get_max_dt() const { return 0; }

 private:
  static double power(double x, double y) { return math::exp(y * math::log(x)); }
};

/// The error of a step in units of what is allowed, the largest of the variables': tolerance (1 +
/// |x|
/// + |dt dx/dt|). What is not finite counts as a large error, so that a trial step that ran away is
/// taken again, shorter (Odeint's own checker lets it pass).
class ErrorCheck {
 public:
  explicit ErrorCheck(double tolerance) : tolerance_(tolerance) {}
  template <class Algebra, class State>
  double error(Algebra&, const State& x, const State& slope, const State& errors, double dt) const {
    constexpr double large = 1e6;
    double worst = 0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const double allowed = tolerance_ * (1 + std::fabs(x[i]) + std::fabs(dt * slope[i]));
      const double error = std::fabs(errors[i]) / allowed;
      if (!(error < large)) return large;
      worst = std::max(worst, error);
    }
    return worst;
  }

 private:
  double tolerance_;
};

/// Moves y from time `begin` to `end` along dy/dt = slope(y).
/// \param slope      slope(y, dy) writes the slopes of y into dy, units of y a ms; time does not
///                   enter
/// \param y          state at `begin`: std::vector<double>, or std::array, which allocates nothing
/// \param begin,end  ms
/// \param tolerance  absolute and relative error of a step
/// \returns the state at `end`
/// Source: Dormand & Prince 1980, as boost::numeric::odeint::runge_kutta_dopri5.
template <class Slope, class State = std::vector<double>>
State integrate_reference(const Slope& slope, State y, double begin, double end,
                          double tolerance = 1e-12) {
  namespace odeint = boost::numeric::odeint;
  using Stepper = odeint::runge_kutta_dopri5<State>;
  odeint::integrate_adaptive(
      odeint::controlled_runge_kutta<Stepper, ErrorCheck, StepControl>(ErrorCheck(tolerance),
                                                                       StepControl()),
      [&slope](const State& x, State& dx, double) { slope(x, dx); }, y, begin, end, end - begin);
  return y;
}

}  // namespace ranvier::neurons
