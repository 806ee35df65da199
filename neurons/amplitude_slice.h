// Event-driven leaky membranes with two decaying synaptic currents, all of the same time constants:
// the sum of two or three exponentials, kept by its amplitudes. With u = v - v_inf and each current
// i_X = b_X / jump_X,
//   u(t) = a exp(-t/tau_m) - b_E exp(-t/tau_E) - b_I exp(-t/tau_I),
// an arrival of weight w at t adds jump_X w exp(t/tau_m) to a and jump_X w exp(t/tau_X) to b_X: the
// factors are those of the instant, not of the neuron, so that all targets of a spike share them
// and a neuron is reached by two additions. Times count from the begin of an epoch, at the end of
// which all amplitudes are scaled anew: a neuron's, epoch by epoch, whoever lies beside it.
// While currents decay faster than the membrane, u at a turn is at most (1 - tau/tau_m) times
// a exp(-t/tau_m) and what negative currents add to u, tau being the shorter tau_X: where that is
// below the threshold from now on, which one comparison tells, nothing fires.
// Amplitudes are known to 1e-13 of themselves, and u, their difference, to 1e-13 of the largest.
// The form of the equations is Brette's (2006, Neural Computation 18:2004). Tested by
// tests/unit/neurons/test_amplitude_slice.cpp and test_amplitude_state.cpp.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "core/neuron_model.h"

namespace ranvier::neurons {

/// What all neurons of the slice share (ms, nF, mV).
struct AlikeNeurons {
  double cm, tau_m, tau_syn_E, tau_syn_I, tau_refrac, v_reset;
  bool operator==(const AlikeNeurons&) const = default;
};

/// What each has for itself (mV, nA).
struct OneNeuron {
  double v_rest, i_offset, v_thresh;
};

/// The slice; null where a current does not decay faster than the membrane, or so nearly as fast
/// that its amplitude would be large against what it does (exact::two_current_membrane).
/// State variables, and `spec.initial`: v, i_e, i_i and the time left of the refractory period
/// (ms). tau_refrac counts to the nearest nanosecond; of 104 days or more (2^53 ns), it ends up to
/// 1.024 us early. \param neuron  what neuron i has for itself
std::unique_ptr<EventSlice> make_amplitude_slice(
    const SliceSpec& spec, const AlikeNeurons& all,
    const std::function<OneNeuron(std::uint32_t)>& neuron);

}  // namespace ranvier::neurons
