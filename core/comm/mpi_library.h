// Which MPI this program was linked with.
#pragma once
#include <string>

namespace ranvier {

/// Name and version of the MPI library, as it calls itself; also before MPI is initialised.
std::string mpi_library();

}  // namespace ranvier
