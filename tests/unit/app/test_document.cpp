// Network documents: loading, and that what is written reads back as the same network, doubles to
// the bit. The documents' form is docs/reference/network.md; malformed documents are in
// tests/bad_input.
#include "app/document.h"

#include "core/error.h"
#include "tests/catch.h"
#include "tests/unit/app/model_table.h"

#include <cmath>
#include <fstream>

using namespace ranvier;
using namespace ranvier::app;

namespace {

const char* const everything = R"json({
  "ranvier": 1,
  "description": "all fields",
  "run": {"duration": 100, "dt": 0.1, "seed": 18446744073709551615, "storage": "exact"},
  "populations": {
    "exc": {"model": "if_curr_exp", "size": 8,
            "parameters": {"tau_m": 20, "i_offset": {"distribution": "normal", "mean": 0, "sd": 1, "low": -2, "high": 2, "bounds": "clip"},
                           "v_thresh": [-50, -50.1, -50.2, -50.3, -50.4, -50.5, -50.6, -50.7]},
            "initial": {"v": {"distribution": "uniform", "low": -70, "high": -50}},
            "positions": {"grid": [2, 2, 2], "spacing": [10, 20, 30]}, "advance": "event", "precision": "double"},
    "free": {"model": "izhikevich", "size": 3, "preset": "FS", "parameters": {"b": 0.25}, "method": "rk_adaptive", "positions": {"random_in": [[0, 0, 0], [1, 2, 3]]}, "advance": "auto"},
    "in": {"model": "spike_source_poisson", "size": 8, "parameters": {"rate": 8}, "positions": [[0,0,0],[1,0,0],[2,0,0],[3,0,0],[4,0],[5,0],[6],[7]]},
    "arr": {"model": "spike_source_array", "size": 2, "spike_times": [[1, 2.5], [3]]},
    "enc": {"model": "spike_source_encoded", "size": 2, "values": [[0.25, 1], [0, 0.30000000000000004]], "options": {"code": "isi", "window": 150}}
  },
  "projections": [
    {"source": "exc", "target": "exc", "connector": {"rule": "fixed_probability", "probability": 0.1, "self_connections": false}, "weight": 0.1, "delay": 1.5},
    {"source": "exc", "target": "exc", "connector": {"rule": "fixed_indegree", "number": 3, "multiple_connections": false},
     "weight": {"distribution": "lognormal", "mu": -1, "sigma": 0.5}, "delay": {"distribution": "normal", "mean": 1.5, "sd": 0.75, "low": 0.1}},
    {"name": "listed", "source": "arr", "target": "exc", "connector": {"rule": "list", "connections": [[0, 7, 0.1, 1], [1, 0, 0.30000000000000004, 2.5]]}, "receptor": "inhibitory"},
    {"source": "in", "target": "exc", "connector": {"rule": "distance_dependent", "probability": {"function": "gaussian", "a": 1, "b": 100, "high": 0.5}},
     "weight": {"function": "exponential", "a": 0.2, "b": 50}, "delay": {"function": "linear", "a": 0.5, "b": 0.01, "low": 0.1}},
    {"source": "exc", "target": "exc", "connector": {"rule": "small_world", "number": 4, "rewiring": 0.1}, "weight": {"distribution": "exponential", "mean": 0.1}},
    {"source": "in", "target": "exc", "connector": {"rule": "one_to_one"}, "weight": [1, 2, 3, 4, 5, 6, 7, 8]},
    {"source": "in", "target": "free", "connector": {"rule": "all_to_all"}, "weight": 1},
    {"source": "in", "target": "free", "connector": {"rule": "fixed_outdegree", "number": 2}, "weight": 1},
    {"source": "in", "target": "free", "connector": {"rule": "fixed_total_number", "number": 20}, "weight": -1}
  ],
  "stimuli": [
    {"type": "poisson", "target": "exc", "rate": 8000, "weight": 0.1, "receptor": "excitatory", "start": 5, "stop": 50, "neurons": [1, 3]},
    {"type": "poisson", "name": "steps", "target": "exc", "times": [0, 10], "values": [100, 0], "weight": 0.1},
    {"type": "dc", "target": "exc", "amplitude": {"distribution": "uniform", "low": 0, "high": 1}},
    {"type": "step", "target": "exc", "times": [1, 2], "values": [0.5, -0.5]},
    {"type": "ac", "target": "free", "amplitude": [1, 2, 3], "offset": 0.1, "frequency": 50, "phase": 90},
    {"type": "noise", "target": "exc", "mean": 0.1, "stdev": 0.2, "interval": 1}
  ],
  "probes": [{"population": "exc", "variables": ["v", "spikes"], "neurons": [0, 1], "interval": 0.2}, {"population": "in", "variables": ["spikes"]}]
})json";

Document load(const std::string& text, LoadOptions options = {}) {
  static const Catalogue catalogue = table_catalogue();
  options.catalogue = &catalogue;
  return parse_document(text, "net.json", "tests/bad_input", options);
}

}  // namespace

TEST_CASE("every field of a document reaches the network", "[app][document]") {
  const Document d = load(everything);
  REQUIRE(d.network.populations.size() == 5);
  CHECK(d.run.seed == 18446744073709551615ULL);
  CHECK(d.run.storage == Storage::exact);
  const Population& exc = d.network.populations[0];
  CHECK(exc.name == "exc");
  CHECK(exc.advance == Advance::event);
  CHECK(exc.precision == Precision::double_);
  CHECK(exc.method.empty());
  const Population& free = d.network.populations[1];
  CHECK(free.method == "rk_adaptive");
  CHECK(std::get<double>(free.parameters.at("a")) == 0.1);  // of the preset FS
  CHECK(std::get<double>(free.parameters.at("b")) == 0.25);
  CHECK(exc.positions[5] == Position{10, 0, 30});
  const auto law = std::get<Distribution>(exc.parameters.at("i_offset"));
  CHECK(law.bounds == Distribution::Bounds::clip);
  CHECK(law.high == 2);
  CHECK((*std::get<Array>(exc.parameters.at("v_thresh")))[7] == -50.7);
  CHECK(d.network.populations[2].positions[4] == Position{4, 0, 0});
  CHECK(d.network.populations[3].spike_times == std::vector<std::vector<double>>{{1, 2.5}, {3}});
  const Projection& listed = d.network.projections[2];
  CHECK(*listed.connector.sources == std::vector<std::uint32_t>{0, 1});
  CHECK(*listed.connector.targets == std::vector<std::uint32_t>{7, 0});
  CHECK((*std::get<Array>(listed.weight))[1] == 0.30000000000000004);
  CHECK((*std::get<Array>(listed.delay))[1] == 2.5);
  CHECK(listed.receptor == "inhibitory");
  CHECK(d.network.projections[0].name == "exc->exc");
  CHECK(d.network.projections[1].name == "exc->exc #2");
  CHECK(d.network.projections[3].connector.distance.high == 0.5);
  CHECK(std::get<double>(d.network.projections[4].delay) == 1.0);
  CHECK(d.network.stimuli[0].stop == 50);
  CHECK(std::isinf(d.network.stimuli[1].stop));
  CHECK(d.network.stimuli[4].phase == 90);
  CHECK(d.network.probes[0].interval == 0.2);
}

TEST_CASE("a written document reads back as the same network", "[app][document]") {
  const Document first = load(everything);
  const std::string text = to_json(first);
  const Document second = load(text);
  CHECK(to_json(second) == text);  // the text says every field, doubles to the bit
  CHECK(second.network.populations[1].positions == first.network.populations[1].positions);
  CHECK(second.network.populations[3].spike_times == first.network.populations[3].spike_times);
  CHECK(*second.network.populations[4].values == std::vector<double>{0.25, 1, 0, 0.1 + 0.2});
  CHECK(second.network.populations[4].options == first.network.populations[4].options);
  CHECK(*second.network.projections[2].connector.targets ==
        *first.network.projections[2].connector.targets);
  CHECK(*std::get<Array>(second.network.projections[2].weight) ==
        *std::get<Array>(first.network.projections[2].weight));
  CHECK(second.network.stimuli[3].values == first.network.stimuli[3].values);
  CHECK(second.run.seed == first.run.seed);
}

TEST_CASE("overrides act before positions are drawn", "[app][document]") {
  const auto positions = [](std::optional<std::uint64_t> seed) {
    return load(everything, {nullptr, {std::nullopt, std::nullopt, seed, std::nullopt}})
        .network.populations[1]
        .positions;
  };
  CHECK(positions(5) != positions(6));
  CHECK(positions(5) == positions(5));
  const Document d = load(everything, {nullptr, {50.0, 0.05, 7, Storage::compact}});
  CHECK(d.run.duration == 50);
  CHECK(d.run.dt == 0.05);
  CHECK(d.run.seed == 7);
  CHECK(d.run.storage == Storage::compact);
  CHECK_THROWS_WITH(load(everything, {nullptr, {-1.0, {}, {}, {}}}),
                    "--duration: -1 ms, must be > 0 and below 9e+12 ms");
}

TEST_CASE("random positions fill the box", "[app][document]") {
  const Document d = load(R"({"ranvier":1,"populations":{"p":{"model":"izhikevich","size":1000,
    "positions":{"random_in":[[0,10,-5],[1,20,5]]}}}})");
  Position mean{};
  for (const Position& p : d.network.populations[0].positions)
    for (std::size_t axis = 0; axis < 3; ++axis) mean[axis] += p[axis] / 1000;
  CHECK(std::abs(mean[0] - 0.5) <
        0.05);  // 5 standard errors of a uniform law: 5 * 1 / sqrt(12 * 1000)
  CHECK(std::abs(mean[1] - 15) < 0.5);
  CHECK(std::abs(mean[2]) < 0.5);
}

TEST_CASE("connections are read from CSV with their weights and delays", "[app][document]") {
  const auto folder = std::filesystem::temp_directory_path() / "ranvier_test_document_csv";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "c.csv")
      << "# made by hand\nsource, target, weight, delay\r\n0, 2, 0.1, 1\r\n1,0,-2e-3,2.5\n\n";
  const Catalogue catalogue = table_catalogue();
  const Document d =
      parse_document(R"({"ranvier":1,"populations":{"p":{"model":"izhikevich","size":3}},
    "projections":[{"source":"p","target":"p","connector":{"rule":"csv","file":"c.csv"}}]})",
                     "net.json", folder, {&catalogue, {}});
  const Projection& p = d.network.projections[0];
  CHECK(*p.connector.sources == std::vector<std::uint32_t>{0, 1});
  CHECK(*p.connector.targets == std::vector<std::uint32_t>{2, 0});
  CHECK(*std::get<Array>(p.weight) == std::vector<double>{0.1, -2e-3});
  CHECK(*std::get<Array>(p.delay) == std::vector<double>{1, 2.5});
  std::filesystem::remove_all(folder);
}

TEST_CASE("connections are read from CSV with a byte order mark and quotes", "[app][document]") {
  const auto folder = std::filesystem::temp_directory_path() / "ranvier_test_document_quotes";
  std::filesystem::create_directories(folder);
  const Catalogue catalogue = table_catalogue();
  const auto read = [&](const std::string& text) {
    std::ofstream(folder / "c.csv") << text;
    return parse_document(R"({"ranvier":1,"populations":{"p":{"model":"izhikevich","size":3}},
    "projections":[{"source":"p","target":"p","connector":{"rule":"csv","file":"c.csv"}}]})",
                          "net.json", folder, {&catalogue, {}});
  };
  const Document d = read(
      "\xEF\xBB\xBF\"source\",\"target\",\"weight\",\"delay\"\r\n\"0\",\"2\",\"0.1\",\"1\"\r\n");
  const Projection& p = d.network.projections[0];
  CHECK(*p.connector.sources == std::vector<std::uint32_t>{0});
  CHECK(*p.connector.targets == std::vector<std::uint32_t>{2});
  CHECK(*std::get<Array>(p.weight) == std::vector<double>{0.1});
  CHECK_THROWS_WITH(
      read("0,1\n0,\"2\n"),
      Catch::Contains("/connector/file: \"c.csv\", line 2: a quote that is not closed"));
  std::filesystem::remove_all(folder);
}
