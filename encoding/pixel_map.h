// A value for every pixel of a sensor whose size need not be known: it grows as pixels are asked
// for. A border of untouched values runs around it, so that a pixel's neighbours can be looked at
// without a test.
#pragma once
#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/error.h"
#include "encoding/event.h"

namespace ranvier::encoding {

/// Values by pixel; see above.
template <class T>
class PixelMap {
 public:
  /// \param untouched  the value of pixels not set yet
  explicit PixelMap(const T& untouched) : untouched_(untouched) {}

  /// Makes room for a sensor's pixels at once. Throws Error(capacity).
  void start(const std::optional<Sensor>& sensor) {
    if (sensor) grow(sensor->width, sensor->height);
  }
  /// The value of a pixel, valid until the next call; its neighbours in x are one beside it, in y
  /// stride() beside it. Throws Error(capacity) where the map would exceed 2^24 pixels.
  T* at(std::uint32_t x, std::uint32_t y) {
    if (x >= width_ || y >= height_)
      grow(std::max(width_, std::bit_ceil(x + 1)), std::max(height_, std::bit_ceil(y + 1)));
    return values_.data() + (y + 1) * stride() + x + 1;
  }
  std::ptrdiff_t stride() const { return std::ptrdiff_t{width_} + 2; }

 private:
  void grow(std::uint32_t width, std::uint32_t height) {
    if (std::uint64_t{width} * height > most_pixels)
      throw Error(
          ErrorKind::capacity,
          fmt::format("a filter would have to remember {} x {} pixels, at most {}; crop the "
                      "recording first",
                      width, height, most_pixels));
    PixelMap larger(untouched_);
    larger.width_ = width;
    larger.height_ = height;
    larger.values_.assign((std::size_t{width} + 2) * (std::size_t{height} + 2), untouched_);
    for (std::uint32_t y = 0; y < height_; ++y)
      std::copy_n(at(0, y), width_, larger.values_.data() + (y + 1) * larger.stride() + 1);
    *this = std::move(larger);
  }

  static constexpr std::uint64_t most_pixels = std::uint64_t{1} << 24;
  T untouched_;
  std::uint32_t width_ = 0, height_ = 0;
  std::vector<T> values_;
};

}  // namespace ranvier::encoding
