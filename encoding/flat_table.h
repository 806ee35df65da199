// Reading flatbuffers that come from outside: every offset is checked against the bytes that are
// there. Layout: u32 offset of the root table, four letters of identifier; a table starts with the
// (signed) distance back to its vtable, which is u16 size, u16 size of the table, and for each
// field the u16 offset in the table, or 0. Vectors and strings are a u32 length and the elements.
// Source: the FlatBuffers internals page. Tested by tests/unit/encoding/test_aedat4.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "encoding/bytes.h"

namespace ranvier::encoding {

/// A table in a buffer, whose bytes must outlive it.
class FlatTable {
 public:
  /// The root table of a buffer with that identifier; nothing if the bytes hold none.
  static std::optional<FlatTable> root(std::span<const std::byte> buffer,
                                       std::string_view identifier) {
    if (buffer.size() < 8 || text_of(buffer.subspan(4, 4)) != identifier) return std::nullopt;
    const std::uint64_t at = load<std::uint32_t>(buffer.data());
    if (at + 4 > buffer.size()) return std::nullopt;
    const std::int64_t vtable =
        static_cast<std::int64_t>(at) - load<std::int32_t>(buffer.data() + at);
    if (vtable < 0 || static_cast<std::uint64_t>(vtable) + 4 > buffer.size()) return std::nullopt;
    const auto begin = static_cast<std::size_t>(vtable);
    const std::size_t bytes = load<std::uint16_t>(buffer.data() + begin);
    if (bytes < 4 || begin + bytes > buffer.size()) return std::nullopt;
    return FlatTable(buffer, at, buffer.subspan(begin, bytes));
  }

  /// A number in a field, or what it is where the field is left out.
  template <class T>
  T number(std::size_t field, T otherwise) const {
    const std::size_t at = place(field);
    return at == 0 || at + sizeof(T) > buffer_.size() ? otherwise : load<T>(buffer_.data() + at);
  }

  /// The elements of a vector of elements of `size` bytes; empty where left out, nothing where it
  /// does not lie in the bytes.
  std::optional<std::span<const std::byte>> vector(std::size_t field, std::size_t size) const {
    std::size_t at = place(field);
    if (at == 0) return std::span<const std::byte>();
    if (at + 4 > buffer_.size()) return std::nullopt;
    at += load<std::uint32_t>(buffer_.data() + at);
    if (at + 4 > buffer_.size()) return std::nullopt;
    const std::uint64_t bytes = size * std::uint64_t{load<std::uint32_t>(buffer_.data() + at)};
    if (bytes > buffer_.size() - at - 4) return std::nullopt;
    return buffer_.subspan(at + 4, bytes);
  }

 private:
  FlatTable(std::span<const std::byte> buffer, std::size_t at, std::span<const std::byte> vtable)
      : buffer_(buffer), at_(at), vtable_(vtable) {}

  /// Where a field lies in the buffer; 0: left out.
  std::size_t place(std::size_t field) const {
    const std::size_t entry = 4 + 2 * field;
    if (entry + 2 > vtable_.size()) return 0;
    const std::size_t offset = load<std::uint16_t>(vtable_.data() + entry);
    return offset == 0 ? 0 : at_ + offset;
  }

  std::span<const std::byte> buffer_;
  std::size_t at_;
  std::span<const std::byte> vtable_;
};

}  // namespace ranvier::encoding
