#include "core/partition.h"

#include <algorithm>

#include "core/clocked_slice.h"

namespace ranvier {
namespace {

/// Local numbers of the largest chunk, padding included: from a bound where that is
/// no more than `enough`.
std::int64_t largest_chunk(const Partition& partition, std::int64_t enough) {
  const int parts = partition.parts();
  std::int64_t bound = 0;  // a population's largest part: its share and up to two groups
  for (std::size_t p = 0; p < partition.sizes.size(); ++p)
    if (partition.kinds[p] == PopulationKind::neurons)
      bound += std::min((partition.sizes[p] / slice_padding + 1) * slice_padding,
                        (partition.sizes[p] / parts / slice_padding + 2) * slice_padding);
  if (bound <= enough) return bound;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts));
  for (std::size_t p = 0; p < partition.sizes.size(); ++p) {
    if (partition.kinds[p] != PopulationKind::neurons) continue;
    const int turn = static_cast<int>(p % static_cast<std::size_t>(parts));
    std::int64_t begin = 0;
    for (int q = 0; q < parts; ++q) {
      const std::int64_t end = partition.cut(p, q + 1);
      sizes[static_cast<std::size_t>((q - turn + parts) % parts)] +=
          padded(static_cast<std::uint32_t>(end - begin));
      begin = end;
    }
  }
  return *std::max_element(sizes.begin(), sizes.end());
}

}  // namespace

std::int64_t Partition::cut(std::size_t p, int q) const {
  if (q >= parts()) return sizes[p];
  if (kinds[p] == PopulationKind::whole_source) return q == 0 ? 0 : sizes[p];
  const std::int64_t share = sizes[p] / parts() * q + sizes[p] % parts() * q / parts();
  return share / slice_padding * slice_padding;
}

// Small populations fall into one part each; turning the order by the population's number spreads
// them.
ChunkPlan Partition::plan(int rank, int chunk) const {
  ChunkPlan plan;
  const int part = rank * chunks_per_rank + chunk;
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    const int turned =
        kinds[p] == PopulationKind::whole_source
            ? part
            : (part + static_cast<int>(p % static_cast<std::size_t>(parts()))) % parts();
    const std::int64_t first = cut(p, turned), last = cut(p, turned + 1);
    if (first == last) continue;
    Slice slice{static_cast<std::uint32_t>(p), first, static_cast<std::uint32_t>(last - first), 0,
                first_gid[p] + static_cast<Gid>(first)};
    (kinds[p] == PopulationKind::neurons ? plan.neurons : plan.sources).push_back(slice);
  }
  for (Slice& s : plan.neurons) {
    s.local = plan.n_neurons;
    plan.n_neurons += padded(s.size);
  }
  plan.n_local = plan.n_neurons;
  for (Slice& s : plan.sources) {
    s.local = plan.n_local;
    plan.n_local += s.size;
  }
  return plan;
}

std::vector<Slice> Partition::slices_of(int rank) const {
  std::vector<Slice> slices;
  for (int chunk = 0; chunk < chunks_per_rank; ++chunk) {
    const ChunkPlan held = plan(rank, chunk);
    slices.insert(slices.end(), held.neurons.begin(), held.neurons.end());
    slices.insert(slices.end(), held.sources.begin(), held.sources.end());
  }
  std::sort(slices.begin(), slices.end(),
            [](const Slice& a, const Slice& b) { return a.gid < b.gid; });
  return slices;
}

std::size_t Partition::population_of(Gid gid) const {
  const auto above = std::upper_bound(first_gid.begin(), first_gid.end(), gid);
  return static_cast<std::size_t>(above - first_gid.begin()) - 1;
}

int Partition::owner(Gid gid) const {
  const std::size_t p = population_of(gid);
  const auto index = static_cast<std::int64_t>(gid - first_gid[p]);
  // The last part q with cut(q) <= index lies near the index's share of the population.
  int low = 0, high = parts();
  if (kinds[p] != PopulationKind::whole_source) {
    const double parts_a_neuron = parts() / static_cast<double>(sizes[p]);
    const double at = static_cast<double>(index) * parts_a_neuron;
    low = std::max(low, static_cast<int>(at) - 2);
    high = static_cast<int>(std::min<double>(high, at + slice_padding * parts_a_neuron + 3));
  }
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (cut(p, middle) <= index ? low : high) = middle;
  }
  const int turn = kinds[p] == PopulationKind::whole_source
                       ? 0
                       : static_cast<int>(p % static_cast<std::size_t>(parts()));
  return ((low - turn + parts()) % parts()) / chunks_per_rank;
}

Partition make_partition(const Network& network, const std::vector<PopulationKind>& kinds,
                         int ranks, int workers, std::int64_t most_neurons) {
  Partition partition;
  partition.ranks = ranks;
  partition.kinds = kinds;
  Gid next = 0;
  for (const Population& p : network.populations) {
    partition.first_gid.push_back(next);
    partition.sizes.push_back(p.size);
    next += static_cast<Gid>(p.size);
  }
  partition.first_gid.push_back(next);
  constexpr std::int64_t most_per_worker = 4096;
  std::int64_t groups = 0;
  for (std::size_t p = 0; p < kinds.size(); ++p)
    if (kinds[p] == PopulationKind::neurons)
      groups += (partition.sizes[p] + slice_padding - 1) / slice_padding;
  const std::int64_t per_chunk = most_neurons / slice_padding,
                     all_workers = std::int64_t{ranks} * workers;
  std::int64_t per_worker = std::max<std::int64_t>(1, (groups - 1) / (per_chunk * all_workers) + 1);
  for (;; per_worker += 1 + per_worker / 8) {
    const bool last = per_worker >= most_per_worker;
    partition.chunks_per_rank = workers * static_cast<int>(std::min(per_worker, most_per_worker));
    if (last || largest_chunk(partition, most_neurons) <= most_neurons) return partition;
  }
}

}  // namespace ranvier
