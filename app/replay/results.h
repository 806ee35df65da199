// What an experiment found, sample by sample, and its files: results.json (settings, accuracy,
// confusion matrix, every sample with its evidence), samples.csv, confusion.csv. Nothing in them
// depends on ranks, host or clock. While an experiment runs, every finished sample is a line of
// JSON, so that what a kill leaves can be read. Tested by tests/mpi/test_experiment.py.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/replay/decoder.h"
#include "app/replay/sample_list.h"
#include "core/json.h"

namespace ranvier::app {

/// One sample's run.
struct SampleResult {
  std::int64_t sample = 0;              ///< position in the list
  std::optional<std::int64_t> decoded;  ///< class
  std::vector<std::optional<double>> evidence;
  double duration = 0;                                       ///< ms
  std::int64_t events = 0, spikes = 0, synaptic_events = 0;  ///< spikes: of neurons
};

/// A result as a line of JSON, and back. Throws Error(parse | range) that names `name`.
std::string to_line(const SampleResult& result);
SampleResult result_of_line(const std::string& line, const std::string& name);

/// All results, in the list's order.
struct ExperimentResults {
  std::vector<std::string> classes;
  std::vector<Sample> samples;
  std::vector<SampleResult> results;
  DecodeRule rule = DecodeRule::rate;
  std::string output;   ///< population
  std::string network;  ///< SHA-256 of the document
  Json settings;        ///< in force: dt, seed, duration, options of the input

  bool is_right(const SampleResult& r) const;
  std::int64_t right() const;
  /// [label][answer]; the last column: no answer.
  std::vector<std::vector<std::int64_t>> confusion() const;
};

/// The content of results.json.
std::string results_json(const ExperimentResults& experiment);
/// Whether a results.json is of the same network, settings, list and way of decoding.
bool is_of_same_experiment(const Json& kept, const ExperimentResults& experiment);
/// How an experiment that was kept is another than this one: "with seed 1, this one has seed 2"
/// where settings differ, else what else may.
std::string other_experiment(const Json& kept, const Json& settings);
/// A line a sample: file, label, decoded, right (1 or 0), duration_ms, events, spikes,
/// synaptic_events.
std::string samples_csv(const ExperimentResults& experiment);
/// A line a label, a column an answer.
std::string confusion_csv(const ExperimentResults& experiment);
/// What the program ends with.
std::string results_table(const ExperimentResults& experiment);

}  // namespace ranvier::app
