#include "core/draw.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/math.h"

namespace ranvier {
namespace {

std::uint64_t count_ones(std::uint64_t n, Words& words) {
  std::uint64_t ones = 0;
  for (; n >= 64; n -= 64) ones += static_cast<std::uint64_t>(std::popcount(words.next()));
  if (n > 0) ones += static_cast<std::uint64_t>(std::popcount(words.next() >> (64 - n)));
  return ones;
}

}  // namespace

std::uint64_t binomial(std::uint64_t n, std::uint64_t numerator, std::uint64_t denominator,
                       Words& words) {
  if (numerator >= denominator) return n;
  std::uint64_t successes = 0, undecided = n, rest = numerator;
  while (undecided > 0 && rest > 0) {  // the next binary digit of the quotient, by long division
    rest *= 2;
    const bool digit = rest >= denominator;
    if (digit) rest -= denominator;
    const std::uint64_t ones = count_ones(undecided, words);
    if (digit) successes += undecided - ones;  // a 0 against a digit 1: below the quotient
    undecided = digit ? ones : undecided - ones;
  }
  return successes;
}

double normal_quantile(double u) {
  const double q = u - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q *
           (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) *
                    r +
                45921.953931549871457) *
                   r +
               13731.693765509461125) *
                  r +
              1971.5909503065514427) *
                 r +
             133.14166789178437745) *
                r +
            3.387132872796366608) /
           (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) *
                    r +
                21213.794301586595867) *
                   r +
               5394.1960214247511077) *
                  r +
              687.1870074920579083) *
                 r +
             42.313330701600911252) *
                r +
            1.0);
  }
  double r = std::sqrt(-math::log(q < 0 ? u : 1.0 - u));
  double x;
  if (r <= 5) {
    r -= 1.6;
    x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r +
              0.24178072517745061177) *
                 r +
             1.27045825245236838258) *
                r +
            3.64784832476320460504) *
               r +
           5.7694972214606914055) *
              r +
          4.6303378461565452959) *
             r +
         1.42343711074968357734) /
        (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r +
              0.0151986665636164571966) *
                 r +
             0.14810397642748007459) *
                r +
            0.68976733498510000455) *
               r +
           1.6763848301838038494) *
              r +
          2.05319162663775882187) *
             r +
         1.0);
  } else {
    r -= 5;
    x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
              0.0012426609473880784386) *
                 r +
             0.026532189526576123093) *
                r +
            0.29656057182850489123) *
               r +
           1.7848265399172913358) *
              r +
          5.4637849111641143699) *
             r +
         6.6579046435011037772) /
        (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r +
              1.8463183175100546818e-5) *
                 r +
             7.868691311456132591e-4) *
                r +
            0.0148753612908506148525) *
               r +
           0.13692988092273580531) *
              r +
          0.59983220655588793769) *
             r +
         1.0);
  }
  return q < 0 ? -x : x;
}

double draw(const Distribution& law, std::uint64_t h) {
  // A document's law has a ten-thousandth of its probability inside, or more.
  constexpr std::uint64_t most_attempts = 1'000'000;
  for (std::uint64_t attempt = 0; attempt < most_attempts; ++attempt) {
    const double u = to_open_uniform(hash_word(h, attempt));
    double x = 0;
    switch (law.kind) {
      case Distribution::Kind::normal:
        x = std::fma(law.b, normal_quantile(u), law.a);
        break;
      case Distribution::Kind::uniform:
        x = std::fma(law.b - law.a, u, law.a);
        break;
      case Distribution::Kind::lognormal:
        x = math::exp(std::fma(law.b, normal_quantile(u), law.a));
        break;
      case Distribution::Kind::exponential:
        x = -law.a * math::log(u);
        break;
    }
    if (x >= law.low && x <= law.high) return x;
    if (law.bounds == Distribution::Bounds::clip) return std::fmin(std::fmax(x, law.low), law.high);
  }
  throw Error(ErrorKind::range, "a distribution missed its bounds [" + std::to_string(law.low) +
                                    ", " + std::to_string(law.high) +
                                    "] a million times: widen them or clip");
}

Law::Law(const Distribution& distribution) : law_(distribution) {
  const auto& d = law_;
  if (d.bounds == Distribution::Bounds::clip) return;
  const double lowest = unbounded(0x1p-53), highest = unbounded(1 - 0x1p-53);
  if (d.low <= lowest && d.high >= highest) return;
  const Distribution bounded = law_;
  law_.low = -std::numeric_limits<double>::infinity(), law_.high = -law_.low;
  const double from = bounded.low <= lowest ? 0 : cdf(bounded.low),
               to = bounded.high >= highest ? 1 : cdf(bounded.high);
  law_ = bounded;
  const bool constant = lowest == highest && bounded.low <= lowest && lowest <= bounded.high;
  if (!constant && !(to - from >= 1e-9))
    throw Error(
        ErrorKind::range,
        fmt::format("hardly any of the law lies within its bounds [{}, {}]: widen them or clip",
                    d.low, d.high));
  if (!constant) from_ = from, span_ = to - from;
}

double Law::unbounded(double p) const {
  switch (law_.kind) {
    case Distribution::Kind::normal:
      return std::fma(law_.b, normal_quantile(p), law_.a);
    case Distribution::Kind::uniform:
      return std::fma(law_.b - law_.a, p, law_.a);
    case Distribution::Kind::lognormal:
      return math::exp(std::fma(law_.b, normal_quantile(p), law_.a));
    case Distribution::Kind::exponential:
      return -law_.a * math::log(1 - p);
  }
  return 0;
}

double Law::quantile(double u) const {
  const double p = std::clamp(from_ + span_ * u, 0x1p-53, 1 - 0x1p-53);
  return std::clamp(unbounded(p), law_.low, law_.high);
}

double Law::cdf(double x) const {
  double low = 0, high = 1;
  if (quantile(0x1p-53) > x) return 0;
  if (quantile(1 - 0x1p-53) <= x) return 1;
  for (int i = 0; i < 54; ++i) {
    const double middle = 0.5 * (low + high);
    (quantile(middle) <= x ? low : high) = middle;
  }
  return low;
}

Permutation::Permutation(std::uint64_t key, std::uint64_t n)
    : key_(key), n_(n), half_((static_cast<unsigned>(std::bit_width(n > 1 ? n - 1 : 1)) + 1) / 2) {}

std::uint64_t Permutation::operator()(std::uint64_t i) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
  do {
    std::uint64_t left = i >> half_, right = i & mask;
    for (std::uint64_t round = 0; round < 6; ++round) {
      const std::uint64_t mixed = left ^ (hash_word(key_ + (round << 56), right) & mask);
      left = right;
      right = mixed;
    }
    i = left << half_ | right;
  } while (i >= n_);
  return i;
}

}  // namespace ranvier
