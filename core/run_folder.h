// The run folder, version 1: what a run leaves behind, and the reader of it. Nothing in it depends
// on ranks, threads, host or clock, so that equal runs give equal bytes.
//   spikes.h5                        SONATA: /spikes/POPULATION/{timestamps (ms), node_ids}, sorted
//   by time, then id reports/POPULATION_VARIABLE.h5   SONATA frame report: /report/POPULATION/{data
//   [time, element], mapping/...};
//                                    SONATA's data are single precision, data_double holds the
//                                    values as they were
//   pynn/POPULATION.h5               the same spikes (by links) as PyNN's reader wants them:
//   /spikes/{timestamps, gids} run.json                         the document as given, settings in
//   force, what was chosen status.json                      complete or ended early, at which time;
//   SHA-256 of the final state
// Written to NAME.partial as the run goes, with bounded memory, and renamed when the run has ended
// in order. Why rank 0 writes what the others send it: docs/decisions/run-folder-writer.md. Read by
// libsonata and PyNN's SonataIO.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/comm/comm.h"
#include "core/record.h"

namespace ranvier {

struct RunFolderOptions {
  std::filesystem::path path;
  std::string run_json;    ///< content of run.json
  bool overwrite = false;  ///< replaces an earlier run folder of that name (nothing else), or what
                           ///< a killed run left of it
  std::int64_t resume_at =
      -1;  ///< ns: go on in NAME.partial, cut back to this time; -1: start anew
};

/// NAME.partial: where a run writes until it ends.
std::filesystem::path partial_folder(const std::filesystem::path& path);

/// A recorder into a run folder. Collective. Throws Error(io) when the folder or its .partial
/// exists (and is not to be overwritten), is no run folder, cannot be written, or, to be resumed,
/// ends too early: on all ranks together.
std::unique_ptr<Recorder> make_run_folder(const RecordPlan& plan, const RunFolderOptions& options,
                                          Comm& comm);

/// Spikes of one population, sorted by time.
struct SpikeTrainData {
  std::string population;
  std::vector<double> times;          ///< ms
  std::vector<std::int64_t> neurons;  ///< indices in the population
};

struct ReportData {
  std::string population, variable, unit;
  double interval = 0;                ///< ms; frame k is at k * interval
  std::vector<std::int64_t> neurons;  ///< columns
  std::vector<double> values;         ///< [frames, columns]
};

struct RunFolder {
  std::filesystem::path path;
  std::string run_json, status_json;
  std::vector<SpikeTrainData> spikes;
  std::vector<ReportData> reports;
};

/// Reads a run folder. Throws Error(io) that names the file.
RunFolder read_run_folder(const std::filesystem::path& path);

/// One SHA-256 over spikes, reports and status (which holds that of the final state): equal runs
/// have equal digests.
std::string digest(const RunFolder& folder);

/// Writes a text file under a temporary name and renames it. Throws Error(io).
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace ranvier
