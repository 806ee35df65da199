// Partition: which chunk holds which neurons. A chunk is what one worker moves; every population is
// cut into equal parts, one a chunk, at multiples of 64, so that load is even whatever the
// populations do and no SIMD loop has a tail. The cut is a function of (sizes, number of chunks)
// alone; results do not depend on it.
#pragma once
#include <cstdint>
#include <vector>

#include "core/network.h"

namespace ranvier {

/// Neurons [first, first + size) of a population in a chunk; they are numbered [local, local +
/// size) there.
struct Slice {
  std::uint32_t population = 0;
  std::int64_t first = 0;
  std::uint32_t size = 0;
  std::uint32_t local = 0;
  Gid gid = 0;  ///< of the first neuron
};

/// What a chunk holds.
struct ChunkPlan {
  std::vector<Slice> neurons;  ///< local numbers [0, n_neurons): padded to 64 a slice
  std::vector<Slice> sources;  ///< local numbers from n_neurons on
  std::uint32_t n_neurons = 0;
  std::uint32_t n_local = 0;
};

/// Neurons, sources that may be cut into parts, sources that have one reader.
enum class PopulationKind { neurons, split_source, whole_source };

/// The cut of all populations into parts.
struct Partition {
  int ranks = 1;
  int chunks_per_rank = 1;
  std::vector<Gid> first_gid;  ///< of every population, and one past the last
  std::vector<PopulationKind> kinds;
  std::vector<std::int64_t> sizes;

  int parts() const { return ranks * chunks_per_rank; }
  /// First index of population p in part q (0 <= q <= parts).
  std::int64_t cut(std::size_t p, int q) const;
  /// The plan of chunk `chunk` of `rank`.
  ChunkPlan plan(int rank, int chunk) const;
  /// All slices of a rank's chunks, by gid.
  std::vector<Slice> slices_of(int rank) const;
  /// The rank that holds a neuron or source.
  int owner(Gid gid) const;
  /// The population of a gid.
  std::size_t population_of(Gid gid) const;
};

inline constexpr std::int64_t narrow_chunk = 65'536;  ///< local numbers of 16 bits
inline constexpr std::int64_t wide_chunk = std::int64_t{1} << 31;

/// Cuts a network for `ranks` ranks of `workers` workers; more chunks a worker where one would hold
/// over `most_neurons`, padding included, up to 4,096 (a larger network is planned, and refused
/// when it is built).
Partition make_partition(const Network& network, const std::vector<PopulationKind>& kinds,
                         int ranks, int workers, std::int64_t most_neurons = narrow_chunk);

}  // namespace ranvier
