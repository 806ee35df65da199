// Exchange: who has to be told of a spike. Every rank numbers the sources that have synapses there
// and tells their owners; a spike then travels as (number, time) to just the ranks that have
// targets. So a rank's tables grow with its own synapses and its own neurons' targets, not with the
// network. Tested by tests/property/test_splits.cpp and tests/unit/core/test_share.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/chunk.h"

namespace ranvier {

/// What travels of a spike.
struct SpikeMessage {
  std::uint32_t source;  ///< as the receiving rank numbers it
  std::uint32_t after;   ///< ns since the window's begin
};

/// A rank wants a source's spikes, under its own number of it.
struct Wanted {
  Gid gid;
  std::int32_t rank;
  std::uint32_t source;
};

using Chunks = std::vector<std::unique_ptr<Chunk>>;

/// Numbers the sources that have synapses in any of a rank's chunks, and tells the chunks.
/// \returns their gids, rising: the number is the position
std::vector<Gid> number_sources(const Chunks& chunks);

/// Tells the chunks of `rank` who wants their spikes.
/// \param wanted  in any order
/// \returns the other ranks among those, rising: routes name them by position
std::vector<int> set_routes(const Chunks& chunks, std::vector<Wanted> wanted, int rank);

}  // namespace ranvier
