#include "app/report/picture.h"

#include <algorithm>
#include <cctype>

#include "core/bytes.h"
#include "core/deflate.h"

namespace ranvier::app {
namespace {

// A letter is five rows of three dots from the top, an octal digit a row.
constexpr std::array<std::uint16_t, 10> digits{075557, 026227, 071747, 071317, 055711,
                                               074717, 074757, 071122, 075757, 075717};
constexpr std::array<std::uint16_t, 26> letters{
    025755, 065656, 034443, 065556, 074647, 074644, 034553, 055755, 072227,
    011152, 055655, 044447, 057755, 065555, 025552, 065644, 025563, 065655,
    034216, 072222, 055557, 055552, 055775, 055255, 055222, 071247};

std::uint16_t dots_of(char c) {
  if (c >= '0' && c <= '9') return digits[static_cast<std::size_t>(c - '0')];
  const int capital = std::toupper(static_cast<unsigned char>(c));
  if (capital >= 'A' && capital <= 'Z') return letters[static_cast<std::size_t>(capital - 'A')];
  switch (c) {
    case '.':
      return 000002;
    case '-':
      return 000700;
    case '_':
      return 000007;
    case ':':
      return 002020;
    case '/':
      return 011244;
    case '(':
      return 012221;
    case ')':
      return 042224;
    default:
      return 0;
  }
}

void append_word(Bytes& bytes, std::uint32_t value) {  // most significant byte first
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::byte>(value >> shift & 0xff));
}

void append_chunk(Bytes& file, std::string_view type, const Bytes& data) {
  append_word(file, static_cast<std::uint32_t>(data.size()));
  Bytes named;
  append_all(named, std::span<const char>(type));
  append_all(named, std::span<const std::byte>(data));
  append_all(file, std::span<const std::byte>(named));
  append_word(file, crc32_of(named));
}

}  // namespace

void Picture::fill(std::size_t x, std::size_t y, std::size_t width, std::size_t height,
                   const Rgb& colour) {
  for (std::size_t j = y; j < std::min(height_, y + height); ++j)
    for (std::size_t i = x; i < std::min(width_, x + width); ++i) pixels_[j * width_ + i] = colour;
}

void Picture::text(std::size_t x, std::size_t y, std::string_view label, const Rgb& colour) {
  for (std::size_t k = 0; k < label.size(); ++k) {
    const std::uint16_t dots = dots_of(label[k]);
    for (std::size_t row = 0; row < 5; ++row)
      for (std::size_t column = 0; column < 3; ++column)
        if (dots >> (14 - 3 * row - column) & 1)
          fill(x + 8 * k + 2 * column, y + 2 * row, 2, 2, colour);
  }
}

std::string Picture::png() const {
  Bytes header, rows, file;
  append_word(header, static_cast<std::uint32_t>(width_));
  append_word(header, static_cast<std::uint32_t>(height_));
  for (const int field : {8, 2, 0, 0, 0}) header.push_back(static_cast<std::byte>(field));  // RGB
  for (std::size_t y = 0; y < height_; ++y) {
    rows.push_back(std::byte{0});  // no filter
    append_all(rows, std::span<const Rgb>(pixels_).subspan(y * width_, width_));
  }
  append_all(file, std::span<const char>("\x89PNG\r\n\x1a\n", 8));
  append_chunk(file, "IHDR", header);
  append_chunk(file, "IDAT", zlib_packed(rows));
  append_chunk(file, "IEND", {});
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

}  // namespace ranvier::app
