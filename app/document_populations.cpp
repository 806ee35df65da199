// Populations of a network document: model, size, parameters, initial state, spike times, files,
// positions.
#include "app/document_parts.h"

#include "core/rng.h"
#include "encoding/dvs_source.h"
#include "encoding/encoded_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace ranvier::app {
namespace {

const std::vector<std::string> population_fields = {
    "model", "size",    "preset",    "parameters", "initial", "spike_times", "values",
    "file",  "options", "positions", "method",     "advance", "precision"};

std::vector<std::string> names_of(const std::vector<FieldInfo>& fields) {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields) names.push_back(field.name);
  return names;
}

void check_model(const Loading& loading, const Place& place, const Population& population) {
  if (!loading.catalogue) return;
  if (loading.catalogue->neurons.find(population.model) ||
      loading.catalogue->find_source(population.model))
    return;
  const std::string near = loading.catalogue->near_model(population.model);
  place.fail(fmt::format("unknown {} model \"{}\"{}", is_source(population) ? "source" : "neuron",
                         population.model, near.empty() ? ", see `ranvier info models`" : near));
}

/// Fails at a name that is none of those known: "WHAT, did you mean ...", or what there is.
[[noreturn]] void refuse_name(const Place& place, const std::string& what, const std::string& name,
                              const std::vector<std::string>& known) {
  const std::string near = did_you_mean(name, known);
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  place.fail(what + (!near.empty()   ? near
                     : known.empty() ? "; it has none"
                                     : ", must be one of " + list));
}

std::vector<std::string> known_options(const Population& population) {
  if (population.model == "spike_source_events") return encoding::events_options();
  if (population.model == "spike_source_encoded") return encoding::encoded_options(population);
  return {};
}

/// Reads {"NAME": value} against a model's table; without a table every name passes.
void read_table(const Loading& loading, const Place& place, const std::vector<FieldInfo>* table,
                const Population& population, std::map<std::string, Value>& out) {
  for (const auto& [name, value] : place.object()) {
    const Place field = place.inside(name, value);
    ValueRule rule;
    rule.length = population.size;
    if (table) {
      const int index = find_field(*table, name);
      const auto options = known_options(population);
      if (index < 0 && std::find(options.begin(), options.end(), name) != options.end())
        field.fail(fmt::format("{} takes it as one of its \"options\"", population.model));
      if (index < 0)
        refuse_name(field, population.model + " has no such field", name, names_of(*table));
      rule.unit = (*table)[static_cast<std::size_t>(index)].unit;
      rule.range = (*table)[static_cast<std::size_t>(index)].range;
    }
    out[name] = read_value(loading, field, rule);
  }
}

/// Parameters of a published set; those given beside it take their place.
void read_preset(const Loading& loading, const Place& place, Population& population) {
  const std::string& name = place.text();
  if (!loading.catalogue)
    place.fail(fmt::format("\"{}\", presets need the catalogue of models", name),
               ErrorKind::unsupported);
  const NeuronModel* model = loading.neuron_model(population);
  if (!model || model->presets.empty())
    place.fail(fmt::format("\"{}\", {} has no presets", name, population.model), ErrorKind::parse);
  const auto found = model->presets.find(name);
  if (found == model->presets.end()) {
    std::vector<std::string> known;
    for (const auto& [preset, values] : model->presets) known.push_back(preset);
    place.fail_choice(known);
  }
  for (const auto& [field, value] : found->second) population.parameters.try_emplace(field, value);
}

void read_method(const Place& place, const NeuronModel& model, Population& population) {
  population.method = place.text();
  if (find_method(model, population.method)) return;
  std::vector<std::string> known;
  for (const Method& method : model.methods) known.emplace_back(method.name);
  if (known.size() == 1)
    place.fail(
        fmt::format("\"{}\", {} has one method: {}", population.method, model.name, known[0]));
  place.fail_choice(known);
}

}  // namespace

void check_together(const Place& place, const NeuronModel& model, const Population& population) {
  if (!model.check) return;
  bool arrays = false;
  for (const auto& [name, value] : population.parameters) {
    if (std::holds_alternative<Distribution>(value)) return;
    arrays = arrays || std::holds_alternative<Array>(value);
  }
  std::vector<double> row(model.parameters.size());
  const std::size_t n = arrays ? static_cast<std::size_t>(population.size) : 1;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      const auto given = population.parameters.find(model.parameters[k].name);
      if (given == population.parameters.end()) row[k] = model.parameters[k].default_value;
      else if (const double* one = std::get_if<double>(&given->second)) row[k] = *one;
      else row[k] = (*std::get<Array>(given->second))[i];
    }
    const std::string fault = model.check(row);
    if (!fault.empty()) place.fail(arrays ? fmt::format("neuron {}: {}", i, fault) : fault);
  }
}

namespace {

std::int64_t checked_length(const Place& place, std::int64_t size) {
  if (size > max_positions)
    place.fail(fmt::format("{} trains, must be at most {}", size, max_positions),
               ErrorKind::capacity);
  return size;
}

void read_spike_times(const Loading& loading, const Place& place, Population& population) {
  if (population.model != "spike_source_array")
    place.fail(fmt::format("only spike_source_array takes spike times, the model is \"{}\"",
                           population.model),
               ErrorKind::parse);
  if (place.value().is_object()) {
    population.spike_times = read_trains(loading, place, checked_length(place, population.size));
    return;
  }
  const Json::Array& trains = place.array();
  if (static_cast<std::int64_t>(trains.size()) != population.size)
    place.fail(fmt::format("{} trains, must be one a source: {}", trains.size(), population.size));
  for (std::size_t i = 0; i < trains.size(); ++i) {
    const Place train = place.inside(i);
    std::vector<double> times = train.numbers();
    for (std::size_t k = 0; k < times.size(); ++k) {
      if (!(times[k] > 0 && times[k] < max_ms))
        train.inside(k).fail(fmt::format("{} ms, must be > 0 and below {:g} ms", times[k], max_ms));
    }
    population.spike_times.push_back(std::move(times));
  }
}

void read_options(const Place& place, Population& population) {
  for (const auto& [key, value] : place.object())
    population.options[key] = value.is_number() || value.is_bool()
                                  ? to_compact_text(value)
                                  : place.inside(key, value).text();
  const auto known = known_options(population);
  for (const auto& [key, value] : place.object())
    if (std::find(known.begin(), known.end(), key) == known.end())
      refuse_name(place.inside(key, value), population.model + " has no such option", key, known);
}

void read_source_fields(const Loading& loading, const Fields& fields, Population& population) {
  for (const char* key : {"spike_times", "values", "file", "options"})
    if (fields.has(key) && !is_source(population))
      fields.need(key).fail(
          fmt::format("only spike sources take it, the model is \"{}\"", population.model),
          ErrorKind::parse);
  for (const char* key : {"initial", "method", "advance", "precision"})
    if (fields.has(key) && is_source(population))
      fields.need(key).fail("a spike source has no state to move", ErrorKind::parse);
  if (population.model == "spike_source_array") fields.need("spike_times");
  if (population.model == "spike_source_encoded") fields.need("values");
  if (const auto times = fields.find("spike_times")) read_spike_times(loading, *times, population);
  if (const auto values = fields.find("values")) {
    if (population.model != "spike_source_encoded")
      values->fail(fmt::format("only spike_source_encoded takes values, the model is \"{}\"",
                               population.model),
                   ErrorKind::parse);
    population.values = read_samples(loading, *values);
  }
  if (const auto file = fields.find("file")) {
    population.file = file->text();
    if (population.file != "-") loading.input(*file);
  } else if (population.model == "spike_source_stream") {
    fields.need("file");
  }
  if (const auto options = fields.find("options")) read_options(*options, population);
}

void read_how(const Loading& loading, const Fields& fields, Population& population) {
  const NeuronModel* model = loading.neuron_model(population);
  if (const auto method = fields.find("method")) {
    population.method = method->text();
    if (model) read_method(*method, *model, population);
  }
  if (const auto advance = fields.find("advance")) {
    population.advance = advance->choice<Advance>(
        {{"clocked", Advance::clocked}, {"event", Advance::event}, {"auto", Advance::automatic}});
    if (model && population.advance == Advance::event && !model->make_event)
      advance->fail(fmt::format("{} has no event-driven form, must be clocked", population.model),
                    ErrorKind::unsupported);
    if (model && population.advance == Advance::clocked && !model->make_clocked)
      advance->fail(fmt::format("{} has no clocked form, must be event", population.model),
                    ErrorKind::unsupported);
  }
  if (const auto precision = fields.find("precision"))
    population.precision = precision->choice<Precision>({{"auto", Precision::automatic},
                                                         {"single", Precision::single_},
                                                         {"double", Precision::double_}});
  const Method* method = model ? find_method(*model, population.method) : nullptr;
  if (method && method->scheme == Scheme::adaptive && population.precision == Precision::single_)
    fields.need("precision")
        .fail(fmt::format("\"single\", method {} computes in double", method->name));
}

}  // namespace

void read_population(Loading& loading, const Place& place, const std::string& name) {
  const Fields fields(place, population_fields);
  Population population;
  population.name = name;
  population.model = fields.need("model").text();
  population.size = fields.need("size").integer(1, max_size);
  check_model(loading, fields.need("model"), population);
  const NeuronModel* model = loading.neuron_model(population);
  const SourceModel* source =
      loading.catalogue ? loading.catalogue->find_source(population.model) : nullptr;
  const std::vector<FieldInfo>* parameters = model    ? &model->parameters
                                             : source ? &source->parameters
                                                      : nullptr;
  const auto given = fields.find("parameters");
  if (given) read_table(loading, *given, parameters, population, population.parameters);
  if (const auto preset = fields.find("preset")) read_preset(loading, *preset, population);
  if (given && model) check_together(*given, *model, population);
  read_source_fields(loading, fields, population);
  if (source && source->check) {
    const std::string fault = source->check(population);
    if (!fault.empty()) place.fail(fault);
  }
  if (const auto initial = fields.find("initial"))
    read_table(loading, *initial, model ? &model->state : nullptr, population, population.initial);
  read_how(loading, fields, population);
  loading.network().populations.push_back(std::move(population));
  if (const auto positions = fields.find("positions"))
    read_positions(loading, *positions, loading.network().populations.size() - 1);
}

namespace {

Position read_point(const Place& place) {
  const std::vector<double> x = place.numbers();
  if (x.empty() || x.size() > 3)
    place.fail(fmt::format("{} coordinates, must be 1 to 3 (um)", x.size()));
  Position point{};
  std::copy(x.begin(), x.end(), point.begin());
  return point;
}

std::vector<Position> grid_positions(const Fields& fields, std::int64_t size) {
  const Place grid = fields.need("grid");
  std::array<std::int64_t, 3> n{1, 1, 1};
  if (grid.array().empty() || grid.array().size() > 3)
    grid.fail(fmt::format("{} extents, must be 1 to 3", grid.array().size()));
  std::int64_t product = 1;
  for (std::size_t axis = 0; axis < grid.array().size(); ++axis) {
    n[axis] = grid.inside(axis).integer(1, max_elements);
    product = product > max_size / n[axis] ? max_size + 1 : product * n[axis];
  }
  if (product != size)
    grid.fail(fmt::format("{} points, must be the population's size {}", product, size));
  Position spacing{1, 1, 1};
  if (const auto given = fields.find("spacing")) spacing = read_point(*given);
  std::vector<Position> points;
  points.reserve(static_cast<std::size_t>(size));
  for (std::int64_t z = 0; z < n[2]; ++z)
    for (std::int64_t y = 0; y < n[1]; ++y)
      for (std::int64_t x = 0; x < n[0]; ++x)
        points.push_back({spacing[0] * static_cast<double>(x), spacing[1] * static_cast<double>(y),
                          spacing[2] * static_cast<double>(z)});
  return points;
}

std::vector<Position> random_positions(const Place& box, std::int64_t size, RandomKey key) {
  if (box.array().size() != 2)
    box.fail("must be two corners [[x0, y0, z0], [x1, y1, z1]]", ErrorKind::parse);
  const Position low = read_point(box.inside(std::size_t{0})),
                 high = read_point(box.inside(std::size_t{1}));
  std::vector<Position> points(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (low[axis] > high[axis])
        box.fail(fmt::format("first corner {} um above the second {} um", low[axis], high[axis]));
      points[i][axis] =
          low[axis] + (high[axis] - low[axis]) * to_uniform(random_bits(key, i, axis));
    }
  return points;
}

}  // namespace

void read_positions(Loading& loading, const Place& place, std::size_t index) {
  Population& population = loading.network().populations[index];
  if (population.size > max_positions)
    place.fail(fmt::format("{} positions, must be at most {}", population.size, max_positions),
               ErrorKind::capacity);
  if (place.value().is_object() && !place.value().find("file")) {
    const Fields fields(place, {"grid", "spacing", "random_in"});
    if (fields.has("grid")) {
      if (fields.has("random_in"))
        fields.need("random_in").fail("either grid or random_in, not both", ErrorKind::parse);
      population.positions = grid_positions(fields, population.size);
      return;
    }
    if (fields.has("spacing")) fields.need("spacing").fail("belongs to a grid", ErrorKind::parse);
    population.positions =
        random_positions(fields.need("random_in"), population.size,
                         derive_key(loading.document.run.seed, Stream::position, index));
    return;
  }
  std::vector<Position> points;
  if (place.value().is_array()) {
    for (std::size_t i = 0; i < place.array().size(); ++i)
      points.push_back(read_point(place.inside(i)));
  } else {
    const std::vector<double> flat = read_numbers(loading, place);
    for (std::size_t i = 0; i + 2 < flat.size(); i += 3)
      points.push_back({flat[i], flat[i + 1], flat[i + 2]});
    if (flat.size() % 3 != 0)
      place.fail(fmt::format("{} numbers, must be three a neuron", flat.size()));
  }
  if (static_cast<std::int64_t>(points.size()) != population.size)
    place.fail(
        fmt::format("{} positions, must be one a neuron: {}", points.size(), population.size));
  population.positions = std::move(points);
}

void read_populations(Loading& loading, const Place& place) {
  std::int64_t total = 0;
  for (const auto& [name, value] : place.object()) {
    const Place inside = place.inside(name, value);
    if (name.empty() || name.find('/') != std::string::npos)
      inside.fail("a population's name must have one or more characters and no /",
                  ErrorKind::parse);
    read_population(loading, inside, name);
    total += loading.network().populations.back().size;
    if (total > max_size)
      inside.fail(fmt::format("{} neurons in all, must be at most {}", total, max_size));
  }
  if (loading.network().populations.empty())
    place.fail("empty, must hold one or more populations", ErrorKind::parse);
}

}  // namespace ranvier::app
