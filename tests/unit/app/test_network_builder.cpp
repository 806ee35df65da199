// A network made by calls: the checks and messages of documents, arrays from memory, nothing left
// of a part that was refused.
#include "app/network_builder.h"

#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;

namespace {

Part part(const char* text) { return {parse_json(text, "test")}; }

NetworkBuilder with_cells(std::int64_t size) {
  NetworkBuilder builder(part(R"({"dt": 0.5, "seed": 9})"));
  Part cells = part(R"({"model": "if_curr_exp"})");
  cells.json.set("size", size);
  builder.add_population("cells", cells);
  return builder;
}

MemoryArray array(std::vector<double> values, std::size_t columns = 1) {
  return {std::make_shared<std::vector<double>>(std::move(values)), columns};
}

}  // namespace

TEST_CASE("parts added by calls are those of a document", "[app]") {
  NetworkBuilder builder = with_cells(3);
  builder.add_projection(part(R"({"source": "cells", "target": "cells", "weight": 1,
                                  "connector": {"rule": "all_to_all"}})"));
  builder.add_stimulus(part(R"({"type": "dc", "target": "cells", "amplitude": 0.5})"));
  builder.add_probe(part(R"({"population": "cells", "variables": ["v"]})"));
  const std::string text = to_json(builder.document());
  const Document read = parse_document(text, "test", {});
  REQUIRE(to_json(read) == text);
  REQUIRE(read.run.dt == 0.5);
  REQUIRE(read.network.projections[0].name == "cells->cells");
}

TEST_CASE("arrays from memory stand for a document's arrays", "[app]") {
  NetworkBuilder builder = with_cells(3);
  Part other =
      part(R"({"model": "if_curr_exp", "size": 3, "parameters": {"tau_m": {"memory": 0}}})");
  other.arrays.push_back(array({10, 11, 12}));
  builder.add_population("other", other);
  Part list = part(R"({"source": "cells", "target": "other",
                       "connector": {"rule": "list", "connections": {"memory": 0}}})");
  list.arrays.push_back(array({0, 2, 0.25, 1.5, 1, 0, -0.5, 2}, 4));
  builder.add_projection(list);
  const Network& network = builder.network();
  REQUIRE(*std::get<Array>(network.populations[1].parameters.at("tau_m")) ==
          std::vector<double>{10, 11, 12});
  REQUIRE(*network.projections[0].connector.targets == std::vector<std::uint32_t>{2, 0});
  REQUIRE(*std::get<Array>(network.projections[0].weight) == std::vector<double>{0.25, -0.5});
  REQUIRE(*std::get<Array>(network.projections[0].delay) == std::vector<double>{1.5, 2});
}

TEST_CASE("a part that is refused leaves the network as it was", "[app]") {
  NetworkBuilder builder = with_cells(3);
  const std::string before = to_json(builder.document());
  REQUIRE_THROWS_WITH(builder.add_population("cells", part(R"({"model": "hh_1952", "size": 1})")),
                      Contains("population \"cells\": the name is taken"));
  REQUIRE_THROWS_WITH(
      builder.add_population(
          "x", part(R"({"model": "if_curr_exp", "size": 1, "parameters": {"cm": -1}})")),
      Contains("population \"x\": /parameters/cm: -1 nF, must be > 0"));
  REQUIRE_THROWS_WITH(builder.add_population("x", part(R"({"model": "if_curr_exp", "size": 1,
                                             "positions": [[0], [1]]})")),
                      Contains("/positions"));
  REQUIRE_THROWS_WITH(
      builder.add_projection(part(R"({"source": "cells", "target": "cell", "weight": 1,
                                      "connector": {"rule": "all_to_all"}})")),
      Contains("projection \"cells->cell\": /target"));
  Part list = part(R"({"source": "cells", "target": "cells", "weight": 1,
                       "connector": {"rule": "list", "connections": {"memory": 0}}})");
  list.arrays.push_back(array({0, 3}, 2));
  REQUIRE_THROWS_WITH(builder.add_projection(list), Contains("connection 0: index 3"));
  list.arrays[0] = array({0, 1, 2, 3, 4}, 5);
  REQUIRE_THROWS_WITH(builder.add_projection(list), Contains("5 columns"));
  REQUIRE(to_json(builder.document()) == before);
}

TEST_CASE("a document read from a text cannot refer to memory", "[app]") {
  REQUIRE_THROWS_AS(
      parse_document(R"({"ranvier": 1, "populations": {"a": {"model": "if_curr_exp", "size": 1,
                         "parameters": {"cm": {"memory": 0}}}}})",
                     "test", {}),
      Error);
}

TEST_CASE("connections of more targets than can be listed are refused, not cut off", "[app]") {
  NetworkBuilder builder = with_cells(std::int64_t{1} << 33);
  builder.add_projection(part(R"({"source": "cells", "target": "cells", "weight": 1,
                                  "connector": {"rule": "one_to_one"}})"));
  REQUIRE_THROWS_WITH(builder.connections(0), Contains("of up to 4294967296 targets"));
}
