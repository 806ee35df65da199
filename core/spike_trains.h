// Spike trains by neuron: the spikes of a population, which come sorted by time, put neuron after
// neuron. What decoders and measures read. Tested by tests/unit/encoding/test_measures.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ranvier {

/// The spikes of each neuron, in one stretch of memory: train i is times[begin[i]] to
/// times[begin[i + 1] - 1], in ms.
struct SpikeTrains {
  std::vector<std::size_t> begin{0};
  std::vector<double> times;

  std::size_t size() const { return begin.size() - 1; }
  std::span<const double> operator[](std::size_t i) const {
    return std::span(times).subspan(begin[i], begin[i + 1] - begin[i]);
  }
};

/// Spikes (time, neuron) put neuron by neuron, each neuron's in the order given; those of neurons
/// outside [0, size) are left out.
SpikeTrains by_neuron(std::span<const double> times, std::span<const std::int64_t> neurons,
                      std::size_t size);

}  // namespace ranvier
