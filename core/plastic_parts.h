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

/// The trace of a train: with its last spike, and just before it.
template <class Trace>
struct TracesOf {
  Trace trace{}, before{};
};

/// The synapses of a source in a table.
template <class Trace>
struct PlasticRow {
  std::uint64_t first = 0;
  std::int64_t last = -1;   ///< step of the last spike; -1: none yet
  std::int64_t taken = -1;  ///< postsynaptic spikes that meet a spike of this step are taken in
  std::int64_t spikes = 0;
  std::uint32_t source = 0;
  std::uint32_t synapses = 0;
  TracesOf<Trace> traces{};
};

/// A presynaptic spike at part of a row.
template <class Trace>
struct PlasticVisit {
  std::uint32_t row;
  std::int64_t step, last, taken, number;
  TracesOf<Trace> before, after;  ///< the source's traces up to the spike before, and with this one
};

/// One that waits for postsynaptic spikes to be known.
template <class Trace>
struct WaitingVisit {
  PlasticVisit<Trace> visit;
  std::uint64_t first, end;
  std::int64_t known_by;
};

/// Where the synapses of the delay that synapse j has end; [j, n) are sorted by delay, which stands
/// above the lowest 16 bits.
inline std::size_t end_of_delay(const std::uint32_t* where, std::size_t j, std::size_t n) {
  const std::uint32_t delay = where[j] >> 16;
  if (where[n - 1] >> 16 == delay) return n;
  do ++j;
  while (where[j] >> 16 == delay);
  return j;
}

/// Synapses of a row, `most` of them, while a presynaptic spike passes them.
struct PlasticBlock {
  static constexpr std::uint64_t most = 64;
  std::array<double, most> weight, post_trace{};
  // Of the postsynaptic spikes that are to be taken in:
  std::array<std::int64_t, most> met;       ///< the step that would meet the last presynaptic one
  std::array<std::uint8_t, most> at, left;  ///< the oldest, from the newest on; how many
  std::array<std::uint8_t, most> listed;
  std::array<PlasticArrival, most> sent;
};

}  // namespace ranvier
