// The models of NIR's nodes against NIR's own reference traces (tests/golden/nir, an exact
// solution, Norse and snnTorch), the closed forms of their equations, and forward Euler written
// out.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {
namespace {

/// A row of a reference trace: input, potential, spike.
struct Row {
  double input, v, spike;
};

std::vector<Row> trace(const std::string& name) {
  std::ifstream file("tests/golden/nir/" + name);
  REQUIRE(file.good());
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Row row{};
    char comma = 0;
    words >> row.input >> comma >> row.v >> comma >> row.spike;
    rows.push_back(row);
  }
  REQUIRE(rows.size() == 1000);
  return rows;
}

/// The neuron of lif_norse.nir under the trace's input spikes in the trace's steps, and its v is
/// the trace's in the first `compared` of them.
void require_trace(const std::string& name, double scale, std::size_t compared,
                   SliceOptions options) {
  INFO(name);
  OneSlice neuron("nir_lif", {{"tau", 2.5}, {"v_threshold", 0.1}}, {}, options);
  const std::vector<Row> rows = trace(name);
  int spikes = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    neuron.receive(0, rows[k].input);
    const bool fired = !neuron.step().empty();
    CHECK(fired == (rows[k].spike != 0));
    if (k < compared) CHECK(neuron.state("v") == Approx(rows[k].v * scale).margin(2e-6));
    spikes += fired;
  }
  CHECK(spikes == 4);
}

// The exact trace resets at the crossing within the step, of which the rest of the input's pulse is
// seen afterwards; here spikes lie on the grid. Up to the first one the two are the same.
TEST_CASE("nir_lif follows NIR's exact reference trace", "[neurons]") {
  require_trace("lif_exact.csv", 1, 460, {});
}

TEST_CASE("nir_lif by Euler follows the traces of Norse and snnTorch", "[neurons]") {
  require_trace("lif_norse.csv", 1, 1000, {.method = "euler"});
  require_trace("lif_snntorch.csv", 0.1 / 2.5, 1000, {.method = "euler"});  // in a spike's jumps
}

TEST_CASE("under a constant input the filters follow their closed forms", "[neurons]") {
  const double tau_s = 3, tau_m = 7, r = 1.5, w_in = 0.4, leak = -0.2, u = 0.8, dt = 0.1;
  OneSlice li("nir_li", {{"tau", tau_m}, {"r", r}, {"v_leak", leak}}, {}, {.dt = dt});
  OneSlice cuba(
      "nir_cubali",
      {{"tau_syn", tau_s}, {"tau_mem", tau_m}, {"r", r}, {"v_leak", leak}, {"w_in", w_in}}, {},
      {.dt = dt});
  OneSlice i("nir_i", {{"r", r}}, {}, {.dt = dt});
  for (int n = 1; n <= 200; ++n) {
    for (OneSlice* one : {&li, &cuba, &i}) {
      one->receive(0, u / 2);  // half by spikes, half as a current
      one->inject(u / 2);
      REQUIRE(one->step().empty());
    }
    const double t = n * dt, m = std::exp(-t / tau_m), s = std::exp(-t / tau_s);
    CHECK(li.state("v") == Approx(leak + r * u * (1 - m)).epsilon(1e-10));
    CHECK(i.state("v") == Approx(r * u * t).epsilon(1e-10));
    CHECK(cuba.state("i") == Approx(w_in * u * (1 - s)).epsilon(1e-10));
    const double filtered = 1 - (tau_m * m - tau_s * s) / (tau_m - tau_s);  // two in a row
    CHECK(cuba.state("v") == Approx(leak + r * w_in * u * filtered).epsilon(1e-9));
  }
}

TEST_CASE("nir_cubalif by Euler moves the current before the membrane, and resets by value",
          "[neurons]") {
  OneSlice neuron("nir_cubalif",
                  {{"tau_syn", 0.5},
                   {"tau_mem", 2},
                   {"r", 3},
                   {"v_leak", 0.1},
                   {"w_in", 2},
                   {"v_threshold", 1},
                   {"v_reset", -0.3}},
                  {}, {.method = "euler"});
  double v = 0.1, i = 0;
  int spikes = 0;
  for (int n = 0; n < 400; ++n) {
    const double arrives = n % 7 == 0 ? 0.9 : 0, injected = 0.05;
    i += 0.1 / 0.5 * (2 * (arrives + injected) - i);
    v += 0.1 / 2 * (0.1 - v + 3 * i);
    const bool fires = v > 1;
    if (fires) v = -0.3;
    neuron.receive(0, arrives);
    neuron.inject(injected);
    REQUIRE(neuron.step().empty() == !fires);
    CHECK(neuron.state("v") == Approx(v).margin(1e-9));
    CHECK(neuron.state("i") == Approx(i).margin(1e-9));
    spikes += fires;
  }
  CHECK(spikes > 5);
}

TEST_CASE("a potential at the threshold does not spike, above it it does", "[neurons]") {
  OneSlice neuron("nir_if", {{"r", 10}, {"v_threshold", 1}, {"v_reset", 0.25}}, {});
  neuron.receive(0, 1);  // r dt = 1
  CHECK(neuron.step().empty());
  neuron.receive(0, 0.5);
  CHECK(neuron.step().size() == 1);
  CHECK(neuron.state("v") == 0.25);
  OneSlice threshold("nir_threshold", {{"threshold", 0.5}}, {});
  threshold.receive(0, 0.5);
  CHECK(threshold.step().empty());
  threshold.receive(0, 0.75);
  CHECK(threshold.step().size() == 1);
  CHECK(threshold.step().empty());  // nothing is kept
}

TEST_CASE("with subtract, what was above the threshold outlives the reset", "[neurons]") {
  OneSlice neuron("nir_if", {{"r", 10}, {"v_threshold", 1}, {"subtract", 1}}, {});
  neuron.receive(0, 1.75);
  CHECK(neuron.step().size() == 1);
  CHECK(neuron.state("v") == 0.75);
}

TEST_CASE("the models of NIR's nodes have the same bits with wide registers and one lane",
          "[neurons]") {
  for (const char* model : {"nir_lif", "nir_cubalif", "nir_if", "nir_threshold", "nir_li",
                            "nir_cubali", "nir_i", "nir_chain"})
    for (const bool single : {false, true}) {
      INFO(model);
      OneSlice wide(model, {}, {}, {.single_precision = single, .size = 37});
      OneSlice plain(model, {}, {}, {.plain = true, .single_precision = single, .size = 37});
      for (int n = 0; n < 300; ++n) {
        for (OneSlice* one : {&wide, &plain}) {
          one->inject(1.2, 0.01);
          if (n % 5 == 0) one->receive(0, 3.5, 0.03);
          if (n % 7 == 0 && model == std::string("nir_chain")) one->receive(1, 0.5, 0.03);
        }
        REQUIRE(wide.step() == plain.step());
        for (std::uint32_t k = 0; k < 37; ++k) REQUIRE(wide.states(k) == plain.states(k));
      }
    }
}

}  // namespace
}  // namespace ranvier::neurons::testing
