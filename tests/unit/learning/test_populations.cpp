// Rules on whole populations: targets by the ten thousand, and parameters of each synapse's own
// that have to fit together.
#include "core/error.h"
#include "tests/unit/learning/protocol.h"

using namespace ranvier;
using namespace ranvier::learning::testing;

namespace {

Array array(std::vector<double> values) {
  return std::make_shared<const std::vector<double>>(std::move(values));
}

/// Builds a network on one rank and one worker.
void build(const Network& n, const RunSettings& run) {
  const Layout layout = make_layout(n, run, app::catalogue(), {});
  const auto comm = make_local_comm();
  Workers workers(1);
  const Kernel kernel(layout, *comm, workers);
}

}  // namespace

TEST_CASE("a spike reaches each of 70,000 targets once, at its time", "[learning]") {
  Protocol p;
  p.rule = "simple_stochastic";
  p.parameters = {{"p", 1.0}};
  p.pre = {1};
  p.weight = 1000;  // fires
  Network n = p.network();
  n.projections.resize(1);
  n.projections[0].connector.rule = Connector::Rule::all_to_all;
  n.populations[2].size = 70'000;  // more than 16 bits number
  for (const Storage storage : {Storage::exact, Storage::compact}) {
    p.storage = storage;
    const Layout layout = make_layout(n, p.settings(), app::catalogue(), {});
    const auto comm = make_local_comm();
    Workers workers(1);
    Kernel kernel(layout, *comm, workers);
    MemoryRecorder recorder(layout.record);
    kernel.run(5'000'000, recorder, [](std::int64_t) { return true; });
    std::vector<int> fired(70'000);
    std::size_t late = 0;
    for (const RecordedSpike& spike : recorder.recorded) {
      ++fired[spike.gid - 2];
      late += spike.time == 2'500'000 ? 0 : 1;  // 1 ms and the delay
    }
    CHECK(late == 0);
    CHECK(std::count(fired.begin(), fired.end(), 1) == 70'000);
  }
}

TEST_CASE("own parameters of a synapse that contradict each other are refused by the synapse",
          "[learning]") {
  Protocol p;
  p.rule = "stdp_pair";
  Network n = p.network();
  n.populations[0].size = n.populations[2].size = 3;
  n.populations[0].spike_times.resize(3);
  n.projections.resize(1);
  auto& parameters = n.projections[0].parameters;
  parameters["w_min"] = 1.0;  // the default of w_max, which no synapse has
  parameters["w_max"] = array({2, 3, 4});
  n.projections[0].weight = 1.5;
  CHECK_NOTHROW(build(n, p.settings()));
  parameters["w_max"] = array({2, 3, 1});
  CHECK_THROWS_WITH(build(n, p.settings()),
                    "projection \"pre\": synapse from 2 to 2: w_max must differ from w_min");
  n.projections[0].synapse = "multi_quantal";
  parameters = {{"n", Distribution{Distribution::Kind::uniform, 1.5, 1.6}}};
  CHECK_THROWS_WITH(build(n, p.settings()),
                    Catch::Matchers::Contains("synapse from 0 to 0: n must be a whole number"));
}
