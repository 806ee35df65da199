// The samples that an experiment has finished, as DIR.partial keeps them: experiment.json says of
// which experiment they are, samples.R.jsonl holds a line for each sample that rank R finished. A
// line is written whole or, by a kill, cut: a line without an end does not count. Tested by
// tests/mpi/test_experiment.py.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "app/replay/results.h"
#include "core/comm/comm.h"

namespace ranvier::app {

/// Where an experiment keeps what it has finished.
class FinishedSamples {
 public:
  /// Looks at what is there, to begin or to go on from it. Collective. Throws Error(io) where the
  /// folder is there and neither `overwrite` nor `resume` is given, where it is no experiment's, or
  /// is of another experiment than `about` says.
  /// \param about  experiment: a hash that tells it from others; its settings
  FinishedSamples(const std::filesystem::path& output, Json about, bool overwrite, bool resume,
                  Comm& comm);
  ~FinishedSamples();
  FinishedSamples(const FinishedSamples&) = delete;
  FinishedSamples& operator=(const FinishedSamples&) = delete;

  /// Those that were there, the same on every rank.
  const std::vector<SampleResult>& before() const { return before_; }
  /// Makes the folder, where there is none to go on in, and this rank's file. Collective. Throws
  /// Error(io).
  void begin(Comm& comm);
  /// Keeps a result of this rank, after begin(). Throws Error(io).
  void add(const SampleResult& result);
  /// Leaves DIR.partial to `resume`, or, where no rank has finished anything, removes it.
  /// \returns whether there is something to resume. Collective. After begin(), also where that
  /// failed.
  bool leave(bool finished_any, Comm& comm);
  /// Makes the folder `output` of results. Collective. Throws Error(io).
  void publish(const ExperimentResults& results, Comm& comm);

 private:
  void look(bool overwrite, bool resume) const;
  void read_lines();

  std::filesystem::path output_, partial_;
  Json about_;
  std::vector<SampleResult> before_;
  bool is_mine_ = false;  ///< on rank 0: the folder was made, or gone on in
  int file_ = -1;
};

}  // namespace ranvier::app
