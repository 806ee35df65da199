// An experiment: every recording of a list through one network, its output decoded and compared
// with the labels.
//
// Every sample starts from the same network at rest at time 0: a rank builds it once and sets it
// back before each, to the same bits as if it were built anew. The samples are dealt to the ranks
// by the size of their recordings; each runs its own whole, and a sample's result is a function of
// network, seed and recording, so any number of ranks finds the same. What is finished is kept in
// DIR.partial as it comes, a line a sample, and `resume` goes on from there. Tested by
// tests/mpi/test_experiment.py.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/document.h"
#include "app/replay/decoder.h"
#include "app/replay/results.h"
#include "app/replay/sample_list.h"
#include "core/comm/comm.h"

namespace ranvier::app {

/// How a list is run.
struct ExperimentOptions {
  std::filesystem::path output;  ///< folder of results; empty: none
  bool overwrite = false;        ///< an earlier experiment's folder of that name
  bool resume = false;           ///< keep the samples that an interrupted experiment finished
  bool quiet = false;
  int threads = 1;
  DecodeRule rule = DecodeRule::rate;
  std::string population;          ///< output; empty: the document's last
  std::optional<double> duration;  ///< ms a sample; none: the recording's length
};

/// The document's population of model spike_source_events. Throws Error(range) where there is none,
/// or more than one; `name` is the document's.
Population& event_input(Document& document, const std::string& name);

/// Length of the recording that a population reads, ms, to the millisecond after its last event and
/// from there to a whole step of dt (ms). Throws Error(range) where no events come through, or
/// over more than a run can last.
double recording_length(const Population& input, double dt);

/// How far an experiment came.
struct ExperimentEnd {
  std::optional<ExperimentResults> results;  ///< none: ended early on request, or was finished
  bool can_resume = false;                   ///< ended early: finished samples are kept in a folder
  bool was_finished = false;                 ///< nothing was left to resume
};

/// Runs the samples that are not finished. Collective. Throws Error.
/// \param list  its classes divide the output population
ExperimentEnd run_experiment(const Document& document, const SampleList& list,
                             const ExperimentOptions& options, Comm& comm);

}  // namespace ranvier::app
