// Where a SONATA circuit is written: aside in NAME.partial, and then in place of an earlier one.
// Used by conversion/sonata_write.cpp alone. Tested by tests/unit/conversion/test_sonata_folder.cpp
// and tests/unit/app/test_convert.py.
#pragma once
#include <filesystem>
#include <optional>

namespace ranvier::conversion {

/// NAME.partial, once neither it nor `folder` is in the way: what a writer that was killed left of
/// it is removed where `overwrite` says so. `folder` itself stays as it is.
/// \param overwrite  whether an earlier circuit is to be replaced; none: there is no asking
/// Throws Error(io) where something is there and is to stay: all that save_sonata does not write,
/// and everything without `overwrite`.
std::filesystem::path make_way(const std::filesystem::path& folder, std::optional<bool> overwrite);

/// Gives a finished folder its name. One that has the name goes to NAME.old meanwhile, and is
/// removed once the new one is in its place, or is put back. Throws Error(io).
void replace_folder(const std::filesystem::path& finished, const std::filesystem::path& folder);

}  // namespace ranvier::conversion
