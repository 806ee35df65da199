// Writing of SONATA circuits: what conversion/sonata_network.cpp reads, the other way round. A
// population is a node population of one type, a projection an edge population of one type (the
// two signs of one projection share it), and every number lies in HDF5 or in the type's
// parameters file, so that reading gives the same doubles. Where neurons differ, their parameters
// lie in HDF5 for libsonata, and each set of them is a type of its own for bmtk, which reads the
// files of types alone.
#include "conversion/sonata_write.h"

#include "conversion/sonata_folder.h"
#include "conversion/sonata_nest.h"
#include "conversion/sonata_write_config.h"
#include "conversion/values.h"
#include "core/connect.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"
#include "core/rng.h"
#include "core/titles.h"
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

constexpr std::size_t max_types = 10000;  // of a population: a file each

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
    std::vector<std::string> edges;
    for (const Edges& e : edges_) edges.push_back(e.name);
    write_sonata_configs(network_, run_, edges, has_all_types_, folder_);
  }

 private:
  /// What SONATA cannot say, in one message.
  void check_parts() const {
    std::vector<std::string> wrong;
    for (const Population& p : network_.populations) {
      const auto refuse = [&](const char* field, const std::string& given, const auto& accepted) {
        wrong.push_back(fmt::format("population \"{}\": {}: \"{}\", must be {}", p.name, field,
                                    given, accepted));
      };
      if (is_source(p) ? p.model != "spike_source_array" : !find_nest_counterpart(p.model))
        refuse("model", p.model,
               fmt::format("one of spike_source_array, {}",
                           fmt::join(nest_counterpart_names(), ", ")));
      if (p.advance != Advance::clocked)
        refuse("advance", p.advance == Advance::event ? "event" : "auto", "clocked");
      if (!p.method.empty()) refuse("method", p.method, "left out");
      for (const auto& [variable, value] : p.initial)
        if (variable != "v" && variable != "u") refuse("initial", variable, "v or u");
    }
    for (const Projection& p : network_.projections)
      if (p.synapse != "static")
        wrong.push_back(
            fmt::format("projection \"{}\": synapse: \"{}\", must be static", p.name, p.synapse));
    for (std::size_t i = 0; i < network_.stimuli.size(); ++i)
      wrong.push_back(fmt::format("{}: must be spikes of a spike_source_array",
                                  title_of_stimulus(network_, i)));
    for (std::size_t i = 0; i < network_.probes.size(); ++i)
      for (const std::string& variable : network_.probes[i].variables)
        if (variable != "spikes" && variable != "v")
          wrong.push_back(fmt::format("{}: variables: \"{}\", must be spikes or v",
                                      title_of(network_.probes[i], i), variable));
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
    double least = 0, most = 0;
    const std::size_t first = edges.weights.size();
    for (std::int64_t i = 0; i < n_sources; ++i) {
      row.clear();
      rows->append(static_cast<std::uint32_t>(i), row);
      for (const Synapse& s : row) {
        edges.sources.push_back(static_cast<std::uint64_t>(i));
        edges.targets.push_back(s.target);
        edges.weights.push_back(s.weight);
        edges.delays.push_back(to_ms(s.delay * from_ms(run_.dt)));
        least = std::min(least, s.weight);
        most = std::max(most, s.weight);
      }
    }
    const bool inhibitory = p.receptor.empty() ? least < 0 : p.receptor == "inhibitory";
    const bool conductance = nest.weight == NestWeight::conductance;
    const bool must_be_negative = inhibitory && !conductance;
    if (must_be_negative ? most > 0 : least < 0) {
      const std::string where = !p.receptor.empty() ? " at the " + p.receptor + " receptor"
                                : must_be_negative  ? ", as others of it are"
                                                    : "";
      throw Error(
          ErrorKind::unsupported,
          fmt::format("projection \"{}\": weight: {}, must be {} 0{}: SONATA's models choose "
                      "the receptor by the sign",
                      p.name, must_be_negative ? most : least,
                      must_be_negative ? "<=" : ">=", where));
    }
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

  void write_nodes() {
    hdf5::File file = create("network/nodes.h5");
    std::string types = "node_type_id model_type model_template dynamics_params\n";
    std::int64_t n_types = 0;
    for (std::size_t p = 0; p < network_.populations.size(); ++p) {
      const Population& population = network_.populations[p];
      const std::string group = "/nodes/" + population.name;
      const auto n = static_cast<std::size_t>(population.size);
      file.make_group(group + "/0");
      const NodeTypes own = types_of(p);
      std::vector<std::int64_t> type_ids;
      for (const std::size_t type : own.of_node)
        type_ids.push_back(n_types + static_cast<std::int64_t>(type));
      file.write(group + "/node_type_id", type_ids);
      file.write(group + "/node_group_id", std::vector<std::int64_t>(n, 0));
      std::vector<std::uint64_t> rows(n);
      std::iota(rows.begin(), rows.end(), std::uint64_t{0});
      file.write(group + "/node_group_index", rows);
      file.write(group + "/node_id", rows);  // which bmtk needs, other readers count
      if (!population.positions.empty()) write_positions(file, group + "/0", population);
      if (own.n_types > 1)
        for (const auto& [name, column] : own.columns)
          file.write(group + "/0/dynamics_params/" + name, column);
      types += write_types(p, own, n_types);
      n_types += own.n_types > max_types ? 1 : static_cast<std::int64_t>(own.n_types);
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

  /// The parameters of a population, and which neurons have them alike.
  struct NodeTypes {
    std::map<std::string, std::vector<double>> columns{};  ///< NEST's
    std::vector<std::size_t> of_node{};                    ///< type of each
    std::vector<std::size_t> first{};                      ///< node of each type
    std::size_t n_types = 1;
  };
  NodeTypes types_of(std::size_t p) {
    const Population& population = network_.populations[p];
    NodeTypes types;
    types.of_node.resize(static_cast<std::size_t>(population.size));
    if (is_source(population)) return types;
    types.columns = untranslate_parameters(*find_nest_counterpart(population.model), columns_of(p));
    std::map<std::vector<double>, std::size_t> known;
    for (std::size_t i = 0; i < types.of_node.size(); ++i) {
      std::vector<double> values;
      for (const auto& [name, column] : types.columns) values.push_back(column[i]);
      const auto [found, is_new] = known.try_emplace(std::move(values), known.size());
      types.of_node[i] = found->second;
      if (is_new) types.first.push_back(i);
    }
    types.n_types = known.size();
    if (types.n_types <= max_types) return types;
    has_all_types_ = false;
    types.of_node.assign(types.of_node.size(), 0);
    return types;
  }

  /// The lines of a population's types, and their files of parameters.
  std::string write_types(std::size_t p, const NodeTypes& types, std::int64_t first) const {
    const Population& population = network_.populations[p];
    if (is_source(population))
      return fmt::format("{} virtual virtual NULL\n", first);  // bmtk needs a text
    const char* model = find_nest_counterpart(population.model)->name;
    if (types.n_types > max_types)
      return fmt::format("{} point_neuron nest:{} NULL\n", first, model);
    std::string lines;
    for (std::size_t k = 0; k < types.n_types; ++k) {
      Json values = Json::object();
      for (const auto& [name, column] : types.columns) values.set(name, column[types.first[k]]);
      const std::string file = fmt::format("population_{}_{}.json", p, k);
      write_text("components/" + file, to_text(values));
      lines += fmt::format("{} point_neuron nest:{} {}\n", first + static_cast<std::int64_t>(k),
                           model, file);
    }
    return lines;
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
    std::string types = "edge_type_id model_template dynamics_params\n";
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
      types += fmt::format("{} static_synapse static_synapse.json\n", e);  // which bmtk needs
    }
    file.close();
    write_text("network/edge_types.csv", types);
    write_text("components/static_synapse.json", to_text(Json::object()));
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

  const Network& network_;
  const RunSettings& run_;
  fs::path folder_;
  const NeuronCatalogue catalogue_ = neurons::make_catalogue();
  std::vector<Edges> edges_;
  bool has_all_types_ = true;  ///< whether bmtk finds every neuron's parameters
};

}  // namespace

void save_sonata(const Network& network, const RunSettings& run, const fs::path& folder,
                 std::optional<bool> overwrite) {
  const fs::path partial = make_way(folder, overwrite);
  try {
    Writer(network, run, partial).write();
    replace_folder(partial, folder);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
}

}  // namespace ranvier::conversion
