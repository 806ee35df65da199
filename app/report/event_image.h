// Event-camera input as images: counts of ON and OFF events a pixel, over the whole run and over
// slices of it, each a bitmap inside the page. Brightness is the logarithm of the count, hue the
// balance of ON (blue) and OFF (orange); sensors beyond 320 x 240 pixels are summed over blocks, so
// that a page stays small. How a neuron's number gives its pixel: encoding/dvs_source.h. Tested by
// tests/unit/app/test_report.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/run_folder.h"

namespace ranvier::app {

/// The pixels of a recording and how its neurons stand for them.
struct Sensor {
  enum class Polarity { both, on, off, split };  ///< both: which one is not known
  std::int64_t width = 0, height = 0;            ///< pixels
  Polarity polarity = Polarity::both;
};

/// Counts a pixel, row by row; `on` holds all events where the polarity is not known.
struct EventCounts {
  std::int64_t width = 0, height = 0;  ///< of the image: the sensor's over `block`, rounded up
  std::int64_t block = 1;              ///< sensor pixels along the side of an image pixel
  std::vector<std::int64_t> on, off;
  std::int64_t all_on = 0, all_off = 0;
};

/// Events in (from, to] (ms). Neurons outside the sensor are not counted.
EventCounts event_counts(const SpikeTrainData& events, const Sensor& sensor, double from,
                         double to);

/// The image as a data: URI of an 8-bit bitmap; `brightest` is the count that has full brightness
/// (>= 1).
std::string event_bitmap(const EventCounts& counts, std::int64_t brightest);

/// The colour (red, green, blue) of an image pixel in the same palette.
std::array<std::uint8_t, 3> event_colour(const EventCounts& counts, std::size_t pixel,
                                         std::int64_t brightest);

/// Largest count of ON and OFF together of a pixel, at least 1.
std::int64_t largest_count(const EventCounts& counts);

}  // namespace ranvier::app
