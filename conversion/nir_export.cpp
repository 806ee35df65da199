// From a network to a NIR graph: populations become neuron nodes (a nir_chain a row of them),
// projections matrices with, where they are slower than the graph itself, a Delay behind them,
// constant currents the biases of such matrices.
#include "conversion/nir.h"
#include "conversion/nir_depths.h"
#include "conversion/nir_neurons.h"
#include "core/connect.h"
#include "core/error.h"
#include "core/titles.h"
#include "neurons/catalogue.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace ranvier::conversion {
namespace {

constexpr std::int64_t max_elements = std::int64_t{1} << 28;  // of a projection's matrices

bool is_source(const Population& p) { return p.model.rfind("spike_source_", 0) == 0; }

/// The values of n elements; empty where they are a law.
std::vector<double> values_of(const Value& value, std::int64_t n) {
  if (const double* one = std::get_if<double>(&value))
    return std::vector<double>(static_cast<std::size_t>(n), *one);
  if (const Array* array = std::get_if<Array>(&value)) return **array;
  return {};
}

class Exporter {
 public:
  Exporter(const Network& network, const RunSettings& run) : network_(network), run_(run) {}

  Graph write() {
    measure_depths();
    entries_.resize(network_.populations.size());
    biases_.resize(network_.populations.size());
    for (std::size_t p = 0; p < network_.populations.size(); ++p) add_population(p);
    find_biases();
    for (std::size_t i = 0; i < network_.projections.size(); ++i) add_projection(i);
    add_lonely_biases();
    add_outputs();
    if (!wrong_.empty())
      throw Error(ErrorKind::unsupported,
                  fmt::format("NIR cannot say: {}", fmt::join(wrong_, "; ")));
    graph_.version = "1.0.8";
    return std::move(graph_);
  }

 private:
  void refuse(const std::string& what) { wrong_.push_back(what); }

  void measure_depths() {
    std::vector<NirLinks> links;
    for (const Population& p : network_.populations) links.push_back({p.name, is_source(p), {}});
    for (const Projection& p : network_.projections) {
      links[network_.find(p.target)].sources.insert(network_.find(p.source));
      if (p.source != p.target) sends_.insert(p.source);
    }
    depths_ = find_depths(links);
  }

  void add_population(std::size_t index) {
    const Population& p = network_.populations[index];
    if (p.size < 1) return refuse(fmt::format("population \"{}\": has no neurons", p.name));
    const Tensor shape{{1}, {static_cast<double>(p.size)}, true};
    if (is_source(p)) {
      graph_.nodes.push_back({p.name, "Input", {{"shape", shape}}, {}});
      return;
    }
    const NirNeuron* neuron = find_nir_model(p.model);
    if (!is_neuron(p.model))
      return refuse(
          fmt::format("population \"{}\": model {} is none of NIR's nodes", p.name, p.model));
    if (const auto subtract = p.parameters.find("subtract"); subtract != p.parameters.end())
      for (const double x : values_of(subtract->second, p.size))
        if (x != 0) {
          refuse(fmt::format("population \"{}\": subtract {}, NIR resets by value", p.name, x));
          break;
        }
    if (!p.initial.empty())
      refuse(fmt::format("population \"{}\": an initial state, NIR has none", p.name));
    std::map<std::string, std::vector<double>> columns;
    for (const FieldInfo& field : catalogue_.find(p.model)->parameters) {
      const auto given = p.parameters.find(field.name);
      std::vector<double>& column = columns[field.name] = values_of(
          given == p.parameters.end() ? Value(field.default_value) : given->second, p.size);
      if (column.empty())
        return refuse(
            fmt::format("population \"{}\": {}: a law, must be numbers", p.name, field.name));
    }
    if (!neuron) return add_chain(index, columns);
    if (p.model == "nir_threshold" && columns.at("threshold")[0] >= nir_never) {
      graph_.nodes.push_back({p.name, "Output", {{"shape", shape}}, {}});
      return;
    }
    std::vector<std::vector<double>> values;
    for (const NirParameter& parameter : neuron->parameters)
      values.push_back(columns.at(parameter.name));
    graph_.nodes.push_back({p.name, neuron->type, write_parameters(*neuron, values, run_.dt), {}});
  }

  static bool is_neuron(const std::string& model) {
    return find_nir_model(model) || model == "nir_chain";
  }

  /// The nodes of a row, the last one called like the population, and where its receptors and the
  /// constants of its stages lead.
  void add_chain(std::size_t index, const std::map<std::string, std::vector<double>>& columns) {
    const Population& p = network_.populations[index];
    std::vector<NirChainNode> nodes;
    try {
      nodes = chain_nodes(columns, run_.dt);
    } catch (const Error& error) {
      return refuse(fmt::format("population \"{}\": {}", p.name, error.what()));
    }
    const auto name_of_stage = [&nodes](int stage) {
      const auto next = std::find_if(nodes.begin(), nodes.end(), [stage](const NirChainNode& node) {
        return node.stage >= stage;
      });
      return next->node.name;
    };
    for (NirChainNode& node : nodes) {
      const bool last = &node == &nodes.back();
      node.node.name = last ? p.name : free_name(fmt::format("{}_stage_{}", p.name, node.stage));
      if (&node != nodes.data()) graph_.edges.emplace_back((&node - 1)->node.name, node.node.name);
      graph_.nodes.push_back(node.node);
    }
    entries_[index] = {{"", name_of_stage(1)},
                       {"input", name_of_stage(1)},
                       {"stage_3", name_of_stage(3)},
                       {"stage_4", name_of_stage(4)}};
    bool moves_alone = false;
    for (const char* leak : {"leak_1", "leak_2", "leak_3", "leak_4"})
      moves_alone = moves_alone || !all_zero(columns.at(leak));
    for (const auto& [stage, parameter] : {std::pair{2, "bias_2"}, std::pair{3, "bias_3"},
                                           std::pair{4, "bias_4"}, std::pair{5, "bias"}}) {
      const std::vector<double>& bias = columns.at(parameter);
      if (all_zero(bias)) continue;
      moves_alone = true;
      add_to(biases_[index][{name_of_stage(stage), 0}], bias);
    }
    const double onset = depths_.depth[index] * run_.dt;
    for (const double x : columns.at("onset"))
      if (moves_alone && std::fabs(x - onset) >= 1e-6)
        return refuse(fmt::format("population \"{}\": onset: {} ms, must be {} ms, its depth",
                                  p.name, x, onset));
  }

  static bool all_zero(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return x == 0; });
  }

  static void add_to(std::vector<double>& sum, const std::vector<double>& values) {
    sum.resize(values.size());
    for (std::size_t k = 0; k < values.size(); ++k) sum[k] += values[k];
  }

  /// The node at which a receptor of a population is.
  const std::string& entry(std::size_t population, const std::string& receptor) const {
    const auto found = entries_[population].find(receptor);
    return found == entries_[population].end() ? network_.populations[population].name
                                               : found->second;
  }

  /// Constant currents from a population's first step on, or from a later one.
  void find_biases() {
    for (std::size_t i = 0; i < network_.stimuli.size(); ++i) {
      const Stimulus& s = network_.stimuli[i];
      const std::size_t target = network_.find(s.target);
      const std::int64_t size = network_.populations[target].size;
      const std::vector<double> amplitude = values_of(s.amplitude, size);
      const double late = s.start - depths_.depth[target] * run_.dt,
                   steps = std::round(late / run_.dt);
      const bool always = s.type == Stimulus::Type::dc && s.neurons.empty() && std::isinf(s.stop) &&
                          !amplitude.empty() && steps >= 0 &&
                          std::fabs(late - steps * run_.dt) < 1e-6;
      if (!always) {
        refuse(
            fmt::format("{}: must be a dc current into all neurons from {} ms or a later step on",
                        title_of_stimulus(network_, i), depths_.depth[target] * run_.dt));
        continue;
      }
      add_to(biases_[target][{entry(target, "input"), static_cast<std::int64_t>(steps)}],
             amplitude);
    }
  }

  /// A name that no node has, without the sign that parts groups in HDF5.
  std::string free_name(std::string wanted) const {
    std::replace(wanted.begin(), wanted.end(), '/', '_');
    std::string name = wanted;
    const auto taken = [this, &name] {
      for (const GraphNode& node : graph_.nodes)
        if (node.name == name) return true;
      for (const Population& p : network_.populations)
        if (p.name == name) return true;
      return false;
    };
    for (int k = 2; taken(); ++k) name = fmt::format("{}_{}", wanted, k);
    return name;
  }

  /// One matrix (and Delay) for every delay that occurs.
  void add_projection(std::size_t index) {
    const Projection& p = network_.projections[index];
    const std::size_t source = network_.find(p.source), target = network_.find(p.target);
    const std::int64_t n_sources = network_.populations[source].size,
                       n_targets = network_.populations[target].size;
    if (p.synapse != "static")
      return refuse(fmt::format("projection \"{}\": synapse {}", p.name, p.synapse));
    const auto elements = static_cast<double>(n_sources) * static_cast<double>(n_targets);
    const auto need_room = [&](std::size_t matrices) {
      if (static_cast<double>(matrices) * elements > static_cast<double>(max_elements))
        throw Error(ErrorKind::capacity,
                    fmt::format("projection \"{}\": {} matrices (one a delay) of {} x {}, NIR "
                                "keeps them whole; at most {} elements are supported",
                                p.name, matrices, n_targets, n_sources, max_elements));
    };
    need_room(1);
    const auto rows = make_rows(network_, index, run_, {0, static_cast<std::uint32_t>(n_targets)});
    std::map<std::uint32_t, Tensor> by_delay;
    std::vector<Synapse> row;
    for (std::int64_t i = 0; i < n_sources; ++i) {
      row.clear();
      rows->append(static_cast<std::uint32_t>(i), row);
      for (const Synapse& s : row) {
        Tensor& w = by_delay[s.delay];
        if (w.values.empty()) need_room(by_delay.size());
        w.shape = {n_targets, n_sources};
        w.values.resize(static_cast<std::size_t>(n_sources * n_targets));
        w.values[static_cast<std::size_t>(s.target * n_sources + i)] += s.weight;
      }
    }
    const int steps = depths_.steps(source, target);
    for (auto& [delay, weight] : by_delay) {
      const auto extra = static_cast<std::int64_t>(delay) - steps;
      if (extra < 0)
        return refuse(fmt::format("projection \"{}\": a delay of {} ms, must be at least {} steps",
                                  p.name, delay * run_.dt, steps));
      add_matrix(p.name, p.source, target, entry(target, p.receptor), std::move(weight), extra);
    }
  }

  /// A matrix in front of a node of a population, with what constants go there as late.
  void add_matrix(const std::string& wanted, const std::string& source, std::size_t target,
                  const std::string& name, Tensor weight, std::int64_t extra_steps) {
    GraphNode matrix{free_name(wanted), "Linear", {}, {}};
    const std::int64_t n = weight.shape[0];
    matrix.tensors["weight"] = std::move(weight);
    if (auto bias = biases_[target].extract({name, extra_steps}); !bias.empty()) {
      matrix.type = "Affine";
      matrix.tensors["bias"] = {{n}, std::move(bias.mapped())};
    }
    graph_.nodes.push_back(matrix);
    graph_.edges.emplace_back(source, matrix.name);
    if (extra_steps == 0) {
      graph_.edges.emplace_back(matrix.name, name);
      return;
    }
    const double seconds = static_cast<double>(extra_steps) * run_.dt / 1000;
    const std::string delay = free_name(matrix.name + "_delay");
    graph_.nodes.push_back(
        {delay,
         "Delay",
         {{"delay", {{n}, std::vector<double>(static_cast<std::size_t>(n), seconds)}}},
         {}});
    graph_.edges.emplace_back(matrix.name, delay);
    graph_.edges.emplace_back(delay, name);
  }

  /// A bias that no matrix could take needs one of its own, of zeros.
  void add_lonely_biases() {
    for (std::size_t target = 0; target < biases_.size(); ++target)
      while (!biases_[target].empty()) add_lonely_bias(target);
  }

  void add_lonely_bias(std::size_t target) {
    const auto [name, steps] = biases_[target].begin()->first;
    const Population& p = network_.populations[target];
    const Projection* into = nullptr;
    for (const Projection& q : network_.projections)
      if (q.target == p.name && depths_.steps(network_.find(q.source), target) ==
                                    depths_.depth[target] - depths_.depth[network_.find(q.source)])
        into = &q;
    if (!into) {
      biases_[target].clear();
      return refuse(fmt::format("a current into \"{}\", which has no other input", p.name));
    }
    const std::int64_t n = network_.populations[network_.find(into->source)].size;
    add_matrix(name + "_bias", into->source, target, name,
               {{p.size, n}, std::vector<double>(static_cast<std::size_t>(p.size * n))}, steps);
  }

  bool has(const std::string& name) const {
    return std::any_of(graph_.nodes.begin(), graph_.nodes.end(),
                       [&name](const GraphNode& node) { return node.name == name; });
  }

  /// Every population that sends to no other is read.
  void add_outputs() {
    const std::size_t n = network_.populations.size();
    std::vector<const Population*> ends;
    for (std::size_t p = 0; p < n; ++p)
      if (const Population& one = network_.populations[p];
          !is_source(one) && !sends_.count(one.name) && is_neuron(one.model) && has(one.name) &&
          graph_.find(one.name).type != "Output")
        ends.push_back(&one);
    for (const Population* end : ends) {
      const std::string name = free_name(ends.size() == 1 ? "output" : "output_" + end->name);
      const Tensor shape{{1}, {static_cast<double>(end->size)}, true};
      graph_.nodes.push_back({name, "Output", {{"shape", shape}}, {}});
      graph_.edges.emplace_back(end->name, name);
    }
  }

  const Network& network_;
  const RunSettings& run_;
  const NeuronCatalogue catalogue_ = neurons::make_catalogue();
  Graph graph_;
  NirDepths depths_;
  std::set<std::string> sends_;                              ///< populations that send to another
  std::vector<std::map<std::string, std::string>> entries_;  ///< of chains: receptor -> node
  /// Of each population: by node and steps of delay, what comes constantly.
  std::vector<std::map<std::pair<std::string, std::int64_t>, std::vector<double>>> biases_;
  std::vector<std::string> wrong_;
};

}  // namespace

Graph from_network(const Network& network, const RunSettings& run) {
  return Exporter(network, run).write();
}

}  // namespace ranvier::conversion
