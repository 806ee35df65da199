// Network: the description that every front end makes and every back end reads. It knows no rank,
// thread or chip, names no file format, and owns nothing but data. core/network.cpp checks what can
// be checked without building it.
//
// Units are PyNN's closed set: ms, mV, nA, nF, uS, Hz. Weights are in the unit of the target's
// receptor (nA for current synapses, uS for conductances, mV for delta synapses).
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/time.h"

namespace ranvier {

using Gid = std::uint64_t;  ///< number of a neuron or source in the whole network; 48 bits are used

/// Values given one by one; shared so that copying a description is cheap.
using Array = std::shared_ptr<const std::vector<double>>;

/// A probability law. `a`, `b`: normal (mean, standard deviation), uniform (low, high), lognormal
/// (mu, sigma of the logarithm), exponential (mean, unused). Values outside [low, high] are clipped
/// to it or drawn again.
struct Distribution {
  enum class Kind { normal, uniform, lognormal, exponential };
  enum class Bounds { clip, redraw };
  Kind kind = Kind::normal;
  double a = 0;
  double b = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  Bounds bounds = Bounds::redraw;
  bool operator==(const Distribution&) const = default;
};

/// A function of the distance d between source and target positions, clipped to [low, high]:
/// linear: a + b d;  exponential: a exp(-d / b);  gaussian: a exp(-d^2 / (2 b^2)).
struct DistanceFunction {
  enum class Kind { linear, exponential, gaussian };
  Kind kind = Kind::linear;
  double a = 0;
  double b = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool operator==(const DistanceFunction&) const = default;
};

/// One value, one per element, a law, or (weights, delays and probabilities only) a function of
/// distance.
using Value = std::variant<double, Array, Distribution, DistanceFunction>;

/// Whether they are given alike: arrays by what they hold.
bool same_values(const Value& a, const Value& b);

using Position = std::array<double, 3>;  ///< in micrometres

/// How a population is moved: on the grid, event by event, or as the document suggests.
enum class Advance { clocked, event, automatic };
enum class Precision { automatic, single_, double_ };  ///< of a clocked population's state
enum class Storage { automatic, compact, exact };      ///< of weights and sums

/// Neurons of one model, or spike sources (model names that start with "spike_source_").
struct Population {
  std::string name;
  std::string model;
  std::int64_t size = 0;
  std::map<std::string, Value> parameters;  ///< missing ones take the model's default
  std::map<std::string, Value>
      initial;  ///< state variables; missing ones take the model's initial state
  /// Data of a source that are not numbers per neuron: {"spike_times": one array a neuron (ms)}.
  std::vector<std::vector<double>> spike_times;
  Array values;                                ///< of a source that encodes numbers, row-major
  std::string file;                            ///< of a file or stream source (path as given)
  std::map<std::string, std::string> options;  ///< text options of a source (e.g. format)
  std::vector<Position> positions;             ///< empty, or one a neuron
  std::string method;  ///< of integration, by name; empty: the model's default
  Advance advance = Advance::clocked;
  Precision precision = Precision::automatic;
};

/// How sources and targets of a projection are paired. Which fields count depends on `rule`.
struct Connector {
  enum class Rule {
    all_to_all,
    one_to_one,
    fixed_probability,
    fixed_indegree,
    fixed_outdegree,
    fixed_total_number,
    list,
    distance_dependent,
    small_world
  };
  Rule rule = Rule::all_to_all;
  double probability = 0;     ///< fixed_probability
  std::int64_t number = 0;    ///< degree or total; small_world: neighbours in the ring (even)
  double rewiring = 0;        ///< small_world: probability that an edge is rewired
  DistanceFunction distance;  ///< distance_dependent: probability as a function of distance
  bool self_connections =
      true;  ///< a neuron may be connected to itself (source population = target population)
  bool multiple_connections =
      true;  ///< a pair may be connected more than once (degree and total rules)
  bool procedural =
      false;  ///< rows are drawn again when their source spikes, not stored (draws_by_source)
  /// list: indices in source and target population, in the order that weight and delay arrays
  /// follow.
  std::shared_ptr<const std::vector<std::uint32_t>> sources, targets;
};

/// Synapses from one population to another.
struct Projection {
  std::string name;
  std::string source, target;  ///< population names
  Connector connector;
  std::string synapse = "static";              ///< or the name of a rule (core/plasticity.h)
  std::map<std::string, Value> parameters;     ///< of the rule; missing ones take its defaults
  std::map<std::string, std::string> options;  ///< of the rule: parameters that are words
  Value weight = 1.0;
  Value delay = 1.0;     ///< ms, > 0
  std::string receptor;  ///< empty: the model's first ("excitatory") or, for weights < 0, second
  /// Number under which its synapses are drawn; none: its position among the projections.
  std::optional<std::int64_t> stream{};
};

/// An input that is no spike traffic: evaluated where the target neuron lives.
struct Stimulus {
  enum class Type { poisson, dc, step, ac, noise };
  std::string name;
  Type type = Type::dc;
  std::string target;                 ///< population
  std::vector<std::int64_t> neurons;  ///< indices in it; empty: all
  double start = 0;                   ///< ms
  double stop = std::numeric_limits<double>::infinity();
  // poisson: an independent train for every neuron; piecewise constant when `times` is not empty
  Value rate = 0.0;  ///< Hz (of all its lines together)
  double weight = 0;
  std::string receptor;
  // currents, nA
  Value amplitude = 0.0;  ///< dc; ac amplitude
  std::vector<double> times,
      values;  ///< step: amplitude values[i] from times[i] on (ms); poisson: rates from times[i] on
  double offset = 0, frequency = 0, phase = 0;  ///< ac: offset + amplitude sin(2 pi frequency (t -
                                                ///< start) + phase): nA, Hz, degrees
  double mean = 0, stdev = 0, interval = 0;     ///< noise: normal, held for `interval` ms (0: dt)
};

/// What is recorded: of a population, or of the synapses of a projection with a rule. Spikes of a
/// population are one probe with variable "spikes".
struct Probe {
  std::string population;
  std::vector<std::string> variables;  ///< "spikes", the model's state; "weight", the rule's state
  std::vector<std::int64_t> neurons;   ///< indices; empty: all
  double interval = 0;                 ///< ms between samples of variables; 0: dt
  std::string projection{};            ///< instead of a population
};

/// How long, on which grid and with which random numbers a network runs.
struct RunSettings {
  double duration = 1000;  ///< ms
  double dt = 0.1;         ///< ms; the grid of clocked populations and of delays
  std::uint64_t seed = 1;
  Storage storage = Storage::automatic;
};

/// The whole description.
struct Network {
  std::vector<Population>
      populations;  ///< in document order: gids are numbered in this order, without gaps
  std::vector<Projection> projections;
  std::vector<Stimulus> stimuli;
  std::vector<Probe> probes;  ///< none on populations: the spikes of every neuron population are
                              ///< recorded

  /// Position of a projection in `projections`. Throws Error(range) naming the near ones.
  std::size_t find_projection(const std::string& projection) const;
  /// Position of a population in `populations`. Throws Error(range) naming the near ones.
  std::size_t find(const std::string& population) const;
};

/// What can be checked of a description without knowing its models: sizes, names, indices, finite
/// numbers, dt and duration. Throws Error(range) that names the part, the field, the value and what
/// is accepted.
void check(const Network& network, const RunSettings& run);
/// The same for one stimulus.
/// \param dt  ms
void check_stimulus(const Network& network, std::size_t stimulus, double dt);
/// What is wrong with an interval between samples; empty where it is a whole number of steps.
/// \param ms, dt  ms; dt > 0
std::string fault_of_interval(double ms, double dt);

}  // namespace ranvier
