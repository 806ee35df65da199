// Spike sources: spike times from arrays, Poisson, regular and gamma-process trains.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/source.h"

namespace ranvier::neurons {

/// The sources of this folder, sorted by name.
std::vector<SourceModel> make_sources();

/// The number under which a source parameter's law is drawn, so that two laws of one source draw
/// independently.
std::uint64_t parameter_number(std::string_view name);

}  // namespace ranvier::neurons
