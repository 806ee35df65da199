// The rule of docs/how-to/add-a-learning-rule.md (tests/docs/how_to_rule.cmake compiles it) in a
// network, against its closed form.
#include "tests/unit/learning/protocol.h"

using namespace ranvier;
using namespace ranvier::learning::testing;

namespace ranvier::learning {
SynapseRule hebb_decay_rule();
}

TEST_CASE("the rule of the how-to page follows its equations", "[learning]") {
  Catalogue catalogue = app::catalogue();
  catalogue.rules.push_back(learning::hebb_decay_rule());
  Protocol p;
  p.rule = "hebb_decay";
  p.parameters = {{"eta", 0.1}, {"loss", 0.05}, {"tau", 10.0}, {"w_max", 0.5}};
  p.pre = {20, 50};
  p.post = {28};
  p.catalogue = &catalogue;
  const std::vector<double> found = p.weights();
  CHECK(difference(found[0], 0.05 * 0.95) < 1e-12);
  const double gain = 0.1 * (0.5 - found[0]) * std::exp(-(28 + p.delay - 20) / 10);
  CHECK(difference(found[1], (found[0] + gain) * 0.95) < 1e-12);
}
