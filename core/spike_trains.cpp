#include "core/spike_trains.h"

namespace ranvier {

SpikeTrains by_neuron(std::span<const double> times, std::span<const std::int64_t> neurons,
                      std::size_t size) {
  SpikeTrains trains;
  trains.begin.assign(size + 1, 0);
  const auto inside = [size](std::int64_t neuron) {
    return neuron >= 0 && static_cast<std::size_t>(neuron) < size;
  };
  for (const std::int64_t neuron : neurons)
    if (inside(neuron)) ++trains.begin[static_cast<std::size_t>(neuron) + 1];
  for (std::size_t i = 1; i <= size; ++i) trains.begin[i] += trains.begin[i - 1];
  trains.times.resize(trains.begin.back());
  std::vector<std::size_t> next(trains.begin.begin(), trains.begin.end() - 1);
  for (std::size_t s = 0; s < times.size(); ++s)
    if (inside(neurons[s])) trains.times[next[static_cast<std::size_t>(neurons[s])]++] = times[s];
  return trains;
}

}  // namespace ranvier
