// Table entries that several models share, written once: name, unit, range, meaning. A model's
// table lists them in its own order (which is also the order in which parameters given as laws are
// drawn), and `check`s that they share.
#pragma once
#include "core/neuron_model.h"

namespace ranvier::neurons::field {

// Parameters of a model's struct P.
template <class P>
inline constexpr Field<P> v_rest{"v_rest", &P::v_rest, "mV", Range::any, "resting potential"};
template <class P>
inline constexpr Field<P> cm{"cm", &P::cm, "nF", Range::positive, "membrane capacity"};
template <class P>
inline constexpr Field<P> tau_m{"tau_m", &P::tau_m, "ms", Range::positive,
                                "membrane time constant"};
template <class P>
inline constexpr Field<P> tau_refrac{"tau_refrac", &P::tau_refrac, "ms", Range::not_negative,
                                     "refractory period"};
template <class P>
inline constexpr Field<P> i_offset{"i_offset", &P::i_offset, "nA", Range::any, "constant current"};
template <class P>
inline constexpr Field<P> v_reset{"v_reset", &P::v_reset, "mV", Range::any,
                                  "potential after a spike"};
template <class P>
inline constexpr Field<P> v_thresh{"v_thresh", &P::v_thresh, "mV", Range::any, "threshold"};
template <class P>
inline constexpr Field<P> e_rev_E{"e_rev_E", &P::e_rev_E, "mV", Range::any,
                                  "reversal potential of excitation"};
template <class P>
inline constexpr Field<P> e_rev_I{"e_rev_I", &P::e_rev_I, "mV", Range::any,
                                  "reversal potential of inhibition"};
/// The time constants of the synapses, with what they mean in the model.
template <class P>
constexpr Field<P> tau_syn_E(const char* meaning) {
  return {"tau_syn_E", &P::tau_syn_E, "ms", Range::positive, meaning};
}
template <class P>
constexpr Field<P> tau_syn_I(const char* meaning) {
  return {"tau_syn_I", &P::tau_syn_I, "ms", Range::positive, meaning};
}

// State variables.
inline constexpr FieldText v{"v", "mV", "membrane potential"};
inline constexpr FieldText i_e{"i_e", "nA", "excitatory synaptic current"};
inline constexpr FieldText i_i{"i_i", "nA", "inhibitory synaptic current"};
inline constexpr FieldText y_e{"y_e", "nA/ms", "rise of the excitatory current"};
inline constexpr FieldText y_i{"y_i", "nA/ms", "rise of the inhibitory current"};
inline constexpr FieldText g_e{"g_e", "uS", "excitatory conductance"};
inline constexpr FieldText g_i{"g_i", "uS", "inhibitory conductance"};
inline constexpr FieldText refractory{
    "refractory", "steps", "steps of dt left in the refractory period", Range::not_negative};
/// Of a model with both forms.
inline constexpr FieldText refractory_left{
    "refractory", "steps or ms",
    "left in the refractory period: steps of dt when clocked, ms when event-driven",
    Range::not_negative};

/// The fault of a reset that would fire again at once, or "".
template <class P>
constexpr const char* reset_below_threshold(const P& p) {
  return p.v_reset < p.v_thresh ? "" : "v_reset must be below v_thresh";
}

}  // namespace ranvier::neurons::field
