// A session: one document, built and run on all ranks into a run folder. The only place where all
// parts meet.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/document.h"
#include "app/prepare.h"
#include "app/replay/live_input.h"
#include "app/replay/pacer.h"
#include "core/comm/comm.h"
#include "core/layout.h"
#include "core/parallel.h"
#include "core/profile.h"

namespace ranvier::app {

/// How a document is run.
struct SessionOptions {
  std::filesystem::path output;  ///< run folder; empty: nothing is written
  bool overwrite = false;
  int threads = 1;
  bool quiet = false;             ///< no progress
  std::filesystem::path summary;  ///< JSON file, or empty
  double checkpoint_every = 0;    ///< ms of biological time; 0: none
  bool profile = false;           ///< measure where the time goes
  bool resume = false;            ///< go on from the checkpoint in the run folder's .partial
  Pace pace;
  std::filesystem::path store;  ///< the input is a live pipe, and is stored here; empty: it is not
};

/// A population's line of the closing table.
struct PopulationSummary {
  std::string name;
  std::int64_t size = 0, spikes = 0;
  double rate_hz = 0;
  double cv_isi = 0;  ///< mean over neurons with at least three spikes; 0 when there are none
};

/// The closing table of a run.
struct Summary {
  std::int64_t neurons = 0, synapses = 0, spikes = 0, synaptic_events = 0;
  std::int64_t events_simulated = 0;  ///< synaptic events since the run was started or resumed
  double biological_seconds = 0;      ///< likewise
  double build_seconds = 0, simulate_seconds = 0;
  std::int64_t memory_bytes = 0;  ///< largest resident size, summed over ranks
  double bytes_per_synapse = 0;   ///< synapses and their index alone
  std::size_t threads_used = 0;   ///< different threads that worked, on the rank with the fewest
  /// [rank][worker]: how often it took up a chunk (to advance it or to deliver to it) in the run.
  std::vector<std::vector<std::int64_t>> workers;
  std::vector<Profile> profile;    ///< a rank; empty unless asked for
  std::optional<PaceReport> pace;  ///< of rank 0; none at full speed
  std::optional<LiveReport> live;  ///< on rank 0, of a live input
  int ranks = 1;
  bool complete = true;
  bool was_finished = false;  ///< there was nothing to resume, the run folder is there: all else is
                              ///< empty
  std::vector<PopulationSummary> populations;

  double real_time_factor() const {
    return biological_seconds > 0 ? simulate_seconds / biological_seconds : 0;
  }
};

/// The content of a run folder's run.json.
std::string run_json(const Document& document, const Layout& layout, const FileHashes& files);

/// Builds and runs. Collective; the summary is whole on all ranks. Throws Error.
Summary run_session(const Document& document, const SessionOptions& options, Comm& comm);

/// The table that a run ends with.
std::string summary_table(const Summary& summary);
/// The same as JSON (keys: README, "What a run leaves").
std::string summary_json(const Summary& summary);

}  // namespace ranvier::app
