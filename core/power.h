// Power: x^p for one exponent p and many x, as rules of plasticity need it: by tables of the binary
// exponent and of the 8 highest bits of the mantissa, and the binomial series for the rest. A few
// units in the last place from exact; the same bits on every processor. Tested by
// tests/unit/core/test_power.cpp.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/math.h"

namespace ranvier {

/// x^p for x >= 0; 0^0 is 1.
class Power {
 public:
  Power() = default;
  /// \param p  >= 0
  explicit Power(double p) : p_(p) {}

  double operator()(double x) const {
    if (p_ == 0) return 1;
    if (p_ == 1) return x > 0 ? x : 0;
    if (!(x > 0)) return 0;
    if (!table_ || x < 0x1p-1000 || x > 0x1p1000) return math::exp(p_ * math::log(x));
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const std::uint64_t cell = (bits >> 44) & 0xFF;
    const double mantissa = std::bit_cast<double>((bits & 0xF'FFFF'FFFF'FFFF) | (0x3FFULL << 52));
    const double r = std::fma(mantissa, table_[cell], -1.0);
    double series = factors_[terms - 1];
#pragma GCC unroll 6
    for (int k = terms - 2; k >= 0; --k) series = std::fma(series, r, factors_[k]);
    return table_[256 + cell] * table_[512 + (bits >> 52)] * series;
  }

  /// Makes it quick, up to p = 8.
  void tabulate(std::vector<double>& table) {
    if (p_ > 8) return;  // where the series would be too short
    table.resize(512 + 2048);
    for (int i = 0; i < 256; ++i) {
      const double inverse = 1 / (1 + (i + 0.5) / 256);
      table[static_cast<std::size_t>(i)] = inverse;
      table[static_cast<std::size_t>(256 + i)] = math::exp(-p_ * math::log(inverse));
    }
    for (int e = 0; e < 2048; ++e)
      table[static_cast<std::size_t>(512 + e)] = math::exp(p_ * (e - 1023) * ln_2);
    factors_[0] = 1;
    for (int k = 1; k < terms; ++k) factors_[k] = factors_[k - 1] * (p_ - k + 1) / k;
    table_ = table.data();
  }

 private:
  static constexpr double ln_2 = 0.693147180559945309417;
  static constexpr int terms = 7;
  double p_ = 1;
  double factors_[terms]{};  ///< binomial coefficients
  const double* table_ = nullptr;
};

}  // namespace ranvier
