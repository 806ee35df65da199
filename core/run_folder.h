// The run folder, version 1: what a run leaves behind, and the reader of it. Nothing in it depends
// on ranks, threads, host or clock, so that equal runs give equal bytes.
//   spikes.h5       SONATA: /spikes/POPULATION/{timestamps (ms), node_ids}, sorted by time, then id
//   reports/POPULATION_VARIABLE.h5
//                   SONATA frame report: /report/POPULATION/{data [time, element], mapping/...};
//                   SONATA's data are single precision, data_double holds the values as they were
//   weights.h5      where weights are recorded: /weights/PROJECTION/{data [time, synapse], mapping/
//                   {edge_ids, source_node_ids, target_node_ids, time}}, double precision; other
//                   variables of synapses likewise in /VARIABLE/PROJECTION
//   pynn/POPULATION.h5
//                   the same spikes (by links) as PyNN's reader wants them: /spikes/{timestamps,
//                   gids}
//   run.json        the document as given, settings in force, what was chosen
//   status.json     complete or ended early, at which time; SHA-256 of the final state
// While the run goes on there is NAME.partial instead:
//   run.json        first of all: the mark of a run folder, locked while a process writes it
//   spool/          what every rank has recorded (core/spool.h), plan.json: of which populations
//   checkpoint.h5   where one was asked for (core/checkpoint.h)
// At the end the files above are made in it from the spool (core/results.h), status.json last; then
// checkpoint and spool go and the folder gets its name. So a kill at any moment leaves one of: a
// folder to resume, a folder whose results can be recovered, or one that is done but for its name.
// A run that fails before the first mark in its spool leaves nothing. Read by libsonata and PyNN's
// SonataIO.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/comm/comm.h"
#include "core/parallel.h"
#include "core/record.h"

namespace ranvier {

/// Throws Error(io) where something has the name of what is to be written, and is not to be
/// replaced, or is a device or a pipe: the one message for every output.
/// \param overwrite  whether the user asked to replace it; none: there is no asking
/// \param asking     how it is asked for
void require_new(const std::filesystem::path& output, std::optional<bool> overwrite,
                 std::string_view asking = "--overwrite");

/// As require_new, of a run folder and of the NAME.partial that a killed run left.
void require_new_run(const std::filesystem::path& output, bool overwrite,
                     std::string_view asking = "--overwrite");

/// Throws Error(io) that begins with the option where write_file could not write its file: before
/// work whose outcome is to go there; or where that would take the place of what is read.
/// \param input  the file that is read, may be empty
void require_writable(const char* option, const std::filesystem::path& file,
                      const std::filesystem::path& input);

/// Throws Error(range) for names that no file can have, or that two reports of a plan share.
void require_names(const RecordPlan& plan);

/// Where a run folder is written, and how.
struct RunFolderOptions {
  std::filesystem::path path;
  std::string run_json;    ///< content of run.json
  bool overwrite = false;  ///< replaces an earlier run folder of that name (nothing else), or what
                           ///< a killed run left of it
  std::int64_t resume_at =
      -1;  ///< ns: go on in NAME.partial, cut back to this time; -1: start anew
  std::int64_t resume_spikes = -1;  ///< that must have been recorded by then; -1: not known
  Workers* workers = nullptr;       ///< make the results; null: the calling thread alone does
};

/// NAME.partial: where a run writes until it ends.
std::filesystem::path partial_folder(const std::filesystem::path& path);

/// A recorder into a run folder. Collective. Throws Error(io) when the folder or its .partial
/// exists (and is not to be overwritten), is no run folder, cannot be written, is being written by
/// another process, or, to be resumed, does not hold all that was recorded: on all ranks together.
/// A new .partial goes with the recorder where that ends before its first flush().
std::unique_ptr<Recorder> make_run_folder(const RecordPlan& plan, const RunFolderOptions& options,
                                          Comm& comm);

/// What is left of a run to resume.
enum class Leftover {
  unfinished,   ///< a folder to go on in, or none at all
  complete,     ///< nothing: the run folder is there, complete
  ended_early,  ///< nothing: the run folder is there, of a run that was asked to end
};

/// Gives a run folder its name where a kill hit the last moment, when nothing but that was missing.
/// Collective. Throws Error(io), also where a process is writing it still.
Leftover finish_left(const RunFolderOptions& options, Comm& comm);

/// Makes the run folder `options.path` of what a run that was killed left in `partial` (or of what
/// one that is running has written so far), marked as ended early; `partial` stays as it is.
/// \returns the time up to which it holds everything, in ms
/// Collective. Throws Error(io) when there is nothing to recover, or it would lose its place.
double recover_run_folder(const std::filesystem::path& partial, const RunFolderOptions& options,
                          Comm& comm);

/// Spikes of one population, sorted by time.
struct SpikeTrainData {
  std::string population;
  std::vector<double> times;          ///< ms
  std::vector<std::int64_t> neurons;  ///< indices in the population
};

/// One recorded variable of a population, as read back.
struct ReportData {
  std::string population, variable, unit;
  double interval = 0;                ///< ms; frame k is at k * interval
  std::vector<std::int64_t> neurons;  ///< columns
  std::vector<double> values;         ///< [frames, columns]
};

/// A run folder as read back.
struct RunFolder {
  std::filesystem::path path;
  std::string run_json, status_json;
  std::vector<SpikeTrainData> spikes;
  std::vector<ReportData> reports;
  std::vector<ReportData> weights;  ///< of projections; neurons: numbers of synapses
};

/// Reads a run folder. Throws Error(io) that names the file.
RunFolder read_run_folder(const std::filesystem::path& path);

/// One SHA-256 over spikes, reports and status (which holds that of the final state): equal runs
/// have equal digests.
std::string digest(const RunFolder& folder);

/// Writes a text file under a temporary name and renames it; writes into a device or a pipe. Throws
/// Error(io).
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace ranvier
