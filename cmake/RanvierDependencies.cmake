# The libraries Ranvier stands on; read by its own build and, installed, by find_package(ranvier).
# `ranvier_threads` (tbb or std) says whether TBB is among them.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(MPI COMPONENTS C)
find_dependency(Boost 1.74 CONFIG COMPONENTS program_options)
find_dependency(nlohmann_json 3.11)
find_dependency(fmt)
if(ranvier_threads STREQUAL tbb)
  find_dependency(TBB)
endif()

# HDF5 has to be the parallel one, which Debian keeps beside the serial one; elsewhere (module systems, source builds) it may
# be the only one, and FindHDF5 is told to prefer it. Either way the target is PkgConfig::HDF5.
find_dependency(PkgConfig)
pkg_check_modules(HDF5 QUIET IMPORTED_TARGET hdf5-openmpi)
if(NOT TARGET PkgConfig::HDF5)
  set(HDF5_PREFER_PARALLEL ON)
  find_dependency(HDF5 COMPONENTS C)
  if(NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "HDF5: the serial library was found, the parallel one is needed (Debian: libhdf5-openmpi-dev)")
  endif()
  add_library(PkgConfig::HDF5 INTERFACE IMPORTED)
  target_include_directories(PkgConfig::HDF5 INTERFACE ${HDF5_INCLUDE_DIRS})
  target_compile_definitions(PkgConfig::HDF5 INTERFACE ${HDF5_DEFINITIONS})
  target_link_libraries(PkgConfig::HDF5 INTERFACE ${HDF5_LIBRARIES})
endif()
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)

# Headers alone: Random123 has neither a pkg-config nor a CMake file.
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
mark_as_advanced(RANDOM123_INCLUDE_DIR)
