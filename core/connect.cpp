#include "core/connect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/connect_rules.h"
#include "core/error.h"
#include "core/math.h"

namespace ranvier {
namespace {

using Rule = Connector::Rule;

Drawing make_drawing(const Network& network, std::size_t i, double dt) {
  const Projection& p = network.projections[i];
  Drawing d{};
  d.network = &network;
  d.projection = &p;
  d.sources = &network.populations[network.find(p.source)];
  d.targets = &network.populations[network.find(p.target)];
  d.n_sources = static_cast<std::uint32_t>(d.sources->size);
  d.n_targets = static_cast<std::uint32_t>(d.targets->size);
  d.end = d.n_targets;
  d.no_self = !p.connector.self_connections && d.sources == d.targets;
  d.dt = dt;
  return d;
}

[[noreturn]] void refuse(const Projection& p, const std::string& what) {
  throw Error(ErrorKind::range, fmt::format("projection \"{}\": {}", p.name, what));
}

/// Number of weights that an array has to hold, or -1 where the rule takes none.
std::int64_t array_length(const Drawing& d) {
  switch (d.projection->connector.rule) {
    case Rule::list: return static_cast<std::int64_t>(d.projection->connector.sources->size());
    case Rule::one_to_one: return d.n_sources;
    case Rule::all_to_all: return static_cast<std::int64_t>(d.n_sources) * d.n_targets;
    default: return -1;
  }
}

void check_array(const Drawing& d, const Value& value, const char* field) {
  const Array* array = std::get_if<Array>(&value);
  if (!array) return;
  const std::int64_t length = array_length(d);
  if (length < 0) refuse(*d.projection, fmt::format("{}: an array needs the rule list, one_to_one or all_to_all", field));
  if (static_cast<std::int64_t>((*array)->size()) != length)
    refuse(*d.projection, fmt::format("{}: {} values, must be {} (one a connection)", field, (*array)->size(), length));
}

void check_rule(const Drawing& d) {
  const Projection& p = *d.projection;
  const Connector& c = p.connector;
  const std::int64_t sources = d.n_sources, targets = d.n_targets;
  const std::int64_t allowed_sources = sources - (d.no_self ? 1 : 0), allowed_targets = targets - (d.no_self ? 1 : 0);
  switch (c.rule) {
    case Rule::one_to_one:
      if (sources != targets) refuse(p, fmt::format("rule one_to_one: source has {} neurons and target {}, must be equal", sources, targets));
      break;
    case Rule::small_world:
      if (sources != targets) refuse(p, fmt::format("rule small_world: source has {} neurons and target {}, must be equal", sources, targets));
      if (c.number % 2 != 0 || c.number < 0 || c.number >= targets)
        refuse(p, fmt::format("number: {}, must be even and below the population's size ({})", c.number, targets));
      break;
    case Rule::fixed_indegree:
      if (c.number > 0 && (allowed_sources < 1 || (!c.multiple_connections && c.number > allowed_sources)))
        refuse(p, fmt::format("number: {} sources a target, only {} may be connected", c.number, allowed_sources));
      break;
    case Rule::fixed_outdegree:
      if (c.number > 0 && (allowed_targets < 1 || (!c.multiple_connections && c.number > allowed_targets)))
        refuse(p, fmt::format("number: {} targets a source, only {} may be connected", c.number, allowed_targets));
      break;
    case Rule::fixed_total_number:
      if (c.number > 0 && (allowed_targets < 1 || sources < 1 || (!c.multiple_connections && c.number > sources * allowed_targets)))
        refuse(p, fmt::format("number: {} connections, only {} pairs may be connected", c.number, sources * allowed_targets));
      break;
    case Rule::list:
      for (std::size_t k = 0; k < c.sources->size(); ++k)
        if ((*c.sources)[k] >= sources || (*c.targets)[k] >= targets)
          refuse(p, fmt::format("connection {}: [{}, {}], indices must be below [{}, {}]", k, (*c.sources)[k], (*c.targets)[k], sources, targets));
      break;
    case Rule::all_to_all: case Rule::fixed_probability: case Rule::distance_dependent: break;
  }
  const bool by_distance = c.rule == Rule::distance_dependent || std::holds_alternative<DistanceFunction>(p.weight) ||
                           std::holds_alternative<DistanceFunction>(p.delay);
  if (by_distance && (d.sources->positions.empty() || d.targets->positions.empty()))
    refuse(p, "depends on distance, but its populations have no positions");
}

double expected(const Drawing& d) {
  const Connector& c = d.projection->connector;
  const double sources = d.n_sources, targets = d.n_targets;
  switch (c.rule) {
    case Rule::all_to_all: return sources * (targets - (d.no_self ? 1 : 0));
    case Rule::one_to_one: return sources;
    case Rule::fixed_probability: return sources * (targets - (d.no_self ? 1 : 0)) * c.probability;
    case Rule::fixed_indegree: return targets * static_cast<double>(c.number);
    case Rule::fixed_outdegree: case Rule::small_world: return sources * static_cast<double>(c.number);
    case Rule::fixed_total_number: return static_cast<double>(c.number);
    case Rule::list: return static_cast<double>(c.sources->size());
    case Rule::distance_dependent: break;
  }
  double sum = 0;  // a fixed sample of pairs
  constexpr int tries = 10'000;
  for (std::uint64_t k = 0; k < tries; ++k)
    sum += std::clamp(apply(c.distance, d.distance(static_cast<std::uint32_t>(below(hash_word(1, k), d.n_sources)),
                                                   static_cast<std::uint32_t>(below(hash_word(2, k), d.n_targets)))), 0.0, 1.0);
  return d.n_sources && d.n_targets ? sum / tries * sources * targets : 0;
}

double farthest(const Drawing& d) {
  double square = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    double low = 0, high = 0;
    bool first = true;
    for (const Population* p : {d.sources, d.targets})
      for (const Position& x : p->positions) {
        low = first ? x[axis] : std::min(low, x[axis]);
        high = first ? x[axis] : std::max(high, x[axis]);
        first = false;
      }
    square += (high - low) * (high - low);
  }
  return std::sqrt(square);
}

Bounds bounds(const Drawing& d, const Value& value) {
  if (const double* x = std::get_if<double>(&value)) return {*x, *x};
  if (const Distribution* law = std::get_if<Distribution>(&value)) return bounds_of(*law);
  if (const DistanceFunction* f = std::get_if<DistanceFunction>(&value)) {
    const double near = apply(*f, 0), far = apply(*f, farthest(d));
    return {std::min(near, far), std::max(near, far)};
  }
  const std::vector<double>& array = **std::get_if<Array>(&value);
  if (array.empty()) return {0, 0};
  const auto [low, high] = std::minmax_element(array.begin(), array.end());
  return {*low, *high};
}

std::int64_t count_rounded(const Value& value, double dt, double synapses) {
  const auto rounded = [dt](double ms) { return std::fabs(ms / dt - std::nearbyint(ms / dt)) > 1e-6; };
  if (const double* x = std::get_if<double>(&value)) return rounded(*x) ? static_cast<std::int64_t>(synapses) : 0;
  if (const Array* array = std::get_if<Array>(&value)) return std::count_if((*array)->begin(), (*array)->end(), rounded);
  return 0;
}

}  // namespace

double apply(const DistanceFunction& f, double distance) {
  double x = 0;
  switch (f.kind) {
    case DistanceFunction::Kind::linear: x = std::fma(f.b, distance, f.a); break;
    case DistanceFunction::Kind::exponential: x = f.a * math::exp(-distance / f.b); break;
    case DistanceFunction::Kind::gaussian: x = f.a * math::exp(-distance * distance / (2 * f.b * f.b)); break;
  }
  return std::clamp(x, f.low, f.high);
}

double Drawing::distance(std::uint32_t source, std::uint32_t target) const {
  const Position &a = sources->positions[source], &b = targets->positions[target];
  const double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
  return std::sqrt(x * x + y * y + z * z);
}

Synapse Drawing::synapse(std::uint32_t source, std::uint32_t target, std::uint64_t h, std::size_t given) const {
  const auto value = [&](const Value& v, std::uint64_t word) {
    if (const double* x = std::get_if<double>(&v)) return *x;
    if (const Distribution* law = std::get_if<Distribution>(&v)) return draw(*law, word);
    if (const DistanceFunction* f = std::get_if<DistanceFunction>(&v)) return apply(*f, distance(source, target));
    return (**std::get_if<Array>(&v))[given];
  };
  const std::uint64_t base = h ^ 0x5851F42D4C957F2DULL;
  return {target, steps(value(projection->delay, hash_word(base, 0))), value(projection->weight, hash_word(base, 1))};
}

ProjectionEstimate estimate(const Network& network, std::size_t projection, double dt) {
  const Drawing d = make_drawing(network, projection, dt);
  const Projection& p = *d.projection;
  if (d.sources->size > 0x7FFFFFFF || d.targets->size > 0x7FFFFFFF)
    throw Error(ErrorKind::capacity, fmt::format("projection \"{}\": populations of more than 2147483647 neurons cannot be connected", p.name));
  check_rule(d);
  check_array(d, p.weight, "weight");
  check_array(d, p.delay, "delay");
  ProjectionEstimate e;
  e.synapses = expected(d);
  const Bounds weight = bounds(d, p.weight), delay = bounds(d, p.delay);
  e.max_abs_weight = std::max(std::fabs(weight.low), std::fabs(weight.high));
  const bool given = std::holds_alternative<double>(p.delay) || std::holds_alternative<Array>(p.delay);
  if (given && delay.low < dt * (1 - 1e-9) && e.synapses > 0)
    refuse(p, fmt::format("delay: {} ms, must be at least dt ({} ms)", delay.low, dt));
  e.min_delay = d.steps(delay.low);
  e.max_delay = delay.high / dt < 4e9 ? d.steps(delay.high) : 0xFFFFFFFFu;
  e.rounded_delays = count_rounded(p.delay, dt, e.synapses);
  return e;
}

std::unique_ptr<Rows> make_rows(const Network& network, std::size_t projection, const RunSettings& run, std::uint32_t begin,
                                std::uint32_t end) {
  Drawing d = make_drawing(network, projection, run.dt);
  d.begin = begin;
  d.end = end;
  d.key = derive_key(run.seed, Stream::connect, projection);
  switch (d.projection->connector.rule) {
    case Rule::fixed_indegree: case Rule::fixed_outdegree: case Rule::fixed_total_number: return make_number_rows(d);
    default: return make_pair_rows(d);
  }
}

std::vector<double> evaluate(const Value& value, ValueRange range, RandomKey key) {
  std::vector<double> out(static_cast<std::size_t>(range.n));
  if (const double* x = std::get_if<double>(&value)) {
    std::fill(out.begin(), out.end(), *x);
  } else if (const Array* array = std::get_if<Array>(&value)) {
    if (static_cast<std::int64_t>((*array)->size()) != range.size)
      throw Error(ErrorKind::range, fmt::format("an array of {} values, must be {} (one a neuron)", (*array)->size(), range.size));
    std::copy_n((*array)->begin() + range.first, range.n, out.begin());
  } else if (const Distribution* law = std::get_if<Distribution>(&value)) {
    for (std::int64_t i = 0; i < range.n; ++i)
      out[static_cast<std::size_t>(i)] = draw(*law, random_bits(key, static_cast<std::uint64_t>(range.first + i), 0));
  } else {
    throw Error(ErrorKind::range, "a function of distance is accepted for weights, delays and probabilities only");
  }
  return out;
}

}  // namespace ranvier
