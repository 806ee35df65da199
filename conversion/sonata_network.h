// SonataNetwork: nodes and edges of a SONATA circuit on their way to a Network. Used by
// conversion/sonata*.cpp alone.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "conversion/sonata.h"
#include "conversion/sonata_config.h"
#include "conversion/sonata_files.h"
#include "conversion/sonata_nest.h"

namespace ranvier::conversion {

/// A node or an edge as messages name it; the text is made only when it is needed.
struct SonataPlace {
  const std::string& file;
  const char* what;
  std::int64_t number;
  std::string text() const;
};

/// A network in the making from SONATA's nodes and edges.
class SonataNetwork {
 public:
  SonataNetwork(const SonataConfig& circuit, const RunSettings& run, std::vector<std::string> notes)
      : circuit_(circuit), model_{{}, run, std::move(notes)} {}

  void read_nodes();
  void read_edges();
  void set_initial_potential(double mV);
  /// Adds spikes to the virtual nodes of `part`; spikes of other nodes are left aside.
  void add_spikes(const SonataNodeSet& part, const SonataSpikes& spikes, const std::string& file,
                  const SonataConfig& config, const std::string& place);
  void add_probe(const SonataNodeSet& part, const std::string& variable, double interval,
                 const SonataConfig& config, const std::string& place);
  void note(const std::string& text);
  /// The network; every population of neurons gets a probe of its spikes.
  SonataModel finish();

 private:
  /// Where a node went: population of the network and index in it.
  struct Spot {
    std::size_t population;
    std::int64_t index;
  };
  struct NodePopulation {
    std::string name;
    std::vector<Spot> spots;                    ///< in the order of the nodes file
    std::map<std::int64_t, std::size_t> by_id;  ///< empty where ids count from 0
    std::vector<std::size_t> parts;             ///< populations of the network
  };
  struct EdgeSource;

  void add_nodes(const SonataNodes& nodes, const SonataTypes& types, const std::string& file);
  void add_edges(const SonataEdges& edges, const EdgeSource& source);
  std::map<std::string, double> node_parameters(const NestModel& model, const SonataNodes& nodes,
                                                std::size_t i, const SonataType& type,
                                                const std::string& file);
  void overlay_json(const NestModel& model, const std::string& name, const char* folder,
                    std::map<std::string, double>& values);
  void check_synapse_type(const SonataType& type, const std::string& file);
  const NodePopulation& find(const std::string& name, const std::string& where) const;
  const Spot& spot(const NodePopulation& population, std::int64_t id,
                   const SonataPlace& where) const;
  std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> members(
      const SonataNodeSet& part, const SonataConfig& config, const std::string& place) const;

  const SonataConfig& circuit_;
  SonataModel model_;
  std::vector<const NestModel*> nest_;  ///< of each population of the network; null: virtual
  std::vector<NodePopulation> populations_;
  std::map<std::string, Json> files_;  ///< dynamics_params files read so far; null: not there
  std::set<std::string> noted_;
};

}  // namespace ranvier::conversion
