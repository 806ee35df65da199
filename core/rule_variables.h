// Where the variables of a rule's state lie in what a table of synapses saves: for those who read,
// set or record one of them by name. Tested by tests/unit/python/test_synapses.py.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plasticity.h"

namespace ranvier {

/// A variable's place.
struct VariablePlace {
  const RuleVariable* text;
  bool of_row;     ///< in SynapseTable::save_row; else in save_synapse
  std::size_t at;  ///< position there
};

/// A variable of the sources' traces or of the synapses; none where the rule has none of that name.
/// \param varied  whether parameters differ from synapse to synapse: traces are then the synapses'
std::optional<VariablePlace> find_variable(const SynapseRule& rule, bool varied,
                                           std::string_view name);
/// The names of all, those of the trace first.
std::vector<std::string> variable_names(const SynapseRule& rule);

/// Appends a variable of the synapses at these rows and places, as the last presynaptic spike left
/// it. \param rows, places  of one length; quick where rows come in a row
void append_variable(const SynapseTable& synapses, const VariablePlace& variable,
                     const SynapseWidths& widths, std::span<const std::uint32_t> rows,
                     std::span<const std::uint32_t> places, std::vector<double>& values);

}  // namespace ranvier
