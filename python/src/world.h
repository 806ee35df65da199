// The ranks of this interpreter, and files that a script writes which all of them run.
#pragma once
#include <filesystem>
#include <functional>

#include "core/comm/comm.h"

namespace ranvier::python {

/// Joined on first use, left at exit, before MPI itself ends.
Comm& world();

/// Throws Error(io) where something is there and is to stay; in Python's words.
void require_new(const std::filesystem::path& path, bool overwrite);

/// Calls `write` on one rank of those that name this path, the first; where it fails, all ranks
/// throw together. Collective.
void write_once(const std::filesystem::path& path, const std::function<void()>& write);

}  // namespace ranvier::python
