// What `plan --measure` refuses to build; the rest of it is tested by tests/unit/app/test_plan.py.
#include "app/catalogue.h"
#include "app/scaling.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;

TEST_CASE("a share is refused by all that it takes while it is built", "[app]") {
  const Document document = parse_document(R"({"ranvier": 1,
    "populations": {"a": {"model": "if_curr_exp", "size": 10000}},
    "projections": [{"source": "a", "target": "a", "weight": 0.1, "delay": 1,
                     "connector": {"rule": "fixed_indegree", "number": 1000}}]})",
                                           "test", {}, {&catalogue(), {}});
  const ScalingPoint point = scaling_point(document, 4, {});
  // Ten million pairs drawn by target, of which each rank holds the numbers of its quarter.
  CHECK(point.building == Approx(4 * 1e7 / 4));
  const double held = point.estimate.total();
  CHECK_NOTHROW(require_share(point, held + point.building));
  CHECK_NOTHROW(require_share(point, 0));
  CHECK_THROWS_WITH(require_share(point, held + point.building / 2),
                    Catch::Contains("a rank's share of 4 needs about") &&
                        Catch::Contains("MB while it is built"));
}
