// Writing of SONATA circuits of point neurons: circuit_config.json, simulation_config.json, both
// in the words of bmtk's PointNet in pointnet_config.json (left out where a population has over
// 10,000 sets of parameters, which bmtk would want a file each of), and the files that they name.
// Read by Ranvier (conversion/sonata.h), libsonata and bmtk. Tested by
// tests/unit/python/test_sonata.py.
#pragma once
#include <filesystem>
#include <optional>

#include "core/network.h"

namespace ranvier::conversion {

/// Writes a network and its settings to a folder, which appears whole or not at all. Models get
/// NEST's names and units (conversion/sonata_nest.h), drawn parameters and connections are written
/// as they are drawn. Reading it back gives the same spikes, and the same network but for what is
/// said in other words (a rule is a list, an initial state is explicit), storage and precision, of
/// which SONATA does not speak, and the last bit of some nA, which it has in pA.
/// \param overwrite  whether an earlier circuit of that name, or what a killed writer left of one,
///                   is replaced (a folder with nothing in it but files of the names that this
///                   writes); none: it is not, and the message offers no asking
/// Throws Error(unsupported) with everything at once that SONATA has no form for (other models and
/// sources, stimuli, plasticity, probes of other variables than v), Error(io) where something else
/// has the name or it cannot be written: what was there stays.
void save_sonata(const Network& network, const RunSettings& run,
                 const std::filesystem::path& folder, std::optional<bool> overwrite = {});

}  // namespace ranvier::conversion
