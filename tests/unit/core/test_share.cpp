// One rank's share without the others (core/share.h): it holds what that rank of a real run holds,
// and reaches a plateau where the network grows with its ranks.
#include "core/share.h"

#include <cmath>

#include "app/catalogue.h"
#include "core/chunk.h"
#include "core/error.h"
#include "core/grow.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

Population cells(const char* name, std::int64_t size) {
  Population p;
  p.name = name;
  p.model = "if_curr_exp";
  p.size = size;
  return p;
}

Projection of_indegree(const char* source, const char* target, std::int64_t number) {
  Projection p;
  p.name = std::string(source) + " to " + target;
  p.source = source;
  p.target = target;
  p.connector.rule = Connector::Rule::fixed_indegree;
  p.connector.number = number;
  p.weight = 0.01;
  p.delay = 1.5;
  return p;
}

/// Excitatory and inhibitory neurons that all have as many synapses.
Network balanced(std::int64_t size) {
  Network n;
  n.populations = {cells("e", size * 4 / 5), cells("i", size / 5)};
  n.projections = {of_indegree("e", "e", 20), of_indegree("e", "i", 20), of_indegree("i", "e", 5),
                   of_indegree("i", "i", 5)};
  return n;
}

Share share_of(const Network& network, int ranks, Storage storage = Storage::compact) {
  RunSettings run;
  run.storage = storage;
  const Layout layout = make_layout(network, run, app::catalogue(), {ranks, 1, false});
  Workers workers(1);
  return build_share(layout, {ranks / 2, 10, 1}, workers);
}

}  // namespace

TEST_CASE("a share holds the synapses and sources of that rank in a real run, and about its routes",
          "[core]") {
  constexpr int ranks = 3, middle = 1;
  const Network network = balanced(3000);
  RunSettings run;
  run.storage = Storage::compact;
  const Layout layout = make_layout(network, run, app::catalogue(), {ranks, 1, false});
  std::int64_t synapses = 0, sources = 0, routes = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    Chunk chunk(layout, layout.partition.plan(rank, 0));
    chunk.connect();
    if (rank == middle) {
      synapses = chunk.synapses();
      sources = static_cast<std::int64_t>(chunk.sources_with_rows().size());
      continue;
    }
    for (const Gid gid : chunk.sources_with_rows())
      routes += layout.partition.owner(gid) == middle ? 1 : 0;
  }
  const Share share = share_of(network, ranks);
  CHECK(share.synapses == synapses);
  CHECK(share.sources == sources);
  CHECK(share.neighbours == ranks - 1);
  REQUIRE(routes > 1000);
  // Ranks differ by up to 64 neurons a population.
  CHECK(static_cast<double>(share.routes) == Approx(static_cast<double>(routes)).epsilon(0.1));
}

TEST_CASE("tables of a rank reach a plateau as ranks and neurons grow alike", "[core]") {
  const Network one = balanced(1000);
  const auto bytes_at = [&one](int ranks) {
    const Share share = share_of(grown(one, ranks), ranks);
    CHECK(std::abs(static_cast<double>(share.synapses) - 25'000) < 64 * 25 * 2);
    return (share.bytes.rows + share.bytes.headers + share.bytes.exchange) /
           static_cast<double>(share.synapses);
  };
  // Every synapse is a source's only one, and most lead to a rank of their own.
  const double many = bytes_at(262'144);
  CHECK(bytes_at(1) < 0.1 * many);
  CHECK(bytes_at(4'194'304) < 1.1 * many);
}

TEST_CASE("a rank of a network as large as a human brain is built from 64-bit numbers", "[core]") {
  constexpr int ranks = 8'600'000;
  const Network human = grown(balanced(10'000), ranks);
  REQUIRE(human.populations[0].size + human.populations[1].size == 86'000'000'000);
  const Share share = share_of(human, ranks);
  CHECK(share.synapses == share.neurons * 25);
  CHECK(share.sources > share.synapses * 99 / 100);  // hardly two synapses of one source
  const std::uint64_t begin = 60'000'000'000, end = begin + 64;
  const auto rows = make_rows(human, 0, RunSettings{}, {begin, end});
  RowBuffer<ExactPlaced> row;
  std::size_t synapses = 0, beyond = 0;
  const auto n = static_cast<std::uint64_t>(human.populations[0].size);
  for (std::uint64_t s = rows->next_source(0); s < n; s = rows->next_source(s + 1)) {
    row.clear();
    rows->place(s, row);
    for (const ExactPlaced& synapse : row.row()) CHECK(synapse.target < 64);
    synapses += row.row().size();
    beyond += s >> 32 != 0 ? row.row().size() : 0;
  }
  CHECK(synapses == 64 * 20);
  CHECK(beyond > synapses * 8 / 10);  // 1 - 2^32 / n = 0.94 of them
  std::vector<Synapse> read;
  CHECK_THROWS_WITH(rows->append(0, read),
                    "projection \"e to e\": synapses can be read of up to 4294967296 targets");
}

TEST_CASE("the exchange's time is its latency, its messages and its bytes", "[core]") {
  Share share;
  share.windows = 1000;
  CHECK(exchange_seconds(share, 1, {}) == 0);
  share.neighbours = 3;
  share.message_bytes = 3 * 100;  // they fit in blocks of 256 bytes
  const Wire wire{1e-6, 1e-7, 1e9};
  CHECK(exchange_seconds(share, 4, wire) == Approx(1000 * (1e-6 + 3e-7 + 3 * 256e-9)));
  share.message_bytes = 3 * 1248;  // 248 in the block, 1,000 after it
  CHECK(exchange_seconds(share, 4, wire) == Approx(1000 * (1e-6 + 6e-7 + 3 * 1256e-9)));
}

TEST_CASE("a probe of a trillion neurons is refused before their numbers are written down",
          "[core]") {
  Network network;
  Population p;
  p.name = "e";
  p.model = "if_curr_exp";
  p.size = 1'000'000'000'000;
  network.populations = {p};
  Probe probe;
  probe.population = "e";
  probe.variables = {"v"};
  Probe spikes = probe;
  spikes.variables = {"spikes"};
  network.probes = {spikes, probe};
  CHECK_THROWS_WITH(make_layout(network, {}, app::catalogue(), {}),
                    "probe 1 on \"e\": v of all 1000000000000 neurons, of at most 268435456 can be "
                    "recorded; name some (neurons)");
}

TEST_CASE("a grown network has as many synapses a neuron, whatever fixed their number", "[core]") {
  using Rule = Connector::Rule;
  Network one = balanced(1000);
  one.projections[1].connector.rule = Rule::fixed_probability;
  one.projections[1].connector.probability = 0.1;
  one.projections[2].connector.rule = Rule::fixed_total_number;
  one.projections[2].connector.number = 8000;
  one.projections[3].connector.rule = Rule::all_to_all;
  Probe probe;
  probe.population = "e";
  probe.variables = {"v"};
  one.probes = {probe};
  const Network large = grown(one, 50);
  CHECK(large.populations[0].size == 40'000);
  CHECK(large.probes[0].neurons.size() == 800);
  const std::vector<std::int64_t> in_degrees{20, 80, 10, 200};
  for (std::size_t p = 0; p < 4; ++p) {
    CHECK(large.projections[p].connector.rule == Rule::fixed_indegree);
    CHECK(large.projections[p].connector.number == in_degrees[p]);
  }
  one.populations[1].positions.resize(200);
  CHECK_THROWS_WITH(grown(one, 2),
                    "population \"i\": has a position for each neuron, which a network of another "
                    "size does not have");
}
