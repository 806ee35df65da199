#include "encoding/measures/counts.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double slack = 1e-9;  // of a bin's width

/// The bin of a time, or -1.
std::int64_t bin_of(double time, const Bins& bins) {
  if (time > bins.end + slack * bins.width) return -1;
  const double bin = std::ceil((time - bins.begin) / bins.width - slack) - 1;
  return bin >= 0 && bin < static_cast<double>(bins.n) ? static_cast<std::int64_t>(bin) : -1;
}

/// Without a last bin that is cut off.
Bins whole_bins(const Bins& bins) {
  const double n = std::floor((bins.end - bins.begin) / bins.width + slack);
  return {bins.begin, bins.begin + n * bins.width, bins.width, static_cast<std::size_t>(n)};
}

Bins one_bin(double begin, double end) { return bins_of(begin, end, end - begin); }

std::vector<std::int64_t> totals(const SpikeTrains& trains, const Bins& bins) {
  std::vector<std::int64_t> n(trains.size());
  for (std::size_t i = 0; i < n.size(); ++i)
    for (const double time : trains[i])
      if (bin_of(time, bins) >= 0) ++n[i];
  return n;
}

/// The bins of a train that hold spikes, rising.
struct Count {
  std::int64_t bin, n;
};
std::vector<std::vector<Count>> counts(const SpikeTrains& trains, const Bins& bins) {
  std::vector<std::vector<Count>> all(trains.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const double time : trains[i]) {
      const std::int64_t bin = bin_of(time, bins);
      if (bin < 0) continue;
      if (all[i].empty() || all[i].back().bin != bin) all[i].push_back({bin, 0});
      ++all[i].back().n;
    }
  return all;
}

std::int64_t product(const std::vector<Count>& a, const std::vector<Count>& b) {
  std::int64_t sum = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].bin == b[j].bin) sum += a[i++].n * b[j++].n;
    else ++(a[i].bin < b[j].bin ? i : j);
  }
  return sum;
}

}  // namespace

Bins bins_of(double begin, double end, double width) {
  if (!(end > begin && std::isfinite(end - begin)))
    throw Error(ErrorKind::range,
                fmt::format("end: {} ms, must be above begin = {} ms", end, begin));
  if (!(width > 0 && std::isfinite(width)))
    throw Error(ErrorKind::range, fmt::format("bin: {} ms, must be > 0", width));
  const double n = std::ceil((end - begin) / width - slack);
  if (n > 1e9)
    throw Error(ErrorKind::capacity,
                fmt::format("bin: {} ms, makes {} bins, must be at most 1e9", width, n));
  return {begin, end, width, static_cast<std::size_t>(std::fmax(1.0, n))};
}

std::vector<double> rates(const SpikeTrains& trains, double begin, double end) {
  const std::vector<std::int64_t> n = totals(trains, one_bin(begin, end));
  std::vector<double> all(n.size());
  for (std::size_t i = 0; i < n.size(); ++i)
    all[i] = static_cast<double>(n[i]) * 1e3 / (end - begin);
  return all;
}

std::vector<double> psth(const SpikeTrains& trains, const Bins& bins) {
  std::vector<std::int64_t> n(bins.n);
  for (const double time : trains.times)
    if (const std::int64_t bin = bin_of(time, bins); bin >= 0) ++n[static_cast<std::size_t>(bin)];
  const double scale = 1e3 / (bins.width * static_cast<double>(trains.size()));
  std::vector<double> all(bins.n);
  for (std::size_t b = 0; b < all.size(); ++b) all[b] = static_cast<double>(n[b]) * scale;
  const double last = bins.end - bins.begin - static_cast<double>(bins.n - 1) * bins.width;
  if (last < (1 - slack) * bins.width) all.back() *= bins.width / last;
  return all;
}

double fano_factor(const SpikeTrains& trains, double begin, double end) {
  double sum = 0, squares = 0;
  const double n_trains = static_cast<double>(trains.size());
  const std::vector<std::int64_t> n = totals(trains, one_bin(begin, end));
  for (const std::int64_t one : n) sum += static_cast<double>(one);
  if (!(sum > 0)) return none;
  const double mean = sum / n_trains;
  for (const std::int64_t one : n)
    squares += (static_cast<double>(one) - mean) * (static_cast<double>(one) - mean);
  return squares / n_trains / mean;
}

std::vector<double> covariances(const SpikeTrains& trains, const Bins& given) {
  const Bins bins = whole_bins(given);
  const std::vector<std::vector<Count>> all = counts(trains, bins);
  const std::vector<std::int64_t> n = totals(trains, bins);
  const double b = static_cast<double>(bins.n);
  std::vector<double> matrix(all.size() * all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i; j < all.size(); ++j) {
      const double means = static_cast<double>(n[i]) * static_cast<double>(n[j]) / b;
      const double value =
          bins.n < 2 ? none : (static_cast<double>(product(all[i], all[j])) - means) / (b - 1);
      matrix[i * all.size() + j] = matrix[j * all.size() + i] = value;
    }
  return matrix;
}

std::vector<double> correlations(const SpikeTrains& trains, const Bins& bins) {
  std::vector<double> matrix = covariances(trains, bins);
  const std::size_t n = trains.size();
  std::vector<double> sd(n);
  for (std::size_t i = 0; i < n; ++i)
    sd[i] = matrix[i * n + i] > 0 ? std::sqrt(matrix[i * n + i]) : none;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      matrix[i * n + j] = i == j ? sd[i] / sd[i] : matrix[i * n + j] / (sd[i] * sd[j]);
  return matrix;
}

}  // namespace ranvier::encoding
