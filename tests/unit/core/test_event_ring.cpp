// EventRing: how long buckets keep room that they do not use.
#include "core/event_ring.h"

#include "app/document.h"
#include "app/simulation.h"
#include "tests/catch.h"

#include <fmt/core.h>

using namespace ranvier;

namespace {

/// A turn of the ring in which each bucket holds `n`.
void turn(EventRing<int>& ring, std::size_t n) {
  for (std::size_t i = 0; i < ring.size(); ++i) {
    ring[i].assign(n, 1);
    ring[i].clear();
    ring.settle(ring[i], n);
  }
}

}  // namespace

TEST_CASE("buckets that fill again and again keep their room", "[core]") {
  EventRing<int> ring;
  ring.resize(10);
  turn(ring, 10'000);
  const int* const memory = ring[3].data();
  for (int k = 0; k < 100; ++k) {
    for (int quiet = 0; quiet < 20; ++quiet) turn(ring, 10);
    turn(ring, 10'000);
    REQUIRE(ring[3].data() == memory);
  }
}

TEST_CASE("buckets give back the room of a burst, but not what lies in them", "[core]") {
  EventRing<int> ring;
  ring.resize(10);
  turn(ring, 10'000);
  REQUIRE(ring.bytes() >= 10 * 10'000 * sizeof(int));
  for (int k = 0; k < 100; ++k) turn(ring, 10);
  CHECK(ring.bytes() < 10 * 1024 * sizeof(int));
  ring[0].assign(10'000, 1);
  ring[0].resize(7);  // the others were due
  for (int k = 0; k < 100; ++k) ring.settle(ring[0], 7);
  CHECK(ring[0] == std::vector<int>(7, 1));
  CHECK(ring[0].capacity() == 7);
}

TEST_CASE("a network gives back the memory of a burst", "[core]") {
  std::string burst = "5";
  for (int k = 1; k < 50; ++k) burst += fmt::format(", {}", 5 + 0.02 * k);
  const auto comm = make_local_comm();
  app::Simulation s(app::parse_document(fmt::format(R"({{"ranvier": 1, "populations": {{
            "in": {{"model": "spike_source_array", "size": 1, "spike_times": [[{}]]}},
            "cells": {{"model": "if_curr_delta", "size": 20000, "advance": "event"}}}},
            "projections": [{{"source": "in", "target": "cells", "weight": 1e-6,
                              "connector": {{"rule": "all_to_all"}},
                              "delay": {{"distribution": "uniform", "low": 1, "high": 5}}}}]}})",
                                                    burst),
                                        "test", {}),
                    {}, *comm);
  const auto bytes_after = [&s](double ms) {
    s.run(ms, [](double) { return true; });
    return s.totals().synapse_bytes;
  };
  const std::int64_t before = bytes_after(1), at_most = bytes_after(11), later = bytes_after(500);
  CHECK(s.totals().synaptic_events == 50 * 20'000);
  CHECK(at_most > before + 50 * 20'000 * 16);
  CHECK(later < before + 100'000);
}
