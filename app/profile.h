// The profile of a run, for people and as JSON: what --profile prints.
#pragma once
#include <string>
#include <vector>

#include "core/comm/comm.h"
#include "core/json.h"
#include "core/profile.h"

namespace ranvier::app {

/// Every rank's profile, in rank order, on all ranks. Collective.
std::vector<Profile> gather_profiles(const Profile& mine, Comm& comm);

/// Seconds by chunk and phase, and by rank. "wait" is what a chunk's worker was not busy with it
/// while chunks were moved.
std::string profile_table(const std::vector<Profile>& ranks);
/// The same: a list of ranks, each with `windows`, `messages`, `message_bytes`, seconds, `chunks`.
Json profile_json(const std::vector<Profile>& ranks);

}  // namespace ranvier::app
