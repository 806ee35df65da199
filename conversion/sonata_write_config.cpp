#include "conversion/sonata_write_config.h"

#include "core/json.h"
#include "core/run_folder.h"

#include <fmt/core.h>

#include <algorithm>

namespace ranvier::conversion {
namespace {

/// The words of a simulation configuration.
enum class Dialect { sonata, pointnet };

bool is_source(const Population& p) { return p.model.rfind("spike_source_", 0) == 0; }

class Configs {
 public:
  Configs(const Network& network, const RunSettings& run, const std::vector<std::string>& edges,
          const std::filesystem::path& folder)
      : network_(network), run_(run), edges_(edges), folder_(folder) {}

  void write(bool pointnet_too) const {
    Json sets = Json::object();
    for (const Population& p : network_.populations)
      sets.set(p.name, Json::object({{"population", p.name}}));
    for (std::size_t i = 0; i < network_.probes.size(); ++i)
      if (const Probe& probe = network_.probes[i]; records_v(probe) && !probe.neurons.empty())
        sets.set(cells_of(i), Json::object({{"population", probe.population},
                                            {"node_id", Json::array(probe.neurons)}}));
    write("node_sets.json", to_text(sets));
    Json circuit = Json::object({{"manifest", Json::object({{"$BASE_DIR", "."}})}});
    Json simulation = circuit;
    add_circuit(circuit);
    simulation.set("network", "$BASE_DIR/circuit_config.json");
    add_simulation(simulation, Dialect::sonata);
    // bmtk takes "." for where it runs, and a configuration in two files for two folders.
    Json pointnet = Json::object({{"manifest", Json::object({{"$BASE_DIR", "${configdir}"}})}});
    add_circuit(pointnet);
    add_simulation(pointnet, Dialect::pointnet);
    write("circuit_config.json", to_text(circuit));
    write("simulation_config.json", to_text(simulation));
    if (pointnet_too) write("pointnet_config.json", to_text(pointnet));
  }

 private:
  void write(const char* name, const std::string& text) const { write_file(folder_ / name, text); }

  void add_circuit(Json& config) const {
    Json nodes = Json::object(), edges = Json::object(), networks = Json::object();
    for (const Population& p : network_.populations)
      nodes.set(p.name, Json::object({{"type", is_source(p) ? "virtual" : "point_neuron"}}));
    for (const std::string& e : edges_) edges.set(e, Json::object({{"type", "chemical"}}));
    networks.set("nodes",
                 Json::Array{Json::object({{"nodes_file", "$BASE_DIR/network/nodes.h5"},
                                           {"node_types_file", "$BASE_DIR/network/node_types.csv"},
                                           {"populations", nodes}})});
    Json::Array edge_files;
    if (!edges_.empty())
      edge_files.push_back(Json::object({{"edges_file", "$BASE_DIR/network/edges.h5"},
                                         {"edge_types_file", "$BASE_DIR/network/edge_types.csv"},
                                         {"populations", edges}}));
    networks.set("edges", edge_files);
    config
        .set("components", Json::object({{"point_neuron_models_dir", "$BASE_DIR/components"},
                                         {"synaptic_models_dir", "$BASE_DIR/components"}}))
        .set("networks", networks)
        .set("node_sets_file", "$BASE_DIR/node_sets.json");
  }

  void add_simulation(Json& config, Dialect dialect) const {
    Json inputs = Json::object(), reports = Json::object();
    Json output = Json::object({{"output_dir", "$BASE_DIR/output"}});
    if (dialect == Dialect::pointnet) output.set("spikes_file", "$BASE_DIR/output/spikes.h5");
    for (const Population& p : network_.populations)
      if (is_source(p)) inputs.set(p.name, spike_input(p, dialect));
    for (std::size_t i = 0; i < network_.probes.size(); ++i)
      if (records_v(network_.probes[i])) reports.set(fmt::format("v_{}", i), report_of(i, dialect));
    config
        .set("run",
             Json::object({{"tstop", run_.duration}, {"dt", run_.dt}, {"random_seed", run_.seed}}))
        .set("node_sets_file", "$BASE_DIR/node_sets.json")
        .set("inputs", inputs)
        .set("output", output)
        .set("reports", reports);
  }

  Json spike_input(const Population& p, Dialect dialect) const {
    const char* file = "$BASE_DIR/inputs/spikes.h5";
    Json input = Json::object({{"input_type", "spikes"}, {"node_set", p.name}});
    if (dialect == Dialect::pointnet) return input.set("module", "sonata").set("input_file", file);
    return input.set("module", "synapse_replay")
        .set("spike_file", file)
        .set("delay", 0.0)
        .set("duration", run_.duration);
  }

  static bool records_v(const Probe& probe) {
    return std::find(probe.variables.begin(), probe.variables.end(), "v") != probe.variables.end();
  }

  /// The node set of a probe.
  std::string cells_of(std::size_t i) const {
    const Probe& probe = network_.probes[i];
    return probe.neurons.empty() ? probe.population : fmt::format("probe_{}", i);
  }

  Json report_of(std::size_t i, Dialect dialect) const {
    const Probe& probe = network_.probes[i];
    const double interval = probe.interval > 0 ? probe.interval : run_.dt;
    Json report = Json::object({{"cells", cells_of(i)}});
    if (dialect == Dialect::pointnet)
      return report.set("module", "multimeter_report")
          .set("variable_name", "V_m")
          .set("interval", interval);
    return report.set("type", "compartment")
        .set("variable_name", "v")
        .set("unit", "mV")
        .set("dt", interval)
        .set("start_time", 0.0)
        .set("end_time", run_.duration);
  }

  const Network& network_;
  const RunSettings& run_;
  const std::vector<std::string>& edges_;
  const std::filesystem::path& folder_;
};

}  // namespace

void write_sonata_configs(const Network& network, const RunSettings& run,
                          const std::vector<std::string>& edges, bool pointnet_too,
                          const std::filesystem::path& folder) {
  Configs(network, run, edges, folder).write(pointnet_too);
}

}  // namespace ranvier::conversion
