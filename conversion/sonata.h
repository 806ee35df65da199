// SONATA networks of point neurons: circuit and simulation configuration, nodes, edges, type tables
// and input spikes become a Network. Models are NEST's ("nest:iaf_psc_alpha", see sonata_nest.h),
// virtual nodes become sources of given spike times.
//
// A node population whose nodes have several models becomes one population a model, NAME.MODEL. An
// edge population becomes one projection for each pair of populations and sign of the weight (NEST
// picks the receptor by the sign). What a configuration leaves out takes NEST's default, and each
// such default is listed in `notes`. Tested by tests/unit/conversion/test_sonata.cpp.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/network.h"

namespace ranvier::conversion {

/// A SONATA model as Ranvier's network and settings, with what was assumed.
struct SonataModel {
  Network network;
  RunSettings run;
  std::vector<std::string> notes;  ///< what was assumed or left aside, one sentence each
  std::vector<std::filesystem::path> files{};  ///< configurations, nodes and edges that were read
};

/// Whether a JSON document looks like a SONATA configuration (and not like a network document).
bool is_sonata_config(const Json& json);

/// Loads a circuit configuration, a simulation configuration, or a file that names both.
/// Throws Error(io) for files that cannot be read, Error(parse) and Error(range) for contents,
/// Error(unsupported) for what has no counterpart here; each names the file and the field.
SonataModel load_sonata(const std::filesystem::path& config);

}  // namespace ranvier::conversion
