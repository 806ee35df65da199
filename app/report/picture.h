// A picture of coloured pixels with short labels, and its file: PNG (ISO/IEC 15948), 8 bits a
// channel, written without another library than the one that packs. Labels are capital letters of
// 3 x 5 dots, drawn twice as large. Tested by tests/unit/app/test_replay_page.py, which reads the
// files with another reader.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ranvier::app {

using Rgb = std::array<std::uint8_t, 3>;

/// Pixels, row by row from the top left.
class Picture {
 public:
  Picture(std::size_t width, std::size_t height, const Rgb& ground)
      : width_(width), height_(height), pixels_(width * height, ground) {}

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  /// A rectangle; what lies outside the picture is left out.
  void fill(std::size_t x, std::size_t y, std::size_t width, std::size_t height, const Rgb& colour);
  /// A label whose top left is (x, y); small letters are shown as capitals, what has no letter as a
  /// gap.
  void text(std::size_t x, std::size_t y, std::string_view label, const Rgb& colour);
  /// Its width in pixels; the height of all is 10.
  static std::size_t text_width(std::string_view label) { return 8 * label.size(); }

  /// The content of a PNG file.
  std::string png() const;

 private:
  std::size_t width_, height_;
  std::vector<Rgb> pixels_;
};

}  // namespace ranvier::app
