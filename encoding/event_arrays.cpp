#include "encoding/event_arrays.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/math.h"
#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

constexpr double most_bytes = 0x1p36;

/// An array of zeros, if it fits.
template <class T>
std::vector<T> array_of(std::initializer_list<std::int64_t> shape) {
  double bytes = sizeof(T);
  std::size_t n = 1;
  for (const std::int64_t length : shape) {
    bytes *= static_cast<double>(length);
    if (bytes > most_bytes)
      throw Error(ErrorKind::capacity,
                  fmt::format("an array of more than {:.0f} GB ({} x {} x ...)", most_bytes / 1e9,
                              *shape.begin(), *(shape.begin() + 1)));
    n *= static_cast<std::size_t>(length);
  }
  return std::vector<T>(n);
}

std::size_t plane_of(const Sensor& sensor) { return std::size_t{sensor.width} * sensor.height; }

std::size_t pixel_of(const DvsEvent& e, const Sensor& sensor) {
  require_inside(e, sensor);
  return std::size_t{e.y} * sensor.width + e.x;
}

std::size_t pixel_and_polarity_of(const DvsEvent& e, const Sensor& sensor) {
  return (e.on ? plane_of(sensor) : 0) + pixel_of(e, sensor);
}

void require_positive(double tau) {
  if (!(tau > 0)) throw Error(ErrorKind::range, fmt::format("tau: {} us, must be > 0", tau));
}

double decayed(std::int64_t from, std::int64_t to, double tau) {
  return math::exp(-static_cast<double>(time_between(from, to)) / tau);
}

using Latest = std::vector<std::optional<std::int64_t>>;  ///< us, by polarity and pixel

}  // namespace

std::vector<std::int32_t> event_frames(std::span<const DvsEvent> events, const Sensor& sensor,
                                       std::span<const std::int64_t> begins,
                                       std::span<const std::int64_t> ends) {
  RANVIER_ASSERT(begins.size() == ends.size(), "a cut has a begin and an end");
  auto frames = array_of<std::int32_t>(
      {static_cast<std::int64_t>(begins.size()), 2, sensor.height, sensor.width});
  for (std::size_t k = 0; k < begins.size(); ++k) {
    const auto n = static_cast<std::int64_t>(events.size());
    if (begins[k] < 0 || ends[k] < begins[k] || ends[k] > n)
      throw Error(ErrorKind::range,
                  fmt::format("a frame of the events [{}, {}) of {}", begins[k], ends[k], n));
    std::int32_t* const frame = frames.data() + 2 * k * plane_of(sensor);
    for (std::int64_t i = begins[k]; i < ends[k]; ++i)
      ++frame[pixel_and_polarity_of(events[static_cast<std::size_t>(i)], sensor)];
  }
  return frames;
}

std::vector<double> voxel_grid(std::span<const DvsEvent> events, const Sensor& sensor,
                               std::int64_t n_bins) {
  if (n_bins < 1) throw Error(ErrorKind::range, fmt::format("n_bins: {}, must be >= 1", n_bins));
  auto grid = array_of<double>({n_bins, sensor.height, sensor.width});
  if (events.empty()) return grid;
  const auto length = static_cast<double>(time_between(events.front().t, events.back().t));
  for (const DvsEvent& e : events) {
    const std::size_t pixel = pixel_of(e, sensor);
    const auto since = static_cast<double>(time_between(events.front().t, e.t));
    const double s = length > 0 ? static_cast<double>(n_bins) * since / length : 0;
    if (!(s >= 0 && s < static_cast<double>(n_bins))) continue;
    const auto bin = static_cast<std::size_t>(s);
    const double rest = s - static_cast<double>(bin), sign = e.on ? 1 : -1;
    grid[bin * plane_of(sensor) + pixel] += sign * (1 - rest);
    if (static_cast<std::int64_t>(bin) + 1 < n_bins)
      grid[(bin + 1) * plane_of(sensor) + pixel] += sign * rest;
  }
  return grid;
}

std::vector<double> time_surfaces(std::span<const DvsEvent> events, const Sensor& sensor,
                                  std::span<const std::int64_t> times,
                                  std::span<const std::int64_t> ends, double tau) {
  RANVIER_ASSERT(times.size() == ends.size(), "a surface has a time and a cut");
  require_positive(tau);
  const std::size_t pixels = 2 * plane_of(sensor);
  auto surfaces =
      array_of<double>({static_cast<std::int64_t>(times.size()), 2, sensor.height, sensor.width});
  Latest latest(pixels);
  std::size_t next = 0;
  for (std::size_t k = 0; k < times.size(); ++k) {
    if (ends[k] > static_cast<std::int64_t>(events.size()))
      throw Error(ErrorKind::range, fmt::format("a time surface of the first {} events of {}",
                                                ends[k], events.size()));
    for (; static_cast<std::int64_t>(next) < ends[k]; ++next)
      latest[pixel_and_polarity_of(events[next], sensor)] = events[next].t;
    for (std::size_t i = 0; i < pixels; ++i)
      if (latest[i]) surfaces[k * pixels + i] = decayed(*latest[i], times[k], tau);
  }
  return surfaces;
}

std::vector<float> hots_surfaces(std::span<const DvsEvent> events, const Sensor& sensor,
                                 std::int64_t radius, double tau) {
  require_positive(tau);
  if (radius < 0 || radius > 32'767)
    throw Error(ErrorKind::range, fmt::format("radius: {}, must lie in [0, 32767]", radius));
  const std::int64_t side = 2 * radius + 1;
  auto surfaces = array_of<float>({static_cast<std::int64_t>(events.size()), 2, side, side});
  Latest latest(2 * plane_of(sensor));
  float* surface = surfaces.data();
  for (const DvsEvent& e : events) {
    latest[pixel_and_polarity_of(e, sensor)] = e.t;
    for (std::size_t p = 0; p < 2; ++p)
      for (std::int64_t y = e.y - radius; y <= e.y + radius; ++y)
        for (std::int64_t x = e.x - radius; x <= e.x + radius; ++x, ++surface) {
          if (x < 0 || y < 0 || x >= sensor.width || y >= sensor.height) continue;
          const auto& t =
              latest[p * plane_of(sensor) + static_cast<std::size_t>(y * sensor.width + x)];
          if (t) *surface = static_cast<float>(decayed(*t, e.t, tau));
        }
  }
  return surfaces;
}

}  // namespace ranvier::encoding
