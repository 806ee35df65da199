// How deep each population of a graph lies, and which projections close loops: the bookkeeping of
// time that conversion/nir.h explains. Used by conversion/nir*.cpp alone.
#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ranvier::conversion {

/// A population and where its input comes from.
struct NirLinks {
  std::string name;
  bool is_input;
  std::set<std::size_t> sources;
};

/// What a walk over the populations found.
struct NirDepths {
  std::vector<int> depth;  ///< projections on the longest way from an input
  std::set<std::pair<std::size_t, std::size_t>> loops;  ///< (source, target) that close one

  /// Steps of dt that a projection takes, its own delays aside; 1 or more.
  int steps(std::size_t source, std::size_t target) const {
    return loops.count({source, target}) ? 1 : depth[target] - depth[source];
  }
};

/// Loops are cut where a walk from the inputs, in the order of names, comes back to where it is.
NirDepths find_depths(const std::vector<NirLinks>& populations);

}  // namespace ranvier::conversion
