#include "core/connect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/connect_rules.h"
#include "core/error.h"
#include "core/math.h"

namespace ranvier {
namespace {

using Rule = Connector::Rule;

bool numbers_in_32_bits(Rule rule) {
  return rule == Rule::fixed_total_number || rule == Rule::small_world || rule == Rule::list ||
         rule == Rule::distance_dependent;
}

Drawing make_drawing(const Network& network, std::size_t i) {
  const Projection& p = network.projections[i];
  Drawing d{};
  d.network = &network;
  d.projection = &p;
  d.sources = &network.populations[network.find(p.source)];
  d.targets = &network.populations[network.find(p.target)];
  if ((numbers_in_32_bits(p.connector.rule) || p.synapse != "static") &&
      (d.sources->size > 0x7FFFFFFF || d.targets->size > 0x7FFFFFFF))
    throw Error(ErrorKind::capacity,
                fmt::format("projection \"{}\": populations of more than 2147483647 neurons cannot "
                            "be connected by this rule (static synapses by fixed_indegree, "
                            "fixed_outdegree, fixed_probability, one_to_one or all_to_all can)",
                            p.name));
  d.n_sources = static_cast<std::uint64_t>(d.sources->size);
  d.n_targets = static_cast<std::uint64_t>(d.targets->size);
  d.end = d.n_targets;
  d.block = targets_of_block(p.connector, d.n_sources, d.n_targets);
  d.no_self = !p.connector.self_connections && d.sources == d.targets;
  return d;
}

[[noreturn]] void refuse(const Projection& p, const std::string& what) {
  throw Error(ErrorKind::range, fmt::format("projection \"{}\": {}", p.name, what));
}

/// Number of weights that an array has to hold, or -1 where the rule takes none.
std::int64_t array_length(const Drawing& d) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  switch (d.projection->connector.rule) {
    case Rule::list:
      return static_cast<std::int64_t>(d.projection->connector.sources->size());
    case Rule::one_to_one:
      return d.sources->size;
    case Rule::all_to_all:
      return d.targets->size > 0 && d.sources->size > most / d.targets->size
                 ? most
                 : d.sources->size * d.targets->size;
    default:
      return -1;
  }
}

void check_array(const Drawing& d, const Value& value, const char* field) {
  const Array* array = std::get_if<Array>(&value);
  if (!array) return;
  const std::int64_t length = array_length(d);
  if (length < 0)
    refuse(*d.projection,
           fmt::format("{}: an array needs the rule list, one_to_one or all_to_all", field));
  if (static_cast<std::int64_t>((*array)->size()) != length)
    refuse(*d.projection, fmt::format("{}: {} values, must be {} (one a connection)", field,
                                      (*array)->size(), length));
}

void check_rule(const Drawing& d) {
  const Projection& p = *d.projection;
  const Connector& c = p.connector;
  const std::int64_t sources = d.sources->size, targets = d.targets->size;
  const std::int64_t allowed_sources = sources - (d.no_self ? 1 : 0),
                     allowed_targets = targets - (d.no_self ? 1 : 0);
  switch (c.rule) {
    case Rule::one_to_one:
      if (sources != targets)
        refuse(p, fmt::format("rule one_to_one: source has {} neurons and target {}, must be equal",
                              sources, targets));
      break;
    case Rule::small_world:
      if (sources != targets)
        refuse(p,
               fmt::format("rule small_world: source has {} neurons and target {}, must be equal",
                           sources, targets));
      if (c.number % 2 != 0 || c.number < 0 || c.number >= targets)
        refuse(p, fmt::format("number: {}, must be even and below the population's size ({})",
                              c.number, targets));
      break;
    case Rule::fixed_indegree:
      if (c.number > 0 &&
          (allowed_sources < 1 || (!c.multiple_connections && c.number > allowed_sources)))
        refuse(p, fmt::format("number: {} sources a target, only {} may be connected", c.number,
                              allowed_sources));
      break;
    case Rule::fixed_outdegree:
      if (c.number > 0 &&
          (allowed_targets < 1 || (!c.multiple_connections && c.number > allowed_targets)))
        refuse(p, fmt::format("number: {} targets a source, only {} may be connected", c.number,
                              allowed_targets));
      break;
    case Rule::fixed_total_number:
      if (c.number > 0 && (allowed_targets < 1 || sources < 1 ||
                           (!c.multiple_connections && c.number > sources * allowed_targets)))
        refuse(p, fmt::format("number: {} connections, only {} pairs may be connected", c.number,
                              sources * allowed_targets));
      break;
    case Rule::list:
      for (std::size_t k = 0; k < c.sources->size(); ++k)
        if ((*c.sources)[k] >= sources || (*c.targets)[k] >= targets)
          refuse(p, fmt::format("connection {}: [{}, {}], indices must be below [{}, {}]", k,
                                (*c.sources)[k], (*c.targets)[k], sources, targets));
      break;
    case Rule::all_to_all:
    case Rule::fixed_probability:
    case Rule::distance_dependent:
      break;
  }
  const bool by_distance = c.rule == Rule::distance_dependent ||
                           std::holds_alternative<DistanceFunction>(p.weight) ||
                           std::holds_alternative<DistanceFunction>(p.delay);
  if (by_distance && (d.sources->positions.empty() || d.targets->positions.empty()))
    refuse(p, "depends on distance, but its populations have no positions");
  if (c.rule != Rule::distance_dependent) return;
  try {
    check_function(c.distance, "probability", *d.sources, *d.targets);
  } catch (const Error& error) {
    refuse(p, error.what());
  }
}

double expected(const Drawing& d) {
  const Connector& c = d.projection->connector;
  const auto sources = static_cast<double>(d.n_sources), targets = static_cast<double>(d.n_targets);
  switch (c.rule) {
    case Rule::all_to_all:
      return sources * (targets - (d.no_self ? 1 : 0));
    case Rule::one_to_one:
      return d.no_self ? 0 : sources;
    case Rule::fixed_probability:
      return sources * (targets - (d.no_self ? 1 : 0)) * c.probability;
    case Rule::fixed_indegree:
      return targets * static_cast<double>(c.number);
    case Rule::fixed_outdegree:
    case Rule::small_world:
      return sources * static_cast<double>(c.number);
    case Rule::fixed_total_number:
      return static_cast<double>(c.number);
    case Rule::list:
      return static_cast<double>(c.sources->size());
    case Rule::distance_dependent:
      break;
  }
  double sum = 0;  // a fixed sample of pairs
  constexpr int tries = 10'000;
  for (std::uint64_t k = 0; k < tries; ++k)
    sum += std::clamp(apply(c.distance, d.distance(below(hash_word(1, k), d.n_sources),
                                                   below(hash_word(2, k), d.n_targets))),
                      0.0, 1.0);
  return d.n_sources && d.n_targets ? sum / tries * sources * targets : 0;
}

void check_procedural(const Projection& p) {
  if (!p.connector.procedural) return;
  if (!draws_by_source(p.connector))
    refuse(p,
           "procedural: needs a rule that is drawn source by source (all_to_all, one_to_one, "
           "fixed_probability, fixed_outdegree, distance_dependent, small_world, or "
           "fixed_total_number with multiple connections)");
  if (p.synapse != "static")
    refuse(p, fmt::format("procedural: synapses of \"{}\" have a state, which must be stored",
                          p.synapse));
}

/// Checks everything.
Drawing make_checked(const Network& network, std::size_t projection) {
  Drawing d = make_drawing(network, projection);
  check_rule(d);
  check_procedural(*d.projection);
  check_array(d, d.projection->weight, "weight");
  check_array(d, d.projection->delay, "delay");
  return d;
}

std::shared_ptr<const SynapseValues> compile(const Drawing& d, double dt) {
  try {
    return std::make_shared<SynapseValues>(*d.projection, *d.sources, *d.targets, dt);
  } catch (const Error& error) {
    throw Error(error.kind(),
                fmt::format("projection \"{}\": {}", d.projection->name, error.what()));
  }
}

}  // namespace

double apply(const DistanceFunction& f, double distance) {
  double x = 0;
  switch (f.kind) {
    case DistanceFunction::Kind::linear:
      x = std::fma(f.b, distance, f.a);
      break;
    case DistanceFunction::Kind::exponential:
      x = f.a * math::exp(-distance / f.b);
      break;
    case DistanceFunction::Kind::gaussian:
      x = f.a * math::exp(-distance * distance / (2 * f.b * f.b));
      break;
  }
  return std::clamp(x, f.low, f.high);
}

ProjectionEstimate estimate(const Network& network, std::size_t projection, double dt) {
  Drawing d = make_checked(network, projection);
  ProjectionEstimate e;
  e.values = d.values = compile(d, dt);
  e.synapses = expected(d);
  e.max_abs_weight = e.values->max_abs_weight;
  e.min_delay = e.values->min_delay;
  e.max_delay = e.values->max_delay;
  e.rounded_delays = e.values->rounded_delays;
  if (std::holds_alternative<double>(d.projection->delay) && e.rounded_delays > 0)
    e.rounded_delays = static_cast<std::int64_t>(e.synapses);
  return e;
}

std::uint64_t targets_of_block(const Connector& c, std::uint64_t n_sources,
                               std::uint64_t n_targets) {
  double partners = 0;  // of a source
  if (c.rule == Rule::fixed_probability) partners = c.probability * static_cast<double>(n_targets);
  else if (c.rule == Rule::fixed_outdegree) partners = static_cast<double>(c.number);
  else partners = static_cast<double>(c.number) / static_cast<double>(n_sources);
  std::uint64_t block = 1024;
  while (block < n_targets &&
         partners * static_cast<double>(block) < static_cast<double>(n_targets))
    block *= 2;
  return block;
}

std::unique_ptr<Rows> make_rows(const Network& network, std::size_t projection,
                                const RunSettings& run, const TargetRange& range,
                                std::shared_ptr<const SynapseValues> values) {
  // Who has the values of an estimate has had the projection checked.
  Drawing d = values ? make_drawing(network, projection) : make_checked(network, projection);
  d.values = values ? std::move(values) : compile(d, run.dt);
  d.begin = range.begin;
  d.end = range.end;
  d.key = derive_key(run.seed, Stream::connect,
                     static_cast<std::uint64_t>(
                         d.projection->stream.value_or(static_cast<std::int64_t>(projection))));
  d.placing = PlacedValues(*d.values, range);
  switch (d.projection->connector.rule) {
    case Rule::fixed_indegree:
    case Rule::fixed_outdegree:
    case Rule::fixed_total_number:
      return make_number_rows(d);
    default:
      return make_pair_rows(d);
  }
}

bool draws_by_source(const Connector& c) { return c.rule != Rule::list && !is_gathered(c); }

std::vector<double> evaluate(const Value& value, ValueRange range, RandomKey key) {
  std::vector<double> out(static_cast<std::size_t>(range.n));
  if (const double* x = std::get_if<double>(&value)) {
    std::fill(out.begin(), out.end(), *x);
  } else if (const Array* array = std::get_if<Array>(&value)) {
    if (static_cast<std::int64_t>((*array)->size()) != range.size)
      throw Error(ErrorKind::range, fmt::format("an array of {} values, must be {} (one a neuron)",
                                                (*array)->size(), range.size));
    std::copy_n((*array)->begin() + range.first, range.n, out.begin());
  } else if (const Distribution* law = std::get_if<Distribution>(&value)) {
    for (std::int64_t i = 0; i < range.n; ++i)
      out[static_cast<std::size_t>(i)] =
          draw(*law, random_bits(key, static_cast<std::uint64_t>(range.first + i), 0));
  } else {
    throw Error(ErrorKind::range,
                "a function of distance is accepted for weights, delays and probabilities only");
  }
  return out;
}

}  // namespace ranvier
