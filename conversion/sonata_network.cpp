#include "conversion/sonata_network.h"

#include "conversion/values.h"
#include "core/error.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ranvier::conversion {
namespace {

/// The text of a node or edge: from the file where it has one, else from its type.
std::string text_of(const std::map<std::string, std::vector<std::string>>& texts,
                    const SonataType& type, const char* name, std::size_t i) {
  const auto own = texts.find(name);
  if (own != texts.end() && !own->second[i].empty() && own->second[i] != "NULL")
    return own->second[i];
  const auto common = type.find(name);
  return common == type.end() ? std::string() : common->second;
}

/// A number likewise; NaN where there is none.
double number_of(const std::map<std::string, SonataColumn>& numbers, const SonataType& type,
                 const std::string& name, std::size_t i, const SonataPlace& where) {
  const auto own = numbers.find(name);
  if (own != numbers.end() && !std::isnan(own->second[i])) return own->second[i];
  const auto common = type.find(name);
  if (common == type.end()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const std::string& word = common->second;
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (status != std::errc() || end != word.data() + word.size())
    throw Error(ErrorKind::parse,
                fmt::format("{}: {}: \"{}\", must be a number", where.text(), name, word));
  return value;
}

const SonataType& type_of(const SonataTypes& types, std::int64_t id, const std::string& file,
                          const char* what) {
  static const SonataType none;
  const auto found = types.find(id);
  if (found != types.end()) return found->second;
  if (types.empty()) return none;
  throw Error(ErrorKind::range,
              fmt::format("{}: {} {} is not in the table of types", file, what, id));
}

/// The objects of /networks/nodes or /networks/edges that are enabled.
std::vector<std::pair<std::string, const Json*>> entries(const SonataConfig& config,
                                                         const char* kind) {
  std::vector<std::pair<std::string, const Json*>> result;
  const std::string place = std::string("/networks/") + kind;
  const Json* list = config.find({"networks", kind});
  if (!list) return result;
  if (!list->is_array()) config.fail(place, "must be an array");
  for (std::size_t i = 0; i < list->as_array().size(); ++i) {
    const std::string inside = fmt::format("{}/{}", place, i);
    const Json& entry = list->as_array()[i];
    if (!entry.is_object()) config.fail(inside, "must be an object");
    if (config.enabled(entry, inside)) result.emplace_back(inside, &entry);
  }
  return result;
}

SonataTypes types_of(const SonataConfig& config, const Json& entry, const std::string& place,
                     const char* key, const char* id) {
  const Json* file = entry.find(key);
  if (!file || file->is_null() ||
      (file->is_string() && (file->as_string().empty() || file->as_string() == "NULL")))
    return {};
  return read_sonata_types(config.path(config.text(entry, place, key)), id);
}

}  // namespace

/// Where an edge population came from.
struct SonataNetwork::EdgeSource {
  std::string file;
  const SonataTypes& types;
};

std::string SonataPlace::text() const {
  return number < 0 ? file : fmt::format("{}: {} {}", file, what, number);
}

void SonataNetwork::note(const std::string& text) {
  if (noted_.insert(text).second) model_.notes.push_back(text);
}

void SonataNetwork::read_nodes() {
  for (const auto& [place, entry] : entries(circuit_, "nodes")) {
    const std::filesystem::path path = circuit_.path(circuit_.text(*entry, place, "nodes_file"));
    model_.files.push_back(path);
    const SonataTypes types = types_of(circuit_, *entry, place, "node_types_file", "node_type_id");
    for (const SonataNodes& nodes : read_sonata_nodes(path)) add_nodes(nodes, types, path.string());
  }
  if (populations_.empty())
    circuit_.fail("/networks/nodes", "must name one or more files of nodes");
}

void SonataNetwork::overlay_json(const NestModel& model, const std::string& name,
                                 const char* folder, std::map<std::string, double>& values) {
  const Json* components = circuit_.find({"components", folder});
  const std::string file = components && components->is_string()
                               ? circuit_.path(components->as_string() + "/" + name).string()
                               : name;
  auto found = files_.find(file);
  if (found == files_.end()) {
    Json json;
    if (std::filesystem::is_regular_file(file)) json = parse_json(read_text(file), file);
    else note(fmt::format("{}: no such file; NEST's defaults of {} are taken", file, model.name));
    found = files_.emplace(file, std::move(json)).first;
  }
  if (found->second.is_null()) return;
  if (!found->second.is_object())
    throw Error(ErrorKind::parse, fmt::format("{}: must be an object", file));
  for (const auto& [key, value] : found->second.as_object()) {
    const auto known = values.find(key);
    if (known == values.end()) {
      std::vector<std::string> names;
      for (const auto& one : values) names.push_back(one.first);
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: /{}: not a supported parameter of {}, these are {}", file, key,
                              model.name, fmt::join(names, ", ")));
    }
    if (!value.is_number())
      throw Error(ErrorKind::parse,
                  fmt::format("{}: /{}: {}, must be a number", file, key, value.kind_name()));
    known->second = value.as_number();
  }
}

std::map<std::string, double> SonataNetwork::node_parameters(const NestModel& model,
                                                             const SonataNodes& nodes,
                                                             std::size_t i, const SonataType& type,
                                                             const std::string& file) {
  std::map<std::string, double> values = model.defaults;
  const SonataPlace where{file, "node", nodes.id[i]};
  const std::string parameters = text_of(nodes.texts, type, "dynamics_params", i);
  if (!parameters.empty()) overlay_json(model, parameters, "point_neuron_models_dir", values);
  for (auto& [name, value] : values) {
    const double in_file = number_of(nodes.numbers, {}, "dynamics_params/" + name, i, where);
    const double own =
        std::isnan(in_file) ? number_of(nodes.numbers, type, name, i, where) : in_file;
    if (!std::isnan(own)) value = own;
  }
  for (const auto& [name, column] : nodes.numbers) {
    const std::string prefix = "dynamics_params/";
    if (name.rfind(prefix, 0) == 0 && !std::isnan(column[i]) &&
        !values.count(name.substr(prefix.size())))
      throw Error(ErrorKind::unsupported, fmt::format("{}: {}: {}: not a supported parameter of {}",
                                                      file, nodes.population, name, model.name));
  }
  return values;
}

void SonataNetwork::add_nodes(const SonataNodes& nodes, const SonataTypes& types,
                              const std::string& file) {
  if (std::any_of(populations_.begin(), populations_.end(),
                  [&nodes](const NodePopulation& p) { return p.name == nodes.population; }))
    throw Error(ErrorKind::range, fmt::format("{}: node population \"{}\", used by an earlier file",
                                              file, nodes.population));
  NodePopulation population;
  population.name = nodes.population;
  const std::size_t n = nodes.type.size();
  std::map<const NestModel*, std::vector<std::size_t>>
      by_model;  // in the order of the models' table, virtual nodes first
  for (std::size_t i = 0; i < n; ++i) {
    const SonataType& type = type_of(types, nodes.type[i], file, "node_type_id");
    const std::string kind = text_of(nodes.texts, type, "model_type", i),
                      form = text_of(nodes.texts, type, "model_template", i);
    const std::string where = fmt::format("{}: {}: node {} (type {})", file, nodes.population,
                                          nodes.id[i], nodes.type[i]);
    if (nodes.id[i] != static_cast<std::int64_t>(i) || !population.by_id.empty()) {
      if (population.by_id.empty())
        for (std::size_t k = 0; k < i; ++k) population.by_id[static_cast<std::int64_t>(k)] = k;
      if (!population.by_id.emplace(nodes.id[i], i).second)
        throw Error(ErrorKind::range, where + ": node_id given twice");
    }
    if (kind == "virtual") {
      by_model[nullptr].push_back(i);
      continue;
    }
    if (kind != "point_process" && kind != "point_neuron" && kind != "point_soma")
      throw Error(
          ErrorKind::unsupported,
          fmt::format("{}: model_type \"{}\", must be virtual or point_neuron (point_process)",
                      where, kind));
    const NestModel* model = find_nest_model(form);
    if (!model)
      throw Error(
          ErrorKind::unsupported,
          fmt::format("{}: model_template \"{}\", must be one of {}{}", where, form,
                      fmt::join(nest_model_names(), ", "), did_you_mean(form, nest_model_names())));
    by_model[model].push_back(i);
  }
  population.spots.resize(n);
  for (const auto& [model, members] : by_model) {
    Population part;
    part.name = by_model.size() == 1
                    ? nodes.population
                    : fmt::format("{}.{}", nodes.population, model ? model->name : "virtual");
    part.model = model ? model->model : "spike_source_array";
    part.size = static_cast<std::int64_t>(members.size());
    if (!model) part.spike_times.resize(members.size());
    std::map<std::string, std::vector<double>> parameters, initial;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const std::size_t i = members[k];
      population.spots[i] = {model_.network.populations.size(), static_cast<std::int64_t>(k)};
      if (!model) continue;
      const auto nest = node_parameters(*model, nodes, i,
                                        type_of(types, nodes.type[i], file, "node_type_id"), file);
      try {
        for (const auto& [name, value] : translate_parameters(*model, nest))
          parameters[name].push_back(value);
      } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("{}: {}: node {}: {}", file, nodes.population,
                                              nodes.id[i], error.what()));
      }
      initial["v"].push_back(nest.at("V_m"));
      if (nest.count("U_m")) initial["u"].push_back(nest.at("U_m"));
    }
    for (auto& [name, values] : parameters) part.parameters[name] = as_value(std::move(values));
    for (auto& [name, values] : initial) part.initial[name] = as_value(std::move(values));
    if (nodes.numbers.count("x") && nodes.numbers.count("y") && nodes.numbers.count("z"))
      for (const std::size_t i : members)
        part.positions.push_back(
            {nodes.numbers.at("x")[i], nodes.numbers.at("y")[i], nodes.numbers.at("z")[i]});
    if (std::any_of(part.positions.begin(), part.positions.end(),
                    [](const Position& p) { return std::isnan(p[0] + p[1] + p[2]); }))
      part.positions.clear();
    population.parts.push_back(model_.network.populations.size());
    nest_.push_back(model);
    model_.network.populations.push_back(std::move(part));
  }
  if (by_model.size() > 1)
    note(fmt::format("{}: {} models, so as many populations", nodes.population, by_model.size()));
  populations_.push_back(std::move(population));
}

const SonataNetwork::NodePopulation& SonataNetwork::find(const std::string& name,
                                                         const std::string& where) const {
  std::vector<std::string> known;
  for (const NodePopulation& population : populations_) {
    if (population.name == name) return population;
    known.push_back(population.name);
  }
  throw Error(ErrorKind::range, fmt::format("{}: there is no node population \"{}\"{}", where, name,
                                            did_you_mean(name, known)));
}

const SonataNetwork::Spot& SonataNetwork::spot(const NodePopulation& population, std::int64_t id,
                                               const SonataPlace& where) const {
  if (population.by_id.empty() && id >= 0 &&
      id < static_cast<std::int64_t>(population.spots.size()))
    return population.spots[static_cast<std::size_t>(id)];
  const auto found = population.by_id.find(id);
  if (found == population.by_id.end())
    throw Error(ErrorKind::range,
                fmt::format("{}: \"{}\" has no node {}", where.text(), population.name, id));
  return population.spots[found->second];
}

void SonataNetwork::read_edges() {
  for (const auto& [place, entry] : entries(circuit_, "edges")) {
    const std::filesystem::path path = circuit_.path(circuit_.text(*entry, place, "edges_file"));
    model_.files.push_back(path);
    const SonataTypes types = types_of(circuit_, *entry, place, "edge_types_file", "edge_type_id");
    for (const SonataEdges& edges : read_sonata_edges(path))
      add_edges(edges, {path.string(), types});
  }
}

void SonataNetwork::check_synapse_type(const SonataType& type, const std::string& file) {
  const auto form = type.find("model_template");
  if (form != type.end() && form->second != "static_synapse" &&
      form->second != "nest:static_synapse")
    throw Error(
        ErrorKind::unsupported,
        fmt::format("{}: model_template \"{}\", must be static_synapse", file, form->second));
  const auto function = type.find("weight_function");
  if (function != type.end() && !function->second.empty())
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: weight_function \"{}\", must be NULL", file, function->second));
  const auto parameters = type.find("dynamics_params");
  if (parameters == type.end() || parameters->second == "{}") return;
  static const NestModel synapse{"static_synapse", "static", NestWeight::current, {}};
  std::map<std::string, double> values{{"receptor_type", 0}};
  overlay_json(synapse, parameters->second, "synaptic_models_dir", values);
  if (values["receptor_type"] != 0)
    throw Error(ErrorKind::unsupported, fmt::format("{}: {}: receptor_type {}, must be 0", file,
                                                    parameters->second, values["receptor_type"]));
}

void SonataNetwork::add_edges(const SonataEdges& edges, const EdgeSource& source) {
  const std::string where = fmt::format("{}: {}", source.file, edges.population);
  const NodePopulation& sources =
      find(edges.source, where + ": source_node_id, attribute node_population");
  const NodePopulation& targets =
      find(edges.target, where + ": target_node_id, attribute node_population");
  for (const auto& [id, type] : source.types)
    check_synapse_type(type, fmt::format("{}: edge type {}", source.file, id));
  struct Group {
    std::vector<std::uint32_t> sources, targets;
    std::vector<double> weights, delays;
  };
  std::map<std::array<std::size_t, 3>, Group>
      groups;  // source population, target population, 1 for negative weights
  bool weight_assumed = false, delay_assumed = false;
  for (std::size_t i = 0; i < edges.source_id.size(); ++i) {
    const SonataType& type =
        type_of(source.types, edges.type.empty() ? 0 : edges.type[i], where, "edge_type_id");
    const SonataPlace edge{where, "edge", static_cast<std::int64_t>(i)};
    const Spot& from = spot(sources, edges.source_id[i], edge);
    const Spot& to = spot(targets, edges.target_id[i], edge);
    const NestModel* model = nest_[to.population];
    if (!model)
      throw Error(ErrorKind::range, fmt::format("{}: target {} is virtual and takes no input",
                                                edge.text(), edges.target_id[i]));
    double weight = number_of(edges.numbers, type, "syn_weight", i, edge),
           delay = number_of(edges.numbers, type, "delay", i, edge);
    const double synapses = number_of(edges.numbers, type, "nsyns", i, edge);
    if (!std::isnan(synapses) && synapses != 1)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: nsyns {}, must be 1", edge.text(), synapses));
    weight_assumed = weight_assumed || std::isnan(weight);
    delay_assumed = delay_assumed || std::isnan(delay);
    if (std::isnan(weight)) weight = 1;
    if (std::isnan(delay)) delay = 1;
    if (!std::isfinite(weight))
      throw Error(ErrorKind::range,
                  fmt::format("{}: syn_weight {}, must be finite", edge.text(), weight));
    if (!(delay > 0 && delay < max_ms) || from_ms(delay) < from_ms(model_.run.dt))
      throw Error(ErrorKind::range,
                  fmt::format("{}: delay {} ms, must be at least the resolution dt = {} ms",
                              edge.text(), delay, model_.run.dt));
    Group& group =
        groups[{from.population, to.population, weight < 0 ? std::size_t{1} : std::size_t{0}}];
    group.sources.push_back(static_cast<std::uint32_t>(from.index));
    group.targets.push_back(static_cast<std::uint32_t>(to.index));
    group.weights.push_back(translate_weight(*model, weight));
    group.delays.push_back(delay);
  }
  if (weight_assumed)
    note(fmt::format("{}: edges without syn_weight have 1, NEST's default", edges.population));
  if (delay_assumed)
    note(fmt::format("{}: edges without delay have 1 ms, NEST's default", edges.population));
  for (auto& [key, group] : groups) {
    Projection projection;
    projection.source = model_.network.populations[key[0]].name;
    projection.target = model_.network.populations[key[1]].name;
    projection.receptor = key[2] == 0 ? "excitatory" : "inhibitory";
    projection.name = fmt::format("{} {}", edges.population, projection.receptor);
    if (sources.parts.size() * targets.parts.size() > 1)
      projection.name += fmt::format(" {}->{}", projection.source, projection.target);
    projection.connector.rule = Connector::Rule::list;
    projection.connector.sources =
        std::make_shared<std::vector<std::uint32_t>>(std::move(group.sources));
    projection.connector.targets =
        std::make_shared<std::vector<std::uint32_t>>(std::move(group.targets));
    projection.weight = as_value(std::move(group.weights));
    projection.delay = as_value(std::move(group.delays));
    model_.network.projections.push_back(std::move(projection));
  }
}

}  // namespace ranvier::conversion
