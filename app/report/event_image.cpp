#include "app/report/event_image.h"

#include "app/report/base64.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ranvier::app {
namespace {

// Palette: 0 is the ground, 1 + 17 level + balance the rest; level 0 to 14, balance 0 (all OFF) to
// 16 (all ON).
constexpr int levels = 15, balances = 17;
using Colour = std::array<double, 3>;
constexpr Colour ground{24, 26, 31}, off_colour{255, 159, 28}, even_colour{240, 240, 240},
    on_colour{86, 180, 255};

Colour mix(const Colour& a, const Colour& b, double t) {
  return {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])};
}

void append_little_endian(std::string& bytes, std::uint32_t value, int n) {
  for (int i = 0; i < n; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
}

void append_colour(std::string& bytes, const Colour& c) {
  for (const std::size_t i : {2u, 1u, 0u})
    bytes += static_cast<char>(static_cast<unsigned char>(std::lround(c[i])));
  bytes += '\0';
}

std::string palette() {
  std::string bytes;
  append_colour(bytes, ground);
  for (int level = 0; level < levels; ++level)
    for (int balance = 0; balance < balances; ++balance) {
      const double t = 2.0 * balance / (balances - 1) - 1;
      const Colour hue = t < 0 ? mix(even_colour, off_colour, -t) : mix(even_colour, on_colour, t);
      append_colour(bytes, mix(ground, hue, 0.25 + 0.75 * level / (levels - 1)));
    }
  return bytes;
}

char pixel(std::int64_t on, std::int64_t off, double scale) {
  const std::int64_t n = on + off;
  if (n == 0) return 0;
  const double brightness = std::min(1.0, std::log1p(static_cast<double>(n)) * scale);
  const auto level = static_cast<int>(std::lround(brightness * (levels - 1)));
  const auto balance = static_cast<int>(
      std::lround(static_cast<double>(on) / static_cast<double>(n) * (balances - 1)));
  return static_cast<char>(static_cast<unsigned char>(1 + level * balances + balance));
}

}  // namespace

EventCounts event_counts(const SpikeTrainData& events, const Sensor& sensor, double from,
                         double to) {
  EventCounts c;
  while (sensor.width > 320 * c.block || sensor.height > 240 * c.block) ++c.block;
  c.width = (sensor.width + c.block - 1) / c.block;
  c.height = (sensor.height + c.block - 1) / c.block;
  c.on.assign(static_cast<std::size_t>(c.width * c.height), 0);
  c.off = c.on;
  const std::int64_t pixels = sensor.width * sensor.height;
  const auto begin =
      std::upper_bound(events.times.begin(), events.times.end(), from) - events.times.begin();
  const auto end =
      std::upper_bound(events.times.begin(), events.times.end(), to) - events.times.begin();
  for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
    const std::int64_t neuron = events.neurons[i];
    const bool split = sensor.polarity == Sensor::Polarity::split;
    if (neuron < 0 || neuron >= (split ? 2 * pixels : pixels)) continue;
    const bool on = split ? neuron >= pixels : sensor.polarity != Sensor::Polarity::off;
    const std::int64_t at = neuron % pixels;
    const auto place = static_cast<std::size_t>(at / sensor.width / c.block * c.width +
                                                at % sensor.width / c.block);
    ++(on ? c.on : c.off)[place];
    ++(on ? c.all_on : c.all_off);
  }
  return c;
}

std::array<std::uint8_t, 3> event_colour(const EventCounts& counts, std::size_t pixel,
                                         std::int64_t brightest) {
  static const std::string colours = palette();
  const double scale = 1 / std::log1p(static_cast<double>(std::max<std::int64_t>(1, brightest)));
  const auto index =
      static_cast<unsigned char>(ranvier::app::pixel(counts.on[pixel], counts.off[pixel], scale));
  const auto* entry = reinterpret_cast<const std::uint8_t*>(&colours[std::size_t{4} * index]);
  return {entry[2], entry[1], entry[0]};
}

std::int64_t largest_count(const EventCounts& counts) {
  std::int64_t most = 1;
  for (std::size_t i = 0; i < counts.on.size(); ++i)
    most = std::max(most, counts.on[i] + counts.off[i]);
  return most;
}

std::string event_bitmap(const EventCounts& counts, std::int64_t brightest) {
  const auto w = static_cast<std::uint32_t>(counts.width),
             h = static_cast<std::uint32_t>(counts.height);
  const std::uint32_t row = (w + 3) / 4 * 4, data = 14 + 40 + 4 * 256;
  std::string bytes = "BM";
  append_little_endian(bytes, data + row * h, 4);
  append_little_endian(bytes, 0, 4);
  append_little_endian(bytes, data, 4);
  for (const std::uint32_t field : {40u, w, h}) append_little_endian(bytes, field, 4);
  append_little_endian(bytes, 1, 2);
  append_little_endian(bytes, 8, 2);
  for (const std::uint32_t field : {0u, row * h, 2835u, 2835u, 256u, 0u})
    append_little_endian(bytes, field, 4);
  bytes += palette();
  const double scale = 1 / std::log1p(static_cast<double>(std::max<std::int64_t>(1, brightest)));
  for (std::uint32_t y = h; y-- > 0;) {  // rows of a bitmap go upward
    for (std::uint32_t x = 0; x < row; ++x) {
      const std::size_t at = std::size_t{y} * w + x;
      bytes += x < w ? pixel(counts.on[at], counts.off[at], scale) : '\0';
    }
  }
  return "data:image/bmp;base64," + base64(bytes);
}

}  // namespace ranvier::app
