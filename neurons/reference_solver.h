// The reference for models that have no closed form: Dormand & Prince's adaptive Runge-Kutta method
// of order 5 (Boost.Odeint), at a tolerance near the precision of a double. It is slow and knows no
// spikes: tests measure the order of the fixed-step methods against it. The only file that includes
// Odeint.
#pragma once
#include <boost/numeric/odeint/integrate/integrate_adaptive.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <vector>

namespace ranvier::neurons {

/// Moves y from time `begin` to `end` along dy/dt = slope(y).
/// \param slope      slope(y, dy) writes the slopes of y into dy, units of y a ms; time does not
/// enter \param y          state at `begin` \param begin,end  ms \param tolerance  absolute and
/// relative error of a step \returns the state at `end` Source: Dormand & Prince 1980, as
/// boost::numeric::odeint::runge_kutta_dopri5.
template <class Slope>
std::vector<double> integrate_reference(const Slope& slope, std::vector<double> y, double begin,
                                        double end, double tolerance = 1e-12) {
  namespace odeint = boost::numeric::odeint;
  using Stepper = odeint::runge_kutta_dopri5<std::vector<double>>;
  odeint::integrate_adaptive(
      odeint::make_controlled(tolerance, tolerance, Stepper()),
      [&slope](const std::vector<double>& x, std::vector<double>& dx, double) { slope(x, dx); }, y,
      begin, end, (end - begin) / 1000);
  return y;
}

}  // namespace ranvier::neurons
