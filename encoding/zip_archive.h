// The members of a ZIP archive, for NumPy's .npz: stored or deflated, no larger than 4 GiB. Source:
// PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ranvier::encoding {

/// A file in the archive.
struct ZipMember {
  std::string name;
  std::vector<std::byte> bytes;  ///< unpacked
};

/// Unpacks the members of an archive. Throws Error(parse) where it is damaged, Error(unsupported)
/// for another way of packing or a larger archive.
std::vector<ZipMember> unzip(std::span<const std::byte> archive);

}  // namespace ranvier::encoding
