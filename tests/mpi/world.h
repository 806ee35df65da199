// The ranks that mpirun started, once for the whole test program. HDF5 has to be first used after
// it, and so ends before it.
#pragma once
#include <cstdlib>
#include <memory>

#include "core/comm/comm.h"

namespace ranvier::tests {

inline Comm& world() {
  static const std::unique_ptr<Comm> comm = make_world_comm();
  return *comm;
}

/// What the launcher says, 1 without one.
inline int launched_ranks() {
  const char* n = std::getenv("OMPI_COMM_WORLD_SIZE");
  return n ? std::atoi(n) : 1;
}

}  // namespace ranvier::tests
