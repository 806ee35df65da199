// SHA-256 (FIPS 180-4), for digests of spikes and states. Tested against the standard's vectors.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace ranvier {

/// SHA-256 (FIPS 180-4) of bytes added piece by piece.
class Sha256 {
 public:
  void add(const void* data, std::size_t bytes);
  /// The digest in hexadecimal; nothing may be added afterwards.
  std::string hex();

 private:
  void block(const std::uint8_t* p);
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::size_t n_pending_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace ranvier
