// What the readers of a document's parts share. Used by app/document*.cpp, and by what takes parts
// or times of the same form from elsewhere.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "app/document.h"
#include "core/json_reader.h"

namespace ranvier::app {

inline constexpr std::int64_t max_size = std::int64_t{1}
                                         << 48;  ///< neurons in all: 48 bits of a gid are used
inline constexpr std::int64_t max_elements = std::int64_t{1}
                                             << 31;       ///< of one array that is held in memory
inline constexpr std::int64_t max_positions = 100000000;  ///< of one population, held in memory
inline constexpr std::size_t long_array = 10000;  ///< longer ones are saved beside the document

/// Values that a front end holds already: a document made by calls refers to them as {"memory": i}.
struct MemoryArray {
  Array values;
  std::size_t columns = 1;  ///< row-major; 1: a plain list
};

/// The state of one loading.
struct Loading {
  Document& document;
  const Catalogue* catalogue;
  std::span<const MemoryArray> memory{};  ///< empty for documents from files and texts

  Network& network() const { return document.network; }
  /// The file that a document names, relative to its folder, to be read now. Throws Error(io) at
  /// `place` where there is none.
  std::filesystem::path file(const Place& place) const;
  /// The same of a file that a source reads as the run goes.
  std::filesystem::path input(const Place& place) const;
  /// The array that {"memory": i} refers to. Throws Error(range) at `place` where there is none.
  const MemoryArray& held(const Place& place) const;
  /// The index of the population that a text names; -1 is never returned. Throws Error(range) with
  /// the near name.
  std::size_t population(const Place& place) const;
  /// The neuron model of a population, or null (a source, or no catalogue).
  const NeuronModel* neuron_model(const Population& population) const;
};

/// Whether the population is one of spike sources (by the name of its model).
bool is_source(const Population& population);
/// Whether a value says where its array lies: {"file", ...} or {"memory"}.
bool refers_to_array(const Json& value);

/// The fields of an object that has one of several forms: `own` of this one, `any` of all. A field
/// of another form is answered with all of `own`, a misspelt one with the near one.
Fields fields_of_form(const Place& place, std::vector<std::string> own,
                      const std::vector<std::string>& any);
/// `names`, and those of `more` that are not among them.
std::vector<std::string> with_names(std::vector<std::string> names,
                                    const std::vector<std::string>& more);

/// What a value must be like.
struct ValueRule {
  std::string unit{};  ///< for messages; may be empty
  Range range = Range::any;
  std::int64_t length = -1;  ///< of an array; -1: any
  bool law = true;           ///< distributions are accepted
  bool distance = false;     ///< functions of distance are accepted
};

/// A value that fits the rule, and a function of distance. Throw Error(parse | range) at the place.
Value read_value(const Loading& loading, const Place& place, const ValueRule& rule);
DistanceFunction read_distance_function(const Place& place);
/// An array of numbers, in the document or as {"file", "dataset"}.
std::vector<double> read_numbers(const Loading& loading, const Place& place);
/// Numbers to encode: lists of lists of equal lengths, as deep as may be, {"file", "dataset"} of
/// HDF5, or {"file"} of .npy or .csv; row-major.
Array read_samples(const Loading& loading, const Place& place);
/// Whole numbers in [0, size), in the document or as {"file", "dataset"}.
std::vector<std::int64_t> read_indices(const Loading& loading, const Place& place,
                                       std::int64_t size);
/// Fails at `place` unless `value` lies in the range.
void check_number(const Place& place, double value, const ValueRule& rule);

/// Fails at `place` unless `ms`, as for a duration or dt, is a whole number of nanoseconds, > 0,
/// but for the rounding of doubles: 0.1 + 0.2 is.
/// \param largest  ms, of the times that it may be the difference of
void check_time(const Place& place, double ms, ErrorKind kind = ErrorKind::range,
                double largest = 0);
/// The run settings, as the document or the command line gives them.
void read_run(RunSettings& run, const Place& place, const Overrides& overrides);
/// The parts of a document, into the network being loaded; `population`: its index.
void read_populations(Loading& loading, const Place& place);
void read_population(Loading& loading, const Place& place, const std::string& name);
/// The model's own check of parameters against each other, for every distinct neuron. Laws are left
/// out: they are not drawn yet.
void check_together(const Place& place, const NeuronModel& model, const Population& population);
void read_positions(Loading& loading, const Place& place, std::size_t population);
void read_projections(Loading& loading, const Place& place);
void read_projection(Loading& loading, const Place& place);
/// Gives the projections without a name "SOURCE->TARGET", numbered where that is taken.
void name_projections(Network& network);
/// The populations that a projection joins.
struct Ends {
  const Population& source;
  const Population& target;
};
void read_connector(const Loading& loading, const Place& place, const Ends& ends,
                    Projection& projection);
/// How many values an array of one value a connection has, or -1 where the rule takes none.
std::int64_t values_of_connections(const Connector& connector, const Ends& ends);
/// A value of a connection; `rule.length`: of values_of_connections.
Value read_synapse_value(const Loading& loading, const Place& place, const ValueRule& rule);
/// The rule of a projection's synapses and its parameters; the connector has been read.
void read_synapse(const Loading& loading, const Place& place, const Ends& ends,
                  Projection& projection);
void read_stimuli(Loading& loading, const Place& place);
void read_stimulus(Loading& loading, const Place& place);
void read_probes(Loading& loading, const Place& place);
void read_probe(Loading& loading, const Place& place);

/// Connections with optional weights (receptor's unit) and delays (ms); the arrays are empty or as
/// long as `sources`.
struct ConnectionList {
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights, delays;
};
ConnectionList read_connections_csv(const Loading& loading, const Place& file,
                                    std::int64_t n_sources, std::int64_t n_targets);
ConnectionList read_connections_hdf5(const Loading& loading, const Fields& fields,
                                     std::int64_t n_sources, std::int64_t n_targets);
ConnectionList read_connections_sonata(const Loading& loading, const Fields& fields,
                                       std::int64_t n_sources, std::int64_t n_targets);
/// Spike times, ms, of each of `size` sources from a SONATA file: {"file", "population"}.
std::vector<std::vector<double>> read_trains(const Loading& loading, const Place& place,
                                             std::int64_t size);

/// The receptor of a target population that a text names. Throws Error(range) with the receptors of
/// its model.
std::string read_receptor(const Loading& loading, const Place& place, const Population& target);
/// What a weight into a receptor must be like; an empty name: the model's choice by the sign.
ValueRule weight_rule(const Loading& loading, const Population& target,
                      const std::string& receptor);

}  // namespace ranvier::app
