// Power and Decay against the C library's functions.
#include "core/power.h"

#include <algorithm>
#include <cmath>

#include "core/decay.h"
#include "tests/catch.h"

using namespace ranvier;

TEST_CASE("a tabulated power is the C library's to a few units in the last place", "[core]") {
  for (const double p : {0.0, 0.02, 0.4, 0.5, 1.0, 1.7, 3.0, 8.0, 9.0, 17.5}) {
    Power power(p);
    std::vector<double> table;
    power.tabulate(table);
    double worst = 0;
    for (int k = 0; k < 100'000; ++k) {
      const double x = std::exp(-30 + k * 0.0006);
      worst = std::max(worst, std::fabs(power(x) / std::pow(x, p) - 1));
    }
    INFO("exponent " << p);
    CHECK(worst < 1e-14 * std::max(2.0, p));  // e^(p ln x): its error grows with p
    CHECK(power(0) == (p == 0 ? 1 : 0));
    CHECK(power(1e-310) == Power(p)(1e-310));
  }
}

TEST_CASE("a decay by tables is the exponential, and ends", "[core]") {
  for (const double tau : {0.05, 3.0, 20.0, 1e4}) {
    Decay decay(tau, 0.1);
    std::vector<double> table;
    const Decay plain = decay;
    decay.tabulate(table);
    CHECK(decay(0) == 1);
    for (std::int64_t n = 1; n < decay.reach(); n += 1 + decay.reach() / 1000) {
      INFO("tau " << tau << ", " << n << " steps");
      CHECK(std::fabs(decay(n) / std::exp(-static_cast<double>(n) * 0.1 / tau) - 1) < 2e-14);
      CHECK(std::fabs(decay(n) / plain(n) - 1) < 2e-14);
    }
    CHECK(decay(decay.reach()) == 0);
  }
  CHECK(Decay(0, 0.1)(0) == 0);
  CHECK(Decay(0, 0.1)(1) == 0);
}
