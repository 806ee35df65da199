#include "encoding/npy_array.h"

#include <fmt/core.h>

#include <charconv>
#include <type_traits>

#include "core/error.h"
#include "encoding/bytes.h"

namespace ranvier::encoding {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 48;

/// What follows "'key':" in the header's dictionary.
std::string_view value_of(std::string_view header, std::string_view key) {
  const std::size_t at = header.find("'" + std::string(key) + "':");
  if (at == std::string_view::npos)
    throw Error(ErrorKind::parse, fmt::format("a NumPy header without {}", key));
  std::string_view rest = header.substr(at + key.size() + 3);
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  return rest;
}

/// Takes the next text in quotes off `text`; it has to come before `stop`.
bool next_quoted(std::string_view& text, std::string_view& quoted, char stop) {
  const std::size_t begin = text.find_first_of(std::string("'\"") + stop);
  if (begin == std::string_view::npos || text[begin] == stop) return false;
  const std::size_t end = text.find(text[begin], begin + 1);
  if (end == std::string_view::npos) return false;
  quoted = text.substr(begin + 1, end - begin - 1);
  text.remove_prefix(end + 1);
  return true;
}

template <class Stored, class T>
void convert(std::span<const std::byte> rows, std::size_t row_bytes, std::size_t offset,
             std::span<T> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<T>(load<Stored>(rows.data() + i * row_bytes + offset));
}

template <class T>
void read_any(const NpyArray::Field& f, std::span<const std::byte> rows, std::size_t row_bytes,
              std::span<T> out) {
  if (f.kind == 'f') {
    RANVIER_ASSERT((std::is_same_v<T, double>), "reals are read as doubles");
    return f.size == 4 ? convert<float>(rows, row_bytes, f.offset, out)
                       : convert<double>(rows, row_bytes, f.offset, out);
  }
  const bool is_signed = f.kind == 'i';
  switch (f.size) {
    case 1:
      return is_signed ? convert<std::int8_t>(rows, row_bytes, f.offset, out)
                       : convert<std::uint8_t>(rows, row_bytes, f.offset, out);
    case 2:
      return is_signed ? convert<std::int16_t>(rows, row_bytes, f.offset, out)
                       : convert<std::uint16_t>(rows, row_bytes, f.offset, out);
    case 4:
      return is_signed ? convert<std::int32_t>(rows, row_bytes, f.offset, out)
                       : convert<std::uint32_t>(rows, row_bytes, f.offset, out);
    default:
      return is_signed ? convert<std::int64_t>(rows, row_bytes, f.offset, out)
                       : convert<std::uint64_t>(rows, row_bytes, f.offset, out);
  }
}

}  // namespace

NpyArray::NpyArray(std::span<const std::byte> head) {
  if (head.size() < 12 || !starts_with(head, "\x93NUMPY"))
    throw Error(ErrorKind::parse, "is no NumPy array");
  const auto version = std::to_integer<int>(head[6]);
  if (version < 1 || version > 3)
    throw Error(ErrorKind::unsupported, fmt::format("NumPy format {}, accepted: 1 to 3", version));
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t length =
      version == 1 ? load<std::uint16_t>(head.data() + 8) : load<std::uint32_t>(head.data() + 8);
  if (length > head.size() - begin)
    throw Error(ErrorKind::parse, "a NumPy header that is cut off or too long");
  data_offset_ = begin + length;
  const std::string_view header = text_of(head.subspan(begin, length));
  if (value_of(header, "fortran_order").starts_with("True"))
    throw Error(ErrorKind::unsupported, "a NumPy array in Fortran order");
  parse_shape(value_of(header, "shape"));
  parse_descr(value_of(header, "descr"));
  if (rows_ > most_bytes / row_bytes_)
    throw Error(ErrorKind::parse, "a NumPy array of too many rows");
}

/// (3,) or (3, 4) or ().
void NpyArray::parse_shape(std::string_view text) {
  if (!text.starts_with("(")) throw Error(ErrorKind::parse, "a NumPy header without a shape");
  for (text.remove_prefix(1); !text.starts_with(")"); ++axes_) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || (length > 0 && rows_ > most_bytes / length))
      throw Error(ErrorKind::parse, "a NumPy header whose shape is not that of an array");
    rows_ *= length;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(",") || text.starts_with(" ")) text.remove_prefix(1);
  }
}

void NpyArray::parse_descr(std::string_view text) {
  std::string_view name, type;
  if (!text.starts_with("[")) {
    if (!next_quoted(text, type, ','))
      throw Error(ErrorKind::parse, "a NumPy header without a type");
    return add_field("", type);
  }
  while (next_quoted(text, name, ']')) {
    if (!next_quoted(text, type, ')') || !text.starts_with(")"))
      throw Error(ErrorKind::unsupported,
                  fmt::format("the NumPy field {} is no plain number", name));
    add_field(name, type);
  }
  if (fields_.empty()) throw Error(ErrorKind::parse, "a NumPy header without fields");
}

void NpyArray::add_field(std::string_view name, std::string_view type) {
  const bool plain = type.size() == 3 && (type[0] == '<' || type[0] == '|');
  const std::size_t size = plain ? static_cast<std::size_t>(type[2] - '0') : 0;
  const bool whole = plain && (type[1] == 'i' || type[1] == 'u') &&
                     (size == 1 || size == 2 || size == 4 || size == 8);
  const bool real = plain && type[1] == 'f' && (size == 4 || size == 8);
  const bool boolean = plain && type[1] == 'b' && size == 1;
  if (!whole && !real && !boolean)
    throw Error(ErrorKind::unsupported,
                fmt::format("NumPy type \"{}\", accepted: little-endian i, u, f and b1", type));
  fields_.push_back({std::string(name), type[1], size, row_bytes_});
  row_bytes_ += size;
}

void read_field(const NpyArray::Field& field, std::span<const std::byte> rows,
                std::size_t row_bytes, std::span<std::int64_t> out) {
  read_any(field, rows, row_bytes, out);
}

void read_field(const NpyArray::Field& field, std::span<const std::byte> rows,
                std::size_t row_bytes, std::span<double> out) {
  read_any(field, rows, row_bytes, out);
}

}  // namespace ranvier::encoding
