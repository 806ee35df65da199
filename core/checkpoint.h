// Checkpoints: a kernel's whole dynamic state in one HDF5 file, written aside and renamed, so that
// there is always a whole one. The same for every split: a run goes on from it on any number of
// ranks and threads, to the same bits.
#pragma once
#include <filesystem>
#include <string>

#include "core/kernel.h"

namespace ranvier {

/// Writes `state` (on the rank that has it whole). `fingerprint` is what has to agree on resuming:
/// of network and settings. Throws Error(io).
void write_checkpoint(const std::filesystem::path& path, const KernelState& state,
                      const std::string& fingerprint);

/// Reads a checkpoint. Throws Error(io) naming the file, Error(range) when it belongs to another
/// network or settings.
KernelState read_checkpoint(const std::filesystem::path& path, const std::string& fingerprint);

}  // namespace ranvier
