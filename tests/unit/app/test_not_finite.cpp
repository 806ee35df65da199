// A state that has become infinite, or not a number, is told of where a run ends; a neuron that
// would fire at one instant for ever, at once.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "app/catalogue.h"
#include "app/document.h"
#include "app/prepare.h"
#include "core/comm/comm.h"
#include "core/kernel.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::app;
using Catch::Matchers::Contains;

namespace {

/// Two populations; two neurons of the second have so little capacity that their current draws them
/// to a potential that doubles do not hold.
Document beyond(double current) {
  std::vector<double> capacities(300, 0.25);
  capacities[217] = capacities[280] = 1e-300;
  return parse_document(fmt::format(R"({{"ranvier": 1, "populations": {{
        "a": {{"model": "if_curr_exp", "size": 70}},
        "b": {{"model": "if_curr_exp", "size": 300,
               "parameters": {{"i_offset": {}, "cm": [{}]}}}}}}}})",
                                    current, fmt::join(capacities, ", ")),
                        "test", {}, {&catalogue(), {}});
}

void run_for(double ms, double slice, const Document& document, int ranks, int threads) {
  run_as_ranks(ranks, [&](Comm& comm) {
    Workers workers(threads);
    const Layout layout = lay_out(document, comm, workers);
    Kernel kernel(layout, comm, workers);
    NoRecorder nothing;
    for (double t = slice; t <= ms; t += slice)
      kernel.run(from_ms(t).count(), nothing, [](std::int64_t) { return true; });
  });
}

}  // namespace

TEST_CASE("a potential that is not finite is named, alike on every split", "[app]") {
  const Document document = beyond(-1e8);
  for (const auto& [ranks, threads] : {std::pair{1, 1}, std::pair{1, 2}, std::pair{3, 1}})
    CHECK_THROWS_WITH(
        run_for(20, 20, document, ranks, threads),
        Contains("population \"b\": v of neuron 217 is not finite any more at 20 ms"));
  CHECK_THROWS_WITH(run_for(150, 150, document, 1, 1), Contains("at 100 ms"));
}

TEST_CASE("where no step of the adaptive method is short enough, the state is not finite",
          "[app]") {
  const Document document = parse_document(R"({"ranvier": 1, "populations": {
        "hh": {"model": "hh_1952", "size": 2, "method": "rk_adaptive",
               "parameters": {"gbar_Na": 1e200, "e_rev_Na": 1e200}}}})",
                                           "test", {}, {&catalogue(), {}});
  CHECK_THROWS_WITH(run_for(1, 1, document, 1, 1),
                    Contains("population \"hh\": v of neuron 0 is not finite any more"));
}

TEST_CASE("short runs look at the state from time to time", "[app]") {
  CHECK_NOTHROW(run_for(250, 1, beyond(0), 1, 1));
  CHECK_THROWS_WITH(run_for(150, 1, beyond(-1e8), 1, 1), Contains("at 100 ms"));
}

// So large a current that the potential is at the threshold as soon as it is reset.
TEST_CASE("an event-driven neuron that would fire for ever is named", "[app]") {
  for (const char* model : {"if_curr_delta", "if_curr_exp", "if_curr_alpha"}) {
    INFO(model);
    const auto cells = [model](double tau_refrac) {
      return parse_document(fmt::format(R"({{"ranvier": 1, "populations": {{
              "a": {{"model": "{}", "size": 70, "advance": "event"}},
              "b": {{"model": "{}", "size": 300, "advance": "event",
                     "parameters": {{"i_offset": 1e9, "cm": 1e-200, "tau_refrac": {}}}}}}}}})",
                                        model, model, tau_refrac),
                            "test", {}, {&catalogue(), {}});
    };
    CHECK_THROWS_WITH(run_for(3, 1, cells(0), 1, 1),
                      Contains("population \"b\": neuron 0 fires at ") &&
                          Contains("ms again and again: a parameter, weight or input is beyond"));
    CHECK_NOTHROW(run_for(3, 1, cells(0.5), 1, 1));
  }
}
