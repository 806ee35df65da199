// Looking at a kernel and changing it between two slices of a run. Every rank is told the same and
// changes what it holds; nothing here depends on the split.
#include <algorithm>
#include <cstring>

#include "core/kernel.h"

namespace ranvier {

std::vector<double> Kernel::state(std::size_t population, int variable) {
  struct Entry {
    std::int64_t neuron;
    double value;
  };
  std::vector<Entry> mine;
  for (const auto& chunk : chunks_)
    for (std::size_t s = 0; s < chunk->plan().neurons.size(); ++s) {
      const Slice& slice = chunk->plan().neurons[s];
      if (slice.population != population) continue;
      for (std::uint32_t i = 0; i < slice.size; ++i)
        mine.push_back({slice.first + i, chunk->state_at(s, i, variable, Time{now_})});
    }
  Bytes bytes(mine.size() * sizeof(Entry));
  if (!mine.empty()) std::memcpy(bytes.data(), mine.data(), bytes.size());
  std::vector<double> all(static_cast<std::size_t>(layout_->partition.sizes[population]));
  for (const Bytes& part : comm_->all_gather(bytes))
    for (std::size_t at = 0; at < part.size(); at += sizeof(Entry)) {
      Entry entry;
      std::memcpy(&entry, part.data() + at, sizeof(Entry));
      all[static_cast<std::size_t>(entry.neuron)] = entry.value;
    }
  return all;
}

void Kernel::set_state(std::size_t population, int variable, std::span<const std::int64_t> neurons,
                       std::span<const double> values) {
  for (const auto& chunk : chunks_)
    for (std::size_t s = 0; s < chunk->plan().neurons.size(); ++s) {
      const Slice& slice = chunk->plan().neurons[s];
      if (slice.population != population) continue;
      for (std::size_t k = 0; k < neurons.size(); ++k) {
        const std::int64_t i = neurons[k] - slice.first;
        if (i >= 0 && i < static_cast<std::int64_t>(slice.size))
          chunk->set_state(s, static_cast<std::uint32_t>(i), variable, values[k], Time{now_});
      }
    }
}

void Kernel::change_parameters(std::size_t population, std::span<const std::int64_t> neurons) {
  agree_on(*comm_, [&] {
    for (const auto& chunk : chunks_) chunk->check_change(population);
  });
  for (const auto& chunk : chunks_) chunk->change_parameters(population, neurons, Time{now_});
}

void Kernel::change_stimulus(std::size_t stimulus) {
  agree_on(*comm_, [&] {
    for (const auto& chunk : chunks_) chunk->prepare_stimulus(stimulus, Time{now_});
  });
  for (const auto& chunk : chunks_) chunk->change_stimulus();
  if (layout_->network->stimuli[stimulus].type == Stimulus::Type::poisson) choose_width_of_sums();
}

void Kernel::inject(std::span<const RecordedSpike> spikes) {
  std::vector<Emitted> mine;
  for (const auto& chunk : chunks_) {
    mine.clear();
    for (const RecordedSpike& spike : spikes)
      if (const auto emitted = chunk->emission(spike)) mine.push_back(*emitted);
    if (!mine.empty()) chunk->inject(mine);
  }
}

}  // namespace ranvier
