// A run in slices of any length has the bits of a run in one go: where a slice ends, a window is
// cut short, and that may not be seen. Slices end at multiples of dt, since clocked populations are
// in every network.
#include "core/rng.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

std::vector<std::int64_t> even_slices(std::int64_t length, std::int64_t until) {
  std::vector<std::int64_t> ends;
  for (std::int64_t end = length; end < until; end += length) ends.push_back(end);
  ends.push_back(until);
  return ends;
}

/// Lengths of 1 to 60 steps, drawn from a fixed key; some ends are asked for twice (an empty
/// slice).
std::vector<std::int64_t> random_slices(std::int64_t until, std::uint64_t key) {
  std::vector<std::int64_t> ends;
  for (std::uint64_t n = 0, step = 0;; ++n) {
    step += 1 + hash_word(key, n) % 60;
    if (static_cast<std::int64_t>(step) * 100'000 >= until) break;
    ends.insert(ends.end(), 1 + n % 2, static_cast<std::int64_t>(step) * 100'000);
  }
  ends.push_back(until);
  return ends;
}

}  // namespace

TEST_CASE("results do not depend on the slices of a run", "[core]") {
  constexpr std::int64_t until = 100'000'000;
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run whole = run(c, {{1, 1}, {until}});
    for (const std::int64_t length : {100'000, 700'000, 33'300'000}) {
      INFO("slices of " << length << " ns");
      CHECK(run(c, {{1, 1}, even_slices(length, until)}).same_as(whole));
    }
    CHECK(run(c, {{1, 1}, random_slices(until, 5)}).same_as(whole));
    CHECK(run(c, {{2, 1}, random_slices(until, 6)}).same_as(whole));
  }
}

// (begin, end] of a window holds no spike at its beginning: with the least delay it would be due
// when the window ends, and lost.
TEST_CASE("event-driven neurons that begin above their threshold fire 1 ns later", "[core]") {
  constexpr std::int64_t until = 20'000'000;
  Case c{"above", mixed_network(), {}};
  c.run.seed = 7;
  c.network.populations[1].initial = {
      {"v", Distribution{Distribution::Kind::uniform, -60.0, -45.0}}};
  const Run whole = run(c, {{1, 1}, {until}});
  std::size_t at_once = 0;
  for (const RecordedSpike& s : whole.spikes) {
    REQUIRE(s.time > 0);
    at_once += s.time == 1 ? 1 : 0;
  }
  CHECK(at_once > 60);
  CHECK(run(c, {{1, 1}, even_slices(100'000, until)}).same_as(whole));
  CHECK(run(c, {{2, 2}, random_slices(until, 5)}).same_as(whole));
}

TEST_CASE("a kernel that starts again has the bits of a new one", "[core]") {
  constexpr std::int64_t until = 50'000'000;
  for (const Case& c : cases()) {
    INFO(c.name);
    const Run fresh = run(c, {{1, 1}, {until}});
    for (const Split split : {Split{1, 1}, Split{2, 2}}) {
      How how{split, {until}};
      how.restart_at = 30'000'000;
      CHECK(run(c, how).same_as(fresh));
    }
  }
}

TEST_CASE("a clocked network refuses to end between two steps", "[core]") {
  const Case c = cases().front();
  CHECK_THROWS_AS(run(c, {{1, 1}, {150'050}}), Error);
}

// Synapses of sources that have been silent for ten seconds take in what their targets have fired
// (PlasticSynapses::catch_up), at the end of the window in which the ten seconds end: a weight of
// single precision is not rounded then.
TEST_CASE("a source that breaks a long silence leaves the same weights in any slices", "[core]") {
  Case c{"silence", {}, cases()[1].run};
  Population source = population("s", "spike_source_array", 1),
             cells = population("A", "if_curr_delta", 64);
  source.spike_times = {{100, 9999.5, 19999.5}};
  cells.parameters = {{"i_offset", Distribution{Distribution::Kind::uniform, 0.8, 1.2}}};
  c.network.populations = {source, cells};
  c.network.projections = {projection("s", "A", Connector::Rule::all_to_all, 0, 0.3, 1.0)};
  c.network.projections[0].synapse = "stdp_pair";
  c.network.projections[0].parameters = {{"A_plus", 0.01}, {"A_minus", 0.012}, {"tau_plus", 1e4}};
  c.network.projections[0].options = {{"weight_dependence", "multiplicative"}};
  constexpr std::int64_t until = 20'002'000'000;
  const Run whole = run(c, {{1, 1}, {until}});
  CHECK(run(c, {{1, 1}, {19'999'700'000, until}}).same_as(whole));
}
