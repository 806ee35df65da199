// SONATA's files of spikes and of reports without their numbers: one rank creates them, with room
// for numbers whose count is known, and says where in the file they belong; all ranks then write
// them there, without HDF5. The bytes are those of a file that one process wrote. Read by
// libsonata, PyNN's SonataIO and h5py (tests/unit/core/test_run_folder_readers.py).
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/record.h"

namespace ranvier {

/// Where a population's columns begin, in bytes from the file's begin.
struct SpikePlaces {
  std::uint64_t timestamps = 0;  ///< double, ms
  std::uint64_t node_ids = 0;    ///< 64 bits, unsigned
};

/// Where a report's frames begin, row after row.
struct ReportPlaces {
  std::uint64_t data = 0;         ///< float
  std::uint64_t data_double = 0;  ///< double
};

/// Creates spikes.h5 and pynn/POPULATION.h5 in `folder`, with room for counts[p] spikes of
/// population p of the plan. Throws Error(io).
std::vector<SpikePlaces> create_spike_files(const std::filesystem::path& folder,
                                            const std::vector<RecordedPopulation>& populations,
                                            const std::vector<std::int64_t>& counts);

/// Creates weights.h5 in `folder` with the reports of projections, in their order. Throws
/// Error(io).
std::vector<ReportPlaces> create_weights_file(const std::filesystem::path& folder,
                                              const std::vector<Report>& reports,
                                              std::int64_t until);
/// Frames of a report up to `until` (ns; below 0: none).
std::int64_t frames_until(const Report& report, std::int64_t until);

/// Name of a report's file, from the run folder on.
std::filesystem::path report_file(const Report& report);
/// The group of a projection's report in its file.
std::string group_of_synapses(const Report& report);

/// Creates a report's file in `folder`, with room for `frames` frames. Throws Error(io).
ReportPlaces create_report_file(const std::filesystem::path& folder, const Report& report,
                                std::int64_t frames);

}  // namespace ranvier
