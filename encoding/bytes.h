// Numbers and text in bytes at any address.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace ranvier::encoding {

/// A little-endian value at p.
template <class T>
T load(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

/// A big-endian 32-bit value at p.
inline std::uint32_t load_big32(const std::byte* p) {
  return __builtin_bswap32(load<std::uint32_t>(p));
}

/// Appends the text's characters.
inline void append_text(Bytes& out, std::string_view text) {
  append_all(out, std::span<const char>(text));
}

/// The bytes seen as text; they must outlive it.
inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether the bytes begin with that text.
inline bool starts_with(std::span<const std::byte> bytes, std::string_view text) {
  return text_of(bytes).starts_with(text);
}

}  // namespace ranvier::encoding
