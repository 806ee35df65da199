// Projections of a network document: connector, weight, delay, receptor.
#include "app/document_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/connect.h"
#include "core/layout.h"

namespace ranvier::app {
namespace {

using Rule = Connector::Rule;

/// A connector as documents name it; `fields` are those that count for it beside "rule".
struct RuleForm {
  const char* name;
  Rule rule;
  std::vector<std::string> fields;
};

const std::vector<RuleForm>& rule_forms() {
  static const std::vector<RuleForm> forms = {
      {"all_to_all", Rule::all_to_all, {"self_connections", "procedural"}},
      {"one_to_one", Rule::one_to_one, {"self_connections", "procedural"}},
      {"fixed_probability",
       Rule::fixed_probability,
       {"probability", "self_connections", "procedural"}},
      {"fixed_indegree",
       Rule::fixed_indegree,
       {"number", "self_connections", "multiple_connections"}},
      {"fixed_outdegree",
       Rule::fixed_outdegree,
       {"number", "self_connections", "multiple_connections", "procedural"}},
      {"fixed_total_number",
       Rule::fixed_total_number,
       {"number", "self_connections", "multiple_connections", "procedural"}},
      {"list", Rule::list, {"connections", "self_connections"}},
      {"csv", Rule::list, {"file", "self_connections"}},
      {"hdf5", Rule::list, {"file", "group", "self_connections"}},
      {"sonata", Rule::list, {"file", "population", "self_connections"}},
      {"distance_dependent",
       Rule::distance_dependent,
       {"probability", "self_connections", "procedural"}},
      {"small_world", Rule::small_world, {"number", "rewiring", "self_connections", "procedural"}}};
  return forms;
}

/// "rule", and the fields of all rules.
std::vector<std::string> fields_of_any() {
  std::vector<std::string> any{"rule"};
  for (const RuleForm& form : rule_forms()) any = with_names(std::move(any), form.fields);
  return any;
}

const RuleForm& find_form(const Place& rule) {
  std::vector<std::string> known;
  for (const RuleForm& form : rule_forms()) {
    if (rule.value().is_string() && rule.value().as_string() == form.name) return form;
    known.emplace_back(form.name);
  }
  rule.fail_choice(known);
}

/// Connections [[source, target], ...] or [[source, target, weight, delay], ...]: all of one width.
ConnectionList read_connections(const Place& place, std::int64_t n_sources,
                                std::int64_t n_targets) {
  ConnectionList list;
  std::size_t width = 0;
  for (std::size_t i = 0; i < place.array().size(); ++i) {
    const Json& row = place.array()[i];
    const std::size_t columns = row.is_array() ? row.as_array().size() : 0;
    if (columns < 2 || columns > 4)
      place.inside(i).fail(
          "must be [source, target], [source, target, weight] or [source, target, weight, delay]",
          ErrorKind::parse);
    if (i > 0 && columns != width)
      place.inside(i).fail(fmt::format("{} columns, the first connection has {}", columns, width),
                           ErrorKind::parse);
    width = columns;
    const auto index = [&place, &row, i](std::size_t column, std::int64_t size) {
      const Json& entry = row.as_array()[column];
      if (entry.is_integer() && entry.as_number() >= 0 &&
          entry.as_number() < static_cast<double>(size))
        return static_cast<std::uint32_t>(entry.as_integer());
      return static_cast<std::uint32_t>(place.inside(i).inside(column).integer(0, size - 1));
    };
    list.sources.push_back(index(0, n_sources));
    list.targets.push_back(index(1, n_targets));
    const auto number = [&place, &row, i](std::size_t column) {
      return row.as_array()[column].is_number() ? row.as_array()[column].as_number()
                                                : place.inside(i).inside(column).number();
    };
    if (width > 2) list.weights.push_back(number(2));
    if (width > 3) list.delays.push_back(number(3));
  }
  return list;
}

/// The same from memory: an array [connections, 2 to 4].
ConnectionList take_connections(const Loading& loading, const Place& place, std::int64_t n_sources,
                                std::int64_t n_targets) {
  const auto& [values, columns] = loading.held(place);
  if (columns < 2 || columns > 4)
    place.fail(fmt::format("{} columns, must be 2 to 4: source, target, weight, delay", columns),
               ErrorKind::parse);
  ConnectionList list;
  const auto index = [&](std::size_t at, std::int64_t size) {
    const double x = (*values)[at];
    if (!(x >= 0 && x < static_cast<double>(size) && x == std::trunc(x)))
      place.fail(fmt::format("connection {}: index {}, must be a whole number from 0 to {}",
                             at / columns, x, size - 1));
    return static_cast<std::uint32_t>(x);
  };
  for (std::size_t at = 0; at < values->size(); at += columns) {
    list.sources.push_back(index(at, n_sources));
    list.targets.push_back(index(at + 1, n_targets));
    if (columns > 2) list.weights.push_back((*values)[at + 2]);
    if (columns > 3) list.delays.push_back((*values)[at + 3]);
  }
  return list;
}

ConnectionList read_list(const Loading& loading, const Fields& fields, const std::string& rule,
                         const Ends& ends) {
  const std::int64_t n_sources = ends.source.size, n_targets = ends.target.size;
  if (n_sources > max_elements || n_targets > max_elements)
    fields.place().fail(
        fmt::format("a list names neurons below {}, the populations are larger", max_elements),
        ErrorKind::capacity);
  if (rule == "list" && !loading.memory.empty() &&
      fields.need("connections").value().find("memory"))
    return take_connections(loading, fields.need("connections"), n_sources, n_targets);
  if (rule == "list") return read_connections(fields.need("connections"), n_sources, n_targets);
  if (rule == "hdf5") return read_connections_hdf5(loading, fields, n_sources, n_targets);
  if (rule == "sonata") return read_connections_sonata(loading, fields, n_sources, n_targets);
  return read_connections_csv(loading, fields.need("file"), n_sources, n_targets);
}

void take_list(const Place& place, ConnectionList list, Projection& projection) {
  projection.connector.sources =
      std::make_shared<std::vector<std::uint32_t>>(std::move(list.sources));
  projection.connector.targets =
      std::make_shared<std::vector<std::uint32_t>>(std::move(list.targets));
  for (std::size_t i = 0; i < list.weights.size(); ++i)
    if (!std::isfinite(list.weights[i]))
      place.fail(fmt::format("weight of connection {}: {}, must be finite", i, list.weights[i]));
  for (std::size_t i = 0; i < list.delays.size(); ++i)
    if (!(list.delays[i] > 0 && list.delays[i] < max_ms))
      place.fail(fmt::format("delay of connection {}: {} ms, must be > 0", i, list.delays[i]));
  if (!list.weights.empty())
    projection.weight = Array(std::make_shared<std::vector<double>>(std::move(list.weights)));
  if (!list.delays.empty())
    projection.delay = Array(std::make_shared<std::vector<double>>(std::move(list.delays)));
}

void check_delay_number(const Place& place, double delay, double dt) {
  if (delay >= max_ms) place.fail(fmt::format("{} ms, must be below {:g} ms", delay, max_ms));
  if (from_ms(delay) < from_ms(dt))
    place.fail(fmt::format("{} ms, must be at least the resolution dt = {} ms", delay, dt));
}

void check_delay(const Place& place, const Value& delay, double dt) {
  if (const double* one = std::get_if<double>(&delay)) check_delay_number(place, *one, dt);
  if (const Array* array = std::get_if<Array>(&delay))
    for (std::size_t i = 0; i < (*array)->size(); ++i)
      if (from_ms((**array)[i]) < from_ms(dt) || (**array)[i] >= max_ms)
        check_delay_number(place.value().is_array() ? place.inside(i) : place, (**array)[i], dt);
  if (const Distribution* law = std::get_if<Distribution>(&delay)) {
    const double high = law->kind == Distribution::Kind::uniform ? law->b : law->high;
    if (high < dt)
      place.fail(fmt::format("the law reaches {} ms at most, must reach the resolution dt = {} ms",
                             high, dt));
  }
}

/// Conductances are no less than zero, wherever they come from. Numbers and arrays of a weight
/// field were checked as they were read.
void check_conductances(const Fields& fields, const Ends& ends, const Projection& projection) {
  const auto weight = fields.find("weight");
  if (const Array* array = std::get_if<Array>(&projection.weight); array && !weight) {
    const auto first =
        std::find_if((*array)->begin(), (*array)->end(), [](double w) { return w < 0; });
    if (first != (*array)->end())
      fields.need("connector")
          .fail(fmt::format("weight of connection {}: {} uS, must be >= 0",
                            first - (*array)->begin(), *first));
  }
  const double least = least_weight(projection.weight, ends.source, ends.target);
  if (least < 0)
    weight->fail(fmt::format("reaches {:.4g} uS, must be >= 0; give it a \"low\"", least));
}

/// Weight and delay: fields of the projection, unless the connections brought them along.
void read_weight_and_delay(const Loading& loading, const Fields& fields, const Ends& ends,
                           Projection& projection) {
  const bool list = projection.connector.rule == Rule::list;
  const std::int64_t length = values_of_connections(projection.connector, ends);
  const bool has_weights = list && std::holds_alternative<Array>(projection.weight);
  const bool has_delays = list && std::holds_alternative<Array>(projection.delay);
  const Place connector = fields.need("connector");
  if (has_weights && fields.has("weight"))
    fields.need("weight").fail("the connections bring their own weights", ErrorKind::parse);
  if (has_delays && fields.has("delay"))
    fields.need("delay").fail("the connections bring their own delays", ErrorKind::parse);
  ValueRule weights = weight_rule(loading, ends.target, projection.receptor);
  const bool conductances = weights.range != Range::any;
  if (!has_weights) {
    const Place weight = fields.need("weight");
    weights.length = length;
    weights.distance = true;
    if (weight.value().find("distribution")) weights.range = Range::any;  // as it is drawn: below
    projection.weight = read_synapse_value(loading, weight, weights);
  }
  if (conductances) check_conductances(fields, ends, projection);
  if (has_delays) return check_delay(connector, projection.delay, loading.document.run.dt);
  const auto delay = fields.find("delay");
  if (!delay) return check_delay(fields.place(), projection.delay, loading.document.run.dt);
  ValueRule rule{.unit = "ms", .range = Range::positive, .length = length, .distance = true};
  // A normal law of delays is cut at one step of dt where it is drawn: it needs no lower bound of
  // its own.
  if (delay->value().find("distribution")) rule.range = Range::any;
  projection.delay = read_synapse_value(loading, *delay, rule);
  check_delay(*delay, projection.delay, loading.document.run.dt);
}

}  // namespace

std::int64_t values_of_connections(const Connector& connector, const Ends& ends) {
  if (connector.rule == Rule::list) return static_cast<std::int64_t>(connector.sources->size());
  if (connector.rule == Rule::one_to_one) return ends.source.size;
  const bool countable = ends.source.size <= max_elements && ends.target.size <= max_elements;
  return connector.rule == Rule::all_to_all && countable ? ends.source.size * ends.target.size : -1;
}

Value read_synapse_value(const Loading& loading, const Place& place, const ValueRule& rule) {
  if (rule.length < 0 && (place.value().is_array() || refers_to_array(place.value())))
    place.fail("an array, which needs the rule list, one_to_one or all_to_all");
  return read_value(loading, place, rule);
}

void read_projection(Loading& loading, const Place& place) {
  const Fields fields(place, {"name", "source", "target", "connector", "synapse", "weight", "delay",
                              "receptor", "stream"});
  Projection projection;
  projection.name = fields.text("name", "");
  const Population& source =
      loading.network().populations[loading.population(fields.need("source"))];
  const Population& target =
      loading.network().populations[loading.population(fields.need("target"))];
  projection.source = source.name;
  projection.target = target.name;
  if (is_source(target))
    fields.need("target").fail(
        fmt::format("\"{}\" is a spike source and takes no input", target.name));
  if (const auto receptor = fields.find("receptor"))
    projection.receptor = read_receptor(loading, *receptor, target);
  if (const auto stream = fields.find("stream")) projection.stream = stream->integer(0, max_size);
  read_connector(loading, fields.need("connector"), {source, target}, projection);
  if (const auto synapse = fields.find("synapse"))
    read_synapse(loading, *synapse, {source, target}, projection);
  read_weight_and_delay(loading, fields, {source, target}, projection);
  loading.network().projections.push_back(std::move(projection));
}

void read_connector(const Loading& loading, const Place& place, const Ends& ends,
                    Projection& projection) {
  const Json* rule = place.value().find("rule");
  const RuleForm& form =
      find_form(rule ? place.inside("rule", *rule) : Fields(place, fields_of_any()).need("rule"));
  const Fields fields = fields_of_form(place, with_names({"rule"}, form.fields), fields_of_any());
  Connector& connector = projection.connector;
  connector.rule = form.rule;
  connector.self_connections = fields.boolean("self_connections", true);
  connector.multiple_connections = fields.boolean("multiple_connections", true);
  connector.procedural = fields.boolean("procedural", false);
  const auto& [source, target] = ends;
  if (std::find(form.fields.begin(), form.fields.end(), "number") != form.fields.end())
    connector.number = fields.need("number").integer(0, max_size);
  if (form.rule == Rule::fixed_probability) {
    const Place probability = fields.need("probability");
    connector.probability = probability.number();
    check_number(probability, connector.probability, {.range = Range::unit_interval});
  }
  if (form.rule == Rule::one_to_one && source.size != target.size)
    place.fail(fmt::format("one_to_one joins populations of equal size, these have {} and {}",
                           source.size, target.size));
  if (form.rule == Rule::distance_dependent) {
    connector.distance = read_distance_function(fields.need("probability"));
    for (const Population* end : {&source, &target})
      if (end->positions.empty())
        place.fail(fmt::format("distance_dependent needs positions, \"{}\" has none", end->name));
  }
  if (form.rule == Rule::small_world) {
    const Place rewiring = fields.need("rewiring");
    connector.rewiring = rewiring.number();
    check_number(rewiring, connector.rewiring, {.range = Range::unit_interval});
    if (connector.number % 2 != 0)
      fields.need("number").fail(fmt::format("{}, must be even", connector.number));
    if (source.name != target.name) place.fail("small_world joins a population with itself");
  }
  if (form.rule == Rule::list)
    take_list(place, read_list(loading, fields, form.name, ends), projection);
}

std::string read_receptor(const Loading& loading, const Place& place, const Population& target) {
  const NeuronModel* model = loading.neuron_model(target);
  if (!model) return place.text();
  std::vector<std::string> known;
  for (const Receptor& receptor : model->receptors) known.emplace_back(receptor.name);
  if (std::find(known.begin(), known.end(), place.text()) == known.end()) place.fail_choice(known);
  return place.text();
}

ValueRule weight_rule(const Loading& loading, const Population& target,
                      const std::string& receptor) {
  const NeuronModel* model = loading.neuron_model(target);
  if (!model) return {};
  for (const Receptor& r : model->receptors)
    if ((receptor.empty() || receptor == r.name) && is_conductance(r))
      return {.unit = r.unit, .range = Range::not_negative};
  return {};
}

void name_projections(Network& network) {
  std::set<std::string> taken;
  for (const Projection& projection : network.projections) taken.insert(projection.name);
  for (Projection& projection : network.projections) {
    const std::string plain = projection.source + "->" + projection.target;
    for (int n = 2; projection.name.empty(); ++n) {
      const std::string name =
          n == 2 && !taken.count(plain) ? plain : fmt::format("{} #{}", plain, n);
      if (taken.insert(name).second) projection.name = name;
    }
  }
}

void read_projections(Loading& loading, const Place& place) {
  for (std::size_t i = 0; i < place.array().size(); ++i) read_projection(loading, place.inside(i));
  std::set<std::string> taken;
  const std::vector<Projection>& projections = loading.network().projections;
  for (std::size_t i = 0; i < projections.size(); ++i)
    if (!projections[i].name.empty() && !taken.insert(projections[i].name).second)
      place.inside(i).fail(
          fmt::format("name \"{}\", used by an earlier projection", projections[i].name));
  name_projections(loading.network());
}

}  // namespace ranvier::app
