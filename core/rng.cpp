#include "core/rng.h"

#include <Random123/philox.h>

namespace ranvier {

std::array<std::uint32_t, 4> random_block(RandomKey key, std::uint64_t a, std::uint64_t b) {
  const r123::Philox4x32 philox;
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32),
       static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(b >> 32)}};
  const r123::Philox4x32::key_type k = {
      {static_cast<std::uint32_t>(key.value), static_cast<std::uint32_t>(key.value >> 32)}};
  const auto r = philox(counter, k);
  return {r[0], r[1], r[2], r[3]};
}

RandomKey derive_key(std::uint64_t seed, Stream stream, std::uint64_t object, std::uint64_t sub) {
  const std::uint64_t high = (static_cast<std::uint64_t>(stream) << 48) | (sub & 0xFFFFFFFFFFFFULL);
  return RandomKey{random_bits(RandomKey{seed}, object, high)};
}

}  // namespace ranvier
