// Spike sources: spike times from arrays, Poisson, regular and gamma-process trains.
#pragma once
#include <vector>

#include "core/source.h"

namespace ranvier::neurons {

/// The sources of this folder, sorted by name.
std::vector<SourceModel> make_sources();

}  // namespace ranvier::neurons
