// Plan: the memory of a network, estimated from its layout before anything is built.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/layout.h"

namespace ranvier {

/// A population or projection and what it takes.
struct PlanPart {
  std::string name;
  double count = 0;    ///< neurons or synapses
  double bytes = 0;    ///< on all ranks together
  double headers = 0;  ///< of those: what finds a source's row
};

/// The memory of a network by parts, bytes on all ranks together.
struct Plan {
  std::vector<PlanPart> populations, projections;
  double calendar_bytes = 0;  ///< spikes in flight and their groups, at 10 Hz a neuron
  double exchange_bytes = 0;  ///< who wants which spikes; messages to other ranks
  double recorder_bytes = 0;  ///< a neuron's spikes counted
  double building_bytes = 0;  ///< beside the rest while it is built
  double fixed_bytes = 0;     ///< program and libraries, all ranks
  double total() const;
};

/// Estimates it; builds nothing.
Plan make_plan(const Layout& layout);

/// Bytes that this machine can give now (Linux: MemAvailable), or 0 when unknown.
double available_memory();

/// The table that `ranvier plan` prints.
/// \param available  bytes a rank may take
std::string plan_table(const Layout& layout, const Plan& plan, double available);

/// Throws Error(capacity) when a rank's share exceeds `available` bytes: names the largest parts
/// and the ranks needed; or where the spikes of its sources in a window would: names the
/// population and the rate that fits.
void require_memory(const Layout& layout, double available);

}  // namespace ranvier
