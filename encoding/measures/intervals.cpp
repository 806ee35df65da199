#include "encoding/measures/intervals.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Mean over neighbouring intervals of f(|I - J| / (I + J)); NaN where there is no such pair.
template <class F>
double local_mean(std::span<const double> train, const F& f) {
  double sum = 0, pairs = 0;
  for (std::size_t i = 2; i < train.size(); ++i) {
    const double one = train[i - 1] - train[i - 2], two = train[i] - train[i - 1];
    sum += f(std::fabs(two - one) / (one + two));
    ++pairs;
  }
  return pairs > 0 ? sum / pairs : none;
}

}  // namespace

double cv(std::span<const double> train) {
  if (train.size() < 3) return none;
  const double n = static_cast<double>(train.size() - 1);
  const double mean = (train.back() - train.front()) / n;
  if (!(mean > 0)) return none;
  double squares = 0;
  for (std::size_t i = 1; i < train.size(); ++i) {
    const double d = train[i] - train[i - 1] - mean;
    squares += d * d;
  }
  return std::sqrt(squares / n) / mean;
}

double cv_of_sums(double n, double sum, double sum_of_squares) {
  if (!(n >= 2 && sum > 0)) return none;
  const double mean = sum / n;
  return std::sqrt(std::fmax(0.0, sum_of_squares / n - mean * mean)) / mean;
}

double cv2(std::span<const double> train) {
  return local_mean(train, [](double d) { return 2 * d; });
}

double lv(std::span<const double> train) {
  return local_mean(train, [](double d) { return 3 * d * d; });
}

std::vector<double> of_each(const SpikeTrains& trains, double (*measure)(std::span<const double>)) {
  std::vector<double> all(trains.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = measure(trains[i]);
  return all;
}

std::vector<std::int64_t> interval_histogram(const SpikeTrains& trains, double width,
                                             std::size_t n_bins) {
  if (!(width > 0 && std::isfinite(width)))
    throw Error(ErrorKind::range, fmt::format("bin: {} ms, must be > 0", width));
  std::vector<std::int64_t> counts(n_bins);
  for (std::size_t i = 0; i < trains.size(); ++i) {
    const auto train = trains[i];
    for (std::size_t k = 1; k < train.size(); ++k) {
      const double bin = std::floor((train[k] - train[k - 1]) / width + 1e-9);
      if (bin >= 0 && bin < static_cast<double>(n_bins)) ++counts[static_cast<std::size_t>(bin)];
    }
  }
  return counts;
}

}  // namespace ranvier::encoding
