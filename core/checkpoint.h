// Checkpoints: a kernel's whole dynamic state in one HDF5 file, written aside and renamed, so that
// there is always a whole one, also after a crash of the machine. The same for every split: a run
// goes on from it on any number of ranks and threads, to the same bits.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/kernel.h"

namespace ranvier {

/// A neuron's spikes so far, as far as intervals between them are concerned.
struct IntervalCount {
  Gid gid = 0;
  std::int64_t spikes = 0;
  std::int64_t last = 0;        ///< ns
  double sum = 0, squares = 0;  ///< of intervals, ms and ms^2
};

/// Where a run stands.
struct Checkpoint {
  KernelState kernel;
  std::vector<IntervalCount> intervals;  ///< of neurons that have fired, by gid
};

/// Writes `checkpoint` (on the rank that has it whole). `fingerprint` is what has to agree on
/// resuming: of network and settings. Throws Error(io).
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint,
                      const std::string& fingerprint);

/// Reads a checkpoint. Throws Error(io) naming the file, Error(range) when it belongs to another
/// network or settings.
Checkpoint read_checkpoint(const std::filesystem::path& path, const std::string& fingerprint);

}  // namespace ranvier
