#include "core/exchange.h"

#include <algorithm>

namespace ranvier {

std::vector<Gid> number_sources(const Chunks& chunks) {
  std::vector<Gid> gids;
  for (const auto& chunk : chunks)
    gids.insert(gids.end(), chunk->sources_with_rows().begin(), chunk->sources_with_rows().end());
  std::sort(gids.begin(), gids.end());
  gids.erase(std::unique(gids.begin(), gids.end()), gids.end());
  std::vector<std::uint32_t> numbers;
  for (const auto& chunk : chunks) {
    numbers.clear();
    for (const Gid gid : chunk->sources_with_rows())
      numbers.push_back(static_cast<std::uint32_t>(std::lower_bound(gids.begin(), gids.end(), gid) -
                                                   gids.begin()));
    chunk->number_sources(numbers, gids.size());
  }
  return gids;
}

std::vector<int> set_routes(const Chunks& chunks, std::vector<Wanted> wanted, int rank) {
  std::vector<int> neighbours;
  for (const Wanted& w : wanted)
    if (w.rank != rank) neighbours.push_back(w.rank);
  std::sort(neighbours.begin(), neighbours.end());
  neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
    return a.gid != b.gid ? a.gid < b.gid : a.rank < b.rank;
  });
  const auto route_of = [&](const Wanted& w) {
    const auto place = std::lower_bound(neighbours.begin(), neighbours.end(), w.rank);
    return Route{
        w.rank == rank ? Route::here : static_cast<std::int32_t>(place - neighbours.begin()),
        w.source};
  };
  for (const auto& chunk : chunks) {
    const ChunkPlan& plan = chunk->plan();
    Routes to(plan.n_local);
    std::vector<Route> of_one;
    const auto take_slice = [&](const Slice& slice) {
      auto w = std::lower_bound(wanted.begin(), wanted.end(), slice.gid,
                                [](const Wanted& a, Gid gid) { return a.gid < gid; });
      while (w != wanted.end() && w->gid - slice.gid < static_cast<Gid>(slice.size)) {
        const Gid gid = w->gid;
        of_one.clear();
        for (; w != wanted.end() && w->gid == gid; ++w) of_one.push_back(route_of(*w));
        to.set(slice.local + static_cast<std::uint32_t>(gid - slice.gid), of_one);
      }
    };
    for (const Slice& slice : plan.neurons) take_slice(slice);
    for (const Slice& slice : plan.sources) take_slice(slice);
    to.shrink_to_fit();
    chunk->set_routes(std::move(to));
  }
  return neighbours;
}

}  // namespace ranvier
