// Events as dense arrays, row-major, for networks that take pictures: counts in frames, a voxel
// grid, time surfaces. Events outside the sensor are refused. Tested by
// tests/unit/python/test_event_arrays.py against tonic.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "encoding/event.h"

namespace ranvier::encoding {

/// Counts of events by pixel and polarity, one frame a cut.
/// \param begins, ends  of the cuts: indices of events, [begin, end) each; as many ends as begins
/// \returns shape [n_cuts, 2 (OFF, ON), height, width]. Throws Error(range) for an event outside
/// the sensor or a cut outside the events, Error(capacity).
std::vector<std::int32_t> event_frames(std::span<const DvsEvent> events, const Sensor& sensor,
                                       std::span<const std::int64_t> begins,
                                       std::span<const std::int64_t> ends);

/// Sum of polarities (+1, -1), each shared linearly by the two bins nearest in time: with
/// s = n_bins (t - t_first) / (t_last - t_first), bin floor(s) gets 1 - (s - floor(s)), the next
/// one the rest; what falls behind the last bin is lost. \returns shape [n_bins, height, width],
/// dimensionless. Throws Error(range | capacity). Source: Zhu et al. 2019, "Unsupervised
/// event-based learning of optical flow, depth and egomotion", with s as tonic has it (bins, where
/// the paper has bins - 1).
std::vector<double> voxel_grid(std::span<const DvsEvent> events, const Sensor& sensor,
                               std::int64_t n_bins);

/// Exponential time surfaces of the whole sensor: exp(-(T - t) / tau), t being the time of the
/// latest event of that pixel and polarity with an index below the cut; 0 where there was none.
/// \param times, ends  T in us and the cut of each surface, cuts not falling
/// \param tau          us, > 0
/// \returns shape [n_times, 2 (OFF, ON), height, width]. Throws Error(range | capacity).
/// Source: Lagorce et al. 2017, "HOTS", eq. 3, at given times instead of events.
std::vector<double> time_surfaces(std::span<const DvsEvent> events, const Sensor& sensor,
                                  std::span<const std::int64_t> times,
                                  std::span<const std::int64_t> ends, double tau);

/// HOTS's time surface of every event: exp(-(t_i - t(u, p)) / tau) for the pixels u within `radius`
/// in x and y of event i and both polarities p, t(u, p) being the latest event there up to and with
/// event i; 0 where there was none and beyond the sensor.
/// \param radius  pixels, >= 0    \param tau  us, > 0
/// \returns shape [n_events, 2 (OFF, ON), 2 radius + 1, 2 radius + 1]. Throws Error(range |
/// capacity). Source: Lagorce et al. 2017, "HOTS: a hierarchy of event-based time-surfaces for
/// pattern recognition", eq. 2 and 3.
std::vector<float> hots_surfaces(std::span<const DvsEvent> events, const Sensor& sensor,
                                 std::int64_t radius, double tau);

}  // namespace ranvier::encoding
