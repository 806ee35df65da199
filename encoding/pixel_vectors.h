// Words of EVT 2.1, each up to 32 pixels of a row at one time, as events: by the widest registers
// that the machine has. Tested by tests/unit/encoding/test_evt.cpp on every SIMD target.
#pragma once
#include <cstddef>
#include <cstdint>

#include "encoding/event.h"

namespace ranvier::encoding {

/// How the two 32-bit halves of a word follow each other.
enum class HalfOrder { low_first, high_first };

/// How many words put_pixel_vectors() took, and how many events it wrote.
struct PixelVectors {
  std::size_t words, events;
};

/// Events that may be written behind the last one.
inline constexpr std::size_t room_behind_vectors = 8;

/// Writes the events of the next words: of n or a block, or up to the first that is no vector.
/// \param words  little-endian, 64 bits each, as encoding/formats/evt21.cpp describes them
/// \param time   t without its lowest six bits, us; the words have these
/// \param out    room for 32 events a word and room_behind_vectors
PixelVectors put_pixel_vectors(const std::byte* words, std::size_t n, HalfOrder order,
                               std::uint64_t time, DvsEvent* out);

}  // namespace ranvier::encoding
