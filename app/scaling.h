// Scaling: what a rank holds and how long it takes as ranks grow, estimated or measured
// (core/share.h), as `ranvier plan --ranks 1,16,256` shows it.
#pragma once
#include <string>
#include <vector>

#include "app/document.h"
#include "core/json.h"
#include "core/share.h"

namespace ranvier::app {

/// What is asked of each number of ranks.
struct ScalingOptions {
  int threads = 1;
  bool grow = false;     ///< the document is one rank's load: N ranks run N times its neurons
  bool measure = false;  ///< builds and moves the share of the rank in the middle
  double rate = 10;      ///< Hz, of every source
  double span = 20;      ///< ms of biological time that are timed
  Wire wire;
};

/// A rank's bytes by parts.
struct RankBytes {
  ShareBytes share;
  double recorder = 0;
  double total() const { return share.total() + recorder; }
};

/// One number of ranks.
struct ScalingPoint {
  int ranks = 1;
  double neurons = 0, synapses = 0;  ///< of the whole network
  RankBytes estimate;                ///< of a rank, on average
  double building = 0;               ///< bytes of a rank beside these while it is built, estimated
  bool is_measured = false;
  int rank = 0;  ///< what follows was measured of this one
  Share share;
  RankBytes measured;
  double exchange_seconds = 0;  ///< of a biological second
};

/// Throws what make_layout and grown do, and Error(capacity) where this machine cannot hold a share
/// that is to be measured.
ScalingPoint scaling_point(const Document& document, int ranks, const ScalingOptions& options);

/// Throws Error(capacity) where a share takes more than `available` bytes (0: unknown) while it is
/// built.
void require_share(const ScalingPoint& point, double available);

/// What `ranvier plan` prints of several numbers of ranks, or of one that was measured.
std::string scaling_table(const std::vector<ScalingPoint>& points);
Json scaling_json(const std::vector<ScalingPoint>& points, const ScalingOptions& options);

}  // namespace ranvier::app
