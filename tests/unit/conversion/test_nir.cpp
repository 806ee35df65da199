// NIR files keep every node: what was read and written is read again the same. What networks they
// become is tested from Python, where nir itself is (tests/unit/python/test_nir.py).
#include "conversion/nir.h"

#include "core/error.h"
#include "tests/catch.h"

#include <cstdlib>
#include <fstream>

using namespace ranvier;
using namespace ranvier::conversion;

namespace {

bool same(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape && a.values == b.values && a.whole == b.whole;
}

void require_same(const Graph& a, const Graph& b) {
  CHECK(a.version == b.version);
  CHECK(a.edges == b.edges);
  REQUIRE(a.nodes.size() == b.nodes.size());
  for (std::size_t k = 0; k < a.nodes.size(); ++k) {
    INFO(a.nodes[k].name);
    CHECK(a.nodes[k].name == b.nodes[k].name);
    CHECK(a.nodes[k].type == b.nodes[k].type);
    CHECK(a.nodes[k].texts == b.nodes[k].texts);
    REQUIRE(a.nodes[k].tensors.size() == b.nodes[k].tensors.size());
    for (const auto& [name, tensor] : a.nodes[k].tensors)
      CHECK(same(tensor, b.nodes[k].tensors.at(name)));
  }
}

/// A file of the temporary folder that is gone afterwards.
struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "ranvier_again.nir";
  ~TemporaryFile() { std::filesystem::remove(path); }
};

void require_round_trip(const std::filesystem::path& path) {
  INFO(path.string());
  const Graph graph = read_nir(path);
  REQUIRE(graph.nodes.size() > 2);
  const TemporaryFile file;
  write_nir(graph, file.path);
  CHECK(is_nir_file(file.path));
  require_same(read_nir(file.path), graph);
  CHECK_FALSE(std::filesystem::exists(file.path.string() + ".partial"));
}

TEST_CASE("a NIR file that was written again holds the same graph", "[conversion]") {
  require_round_trip("tests/golden/nir/braille_noDelay_bias_zero.nir");
  Graph graph = read_nir("tests/golden/nir/lif_norse.nir");
  GraphNode conv{"conv", "Conv2d", {}, {{"padding", "same"}}};
  conv.tensors["weight"] = {{1, 1, 1, 2}, {0.5, -0.25}};
  conv.tensors["groups"] = {{}, {1}, true};
  graph.nodes.insert(graph.nodes.begin() + 2, conv);  // members are read in the order of names
  const TemporaryFile file;
  write_nir(graph, file.path);
  require_same(read_nir(file.path), graph);
}

TEST_CASE("every node type of the samples is kept", "[conversion]") {
  const char* folder = std::getenv("RANVIER_SAMPLES");
  const std::filesystem::path path =
      std::filesystem::path(folder ? folder : "../shared/data") / "nir/generated/all_nodes.nir";
  if (std::filesystem::exists(path)) require_round_trip(path);
  else SUCCEED(path.string() + " is not there");
}

TEST_CASE("what is no NIR file is told apart or refused", "[conversion]") {
  CHECK_FALSE(is_nir_file("tests/golden/nir/LICENCE.md"));
  CHECK_FALSE(is_nir_file("no_such_file.nir"));
  CHECK_THROWS_AS(read_nir("tests/golden/nir/LICENCE.md"), Error);
}

TEST_CASE("a loop of two populations takes a step each, and a shorter way waits for the longer",
          "[conversion]") {
  // in -> a -> b -> a, in -> b: a lies at depth 1, b at depth 2
  const Tensor one{{1}, {1}, false}, matrix{{1, 1}, {1}, false};
  const auto lif = [&](const char* name) {
    GraphNode node{name, "LIF", {}, {}};
    for (const char* p : {"tau", "r", "v_leak", "v_threshold", "v_reset"}) node.tensors[p] = one;
    return node;
  };
  Graph graph;
  graph.nodes = {{"in", "Input", {{"shape", {{1}, {1}, true}}}, {}}, lif("a"), lif("b")};
  for (const char* name : {"in_a", "a_b", "b_a", "in_b"})
    graph.nodes.push_back({name, "Linear", {{"weight", matrix}}, {}});
  graph.edges = {{"in", "in_a"}, {"in_a", "a"}, {"a", "a_b"},   {"a_b", "b"},
                 {"b", "b_a"},   {"b_a", "a"},  {"in", "in_b"}, {"in_b", "b"}};
  NirOptions options;
  options.dt = 0.5;
  const NirModel model = to_network(graph, options);
  std::map<std::string, double> delays;
  for (const Projection& p : model.network.projections) delays[p.name] = std::get<double>(p.delay);
  CHECK(delays == std::map<std::string, double>{
                      {"in->a", 0.5}, {"a->b", 0.5}, {"b->a", 0.5}, {"in->b", 1.0}});
  CHECK(model.notes.back() == "the loop that b -> a closes takes a step a population");
}

TEST_CASE("layers in a loop without neurons are refused", "[conversion]") {
  const Tensor matrix{{1, 1}, {1}, false};
  Graph graph;
  graph.nodes = {{"in", "Input", {{"shape", {{1}, {1}, true}}}, {}},
                 {"w", "Linear", {{"weight", matrix}}, {}},
                 {"x", "Linear", {{"weight", matrix}}, {}},
                 {"t", "Threshold", {{"threshold", {{1}, {1}, false}}}, {}}};
  graph.edges = {{"in", "w"}, {"w", "x"}, {"x", "w"}, {"x", "t"}};
  CHECK_THROWS_WITH(to_network(graph), Catch::Contains("stands in a loop without neurons"));
}

}  // namespace
