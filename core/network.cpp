#include "core/network.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/drive.h"
#include "core/error.h"
#include "core/titles.h"

namespace ranvier {
namespace {

constexpr std::int64_t max_size = std::int64_t{1} << 48;
constexpr double max_dt = 1000;  // ms: within a window times are kept in 32 bits of nanoseconds

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::range, where + ": " + what);
}

void check_values(const std::string& where, const Value& value) {
  const auto finite = [&](double x) {
    if (!std::isfinite(x)) refuse(where, fmt::format("{}, must be a finite number", x));
  };
  if (const double* x = std::get_if<double>(&value)) finite(*x);
  if (const Array* array = std::get_if<Array>(&value))
    for (const double x : **array) finite(x);
  if (const Distribution* law = std::get_if<Distribution>(&value)) {
    finite(law->a);
    finite(law->b);
    if (!(law->low <= law->high))
      refuse(where, fmt::format("low {} must not be above high {}", law->low, law->high));
    if (law->kind == Distribution::Kind::exponential && law->a <= 0)
      refuse(where, fmt::format("mean: {}, must be > 0", law->a));
    if (law->kind == Distribution::Kind::uniform && law->a > law->b)
      refuse(where, fmt::format("low {} must not be above high {}", law->a, law->b));
    if ((law->kind == Distribution::Kind::normal || law->kind == Distribution::Kind::lognormal) &&
        law->b < 0)
      refuse(where, fmt::format("standard deviation: {}, must be >= 0", law->b));
  }
  if (const DistanceFunction* f = std::get_if<DistanceFunction>(&value)) {
    finite(f->a);
    finite(f->b);
    if (f->kind != DistanceFunction::Kind::linear && f->b <= 0)
      refuse(where, fmt::format("b: {} um, must be > 0", f->b));
  }
}

void check_neurons(const std::string& where, const std::vector<std::int64_t>& neurons,
                   std::int64_t size) {
  for (const std::int64_t i : neurons)
    if (i < 0 || i >= size)
      refuse(where, fmt::format("neurons: index {}, must lie in [0, {})", i, size));
}

void check_population(const Population& p, std::set<std::string>& names) {
  const std::string where = fmt::format("population \"{}\"", p.name);
  if (p.name.empty()) refuse("population \"\"", "a name is missing");
  if (p.name.find('\0') != std::string::npos)
    refuse(fmt::format("population \"{}\"", p.name.c_str()),
           "a name must not hold the character 0, which ends it here");
  if (p.name.find('/') != std::string::npos) refuse(where, "a name must not hold \"/\"");
  if (p.name == ".") refuse(where, "a name must not be \".\", which HDF5 cannot take");
  if (!names.insert(p.name).second) refuse(where, "the name is taken by another population");
  if (p.size < 0 || p.size > max_size)
    refuse(where, fmt::format("size: {}, must lie in [0, {}]", p.size, max_size));
  for (const auto& [name, value] : p.parameters) check_values(where + ": " + name, value);
  for (const auto& [name, value] : p.initial) check_values(where + ": initial " + name, value);
  if (!p.positions.empty() && static_cast<std::int64_t>(p.positions.size()) != p.size)
    refuse(where, fmt::format("positions: {} of them, must be {} (one a neuron)",
                              p.positions.size(), p.size));
  for (std::size_t i = 0; i < p.positions.size(); ++i)
    for (const double x : p.positions[i])
      if (!std::isfinite(x))
        refuse(where, fmt::format("positions: neuron {} lies at {}, must be finite", i, x));
}

void check_projection(const Network& network, const Projection& p) {
  const std::string where = fmt::format("projection \"{}\"", p.name);
  network.find(p.source);
  network.find(p.target);
  check_values(where + ": weight", p.weight);
  check_values(where + ": delay", p.delay);
  const Connector& c = p.connector;
  if (!(c.probability >= 0 && c.probability <= 1))
    refuse(where, fmt::format("probability: {}, must lie in [0, 1]", c.probability));
  if (!(c.rewiring >= 0 && c.rewiring <= 1))
    refuse(where, fmt::format("rewiring: {}, must lie in [0, 1]", c.rewiring));
  if (c.number < 0 || c.number > max_size)
    refuse(where, fmt::format("number: {}, must lie in [0, {}]", c.number, max_size));
  check_values(where + ": probability",
               Value(c.distance.kind == DistanceFunction::Kind::linear ? Value(c.distance.a)
                                                                       : Value(c.distance)));
  if (c.rule == Connector::Rule::list &&
      (!c.sources || !c.targets || c.sources->size() != c.targets->size()))
    refuse(where, "connections: sources and targets must be lists of one length");
}

void check_probe(const Network& network, std::size_t i, double dt) {
  const Probe& probe = network.probes[i];
  const bool of_projection = !probe.projection.empty();
  const std::string where = title_of(probe, i);
  if (of_projection) network.find_projection(probe.projection);
  else
    check_neurons(where, probe.neurons, network.populations[network.find(probe.population)].size);
  if (probe.interval == 0 && !of_projection) return;
  if (const std::string fault = fault_of_interval(probe.interval, dt); !fault.empty())
    refuse(where, "interval: " + fault);
}

}  // namespace

std::string fault_of_interval(double ms, double dt) {
  const std::int64_t step = from_ms(dt).count();
  const std::int64_t every = ms > 0 && ms < max_ms ? from_ms(ms).count() : 0;
  if (every >= step && every % step == 0) return {};
  const std::int64_t below = std::max<std::int64_t>(every / step, 1) * step;
  return fmt::format("{} ms, must be a multiple of dt = {} ms, such as {} or {} ms", ms, dt,
                     to_ms(Time{below}), to_ms(Time{below + step}));
}

bool same_values(const Value& a, const Value& b) {
  const auto *one = std::get_if<Array>(&a), *other = std::get_if<Array>(&b);
  return one && other ? **one == **other : a == b;
}

void check_stimulus(const Network& network, std::size_t i, double dt) {
  const Stimulus& s = network.stimuli[i];
  const std::string where = title_of(s, i);
  check_neurons(where, s.neurons, network.populations[network.find(s.target)].size);
  if (!(s.start >= 0 && s.start < max_ms))
    refuse(where, fmt::format("start: {} ms, must lie in [0, {})", s.start, max_ms));
  if (!(s.stop >= s.start))
    refuse(where, fmt::format("stop: {} ms, must be at least start ({} ms)", s.stop, s.start));
  check_values(where + ": amplitude", s.amplitude);
  check_values(where + ": rate", s.rate);
  for (const double x : {s.weight, s.offset, s.frequency, s.phase, s.mean, s.stdev, s.interval})
    check_values(where, Value(x));
  if (s.times.size() != s.values.size())
    refuse(where, fmt::format("times has {} values and values {}, must be equal", s.times.size(),
                              s.values.size()));
  for (std::size_t k = 0; k < s.times.size(); ++k) {
    check_values(where + ": values", Value(s.values[k]));
    if (!(s.times[k] >= 0 && s.times[k] < max_ms) || (k > 0 && !(s.times[k] > s.times[k - 1])))
      refuse(where, fmt::format("times: {} ms, must be >= 0 and rise", s.times[k]));
  }
  if (s.type == Stimulus::Type::poisson) {
    const auto rate = [&](double hz) {
      if (!(hz >= 0 && hz * dt * 1e-3 <= max_poisson_mean))
        refuse(where, fmt::format("rate: {} Hz, must lie in [0, {:g}] ({} spikes a step of {} ms)",
                                  hz, max_poisson_mean * 1e3 / dt, max_poisson_mean, dt));
    };
    if (const double* hz = std::get_if<double>(&s.rate)) rate(*hz);
    if (const Array* array = std::get_if<Array>(&s.rate))
      for (const double hz : **array) rate(hz);
    for (const double hz : s.values) rate(hz);
  }
  if (s.stdev < 0) refuse(where, fmt::format("stdev: {} nA, must be >= 0", s.stdev));
  if (s.interval < 0) refuse(where, fmt::format("interval: {} ms, must be >= 0", s.interval));
}

std::size_t Network::find(const std::string& population) const {
  for (std::size_t i = 0; i < populations.size(); ++i)
    if (populations[i].name == population) return i;
  std::vector<std::string> names;
  for (const Population& p : populations) names.push_back(p.name);
  throw Error(ErrorKind::range, fmt::format("unknown population \"{}\"{}", population,
                                            did_you_mean(population, names)));
}

std::size_t Network::find_projection(const std::string& projection) const {
  for (std::size_t i = 0; i < projections.size(); ++i)
    if (projections[i].name == projection) return i;
  std::vector<std::string> names;
  for (const Projection& p : projections) names.push_back(p.name);
  throw Error(ErrorKind::range, fmt::format("unknown projection \"{}\"{}", projection,
                                            did_you_mean(projection, names)));
}

void check(const Network& network, const RunSettings& run) {
  if (!(run.dt >= 1e-6 && run.dt <= max_dt) ||
      std::fabs(run.dt * 1e6 - std::nearbyint(run.dt * 1e6)) > 1e-3)
    refuse(
        "run",
        fmt::format("dt: {} ms, must be a whole number of nanoseconds (1e-6 ms) and at most {} ms",
                    run.dt, max_dt));
  if (!(run.duration >= 0 && run.duration < max_ms))
    refuse("run", fmt::format("duration: {} ms, must lie in [0, {})", run.duration, max_ms));
  std::set<std::string> names;
  std::int64_t total = 0;
  for (const Population& p : network.populations) {
    check_population(p, names);
    total += p.size;
    if (total > max_size)
      refuse(fmt::format("population \"{}\"", p.name),
             fmt::format("the network has over {} neurons", max_size));
  }
  for (const Projection& p : network.projections) check_projection(network, p);
  for (std::size_t i = 0; i < network.stimuli.size(); ++i) check_stimulus(network, i, run.dt);
  for (std::size_t i = 0; i < network.probes.size(); ++i) check_probe(network, i, run.dt);
}

}  // namespace ranvier
