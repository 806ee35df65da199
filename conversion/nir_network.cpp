// From a NIR graph to a network: neurons become populations, the forms of the signals at their
// inputs become projections and constant currents.
#include "conversion/linear_form.h"
#include "conversion/nir.h"
#include "conversion/nir_depths.h"
#include "conversion/nir_neurons.h"
#include "conversion/values.h"
#include "core/error.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

namespace ranvier::conversion {
namespace {

constexpr std::size_t max_row = 64;        // neurons in a row; nir_chain takes fewer
constexpr std::size_t max_layers = 1'000;  // between neurons: they are walked by recursion

class Converter {
 public:
  Converter(const Graph& graph, const NirOptions& options) : graph_(graph), options_(options) {}

  NirModel convert() {
    find_neighbours();
    check_types();
    find_chains();
    for (const GraphNode& node : graph_.nodes)
      if (node.type == "Input") add_input(node);
    for (const GraphNode& node : graph_.nodes) add_neurons(node);
    for (const GraphNode& node : graph_.nodes) add_readout(node);
    check_signals();
    collect_inputs();
    measure_depths();
    for (std::size_t p = 0; p < populations_.size(); ++p) connect(p);
    add_probes();
    make_notes();
    return std::move(model_);
  }

 private:
  /// What reaches a node beside the values of the one before it in a chain.
  struct Entry {
    const GraphNode* node;
    std::string receptor{}, bias{};  ///< nir_chain's, "" as NirChainParts has it
    LinearForm form{};
  };
  /// A population in the making.
  struct Part {
    const GraphNode* node;
    const NirNeuron* neuron;  ///< null: an Input
    Shape shape;
    std::vector<Entry> entries{};     ///< the nodes of a chain; else the node itself
    std::set<std::size_t> sources{};  ///< parts that send to this one
  };

  void find_neighbours() {
    for (const GraphNode& node : graph_.nodes) before_[node.name];
    for (const auto& [source, target] : graph_.edges) {
      graph_.find(source);
      before_[graph_.find(target).name].push_back(source);
    }
  }

  /// Every node that has no counterpart, in one message; then the options.
  void check_types() const {
    std::vector<std::string> unknown;
    for (const GraphNode& node : graph_.nodes)
      if (node.type != "Input" && node.type != "Output" && !is_linear(node.type) &&
          !find_nir_neuron(node.type))
        unknown.push_back(fmt::format("\"{}\" ({})", node.name, node.type));
    if (!unknown.empty())
      throw Error(ErrorKind::unsupported, fmt::format("nodes of types that are not supported: {}",
                                                      fmt::join(unknown, ", ")));
    std::vector<std::string> inputs;
    for (const GraphNode& node : graph_.nodes)
      if (node.type == "Input") inputs.push_back(node.name);
    for (const auto& [name, values] : options_.currents)
      if (std::find(inputs.begin(), inputs.end(), name) == inputs.end())
        throw Error(ErrorKind::range,
                    fmt::format("there is no input \"{}\"{}, these are {}", name,
                                did_you_mean(name, inputs), fmt::join(inputs, ", ")));
    if (options_.method != "" && options_.method != "exact" && options_.method != "euler")
      throw Error(ErrorKind::range,
                  fmt::format("method: \"{}\", must be exact or euler", options_.method));
  }

  /// Whether all axes are whole and there, and the elements can be counted in 32 bits.
  static bool is_size(const std::vector<double>& shape) {
    double n = 1;
    for (const double axis : shape) n = axis >= 1 && axis == std::trunc(axis) ? n * axis : 0;
    return n >= 1 && n <= std::numeric_limits<std::uint32_t>::max();
  }

  void add_input(const GraphNode& node) {
    const auto stored = node.tensors.find("shape");
    if (stored == node.tensors.end())
      throw Error(ErrorKind::range, fmt::format("node \"{}\" (Input): shape: missing", node.name));
    const std::vector<double>& axes = stored->second.values;
    if (!is_size(axes))
      throw Error(ErrorKind::range,
                  fmt::format("node \"{}\" (Input): shape: [{}], must be whole numbers, of 1 to "
                              "2^32 - 1 elements",
                              node.name, fmt::join(axes, ", ")));
    Shape shape;
    for (const double axis : axes) shape.push_back(static_cast<std::int64_t>(axis));
    if (const auto values = options_.currents.find(node.name); values != options_.currents.end()) {
      if (static_cast<std::int64_t>(values->second.size()) != elements(shape))
        throw Error(ErrorKind::range, fmt::format("input \"{}\": {} values, must be {}", node.name,
                                                  values->second.size(), elements(shape)));
      forms_[node.name] = constant_form(shape, values->second);
      return;
    }
    Population population;
    population.name = node.name;
    population.model = "spike_source_array";
    population.size = elements(shape);
    population.spike_times.resize(static_cast<std::size_t>(population.size));
    add_part({&node, nullptr, shape}, std::move(population));
  }

  /// Neurons behind one that does not spike, with nothing between: one population, nir_chain.
  void find_chains() {
    for (const GraphNode& node : graph_.nodes)
      if (find_nir_neuron(node.type) && quiet_source(node)) chains_[node.name] = row_to(node);
    check_chains();
    for (const GraphNode& node : graph_.nodes) {
      const NirNeuron* neuron = find_nir_neuron(node.type);
      if (!neuron || neuron->spikes) continue;
      const auto in_a_row = [this, &node](const auto& edge) {
        return edge.first == node.name && chains_.count(edge.second);
      };
      const auto out = std::count_if(graph_.edges.begin(), graph_.edges.end(),
                                     [&node](const auto& e) { return e.first == node.name; });
      if (out > 0 && out == std::count_if(graph_.edges.begin(), graph_.edges.end(), in_a_row))
        absorbed_.insert(node.name);
    }
  }

  /// A neuron and those in a row before it, to where a loop comes back.
  std::vector<const GraphNode*> row_to(const GraphNode& node) const {
    std::vector<const GraphNode*> row{&node};
    bool comes_back = false;
    while (const GraphNode* previous = comes_back ? nullptr : quiet_source(*row.back())) {
      if (row.size() > max_row)
        refuse(node, fmt::format("over {} neurons without spikes in a row before it", max_row));
      comes_back = std::find(row.begin(), row.end(), previous) != row.end();
      row.push_back(previous);
    }
    std::reverse(row.begin(), row.end());
    return row;
  }

  /// The source of a neuron that is a neuron that does not spike, where there is just one such.
  const GraphNode* quiet_source(const GraphNode& node) const {
    const GraphNode* quiet = nullptr;
    for (const std::string& name : before_.at(node.name)) {
      const GraphNode& source = graph_.find(name);
      const NirNeuron* neuron = find_nir_neuron(source.type);
      if (!neuron || neuron->spikes) continue;
      if (quiet) return nullptr;
      quiet = &source;
    }
    return quiet;
  }

  /// A chain begins somewhere.
  void check_chains() const {
    for (const auto& [name, chain] : chains_)
      if (quiet_source(*chain.front()))
        refuse(*chain.front(), "stands in a loop of neurons without spikes");
  }

  [[noreturn]] static void refuse(const GraphNode& node, const std::string& what) {
    throw Error(ErrorKind::unsupported,
                fmt::format("node \"{}\" ({}): {}", node.name, node.type, what));
  }

  void add_neurons(const GraphNode& node) {
    const NirNeuron* neuron = find_nir_neuron(node.type);
    if (!neuron) return;
    if (absorbed_.count(node.name)) return;
    const Shape shape = neuron_shape(*neuron, node);
    const double ms_per_unit =
        options_.integration == NirOptions::Integration::step ? options_.dt : 1000.0;
    const auto chain = chains_.find(node.name);
    Population population;
    population.name = node.name;
    population.size = elements(shape);
    std::vector<Entry> entries;
    if (chain == chains_.end()) {
      entries.push_back({&node, "input"});
      population.model = neuron->model;
      population.parameters = read_parameters(*neuron, node, ms_per_unit);
    } else {
      for (const GraphNode* stage : chain->second)
        need_shape(node, neuron_shape(*find_nir_neuron(stage->type), *stage), shape);
      population.model = "nir_chain";
      NirChainParts parts = make_chain(chain->second, ms_per_unit);
      population.parameters = std::move(parts.parameters);
      for (std::size_t k = 0; k < chain->second.size(); ++k)
        entries.push_back({chain->second[k], parts.receptors[k], parts.biases[k]});
    }
    if (neuron->spikes && node.type != "Threshold" && options_.reset == NirOptions::Reset::subtract)
      population.parameters["subtract"] = 1.0;
    if (chain != chains_.end()) population.method = options_.method == "euler" ? "euler" : "";
    else if (neuron->has_euler) population.method = options_.method;
    add_part({&node, neuron, shape, std::move(entries)}, std::move(population));
  }

  /// An Output that reads a combination of signals and not neurons: its values are those of
  /// thresholds that are never reached.
  void add_readout(const GraphNode& node) {
    if (node.type != "Output") return;
    for (const std::string& source : before_[node.name]) {
      if (!is_linear(graph_.find(source).type)) continue;
      const Shape shape = form(source).shape;
      Population population;
      population.name = node.name;
      population.model = "nir_threshold";
      population.size = elements(shape);
      population.parameters["threshold"] = nir_never;
      add_part({&node, find_nir_neuron("Threshold"), shape, {{&node, "input"}}},
               std::move(population));
      return;
    }
  }

  void add_part(Part part, Population population) {
    const auto number = static_cast<std::uint32_t>(populations_.size());
    if (part.node->type != "Output") forms_[part.node->name] = spikes_of(number, part.shape);
    populations_.push_back(std::move(part));
    model_.network.populations.push_back(std::move(population));
  }

  /// The signal that a node gives.
  const LinearForm& form(const std::string& name) {
    const auto known = forms_.find(name);
    if (known != forms_.end()) return known->second;
    const GraphNode& node = graph_.find(name);
    if (!open_.insert(name).second)
      throw Error(
          ErrorKind::range,
          fmt::format("node \"{}\" ({}): stands in a loop without neurons", name, node.type));
    if (open_.size() > max_layers)
      throw Error(ErrorKind::capacity,
                  fmt::format("node \"{}\" ({}): over {} layers behind it without neurons", name,
                              node.type, max_layers));
    const LinearForm in = input_of(name);
    open_.erase(name);
    return forms_[name] = is_linear(node.type) ? apply(node, in) : in;
  }

  /// The sum of the signals that reach a node.
  LinearForm input_of(const std::string& name) {
    if (before_[name].empty())
      throw Error(ErrorKind::range, fmt::format("node \"{}\": has no input", name));
    return sum_of(before_[name], name);
  }

  LinearForm sum_of(const std::vector<std::string>& sources, const std::string& name) {
    LinearForm total = form(sources.front());
    for (std::size_t k = 1; k < sources.size(); ++k)
      total = sum(total, form(sources[k]), fmt::format("node \"{}\"", name));
    return total;
  }

  /// Neurons that do not spike can be read, and nothing else, in one message.
  void check_signals() {
    std::vector<std::string> wrong;
    for (const auto& [source, target] : graph_.edges) {
      const NirNeuron* neuron = find_nir_neuron(graph_.find(source).type);
      if (neuron && !neuron->spikes && graph_.find(target).type != "Output" &&
          !chains_.count(target))
        wrong.push_back(fmt::format("\"{}\" ({}) -> \"{}\"", source, neuron->type, target));
    }
    if (!wrong.empty())
      throw Error(ErrorKind::unsupported,
                  fmt::format("signals that are no spikes can only go to an Output, or to neurons "
                              "that get no other such signal: {}",
                              fmt::join(wrong, ", ")));
  }

  void collect_inputs() {
    for (std::size_t p = 0; p < populations_.size(); ++p)
      for (Entry& entry : populations_[p].entries) {
        const bool head = &entry == populations_[p].entries.data();
        const GraphNode* chained = head ? nullptr : quiet_source(*entry.node);
        std::vector<std::string> sources = before_[entry.node->name];
        if (chained) std::erase(sources, chained->name);
        entry.form =
            sources.empty() ? silence(populations_[p].shape) : sum_of(sources, entry.node->name);
        need_shape(*entry.node, entry.form.shape, populations_[p].shape);
        if (!head) take_constants(p, entry, chained->name);
        for (const Term& term : entry.form.terms)
          if (term.population != always_one) populations_[p].sources.insert(term.population);
      }
  }

  static LinearForm silence(const Shape& shape) {
    return constant_form(shape, std::vector<double>(static_cast<std::size_t>(elements(shape))));
  }

  /// Constants beside the values of another neuron become a parameter of the chain.
  void take_constants(std::size_t part, const Entry& entry, const std::string& chained) {
    for (const Term& term : entry.form.terms) {
      if (term.population == always_one)
        refuse(*entry.node, fmt::format("a constant that comes {} s late beside the values of "
                                        "\"{}\", must come at once or to the row's first node",
                                        term.delay, chained));
      if (entry.receptor.empty())
        refuse(*entry.node, fmt::format("spikes into the second of five stages in a row, beside "
                                        "the values of \"{}\"; the others can get them",
                                        chained));
    }
    if (!is_zero(entry.form.constant))
      model_.network.populations[part].parameters[entry.bias] = as_value(entry.form.constant);
  }

  static void need_shape(const GraphNode& node, const Shape& input, const Shape& shape) {
    if (input != shape)
      throw Error(ErrorKind::range,
                  fmt::format("node \"{}\" ({}): its input has the shape {}, must be {}", node.name,
                              node.type, to_text(input), to_text(shape)));
  }

  static bool is_zero(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return x == 0; });
  }

  void measure_depths() {
    std::vector<NirLinks> links;
    for (const Part& part : populations_)
      links.push_back({part.node->name, part.neuron == nullptr, part.sources});
    depths_ = find_depths(links);
    for (const auto& [source, target] : depths_.loops)
      if (source != target)
        notes_.push_back(fmt::format("the loop that {} -> {} closes takes a step a population",
                                     links[source].name, links[target].name));
  }

  void connect(std::size_t target) {
    for (const Entry& entry : populations_[target].entries)
      connect(target, entry.form, entry.receptor);
    if (populations_[target].entries.empty()) return;
    add_currents(target);
    if (populations_[target].entries.size() > 1)
      model_.network.populations[target].parameters["onset"] = depths_.depth[target] * options_.dt;
  }

  void connect(std::size_t target, const LinearForm& input, const std::string& receptor) {
    for (const std::size_t source : populations_[target].sources) {
      std::vector<std::uint32_t> sources, targets;
      std::vector<double> weights, delays;
      const double base = depths_.steps(source, target) * options_.dt;
      for (std::int64_t k = 0; k < input.size(); ++k) {
        const auto at = static_cast<std::size_t>(k);
        for (std::size_t t = input.begin[at]; t < input.begin[at + 1]; ++t) {
          const Term& term = input.terms[t];
          if (term.population != source) continue;
          sources.push_back(term.neuron);
          targets.push_back(static_cast<std::uint32_t>(k));
          weights.push_back(term.weight);
          delays.push_back(base + term.delay * 1000);
        }
      }
      if (sources.empty()) continue;
      Projection projection;
      projection.source = model_.network.populations[source].name;
      projection.target = model_.network.populations[target].name;
      projection.name = projection.source + "->" + projection.target;
      if (receptor != "input") projection.name += " " + receptor;
      projection.connector.rule = Connector::Rule::list;
      projection.connector.sources =
          std::make_shared<const std::vector<std::uint32_t>>(std::move(sources));
      projection.connector.targets =
          std::make_shared<const std::vector<std::uint32_t>>(std::move(targets));
      projection.weight = as_value(std::move(weights));
      projection.delay = as_value(std::move(delays));
      projection.receptor = receptor;
      model_.network.projections.push_back(std::move(projection));
    }
  }

  /// The constants at a population's input: a current for each time at which some begin.
  void add_currents(std::size_t target) {
    const LinearForm& input = populations_[target].entries.front().form;
    std::map<double, std::vector<double>> by_delay{{0, input.constant}};
    for (std::size_t k = 0; k < input.constant.size(); ++k)
      for (std::size_t t = input.begin[k]; t < input.begin[k + 1]; ++t)
        if (const Term& term = input.terms[t]; term.population == always_one) {
          std::vector<double>& amplitude = by_delay[term.delay];
          amplitude.resize(input.constant.size());
          amplitude[k] += term.weight;
        }
    const std::string name = model_.network.populations[target].name + " bias";
    int number = 1;
    for (const auto& [delay, amplitude] : by_delay) {
      if (is_zero(amplitude)) continue;
      Stimulus current;
      current.type = Stimulus::Type::dc;
      current.target = model_.network.populations[target].name;
      current.name = number == 1 ? name : fmt::format("{} {}", name, number);
      current.start = depths_.depth[target] * options_.dt + delay * 1000;
      current.amplitude = as_value(amplitude);
      model_.network.stimuli.push_back(std::move(current));
      ++number;
    }
  }

  void add_probes() {
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      const Part& part = populations_[p];
      if (!part.neuron) continue;
      const bool spikes = part.neuron->spikes && part.node->type != "Output";
      model_.network.probes.push_back(
          {model_.network.populations[p].name, {spikes ? "spikes" : "v"}, {}, 0});
    }
  }

  void make_notes() {
    notes_.insert(notes_.begin(),
                  fmt::format("NIR has no time step: dt {} ms, over which a spike is a current of "
                              "its weight",
                              options_.dt));
    for (const Part& part : populations_) {
      const bool per_step = options_.integration == NirOptions::Integration::step;
      if (part.neuron && (part.node->type == "IF" || part.node->type == "I")) {
        notes_.push_back(fmt::format("IF and I integrate r times their input in a {}",
                                     per_step ? "step" : "second"));
        break;
      }
    }
    model_.notes = std::move(notes_);
  }

  const Graph& graph_;
  const NirOptions& options_;
  NirModel model_;
  std::map<std::string, std::vector<std::string>> before_;
  std::map<std::string, std::vector<const GraphNode*>> chains_;  ///< by the last one's name
  std::set<std::string> absorbed_;  ///< nodes that only stand within chains
  std::vector<Part> populations_;   ///< as in the network
  NirDepths depths_;
  std::map<std::string, LinearForm> forms_;
  std::set<std::string> open_;  ///< nodes whose form is being made
  std::vector<std::string> notes_;
};

}  // namespace

NirModel to_network(const Graph& graph, const NirOptions& options) {
  return Converter(graph, options).convert();
}

}  // namespace ranvier::conversion
