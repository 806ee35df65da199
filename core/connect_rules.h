// What the families of connection rules share: who may be paired, and the values of a pair's
// synapse.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/connect.h"
#include "core/connect_values.h"
#include "core/draw.h"
#include "core/rng.h"

namespace ranvier {

inline constexpr std::uint32_t block_size =
    4096;  ///< targets of a logical block; part of the contract of bits

/// A projection being drawn, restricted to targets [begin, end).
struct Drawing {
  const Network* network;
  const Projection* projection;
  const Population* sources;
  const Population* targets;
  std::uint32_t n_sources, n_targets, begin, end;
  bool no_self;  ///< same population and self-connections forbidden
  RandomKey key;

  std::shared_ptr<const SynapseValues> values;

  double distance(std::uint32_t source, std::uint32_t target) const {
    return values->distance(source, target);
  }
  /// The synapse of a pair. `h`: its own random word; `given`: its position in weight and delay
  /// arrays.
  Synapse synapse(std::uint32_t source, std::uint32_t target, std::uint64_t h,
                  std::size_t given) const {
    return values->make(source, target, h, given);
  }
};

double apply(const DistanceFunction& f, double distance);

std::unique_ptr<Rows> make_pair_rows(
    const Drawing& drawing);  ///< all_to_all, one_to_one, list, small_world, distance, probability
std::unique_ptr<Rows> make_number_rows(
    const Drawing& drawing);  ///< fixed in-degree, out-degree, total number

}  // namespace ranvier
