// The parts of SONATA on disk: type tables (CSV), nodes, edges and spikes (HDF5). What they mean
// together is in conversion/sonata.cpp. Layout: SONATA developer guide of the Allen Institute and
// Blue Brain; both the layout with one group a population and the old one (`spikes/{timestamps,
// gids}`) of spikes are read. Errors: io where a file or an object cannot be read, parse and range
// for contents, each naming the file and the object. Tested by
// tests/unit/conversion/test_sonata.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ranvier::conversion {

/// A row of a type table: what is not "NULL", by column.
using SonataType = std::map<std::string, std::string>;
using SonataTypes = std::map<std::int64_t, SonataType>;

/// \param id_column  "node_type_id" or "edge_type_id"
SonataTypes read_sonata_types(const std::filesystem::path& path, const std::string& id_column);

/// Numbers of one attribute, one a node or edge; NaN where its group has none.
using SonataColumn = std::vector<double>;

/// A population of nodes.
struct SonataNodes {
  std::string population;
  std::vector<std::int64_t> id, type;  ///< [n]
  std::map<std::string, SonataColumn>
      numbers;  ///< attributes that hold one number a node; "dynamics_params/NAME" too
  std::map<std::string, std::vector<std::string>>
      texts;  ///< model_type, model_template, ...; "" where absent
};

/// All populations of a nodes file.
std::vector<SonataNodes> read_sonata_nodes(const std::filesystem::path& path);

/// A population of edges.
struct SonataEdges {
  std::string population, source,
      target;  ///< names of the edge population and of the node populations
  std::vector<std::int64_t> source_id, target_id, type;  ///< [n]
  std::map<std::string, SonataColumn> numbers;
  std::map<std::string, std::vector<std::string>> texts;
};

/// The edge populations of a file, or the one called `only`.
std::vector<SonataEdges> read_sonata_edges(const std::filesystem::path& path,
                                           const std::string& only = "");

/// Spike times and the nodes they belong to.
struct SonataSpikes {
  std::vector<double> times;  ///< ms, as stored
  std::vector<std::int64_t> nodes;
  std::string population;  ///< as the file has it; empty in one of the old layout
};

/// Spikes of `population`; a file of the old layout, or with a single population, needs no matching
/// name.
SonataSpikes read_sonata_spikes(const std::filesystem::path& path, const std::string& population);

}  // namespace ranvier::conversion
