// Chi-square tests at fixed seeds against a law given by its probabilities.
#pragma once
#include <cmath>
#include <vector>

namespace ranvier::test {

/// How unlikely observed counts are under expected ones, as a normal deviate (Wilson & Hilferty
/// 1931): beyond 5 once in 3.5 million seeds. Neighbouring cells are joined until 10 are expected
/// in each. `fitted`: parameters taken from the counts.
inline double deviate(const std::vector<double>& seen, const std::vector<double>& expected,
                      int fitted = 0) {
  double chi = 0, s = 0, e = 0, last_s = 0, last_e = 0;
  int cells = 0;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    s += seen[k];
    e += expected[k];
    if (e < 10) continue;
    chi += (s - e) * (s - e) / e;
    last_s = s, last_e = e;
    s = e = 0;
    ++cells;
  }
  if (last_e > 0) {  // what is left joins the last cell
    chi -= (last_s - last_e) * (last_s - last_e) / last_e;
    last_s += s, last_e += e;
    chi += (last_s - last_e) * (last_s - last_e) / last_e;
  }
  const double freedom = cells - 1 - fitted;
  if (freedom < 1) return std::nan("");  // a test that cannot speak fails
  const double a = 2 / (9 * freedom);
  return (std::cbrt(chi / freedom) - (1 - a)) / std::sqrt(a);
}

inline double binomial_probability(double n, double p, double k) {
  return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                  k * std::log(p) + (n - k) * std::log1p(-p));
}

}  // namespace ranvier::test
