// Results: what a spool (core/spool.h) holds, made into the files that others read. All ranks
// together, in passes of bounded memory: time is cut into slices of about equally many spikes (or
// of equally many frames), a worker (of frames: a rank) takes a slice a pass, gets what the others
// read of it, sorts it and writes it to its place in the file. The order in the files is a total
// one, so nothing in them depends on who recorded, read or wrote what. Why not parallel HDF5:
// docs/decisions/run-folder-writer.md. Tested by tests/unit/core/test_run_folder.cpp,
// tests/mpi/test_mpi_run_folder.cpp (equal bytes) and test_run_folder_readers.py.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/comm/comm.h"
#include "core/parallel.h"
#include "core/record.h"
#include "core/spool.h"

namespace ranvier {

/// What is held at once at most, on average. Small slices are quicker: their memory stays in
/// the cache, and is the same from pass to pass (65,536 spikes against 2 million: half of the
/// time).
struct ResultsBudget {
  std::int64_t spikes = std::int64_t{1} << 16;      ///< a slice: a worker's
  std::int64_t all_spikes = std::int64_t{1} << 26;  ///< the slices of all ranks
  std::int64_t values = std::int64_t{1} << 22;      ///< of a report, on a rank
};

/// Makes spikes.h5, pynn/ and reports/ in `folder`, of what was recorded up to `until` (ns; a time
/// at which all ranks marked their files; -1: nothing). Collective. Throws Error(io) on all ranks
/// together, also when the spool does not hold every frame.
void write_results(const std::filesystem::path& folder, const RecordPlan& plan,
                   const SpoolFiles& files, std::int64_t until, Comm& comm, Workers& workers,
                   const ResultsBudget& budget = {});

/// Replaces `sorted` by all spikes of `parts`, sorted by time, then gid; quick where each part
/// comes nearly in order.
void sort_spikes(std::span<const std::span<const RecordedSpike>> parts,
                 std::vector<RecordedSpike>& sorted);

}  // namespace ranvier
