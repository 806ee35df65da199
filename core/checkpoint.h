// Checkpoints: a kernel's whole dynamic state in one HDF5 file, written aside and renamed, so that
// there is always a whole one, also after a crash of the machine. Every rank writes and reads what
// belongs to its own neurons and sources, as results are written (core/results.h); none holds the
// whole. The bytes are the same for every split: a run goes on from them on any number of ranks and
// threads, to the same bits. Tested by tests/property/test_checkpoint_state.cpp and
// tests/mpi/test_kills.py.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/kernel.h"

namespace ranvier {

/// A neuron's spikes so far, as far as intervals between them are concerned.
struct Intervals {
  std::int64_t spikes = 0;
  std::int64_t last = 0;        ///< ns
  double sum = 0, squares = 0;  ///< of intervals, ms and ms^2
};
struct IntervalCount : Intervals {
  Gid gid = 0;
};

/// Where a run stands: a rank's share.
struct Checkpoint {
  KernelState kernel;
  std::vector<IntervalCount> intervals;  ///< of neurons that have fired, by gid
};

/// What has to agree between a checkpoint and the run that goes on from it.
struct Fingerprint {
  std::string settings;                        ///< a hash of network and settings
  std::map<std::string, std::string> files{};  ///< of the network: a hash of each, by name
};

/// Writes the shares of all ranks. Collective. Throws Error(io) on all ranks together.
void write_checkpoint(const std::filesystem::path& path, Checkpoint checkpoint,
                      const Fingerprint& fingerprint, const Layout& layout, Comm& comm);

/// Reads the share of a rank. Throws Error(io | parse) naming the file, the data set and the value,
/// Error(range) when it belongs to another network or settings, or a file of the network has
/// changed, Error(unsupported) when it was written in another form.
Checkpoint read_checkpoint(const std::filesystem::path& path, const Fingerprint& fingerprint,
                           const Layout& layout, int rank);

}  // namespace ranvier
