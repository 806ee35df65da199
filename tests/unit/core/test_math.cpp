#include <cmath>
#include <vector>

#include "core/math.h"
#include "core/sha256.h"
#include "core/simd.h"
#include "core/time.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

/// Error of `got` against the C library's long double result, in units of the double's last place.
double ulps(double got, long double exact) {
  const double nearest = static_cast<double>(exact);
  const double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact)) / unit;
}

}  // namespace

TEST_CASE("elementary functions are within two units of the last place of long double", "[core]") {
  for (int i = -2000; i <= 2000; ++i) {
    const double x = i * 0.0173;
    CHECK(ulps(math::exp(x), std::exp(static_cast<long double>(x))) < 2);
    CHECK(ulps(math::tanh(x * 0.1), std::tanh(static_cast<long double>(x * 0.1))) < 4);
    if (i > 0) CHECK(ulps(math::log(x), std::log(static_cast<long double>(x))) < 2);
    if (i != 0)
      CHECK(ulps(math::expm1(x * 0.01), std::expm1(static_cast<long double>(x * 0.01))) < 4);
    CHECK(std::fabs(math::sin(x) - static_cast<double>(std::sin(static_cast<long double>(x)))) <
          1e-15);
  }
}

TEST_CASE("exponentials of many numbers are those of each", "[core]") {
  for (const std::size_t n : {0, 1, 7, 8, 27}) {
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = 37.3 * static_cast<double>(i) - 500;
    std::vector<double> all = x;
    math::exp_of_each(all.data(), n);
    for (std::size_t i = 0; i < n; ++i) CHECK(all[i] == math::exp(x[i]));
  }
}

TEST_CASE("milliseconds become nanoseconds, ties to even", "[core]") {
  CHECK(from_ms(0.1) == 100us);
  CHECK(from_ms(1.5) == 1500us);
  CHECK(from_ms(2.5e-6).count() == 2);
  CHECK(from_ms(3.5e-6).count() == 4);
  CHECK(to_ms(1ms + 1ns) == 1.000001);
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples", "[core]") {
  Sha256 abc;
  abc.add("abc", 3);
  CHECK(abc.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 two_blocks;
  const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (const char c : text) two_blocks.add(&c, 1);
  CHECK(two_blocks.hex() == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("log2_below lies below the binary logarithm (std::log2), by less than 0.021", "[core]") {
  using One = HWY_NAMESPACE::Lanes<hwy::HWY_NAMESPACE::CappedTag<double, 1>>;
  const auto below = [](double x) { return hwy::HWY_NAMESPACE::GetLane(log2_below(One(x)).v); };
  for (int i = 0; i <= 100'000; ++i) {
    const double x = std::exp2(i * 1e-3 - 50.0);
    const double exact = std::log2(x);
    REQUIRE(below(x) <= exact + 1e-12);
    REQUIRE(below(x) > exact - 0.021);
  }
  CHECK(below(INFINITY) == 1024);
}
