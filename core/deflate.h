// Unpacking what zlib and gzip packed, and packing, whole blocks at once; the only owner of
// libdeflate.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/bytes.h"

namespace ranvier {

/// Keeps its working memory from block to block.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  /// Unpacks a zlib stream (RFC 1950) that fills `out` exactly; false if it does not, or is
  /// damaged.
  bool zlib(std::span<const std::byte> packed, std::span<std::byte> out);
  /// The same for a bare deflate stream (RFC 1951).
  bool raw(std::span<const std::byte> packed, std::span<std::byte> out);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Packs into a zlib stream (RFC 1950).
Bytes zlib_packed(std::span<const std::byte> bytes);
/// CRC-32 as gzip and PNG have it.
std::uint32_t crc32_of(std::span<const std::byte> bytes);

}  // namespace ranvier
