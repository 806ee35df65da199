// What Prophesee's file formats share: the header of '%' lines, and finding a word of undefined
// type.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "encoding/bytes.h"
#include "encoding/event.h"

namespace ranvier::encoding {

/// A RAW file's header; `format` is EVT2, EVT21, EVT3, EVT4, or empty where no line names one.
struct RawHeader {
  std::string format;
  std::optional<Sensor> sensor;
  bool guessed_sensor = false;  ///< from the plugin's name
  bool legacy_words = false;    ///< EVT 2.1: the halves of a word are swapped
};
RawHeader parse_raw_header(std::string_view header);

/// Whether the head of a file is a RAW header of that format.
bool is_raw(std::span<const std::byte> head, std::string_view format);

/// How many of the n words at p come before the first whose type (the top four bits) is not in the
/// set.
template <class Word>
std::size_t defined_words(const std::byte* p, std::size_t n, std::uint32_t types) {
  constexpr int shift = static_cast<int>(sizeof(Word)) * 8 - 4;
  std::uint32_t defined = 1;
  for (std::size_t i = 0; i < n; ++i)
    defined &= types >> (load<Word>(p + i * sizeof(Word)) >> shift);
  if (defined & 1) return n;
  std::size_t i = 0;
  while (types >> (load<Word>(p + i * sizeof(Word)) >> shift) & 1) ++i;
  return i;
}

}  // namespace ranvier::encoding
