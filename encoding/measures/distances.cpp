#include "encoding/measures/distances.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/math.h"

namespace ranvier::encoding {
namespace {

using Train = std::span<const double>;

/// The symmetric matrix of a distance between trains, zero on the diagonal.
template <class Distance>
std::vector<double> matrix_of(std::size_t n, const Distance& distance) {
  std::vector<double> matrix(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) matrix[i * n + j] = matrix[j * n + i] = distance(i, j);
  return matrix;
}

/// sum_ij exp(-|a_i - b_j| / tau): each spike meets the trace that the other train's earlier spikes
/// have left.
double kernel_sum(Train a, Train b, double tau) {
  if (a.empty() || b.empty()) return 0;
  double sum = 0, trace_a = 0, trace_b = 0, at = std::min(a[0], b[0]);
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const bool from_a = j == b.size() || (i < a.size() && a[i] <= b[j]);
    const double now = from_a ? a[i] : b[j];
    const double decay = math::exp((at - now) / tau);
    trace_a *= decay;
    trace_b *= decay;
    at = now;
    if (from_a) {
      sum += trace_b;
      ++trace_a, ++i;
    } else {
      sum += trace_a;
      ++trace_b, ++j;
    }
  }
  return sum;
}

/// sum_ij exp(-|a_i - a_j| / tau).
double own_kernel_sum(Train a, double tau) {
  double pairs = 0, trace = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i > 0) trace *= math::exp((a[i - 1] - a[i]) / tau);
    pairs += trace;
    ++trace;
  }
  return 2 * pairs + static_cast<double>(a.size());
}

double victor_purpura(Train a, Train b, double cost, std::vector<double>& row) {
  row.resize(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<double>(j);
  for (std::size_t i = 0; i < a.size(); ++i) {
    double diagonal = row[0];
    row[0] = static_cast<double>(i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const double moved = diagonal + cost * std::fabs(a[i] - b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, moved});
    }
  }
  return row.back();
}

/// A train with what it goes on as beyond its outermost spikes.
struct Bounded {
  std::vector<double> times;  ///< spikes in [begin, end] with one at, or beyond, either edge
  double before, after;       ///< where the train would go on
  std::size_t first, last;    ///< its own spikes are times[first] to times[last - 1]
};

Bounded bounded(Train train, double begin, double end) {
  if (train.empty()) return {{begin, end}, 2 * begin - end, 2 * end - begin, 0, 2};
  for (const double time : train)
    if (!(time >= begin && time <= end))
      throw Error(ErrorKind::range,
                  fmt::format("a spike at {} ms, must lie in [{}, {}] ms", time, begin, end));
  const std::size_t n = train.size();
  Bounded b{{}, begin, end, 0, n};
  if (n > 1) {
    b.before = std::min(begin, 2 * train[0] - train[1]);
    b.after = std::max(end, 2 * train[n - 1] - train[n - 2]);
  }
  if (train[0] > begin) b.times.push_back(b.before);
  b.first = b.times.size();
  b.times.insert(b.times.end(), train.begin(), train.end());
  b.last = b.times.size();
  if (train[n - 1] < end) b.times.push_back(b.after);
  return b;
}

/// Distance of every spike of `one` to the nearest of `other`; those added at the edges have their
/// neighbour's.
std::vector<double> nearest(const Bounded& one, const Bounded& other) {
  std::vector<double> d(one.times.size());
  std::size_t j = other.first;
  for (std::size_t i = one.first; i < one.last; ++i) {
    const double t = one.times[i];
    while (j + 1 < other.last && std::fabs(other.times[j + 1] - t) <= std::fabs(other.times[j] - t))
      ++j;
    d[i] = std::min({std::fabs(other.times[j] - t), t - other.before, other.after - t});
  }
  if (one.first > 0) d[0] = d[1];
  if (one.last < d.size()) d.back() = d[d.size() - 2];
  return d;
}

/// Goes through the stretches of [begin, end] in which no spike of either train falls: f(from, to,
/// i, j), i and j being the positions in `a` and `b` of the spikes before.
template <class F>
void walk(const Bounded& a, const Bounded& b, double begin, double end, const F& f) {
  std::size_t i = 0, j = 0;
  for (double from = begin; from < end;) {
    while (i + 2 < a.times.size() && a.times[i + 1] <= from) ++i;
    while (j + 2 < b.times.size() && b.times[j + 1] <= from) ++j;
    const double to = std::min({end, a.times[i + 1] > from ? a.times[i + 1] : end,
                                b.times[j + 1] > from ? b.times[j + 1] : end});
    f(from, to, i, j);
    from = to;
  }
}

std::vector<Bounded> all_bounded(const SpikeTrains& trains, double begin, double end) {
  if (!(end > begin && std::isfinite(end - begin)))
    throw Error(ErrorKind::range,
                fmt::format("end: {} ms, must be above begin = {} ms", end, begin));
  std::vector<Bounded> all;
  for (std::size_t i = 0; i < trains.size(); ++i) all.push_back(bounded(trains[i], begin, end));
  return all;
}

/// S_n at `t` between spikes k and k + 1.
double local(const Bounded& train, const std::vector<double>& d, std::size_t k, double t) {
  const double before = train.times[k], after = train.times[k + 1];
  return (d[k] * (after - t) + d[k + 1] * (t - before)) / (after - before);
}

}  // namespace

std::vector<double> van_rossum_distances(const SpikeTrains& trains, double tau) {
  if (!(tau > 0 && std::isfinite(tau)))
    throw Error(ErrorKind::range, fmt::format("tau: {} ms, must be > 0", tau));
  std::vector<double> own(trains.size());
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = own_kernel_sum(trains[i], tau);
  return matrix_of(trains.size(), [&](std::size_t i, std::size_t j) {
    const double squared = own[i] + own[j] - 2 * kernel_sum(trains[i], trains[j], tau);
    return std::sqrt(std::fmax(0.0, squared));
  });
}

std::vector<double> victor_purpura_distances(const SpikeTrains& trains, double cost) {
  if (!(cost >= 0 && std::isfinite(cost)))
    throw Error(ErrorKind::range, fmt::format("cost: {} per ms, must be >= 0", cost));
  std::vector<double> row;
  return matrix_of(trains.size(), [&](std::size_t i, std::size_t j) {
    return victor_purpura(trains[i], trains[j], cost, row);
  });
}

std::vector<double> isi_distances(const SpikeTrains& trains, double begin, double end) {
  const std::vector<Bounded> all = all_bounded(trains, begin, end);
  return matrix_of(all.size(), [&](std::size_t m, std::size_t n) {
    const Bounded &a = all[m], &b = all[n];
    double sum = 0;
    walk(a, b, begin, end, [&](double from, double to, std::size_t i, std::size_t j) {
      const double one = a.times[i + 1] - a.times[i], two = b.times[j + 1] - b.times[j];
      sum += (to - from) * std::fabs(one - two) / std::max(one, two);
    });
    return sum / (end - begin);
  });
}

std::vector<double> spike_distances(const SpikeTrains& trains, double begin, double end) {
  const std::vector<Bounded> all = all_bounded(trains, begin, end);
  return matrix_of(all.size(), [&](std::size_t m, std::size_t n) {
    const Bounded &a = all[m], &b = all[n];
    const std::vector<double> d_a = nearest(a, b), d_b = nearest(b, a);
    double sum = 0;
    walk(a, b, begin, end, [&](double from, double to, std::size_t i, std::size_t j) {
      const double one = a.times[i + 1] - a.times[i], two = b.times[j + 1] - b.times[j];
      const auto profile = [&](double t) {
        return 2 * (local(a, d_a, i, t) * two + local(b, d_b, j, t) * one) /
               ((one + two) * (one + two));
      };
      sum += (to - from) * (profile(from) + profile(to)) / 2;
    });
    return sum / (end - begin);
  });
}

}  // namespace ranvier::encoding
