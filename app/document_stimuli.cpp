// Stimuli and probes of a network document.
#include "app/document_parts.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/rule_variables.h"

namespace ranvier::app {
namespace {

const std::vector<std::string> common = {"type", "name", "target", "neurons", "start", "stop"};

/// The fields that count for a type, beside the common ones.
std::vector<std::string> fields_of(Stimulus::Type type) {
  switch (type) {
    case Stimulus::Type::poisson:
      return {"rate", "times", "values", "weight", "receptor"};
    case Stimulus::Type::dc:
      return {"amplitude"};
    case Stimulus::Type::step:
      return {"times", "values"};
    case Stimulus::Type::ac:
      return {"amplitude", "offset", "frequency", "phase"};
    case Stimulus::Type::noise:
      return {"mean", "stdev", "interval"};
  }
  return {};
}

double time_of(const Fields& fields, const char* key, double otherwise) {
  const auto given = fields.find(key);
  if (!given) return otherwise;
  const double time = given->number();
  if (!(time >= 0 && time < max_ms))
    given->fail(fmt::format("{} ms, must lie in [0, {:g})", time, max_ms));
  return time;
}

/// times and values of a piecewise constant course: as many of each, times rising.
void read_course(const Loading& loading, const Fields& fields, const ValueRule& rule,
                 Stimulus& stimulus) {
  const Place times = fields.need("times"), values = fields.need("values");
  stimulus.times = read_numbers(loading, times);
  stimulus.values = read_numbers(loading, values);
  if (stimulus.times.empty()) times.fail("empty, must hold one or more times");
  if (stimulus.times.size() != stimulus.values.size())
    values.fail(fmt::format("{} values, must be one a time: {}", stimulus.values.size(),
                            stimulus.times.size()));
  for (std::size_t i = 0; i < stimulus.times.size(); ++i) {
    const Place time = times.value().is_array() ? times.inside(i) : times;
    if (!(stimulus.times[i] >= 0 && stimulus.times[i] < max_ms))
      time.fail(fmt::format("{} ms, must lie in [0, {:g})", stimulus.times[i], max_ms));
    if (i > 0 && stimulus.times[i] <= stimulus.times[i - 1])
      time.fail(fmt::format("{} ms after {} ms, times must rise", stimulus.times[i],
                            stimulus.times[i - 1]));
    check_number(values.value().is_array() ? values.inside(i) : values, stimulus.values[i], rule);
  }
}

void read_poisson(const Loading& loading, const Fields& fields, const Population& target,
                  Stimulus& stimulus) {
  const ValueRule rule{.unit = "Hz", .range = Range::not_negative, .length = target.size};
  if (fields.has("times") || fields.has("values")) {
    if (fields.has("rate"))
      fields.need("rate").fail("either a rate, or times and values (Hz)", ErrorKind::parse);
    read_course(loading, fields, rule, stimulus);
  } else {
    stimulus.rate = read_value(loading, fields.need("rate"), rule);
  }
  const Place weight = fields.need("weight");
  stimulus.weight = weight.number();
  if (const auto receptor = fields.find("receptor"))
    stimulus.receptor = read_receptor(loading, *receptor, target);
  check_number(weight, stimulus.weight, weight_rule(loading, target, stimulus.receptor));
}

void read_noise(const Fields& fields, double dt, Stimulus& stimulus) {
  if (const auto mean = fields.find("mean"))
    check_number(*mean, stimulus.mean = mean->number(), {.unit = "nA"});
  stimulus.stdev = fields.need("stdev").number();
  check_number(fields.need("stdev"), stimulus.stdev, {.unit = "nA", .range = Range::not_negative});
  stimulus.interval = time_of(fields, "interval", 0);
  if (stimulus.interval > 0 && from_ms(stimulus.interval) < from_ms(dt))
    fields.need("interval")
        .fail(fmt::format("{} ms, must be 0 or at least dt = {} ms", stimulus.interval, dt));
}

}  // namespace

void read_stimulus(Loading& loading, const Place& place) {
  using Type = Stimulus::Type;
  std::vector<std::string> any = common;
  for (const Type each : {Type::poisson, Type::dc, Type::step, Type::ac, Type::noise})
    any = with_names(std::move(any), fields_of(each));
  Stimulus stimulus;
  const Json* type = place.value().find("type");
  stimulus.type = (type ? place.inside("type", *type) : Fields(place, any).need("type"))
                      .choice<Type>({{"poisson", Type::poisson},
                                     {"dc", Type::dc},
                                     {"step", Type::step},
                                     {"ac", Type::ac},
                                     {"noise", Type::noise}});
  const Fields fields = fields_of_form(place, with_names(common, fields_of(stimulus.type)), any);
  stimulus.name = fields.text("name", "");
  const Population& target =
      loading.network().populations[loading.population(fields.need("target"))];
  stimulus.target = target.name;
  if (is_source(target))
    fields.need("target").fail(
        fmt::format("\"{}\" is a spike source and takes no input", target.name));
  if (const auto neurons = fields.find("neurons")) {
    stimulus.neurons = read_indices(loading, *neurons, target.size);
    if (stimulus.neurons.empty()) neurons->fail("empty; leave it out to mean every neuron");
  }
  stimulus.start = time_of(fields, "start", 0);
  stimulus.stop = time_of(fields, "stop", std::numeric_limits<double>::infinity());
  if (stimulus.stop < stimulus.start)
    fields.need("stop").fail(
        fmt::format("{} ms, must be at least start = {} ms", stimulus.stop, stimulus.start));
  const ValueRule current{.unit = "nA", .length = target.size};
  if (stimulus.type == Type::poisson) read_poisson(loading, fields, target, stimulus);
  if (stimulus.type == Type::dc || stimulus.type == Type::ac)
    stimulus.amplitude = read_value(loading, fields.need("amplitude"), current);
  if (stimulus.type == Type::step) read_course(loading, fields, current, stimulus);
  if (stimulus.type == Type::ac) {
    if (const auto offset = fields.find("offset"))
      check_number(*offset, stimulus.offset = offset->number(), current);
    stimulus.frequency = fields.need("frequency").number();
    check_number(fields.need("frequency"), stimulus.frequency,
                 {.unit = "Hz", .range = Range::not_negative});
    stimulus.phase = fields.number("phase", 0);
  }
  if (stimulus.type == Type::noise) read_noise(fields, loading.document.run.dt, stimulus);
  loading.network().stimuli.push_back(std::move(stimulus));
}

namespace {

/// What can be recorded of a projection's synapses; empty where rules are not known.
std::vector<std::string> recorded_of(const Loading& loading, const Projection& projection) {
  const SynapseRule* rule =
      loading.catalogue ? loading.catalogue->find_rule(projection.synapse) : nullptr;
  if (!rule) return {};
  std::vector<std::string> known = variable_names(*rule);
  known.insert(known.begin(), "weight");
  return known;
}

double read_interval(const Loading& loading, const Place& place) {
  const double ms = place.number();
  const std::string fault = fault_of_interval(ms, loading.document.run.dt);
  if (!fault.empty()) place.fail(fault);
  return ms;
}

/// A probe on the synapses of a projection.
void read_synapse_probe(Loading& loading, const Place& place) {
  const Fields fields(place, {"projection", "variables", "interval"}, Fields::Answer::all);
  Probe probe;
  const Place name = fields.need("projection");
  std::vector<std::string> known;
  const Projection* found = nullptr;
  for (const Projection& p : loading.network().projections) {
    known.push_back(p.name);
    if (p.name == name.text()) found = &p;
  }
  if (!found)
    name.fail(fmt::format("there is no projection \"{}\"{}", name.text(),
                          did_you_mean(name.text(), known)));
  if (found->synapse == "static")
    name.fail(fmt::format("\"{}\" has static synapses, whose weights do not change", found->name));
  probe.projection = found->name;
  if (const auto variables = fields.find("variables")) {
    const std::vector<std::string> recorded = recorded_of(loading, *found);
    for (std::size_t i = 0; i < variables->array().size(); ++i) {
      const Place variable = variables->inside(i);
      const std::string& text = variable.text();
      if (!recorded.empty() && std::find(recorded.begin(), recorded.end(), text) == recorded.end())
        variable.fail_choice(recorded);
      if (std::find(probe.variables.begin(), probe.variables.end(), text) != probe.variables.end())
        variable.fail(fmt::format("\"{}\", named twice", text));
      probe.variables.push_back(text);
    }
    if (probe.variables.empty())
      variables->fail(fmt::format("empty, must name one or more of {}", fmt::join(recorded, ", ")));
  } else {
    probe.variables = {"weight"};
  }
  probe.interval = read_interval(loading, fields.need("interval"));
  loading.network().probes.push_back(std::move(probe));
}

}  // namespace

void read_probe(Loading& loading, const Place& place) {
  if (place.value().is_object() && place.value().find("projection"))
    return read_synapse_probe(loading, place);
  const Fields fields(place, {"population", "variables", "neurons", "interval"});
  Probe probe;
  const Population& population =
      loading.network().populations[loading.population(fields.need("population"))];
  probe.population = population.name;
  const Place variables = fields.need("variables");
  std::vector<std::string> known{"spikes"};
  const NeuronModel* model = loading.neuron_model(population);
  if (model)
    for (const FieldInfo& field : model->state) known.push_back(field.name);
  for (std::size_t i = 0; i < variables.array().size(); ++i) {
    const Place variable = variables.inside(i);
    const std::string& name = variable.text();
    if ((model || is_source(population)) &&
        std::find(known.begin(), known.end(), name) == known.end())
      variable.fail_choice(known);
    if (std::find(probe.variables.begin(), probe.variables.end(), name) != probe.variables.end())
      variable.fail(fmt::format("\"{}\", named twice", name));
    probe.variables.push_back(name);
  }
  if (probe.variables.empty())
    variables.fail(fmt::format("empty, must name one or more of {}", fmt::join(known, ", ")));
  if (probe.variables == std::vector<std::string>{"spikes"})
    for (const char* key : {"neurons", "interval"})
      if (const auto given = fields.find(key))
        given->fail(
            "has no effect on spikes, which are recorded of every neuron at their own "
            "times: it is for a variable that is sampled");
  if (const auto neurons = fields.find("neurons")) {
    probe.neurons = read_indices(loading, *neurons, population.size);
    if (probe.neurons.empty()) neurons->fail("empty; leave it out to mean every neuron");
  }
  if (const auto interval = fields.find("interval"); interval && interval->number() != 0)
    probe.interval = read_interval(loading, *interval);
  loading.network().probes.push_back(std::move(probe));
}

void read_stimuli(Loading& loading, const Place& place) {
  for (std::size_t i = 0; i < place.array().size(); ++i) read_stimulus(loading, place.inside(i));
}

void read_probes(Loading& loading, const Place& place) {
  for (std::size_t i = 0; i < place.array().size(); ++i) read_probe(loading, place.inside(i));
}

}  // namespace ranvier::app
