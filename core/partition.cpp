#include "core/partition.h"

#include <algorithm>

#include "core/clocked_slice.h"

namespace ranvier {
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

std::size_t Partition::population_of(Gid gid) const {
  const auto above = std::upper_bound(first_gid.begin(), first_gid.end(), gid);
  return static_cast<std::size_t>(above - first_gid.begin()) - 1;
}

int Partition::owner(Gid gid) const {
  const std::size_t p = population_of(gid);
  const auto index = static_cast<std::int64_t>(gid - first_gid[p]);
  int low = 0, high = parts();  // the last part q with cut(q) <= index
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
  for (int per_worker = 1;; ++per_worker) {
    partition.chunks_per_rank = workers * per_worker;
    std::int64_t largest =
        0;  // each population's largest part is at most its share and one group of 64
    for (std::size_t p = 0; p < kinds.size(); ++p)
      if (kinds[p] == PopulationKind::neurons && partition.sizes[p] > 0)
        largest += std::min<std::int64_t>(
            padded(
                static_cast<std::uint32_t>(std::min<std::int64_t>(partition.sizes[p], 1u << 31))),
            (partition.sizes[p] / partition.parts() / slice_padding + 2) * slice_padding);
    if (largest <= most_neurons || per_worker >= 4096) return partition;
  }
}

}  // namespace ranvier
