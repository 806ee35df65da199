// The configurations of a SONATA circuit that Ranvier writes (conversion/sonata_write.h). SONATA's
// input spikes (module synapse_replay, spike_file: what libsonata takes) and those of bmtk's
// PointNet (module sonata, input_file) exclude each other, so the simulation is written twice:
// simulation_config.json and pointnet_config.json. Tested by tests/unit/python/test_sonata.py and
// test_pointnet.py.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/network.h"

namespace ranvier::conversion {

/// Writes circuit_config.json, simulation_config.json and node_sets.json to a circuit's folder.
/// \param edges  names of the edge populations
/// \param pointnet_too  whether bmtk finds all that it needs: then pointnet_config.json too
/// Throws Error(io).
void write_sonata_configs(const Network& network, const RunSettings& run,
                          const std::vector<std::string>& edges, bool pointnet_too,
                          const std::filesystem::path& folder);

}  // namespace ranvier::conversion
