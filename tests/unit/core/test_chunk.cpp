// Chunk: what its numbers can hold is refused or bounded before anything overflows.
#include "core/chunk.h"

#include "app/catalogue.h"
#include "core/error.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

Network of_one_population(std::int64_t size) {
  Network network;
  Population p;
  p.name = "cells";
  p.model = "if_curr_exp";
  p.size = size;
  network.populations.push_back(p);
  return network;
}

RunSettings compact() {
  RunSettings run;
  run.storage = Storage::compact;
  return run;
}

}  // namespace

TEST_CASE("a chunk of more neurons than compact synapses can name is refused", "[core]") {
  const Network network = of_one_population(65'536 + 64);
  Layout layout = make_layout(network, compact(), app::catalogue(), {});
  REQUIRE(layout.partition.chunks_per_rank == 2);
  layout.partition.chunks_per_rank = 1;  // as where 4,096 chunks a worker do not suffice
  CHECK_THROWS_WITH((Chunk{layout, layout.partition.plan(0, 0)}),
                    "a chunk would hold 65600 neurons (whole groups of 64 counted), compact "
                    "storage numbers 65536: use more threads or ranks, or storage \"exact\"");
  layout.has_rules = true;
  CHECK_THROWS_WITH((Chunk{layout, layout.partition.plan(0, 0)}),
                    "a chunk would hold 65600 neurons (whole groups of 64 counted), plastic "
                    "synapses number 65536: use more threads or ranks");
  layout.compact = false;
  CHECK_THROWS_AS((Chunk{layout, layout.partition.plan(0, 0)}), Error);
  layout.has_rules = false;
  CHECK_NOTHROW((Chunk{layout, layout.partition.plan(0, 0)}));
}

TEST_CASE("the bound of a chunk's sums falls again with its drives, and is a neuron's", "[core]") {
  Network network = of_one_population(64);
  Stimulus drive;
  drive.type = Stimulus::Type::poisson;
  drive.target = "cells";
  drive.rate = 100.0;
  drive.weight = 0.1;
  network.stimuli = {drive};
  const Layout layout = make_layout(network, compact(), app::catalogue(), {});
  Chunk chunk(layout, layout.partition.plan(0, 0));
  chunk.connect();
  const auto change_to = [&](Value rate) {
    network.stimuli[0].rate = std::move(rate);
    chunk.prepare_stimulus(0, Time{0});
    chunk.change_stimulus();
    return chunk.largest_sum();
  };
  const std::int64_t slow = chunk.largest_sum(), fast = change_to(1e6);
  REQUIRE(slow > 0);
  CHECK(fast > 10 * slow);
  CHECK(change_to(100.0) == slow);
  CHECK(change_to(1e6) == fast);
  const auto change_to_many = [&](double first, double others) {
    std::vector<double> rates(64, others);
    rates[0] = first;
    return change_to(Array(std::make_shared<std::vector<double>>(rates)));
  };
  const std::int64_t mixed = change_to_many(1e6, 100);  // eight neurons share a counter
  CHECK(8 * mixed == change_to_many(1e6, 1e6) + 7 * change_to_many(100, 100));
}
