// A record plan as JSON: what the files of a spool belong to, so that a run that was killed can be
// made into a run folder without its network; the synapses of a report K of a projection have a
// file of 64-bit numbers beside it, plan.synapses-K. Tested by tests/unit/core/test_spool.cpp.
#pragma once
#include <filesystem>

#include "core/record.h"

namespace ranvier {

/// Throws Error(io).
void save_record_plan(const std::filesystem::path& path, const RecordPlan& plan);
/// Throws Error(io, parse, range) that names the file and the field.
RecordPlan load_record_plan(const std::filesystem::path& path);

}  // namespace ranvier
