#include "conversion/nir_neurons.h"

#include "conversion/values.h"
#include "core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace ranvier::conversion {
namespace {

const std::vector<NirNeuron>& neurons() {
  using Unit = NirUnit;
  static const NirParameter tau{"tau", Unit::seconds}, tau_mem{"tau_mem", Unit::seconds},
      tau_syn{"tau_syn", Unit::seconds}, r{"r"}, rate{"r", Unit::rate}, v_leak{"v_leak"},
      v_threshold{"v_threshold"}, v_reset{"v_reset", Unit::plain, false, 0},
      w_in{"w_in", Unit::plain, false, 1};
  static const std::vector<NirNeuron> all = {
      {"LIF", "nir_lif", true, true, {tau, r, v_leak, v_threshold, v_reset}},
      {"CubaLIF",
       "nir_cubalif",
       true,
       true,
       {tau_syn, tau_mem, r, v_leak, v_threshold, v_reset, w_in}},
      {"IF", "nir_if", true, false, {rate, v_threshold, v_reset}},
      {"Threshold", "nir_threshold", true, false, {{"threshold"}}},
      {"LI", "nir_li", false, true, {tau, r, v_leak}},
      {"CubaLI", "nir_cubali", false, true, {tau_syn, tau_mem, r, v_leak, w_in}},
      {"I", "nir_i", false, false, {rate}}};
  return all;
}

[[noreturn]] void fail(const GraphNode& node, const std::string& what) {
  throw Error(ErrorKind::range, fmt::format("node \"{}\" ({}): {}", node.name, node.type, what));
}

const Tensor* find_tensor(const GraphNode& node, const NirParameter& p) {
  const auto found = node.tensors.find(p.name);
  if (found != node.tensors.end()) return &found->second;
  if (p.required) fail(node, fmt::format("{}: missing", p.name));
  return nullptr;
}

/// Every neuron's v_reset, at most its v_threshold.
void check_reset(const NirNeuron& neuron, const GraphNode& node) {
  const auto last =
      std::find_if(neuron.parameters.begin(), neuron.parameters.end(),
                   [](const NirParameter& p) { return p.name == std::string("v_reset"); });
  if (last == neuron.parameters.end()) return;
  const auto reset = node.tensors.find("v_reset");
  const std::vector<double> resets = reset == node.tensors.end()
                                         ? std::vector<double>{last->otherwise}
                                         : reset->second.values,
                            &thresholds = node.tensors.at("v_threshold").values;
  for (std::size_t k = 0; k < std::max(resets.size(), thresholds.size()); ++k) {
    const double low = resets[resets.size() == 1 ? 0 : k],
                 high = thresholds[thresholds.size() == 1 ? 0 : k];
    if (low > high)
      fail(node, fmt::format("v_reset: {}, must not be above v_threshold = {}", low, high));
  }
}

/// What one unit of the parameter is in the model's.
double factor_of(NirUnit unit, double ms_per_unit) {
  return unit == NirUnit::seconds ? 1000 : unit == NirUnit::rate ? 1 / ms_per_unit : 1;
}

}  // namespace

const NirNeuron* find_nir_neuron(const std::string& type) {
  for (const NirNeuron& neuron : neurons())
    if (type == neuron.type) return &neuron;
  return nullptr;
}

const NirNeuron* find_nir_model(const std::string& model) {
  for (const NirNeuron& neuron : neurons())
    if (model == neuron.model) return &neuron;
  return nullptr;
}

Shape neuron_shape(const NirNeuron& neuron, const GraphNode& node) {
  const Tensor* widest = nullptr;
  for (const NirParameter& p : neuron.parameters) {
    const Tensor* t = find_tensor(node, p);
    if (t && (!widest || t->values.size() > widest->values.size())) widest = t;
  }
  if (widest->values.empty())
    fail(node, fmt::format("shape {}, must have one neuron or more", to_text(widest->shape)));
  for (const NirParameter& p : neuron.parameters)
    if (const Tensor* t = find_tensor(node, p);
        t && t->values.size() != 1 && t->shape != widest->shape)
      fail(node, fmt::format("{}: shape {}, must be {}", p.name, to_text(t->shape),
                             to_text(widest->shape)));
  return widest->shape;
}

std::map<std::string, Value> read_parameters(const NirNeuron& neuron, const GraphNode& node,
                                             double ms_per_unit) {
  std::map<std::string, Value> values;
  for (const NirParameter& p : neuron.parameters) {
    const Tensor* t = find_tensor(node, p);
    std::vector<double> column = t ? t->values : std::vector<double>{p.otherwise};
    for (double& x : column) {
      if (!std::isfinite(x) || (p.unit == NirUnit::seconds && !(x > 0)))
        fail(node, fmt::format("{}: {}, must be {}", p.name, x,
                               p.unit == NirUnit::seconds ? "> 0 s" : "finite"));
      x *= factor_of(p.unit, ms_per_unit);
    }
    values[p.name] = as_value(std::move(column));
  }
  check_reset(neuron, node);
  return values;
}

namespace {

/// tau, r and rest of one stage of a nir_chain.
struct Stage {
  Value tau, r, rest;
};

constexpr double endless = 1e12;            // ms: such a tau only integrates
constexpr std::size_t before_membrane = 4;  // stages of nir_chain

Value scaled(const Value& value, double factor) {
  if (const double* one = std::get_if<double>(&value)) return *one * factor;
  std::vector<double> column = *std::get<Array>(value);
  for (double& x : column) x *= factor;
  return Array(std::make_shared<std::vector<double>>(std::move(column)));
}

/// A node's stages, the last one its v.
void add_stages(const std::string& type, const std::map<std::string, Value>& p,
                std::vector<Stage>& stages) {
  if (type == "Threshold") {
    stages.push_back({0.0, 1.0, 0.0});
  } else if (type == "I" || type == "IF") {
    stages.push_back({endless, scaled(p.at("r"), endless), 0.0});
  } else if (type == "LI" || type == "LIF") {
    stages.push_back({p.at("tau"), p.at("r"), p.at("v_leak")});
  } else {
    stages.push_back({p.at("tau_syn"), p.at("w_in"), 0.0});
    stages.push_back({p.at("tau_mem"), p.at("r"), p.at("v_leak")});
  }
}

}  // namespace

NirChainParts make_chain(const std::vector<const GraphNode*>& nodes, double ms_per_unit) {
  std::vector<Stage> stages;
  std::vector<std::size_t> begins;  // of each node, in stages
  std::map<std::string, Value> last;
  for (const GraphNode* node : nodes) {
    begins.push_back(stages.size());
    last = read_parameters(*find_nir_neuron(node->type), *node, ms_per_unit);
    add_stages(node->type, last, stages);
  }
  if (stages.size() > before_membrane + 1)
    throw Error(
        ErrorKind::unsupported,
        fmt::format("node \"{}\" ({}): {} stages without spikes before it, at most {} are "
                    "supported",
                    nodes.back()->name, nodes.back()->type, stages.size() - 1, before_membrane));
  NirChainParts parts;
  std::map<std::string, Value>& values = parts.parameters;
  const std::size_t first = before_membrane + 2 - stages.size();
  for (std::size_t k = 0; k + 1 < stages.size(); ++k) {
    const std::string number = std::to_string(first + k);
    values["tau_" + number] = stages[k].tau;
    values["r_" + number] = stages[k].r;
    values["leak_" + number] = stages[k].rest;
  }
  values["tau"] = stages.back().tau;
  values["r"] = stages.back().r;
  values["v_leak"] = stages.back().rest;
  if (last.count("v_threshold")) values["v_threshold"] = last.at("v_threshold");
  else values["v_threshold"] = last.count("threshold") ? last.at("threshold") : Value(nir_never);
  if (last.count("v_reset")) values["v_reset"] = last.at("v_reset");
  for (const std::size_t begin : begins) {
    const std::size_t stage = first + begin;
    const std::string number = std::to_string(stage);
    parts.receptors.push_back(begin == 0                ? "input"
                              : stage > before_membrane ? "membrane"
                              : stage > 2               ? "stage_" + number
                                                        : "");
    parts.biases.push_back(stage > before_membrane ? "bias" : "bias_" + number);
  }
  return parts;
}

namespace {

/// Whether all of a column fulfil something, or none do; Error(unsupported) otherwise.
template <class Fulfils>
bool all_or_none(const std::string& name, const std::vector<double>& column, const char* what,
                 Fulfils fulfils) {
  const auto n = std::count_if(column.begin(), column.end(), fulfils);
  if (n != 0 && n != static_cast<std::ptrdiff_t>(column.size()))
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: {} for {} of {} neurons, must be for all or none", name, what, n,
                            column.size()));
  return n != 0;
}

/// All of a column must be that value.
void need(const std::string& name, const std::vector<double>& column, double value,
          const std::string& why) {
  for (const double x : column)
    if (x != value)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: {}, must be {} {}", name, x, value, why));
}

}  // namespace

std::vector<NirChainNode> chain_nodes(const std::map<std::string, std::vector<double>>& columns,
                                      double ms_per_unit) {
  std::vector<NirChainNode> nodes;
  const auto add = [&](int stage, const char* type, std::vector<std::vector<double>> values) {
    const NirNeuron& neuron = *find_nir_neuron(type);
    nodes.push_back({stage, {"", type, write_parameters(neuron, values, ms_per_unit), {}}});
  };
  const auto is_zero = [](double tau) { return tau == 0; };
  const auto is_endless = [](double tau) { return tau >= endless; };
  constexpr int membrane = static_cast<int>(before_membrane) + 1;
  for (int stage = 1; stage <= membrane; ++stage) {
    const std::string end = stage == membrane ? "" : fmt::format("_{}", stage);
    const std::string tau_name = "tau" + end, r_name = "r" + end,
                      leak_name = stage == membrane ? "v_leak" : "leak" + end;
    const std::vector<double>& tau = columns.at(tau_name);
    std::vector<double> r = columns.at(r_name);
    const std::vector<double>& leak = columns.at(leak_name);
    const bool handed_on = all_or_none(tau_name, tau, "0", is_zero),
               integrated = all_or_none(tau_name, tau, "endless", is_endless),
               spikes = stage == membrane &&
                        !all_or_none("v_threshold", columns.at("v_threshold"), "never reached",
                                     [](double x) { return x >= nir_never; });
    if (handed_on) need(r_name, r, 1, "where the stage has no tau");
    if (handed_on || integrated) need(leak_name, leak, 0, "where the stage does not leak");
    if (integrated)
      for (double& x : r) x /= endless;
    if (spikes) {
      const std::vector<double>&threshold = columns.at("v_threshold"),
            &reset = columns.at("v_reset");
      if (handed_on) add(stage, "Threshold", {threshold});
      else if (integrated) add(stage, "IF", {r, threshold, reset});
      else add(stage, "LIF", {tau, r, leak, threshold, reset});
    } else if (integrated) {
      add(stage, "I", {r});
    } else if (!handed_on) {
      add(stage, "LI", {tau, r, leak});
    } else if (stage == membrane) {
      throw Error(ErrorKind::unsupported, "tau: 0, must be > 0 where v_threshold is never reached");
    }
  }
  return nodes;
}

std::map<std::string, Tensor> write_parameters(const NirNeuron& neuron,
                                               const std::vector<std::vector<double>>& values,
                                               double ms_per_unit) {
  std::map<std::string, Tensor> tensors;
  for (std::size_t k = 0; k < neuron.parameters.size(); ++k) {
    Tensor& t = tensors[neuron.parameters[k].name];
    t.values = values[k];
    for (double& x : t.values) x /= factor_of(neuron.parameters[k].unit, ms_per_unit);
    t.shape = {static_cast<std::int64_t>(t.values.size())};
  }
  return tensors;
}

}  // namespace ranvier::conversion
