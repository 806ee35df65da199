// What the models of NIR's neuron nodes share (Pedersen et al. 2024, Nature Communications 15:8122;
// nir 1.0.8). Their parameters have NIR's names; quantities without a unit there have none here;
// times are in ms.
//
// The input u of a node is the sum of the weights of the spikes that arrive, plus the injected
// current (1 nA counts as 1). A spike is a current of its weight for one step of dt, as in NIR's
// reference traces and in every simulator that NIR names, so that u is constant over a step:
//   exact   integrates the node's equations under that u; spikes lie on the grid, at a step's end
//   euler   forward Euler, stage after stage (a synaptic current first, then the membrane that it
//           drives): what snnTorch, Sinabs, Norse, Rockpool and Lava do; to the kernel it is the
//           second scheme of a model's own
//
// Included by the models' own files, in the namespace that their unit opens for a SIMD target,
// hence no guard.
#include "core/neuron_model.h"
#include "neurons/solvers.h"

namespace nir {

using namespace ranvier;
namespace exact_solution = ranvier::neurons::exact;

/// A first-order filter over one step of constant input: x <- keep x + take u.
struct Filter {
  double keep, take;
};
/// tau dx/dt = -x + u, by its solution and by forward Euler. \param dt, tau  ms
inline Filter exact_filter(double dt, double tau) {
  return {exact_solution::decay(dt, tau), -ranvier::math::expm1(-dt / tau)};
}
inline Filter euler_filter(double dt, double tau) { return {1 - dt / tau, dt / tau}; }

/// A synaptic current that drives a membrane, over one step of constant input u, exactly:
///   v - v_leak <- exact_v.keep (v - v_leak) + v_of_i i + v_of_u u,   i <- exact_i.keep i +
///   exact_i.take u
/// and by forward Euler, current first: i <- euler_i, then v <- euler_v of the new i.
struct TwoFilters {
  Filter exact_i, exact_v, euler_i, euler_v;
  double v_of_i, v_of_u;
};
inline TwoFilters two_filters(double dt, double tau_syn, double tau_mem, double w_in, double r) {
  Filter exact_i = exact_filter(dt, tau_syn), euler_i = euler_filter(dt, tau_syn),
         exact_v = exact_filter(dt, tau_mem), euler_v = euler_filter(dt, tau_mem);
  // What of a current that starts at 1 and decays is in the membrane at the step's end; a constant
  // input of 1 makes a current 1 - exp(-t / tau_syn).
  const double decayed = exact_solution::current_to_v(dt, tau_mem, tau_syn, tau_mem);
  for (Filter* i : {&exact_i, &euler_i}) i->take *= w_in;
  euler_v.take *= r;
  return {exact_i, exact_v, euler_i, euler_v, r * decayed, r * w_in * (exact_v.take - decayed)};
}

inline constexpr Method exact{"exact", "exact under the input of a step"};
inline constexpr Method euler{"euler",
                              "forward Euler, the synaptic current before the membrane: as "
                              "snnTorch, Sinabs, Norse, Rockpool and Lava",
                              Scheme::exponential_euler};
inline constexpr const char* source = "Pedersen et al. 2024; nir 1.0.8";

inline constexpr Receptor input{"input", "1"};
inline constexpr FieldText v{"v", "1", "membrane potential"};
inline constexpr FieldText i{"i", "1", "synaptic current"};

template <class P>
inline constexpr Field<P> tau{"tau", &P::tau, "ms", Range::positive, "membrane time constant"};
template <class P>
inline constexpr Field<P> tau_mem{"tau_mem", &P::tau_mem, "ms", Range::positive,
                                  "membrane time constant"};
template <class P>
inline constexpr Field<P> tau_syn{"tau_syn", &P::tau_syn, "ms", Range::positive,
                                  "decay of the synaptic current"};
template <class P>
inline constexpr Field<P> r{"r", &P::r, "1", Range::any, "resistance"};
template <class P>
inline constexpr Field<P> rate{"r", &P::r, "1/ms", Range::any, "growth of v under an input of 1"};
template <class P>
inline constexpr Field<P> w_in{"w_in", &P::w_in, "1", Range::any, "weight of the input"};
template <class P>
inline constexpr Field<P> v_leak{"v_leak", &P::v_leak, "1", Range::any, "resting potential"};
template <class P>
inline constexpr Field<P> v_threshold{"v_threshold", &P::v_threshold, "1", Range::any,
                                      "threshold: v above it spikes"};
template <class P>
inline constexpr Field<P> v_reset{"v_reset", &P::v_reset, "1", Range::any,
                                  "potential after a spike"};
/// NIR resets by value; networks trained with a reset by subtraction say so with this parameter.
template <class P>
inline constexpr Field<P> subtract{"subtract", &P::subtract, "1", Range::unit_interval,
                                   "part of v - v_threshold that outlives the reset: 0 resets to "
                                   "v_reset, 1 takes v_threshold - v_reset off"};

/// The fault of a reset that would spike again at once, or "".
template <class P>
constexpr const char* reset_not_above_threshold(const P& p) {
  return p.v_reset <= p.v_threshold ? "" : "v_reset must not be above v_threshold";
}

}  // namespace nir
