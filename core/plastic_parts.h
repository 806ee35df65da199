// Parts of the loops over a rule's synapses (core/plastic_table.h): what its type may declare or
// leave out (core/plasticity.h), and a block of synapses.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "core/plasticity.h"

namespace ranvier {

/// The variables of a synapse that has none beside its weight.
struct NoVariables {};

/// What a rule leaves out takes these.
template <class Rule>
concept SeesPost = requires {
  Rule::post_time;
};
template <class Rule>
concept HasSynapse = requires {
  typename Rule::Synapse;
};
template <class Rule>
concept HasChoices = requires {
  Rule::choices();
};
template <class Rule>
constexpr bool is_stochastic = requires {
  Rule::stochastic;
};

/// The variables of a rule's synapses.
template <class Rule, bool = HasSynapse<Rule>>
struct SynapseOf {
  using type = NoVariables;
};
template <class Rule>
struct SynapseOf<Rule, true> {
  using type = typename Rule::Synapse;
};

/// A rule's parameters from the kernel's list of them.
template <class Rule>
typename Rule::Parameters rule_parameters(std::span<const double> values) {
  typename Rule::Parameters p;
  std::size_t k = 0;
  for (const auto& field : Rule::parameters) p.*field.member = values[k++];
  if constexpr (HasChoices<Rule>)
    for (const auto& choice : Rule::choices()) p.*choice.member = values[k++];
  return p;
}

/// Writes a rule's variables as numbers, or reads them; returns what follows.
template <class T>
double* put_variables(const T& value, double* out) {
  if constexpr (std::is_empty_v<T>) return out;
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value / sizeof(double);
}
template <class T>
const double* get_variables(T& value, const double* in) {
  if constexpr (std::is_empty_v<T>) return in;
  std::memcpy(static_cast<void*>(&value), in, sizeof value);
  return in + sizeof value / sizeof(double);
}

/// Synapses of a row, `most` of them, while a presynaptic spike passes them.
struct PlasticBlock {
  static constexpr std::uint64_t most = 64;
  std::array<double, most> weight, post_trace{};
  // Of the postsynaptic spikes that are to be taken in:
  std::array<const SpikeHistory::Newest*, most> newest;
  std::array<std::int64_t, most> met;       ///< the step that would meet the last presynaptic one
  std::array<std::uint8_t, most> at, left;  ///< the oldest, from the newest on; how many
  std::array<std::uint8_t, most> listed;
  std::array<PlasticArrival, most> sent;
};

}  // namespace ranvier
