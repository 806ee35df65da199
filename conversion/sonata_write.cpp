// Writing of SONATA circuits: what conversion/sonata_network.cpp reads, the other way round. A
// population is a node population of one type, a projection an edge population of one type (the
// two signs of one projection share it), and every number lies in HDF5 or in the type's
// parameters file, so that reading gives the same doubles.
#include "conversion/sonata_write.h"

#include "conversion/sonata_nest.h"
#include "conversion/values.h"
#include "core/connect.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"
#include "core/rng.h"
#include "neurons/catalogue.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <system_error>

namespace ranvier::conversion {
namespace {

namespace fs = std::filesystem;

bool is_source(const Population& p) { return p.model.rfind("spike_source_", 0) == 0; }

/// The synapses of one edge population.
struct Edges {
  std::string name;
  const Projection* projection;
  std::vector<std::uint64_t> sources, targets;
  std::vector<double> weights, delays;
};

/// An edge population's name; the reader adds the receptor to it.
std::string edge_name(const Projection& p) {
  std::string name = p.name;
  for (const std::string ending : {" excitatory", " inhibitory"})
    if (name.size() > ending.size() && name.ends_with(ending))
      name.resize(name.size() - ending.size());
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

class Writer {
 public:
  Writer(const Network& network, const RunSettings& run, const fs::path& folder)
      : network_(network), run_(run), folder_(folder) {}

  void write() {
    check_parts();
    for (std::size_t i = 0; i < network_.projections.size(); ++i) collect(i);
    make_folder("network");
    make_folder("components");
    write_nodes();
    write_edges();
    write_spikes();
    write_configurations();
  }

 private:
  /// What SONATA cannot say, in one message.
  void check_parts() const {
    std::vector<std::string> wrong;
    for (const Population& p : network_.populations) {
      const auto refuse = [&](const std::string& what) {
        wrong.push_back(fmt::format("population \"{}\": {}", p.name, what));
      };
      if (is_source(p) ? p.model != "spike_source_array" : !find_nest_counterpart(p.model))
        refuse(fmt::format("model {}, must be spike_source_array or the counterpart of {}", p.model,
                           fmt::join(nest_model_names(), ", ")));
      if (p.advance != Advance::clocked) refuse("advance, must be clocked");
      if (!p.method.empty()) refuse(fmt::format("method {}", p.method));
      for (const auto& [variable, value] : p.initial)
        if (variable != "v" && variable != "u") refuse(fmt::format("initial {}", variable));
    }
    for (const Projection& p : network_.projections)
      if (p.synapse != "static")
        wrong.push_back(fmt::format("projection \"{}\": synapse {}", p.name, p.synapse));
    for (const Stimulus& s : network_.stimuli)
      wrong.push_back(fmt::format("stimulus \"{}\" on \"{}\"", s.name, s.target));
    for (const Probe& p : network_.probes)
      for (const std::string& variable : p.variables)
        if (variable != "spikes" && variable != "v")
          wrong.push_back(fmt::format("probe of {} on \"{}\"", variable, p.population));
    if (!wrong.empty())
      throw Error(ErrorKind::unsupported,
                  fmt::format("SONATA cannot say: {}", fmt::join(wrong, "; ")));
  }

  /// Draws a projection; its weights get the sign by which NEST picks the receptor.
  void collect(std::size_t index) {
    const Projection& p = network_.projections[index];
    const std::int64_t n_sources = network_.populations[network_.find(p.source)].size,
                       n_targets = network_.populations[network_.find(p.target)].size;
    const NestModel& nest =
        *find_nest_counterpart(network_.populations[network_.find(p.target)].model);
    const auto rows = make_rows(network_, index, run_, {0, static_cast<std::uint32_t>(n_targets)});
    Edges& edges = edges_of(p);
    std::vector<Synapse> row;
    bool positive = false, negative = false;
    const std::size_t first = edges.weights.size();
    for (std::int64_t i = 0; i < n_sources; ++i) {
      row.clear();
      rows->append(static_cast<std::uint32_t>(i), row);
      for (const Synapse& s : row) {
        edges.sources.push_back(static_cast<std::uint64_t>(i));
        edges.targets.push_back(s.target);
        edges.weights.push_back(s.weight);
        edges.delays.push_back(to_ms(s.delay * from_ms(run_.dt)));
        positive = positive || s.weight > 0;
        negative = negative || s.weight < 0;
      }
    }
    const bool inhibitory = p.receptor.empty() ? negative : p.receptor == "inhibitory";
    const bool conductance = nest.weight == NestWeight::conductance;
    if (conductance ? negative : (inhibitory ? positive : negative))
      throw Error(ErrorKind::unsupported,
                  fmt::format("projection \"{}\": weights of both signs, or of the other sign than "
                              "its receptor, by which SONATA's models choose it",
                              p.name));
    for (std::size_t k = first; k < edges.weights.size(); ++k)
      edges.weights[k] =
          (conductance && inhibitory ? -1 : 1) * untranslate_weight(nest, edges.weights[k]);
  }

  /// The edge population of a projection: one of its own, or that of the other sign.
  Edges& edges_of(const Projection& p) {
    const std::string wanted = edge_name(p);
    std::string name = wanted;
    for (int k = 2;; ++k) {
      const auto found = std::find_if(edges_.begin(), edges_.end(),
                                      [&name](const Edges& e) { return e.name == name; });
      if (found == edges_.end()) break;
      if (wanted != p.name && found->projection->name != p.name &&
          found->projection->source == p.source && found->projection->target == p.target)
        return *found;
      name = fmt::format("{}_{}", wanted, k);
    }
    edges_.push_back({name, &p, {}, {}, {}, {}});
    return edges_.back();
  }

  void make_folder(const char* name) const {
    std::error_code failed;
    fs::create_directories(folder_ / name, failed);
    if (failed)
      throw Error(ErrorKind::io, fmt::format("{}: cannot be created: {}", (folder_ / name).string(),
                                             failed.message()));
  }

  void write_text(const std::string& name, const std::string& text) const {
    std::ofstream file(folder_ / name);
    file << text;
    file.close();
    if (!file) throw Error(ErrorKind::io, (folder_ / name).string() + ": cannot be written");
  }

  hdf5::File create(const char* name) const {
    hdf5::File file = hdf5::File::create(folder_ / name);
    file.set_attribute("/", "magic", std::vector<std::uint32_t>{0x0A7A});
    file.set_attribute("/", "version", std::vector<std::uint32_t>{0, 1});
    return file;
  }

  /// The values of a parameter or an initial state, drawn as a chunk draws them.
  std::vector<double> values(const Value& value, std::int64_t size, Stream stream, std::size_t p,
                             std::size_t field) const {
    const RandomKey key = derive_key(run_.seed, stream, p);
    return evaluate(value, {0, size, size}, derive_key(key.value, Stream::parameter, field));
  }

  void write_nodes() const {
    hdf5::File file = create("network/nodes.h5");
    std::string types = "node_type_id model_type model_template dynamics_params\n";
    for (std::size_t p = 0; p < network_.populations.size(); ++p) {
      const Population& population = network_.populations[p];
      const std::string group = "/nodes/" + population.name;
      const auto n = static_cast<std::size_t>(population.size);
      file.make_group(group + "/0");
      file.write(group + "/node_type_id", std::vector<std::int64_t>(n, static_cast<int>(p)));
      file.write(group + "/node_group_id", std::vector<std::int64_t>(n, 0));
      std::vector<std::uint64_t> rows(n);
      std::iota(rows.begin(), rows.end(), std::uint64_t{0});
      file.write(group + "/node_group_index", rows);
      file.write(group + "/node_id", rows);  // which bmtk needs, other readers count
      if (!population.positions.empty()) write_positions(file, group + "/0", population);
      if (is_source(population)) {
        types += fmt::format("{} virtual virtual NULL\n", p);  // bmtk needs a text
        continue;
      }
      const NestModel& nest = *find_nest_counterpart(population.model);
      const std::string parameters = fmt::format("population_{}.json", p);
      write_parameters(file, group + "/0/dynamics_params", parameters, p, nest);
      types += fmt::format("{} point_neuron nest:{} {}\n", p, nest.name, parameters);
    }
    file.close();
    write_text("network/node_types.csv", types);
  }

  static void write_positions(hdf5::File& file, const std::string& group, const Population& p) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::vector<double> column;
      for (const Position& x : p.positions) column.push_back(x[axis]);
      file.write(group + "/" + "xyz"[axis], column);
    }
  }

  /// What is the same for all goes to the type's file, the rest to the nodes.
  void write_parameters(hdf5::File& file, const std::string& group, const std::string& name,
                        std::size_t p, const NestModel& nest) const {
    Json common = Json::object();
    for (const auto& [key, column] : untranslate_parameters(nest, columns_of(p))) {
      if (column.empty()) continue;
      const Value value = as_value(column);
      if (const double* one = std::get_if<double>(&value)) common.set(key, *one);
      else file.write(group + "/" + key, column);
    }
    write_text("components/" + name, to_text(common));
  }

  /// Every parameter and the initial v and u, one value a neuron, by Ranvier's names.
  std::map<std::string, std::vector<double>> columns_of(std::size_t p) const {
    const Population& population = network_.populations[p];
    const NeuronModel& model = *catalogue_.find(population.model);
    std::map<std::string, std::vector<double>> columns;
    const auto add = [&](const std::vector<FieldInfo>& table,
                         const std::map<std::string, Value>& given, Stream stream,
                         const std::string& prefix) {
      for (std::size_t k = 0; k < table.size(); ++k)
        if (const auto found = given.find(table[k].name); found != given.end())
          columns[prefix + table[k].name] = values(found->second, population.size, stream, p, k);
    };
    for (const FieldInfo& field : model.parameters)
      columns[field.name].assign(static_cast<std::size_t>(population.size), field.default_value);
    if (find_field(model.state, "u") >= 0)  // NEST's izhikevich starts elsewhere
      for (const char* name : {"v", "u"})
        columns[std::string("initial ") + name].assign(
            static_cast<std::size_t>(population.size),
            model.state[static_cast<std::size_t>(find_field(model.state, name))].default_value);
    add(model.parameters, population.parameters, Stream::parameter, "");
    add(model.state, population.initial, Stream::initial_state, "initial ");
    return columns;
  }

  void write_edges() const {
    if (edges_.empty()) return;
    hdf5::File file = create("network/edges.h5");
    std::string types = "edge_type_id model_template\n";
    for (std::size_t e = 0; e < edges_.size(); ++e) {
      const Edges& edges = edges_[e];
      const std::string group = "/edges/" + edges.name;
      const std::size_t n = edges.weights.size();
      file.make_group(group);
      file.write(group + "/source_node_id", edges.sources);
      file.set_attribute(group + "/source_node_id", "node_population", edges.projection->source);
      file.write(group + "/target_node_id", edges.targets);
      file.set_attribute(group + "/target_node_id", "node_population", edges.projection->target);
      file.write(group + "/edge_type_id", std::vector<std::int64_t>(n, static_cast<int>(e)));
      file.write(group + "/edge_group_id", std::vector<std::int64_t>(n, 0));
      std::vector<std::uint64_t> rows(n);
      std::iota(rows.begin(), rows.end(), std::uint64_t{0});
      file.write(group + "/edge_group_index", rows);
      file.write(group + "/0/syn_weight", edges.weights);
      file.write(group + "/0/delay", edges.delays);
      const auto size = [this](const std::string& population) {
        return static_cast<std::size_t>(network_.populations[network_.find(population)].size);
      };
      write_index(file, group + "/indices/source_to_target", edges.sources,
                  size(edges.projection->source));
      write_index(file, group + "/indices/target_to_source", edges.targets,
                  size(edges.projection->target));
      types += fmt::format("{} static_synapse\n", e);
    }
    file.close();
    write_text("network/edge_types.csv", types);
  }

  /// SONATA's index of edges by node: for every node its ranges, for every range its edges.
  static void write_index(hdf5::File& file, const std::string& group,
                          const std::vector<std::uint64_t>& nodes, std::size_t n_nodes) {
    std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> ranges(n_nodes);
    std::uint64_t total = 0;
    for (std::uint64_t edge = 0; edge < nodes.size(); ++edge) {
      auto& own = ranges[nodes[edge]];
      if (!own.empty() && own.back().second == edge) {
        own.back().second = edge + 1;
      } else {
        own.emplace_back(edge, edge + 1);
        ++total;
      }
    }
    std::vector<std::int64_t> by_node, by_range;
    for (const auto& own : ranges) {
      const auto begin = static_cast<std::int64_t>(by_range.size() / 2);
      for (const auto& [first, last] : own) {
        by_range.push_back(static_cast<std::int64_t>(first));
        by_range.push_back(static_cast<std::int64_t>(last));
      }
      by_node.push_back(begin);
      by_node.push_back(static_cast<std::int64_t>(by_range.size() / 2));
    }
    for (const char* name : {"/node_id_to_ranges", "/node_id_to_range"})  // libsonata's, bmtk's
      file.write(group + name, by_node, {n_nodes, 2});
    file.write(group + "/range_to_edge_id", by_range, {total, 2});
  }

  void write_spikes() const {
    if (!has_sources()) return;
    make_folder("inputs");
    hdf5::File file = create("inputs/spikes.h5");
    for (const Population& p : network_.populations) {
      if (!is_source(p)) continue;
      std::vector<std::pair<double, std::uint64_t>> spikes;
      for (std::size_t i = 0; i < p.spike_times.size(); ++i)
        for (const double t : p.spike_times[i]) spikes.emplace_back(t, i);
      std::stable_sort(spikes.begin(), spikes.end());
      std::vector<double> times;
      std::vector<std::uint64_t> nodes;
      for (const auto& [t, node] : spikes) {
        times.push_back(t);
        nodes.push_back(node);
      }
      const std::string group = "/spikes/" + p.name;
      file.make_group(group);
      file.set_sorting_by_time(group);
      file.write(group + "/timestamps", times);
      file.set_attribute(group + "/timestamps", "units", "ms");
      file.write(group + "/node_ids", nodes);
    }
    file.close();
  }

  bool has_sources() const {
    return std::any_of(network_.populations.begin(), network_.populations.end(), is_source);
  }

  void write_configurations() const {
    Json nodes = Json::object(), edges = Json::object(), sets = Json::object();
    Json inputs = Json::object(), reports = Json::object();
    for (const Population& p : network_.populations) {
      nodes.set(p.name, Json::object({{"type", is_source(p) ? "virtual" : "point_neuron"}}));
      sets.set(p.name, Json::object({{"population", p.name}}));
      if (is_source(p)) inputs.set(p.name, spike_input(p));
    }
    for (const Edges& e : edges_) edges.set(e.name, Json::object({{"type", "chemical"}}));
    for (std::size_t i = 0; i < network_.probes.size(); ++i)
      add_report(network_.probes[i], i, sets, reports);
    Json circuit = Json::object(), networks = Json::object(), simulation = Json::object();
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
    const Json manifest = Json::object({{"$BASE_DIR", "."}});
    circuit.set("manifest", manifest)
        .set("components", Json::object({{"point_neuron_models_dir", "$BASE_DIR/components"},
                                         {"synaptic_models_dir", "$BASE_DIR/components"}}))
        .set("networks", networks)
        .set("node_sets_file", "$BASE_DIR/node_sets.json");
    simulation.set("manifest", manifest)
        .set("network", "$BASE_DIR/circuit_config.json")
        .set("run", Json::object({{"tstop", run_.duration},
                                  {"dt", run_.dt},
                                  {"random_seed", static_cast<std::int64_t>(run_.seed)}}))
        .set("node_sets_file", "$BASE_DIR/node_sets.json")
        .set("inputs", inputs)
        .set("output", Json::object({{"output_dir", "$BASE_DIR/output"}}))
        .set("reports", reports);
    write_text("circuit_config.json", to_text(circuit));
    write_text("node_sets.json", to_text(sets));
    write_text("simulation_config.json", to_text(simulation));
  }

  Json spike_input(const Population& p) const {
    return Json::object({{"input_type", "spikes"},
                         {"module", "synapse_replay"},
                         {"spike_file", "$BASE_DIR/inputs/spikes.h5"},
                         {"delay", 0.0},
                         {"duration", run_.duration},
                         {"node_set", p.name}});
  }

  void add_report(const Probe& probe, std::size_t i, Json& sets, Json& reports) const {
    if (std::find(probe.variables.begin(), probe.variables.end(), "v") == probe.variables.end())
      return;
    std::string cells = probe.population;
    if (!probe.neurons.empty()) {
      cells = fmt::format("probe_{}", i);
      sets.set(cells, Json::object({{"population", probe.population},
                                    {"node_id", Json::array(probe.neurons)}}));
    }
    reports.set(fmt::format("v_{}", i),
                Json::object({{"cells", cells},
                              {"type", "compartment"},
                              {"variable_name", "v"},
                              {"unit", "mV"},
                              {"dt", probe.interval > 0 ? probe.interval : run_.dt},
                              {"start_time", 0.0},
                              {"end_time", run_.duration}}));
  }

  const Network& network_;
  const RunSettings& run_;
  fs::path folder_;
  const NeuronCatalogue catalogue_ = neurons::make_catalogue();
  std::vector<Edges> edges_;
};

}  // namespace

void save_sonata(const Network& network, const RunSettings& run, const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder, failed))
    throw Error(ErrorKind::io, folder.string() + ": is there already");
  const fs::path partial = folder.string() + ".partial";
  fs::remove_all(partial, failed);
  try {
    Writer(network, run, partial).write();
  } catch (...) {
    fs::remove_all(partial, failed);
    throw;
  }
  fs::rename(partial, folder, failed);
  if (failed)
    throw Error(ErrorKind::io, folder.string() + ": cannot be written: " + failed.message());
}

}  // namespace ranvier::conversion
