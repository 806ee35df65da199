// Partition: every neuron is in exactly one chunk, where owner() says, cut at multiples of 64, and
// evenly.
#include "core/partition.h"

#include <map>

#include "core/draw.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

Network with_sizes(const std::vector<std::int64_t>& sizes) {
  Network n;
  for (const std::int64_t size : sizes) {
    n.populations.emplace_back();
    n.populations.back().name = "p" + std::to_string(n.populations.size());
    n.populations.back().size = size;
  }
  return n;
}

std::vector<PopulationKind> kinds_of(std::size_t n) {
  std::vector<PopulationKind> kinds;
  for (std::size_t p = 0; p < n; ++p)
    kinds.push_back(p % 4 == 2   ? PopulationKind::split_source
                    : p % 4 == 3 ? PopulationKind::whole_source
                                 : PopulationKind::neurons);
  return kinds;
}

}  // namespace

TEST_CASE("every neuron and source is in one chunk, where its owner says", "[core]") {
  const std::vector<std::vector<std::int64_t>> networks{{1},
                                                        {64, 65, 66, 67},
                                                        {333, 97, 150, 1000, 5, 63},
                                                        {1, 1, 1, 1, 1, 1, 1, 1},
                                                        {100'000, 3000, 10, 7}};
  for (const auto& sizes : networks)
    for (const auto& [ranks, workers] : {std::pair{1, 1}, std::pair{1, 2}, std::pair{2, 1},
                                         std::pair{3, 2}, std::pair{4, 1}, std::pair{7, 5}}) {
      const Partition partition =
          make_partition(with_sizes(sizes), kinds_of(sizes.size()), ranks, workers);
      CHECK(partition.chunks_per_rank % workers == 0);
      std::map<Gid, int> rank_of;
      for (int rank = 0; rank < ranks; ++rank)
        for (int chunk = 0; chunk < partition.chunks_per_rank; ++chunk) {
          const ChunkPlan plan = partition.plan(rank, chunk);
          CHECK(plan.n_neurons <= 65'536);
          CHECK(plan.n_neurons % 64 == 0);
          std::uint32_t local = 0;
          for (const auto* slices : {&plan.neurons, &plan.sources})
            for (const Slice& s : *slices) {
              CHECK(s.local == local);
              local += slices == &plan.neurons ? (s.size + 63) / 64 * 64 : s.size;
              CHECK(s.gid == partition.first_gid[s.population] + static_cast<Gid>(s.first));
              if (partition.kinds[s.population] != PopulationKind::whole_source)
                CHECK(s.first % 64 == 0);
              for (std::uint32_t i = 0; i < s.size; ++i)
                CHECK(rank_of.emplace(s.gid + i, rank).second);
            }
          CHECK(plan.n_local == local);
        }
      REQUIRE(rank_of.size() == partition.first_gid.back());
      bool owners = true, populations = true;
      for (const auto& [gid, rank] : rank_of) {
        owners = owners && partition.owner(gid) == rank;
        const std::size_t p = partition.population_of(gid);
        populations =
            populations && gid >= partition.first_gid[p] && gid < partition.first_gid[p + 1];
      }
      CHECK(owners);
      CHECK(populations);
    }
}

TEST_CASE("a large population is shared evenly", "[core]") {
  const Partition partition =
      make_partition(with_sizes({1'000'000}), {PopulationKind::neurons}, 4, 3);
  for (int q = 0; q < partition.parts(); ++q)
    CHECK(std::abs(static_cast<double>(partition.cut(0, q + 1) - partition.cut(0, q)) -
                   1e6 / partition.parts()) <= 64);
}

TEST_CASE("many small populations do not all fall on one rank", "[core]") {
  const std::vector<std::int64_t> sizes(8, 10);
  const Partition partition =
      make_partition(with_sizes(sizes), std::vector(8, PopulationKind::neurons), 4, 1);
  for (int rank = 0; rank < 4; ++rank) CHECK(partition.plan(rank, 0).neurons.size() == 2);
}

TEST_CASE("a source that cannot be split is whole, on the first chunk", "[core]") {
  const Partition partition =
      make_partition(with_sizes({1000}), {PopulationKind::whole_source}, 2, 2);
  CHECK(partition.plan(0, 0).sources.at(0).size == 1000);
  CHECK(partition.owner(999) == 0);
  CHECK(partition.plan(1, 1).sources.empty());
}

TEST_CASE("thousands of small populations share the chunks that there are", "[core]") {
  const std::size_t n = 3000;  // padded to 64 neurons each: three chunks' worth
  const Partition partition = make_partition(with_sizes(std::vector<std::int64_t>(n, 10)),
                                             std::vector(n, PopulationKind::neurons), 1, 2);
  CHECK(partition.chunks_per_rank == 4);
  for (int chunk = 0; chunk < partition.chunks_per_rank; ++chunk)
    CHECK(partition.plan(0, chunk).n_neurons <= narrow_chunk);
}
