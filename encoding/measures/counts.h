// Measures of spike counts in bins of time. A bin is (begin, end], as the windows of the kernel
// are: a spike stamped with the end of a step belongs to it; times within 1e-9 of a bin's width
// above a border count below it, so that times on a grid do not change bins by rounding.
//   rate         n_i / T of each train
//   PSTH         spikes of all trains in bin b / (n_trains width); a last bin that the end cuts
//                off is as wide as it is
//   Fano factor  var(n) / mean(n) of the trains' counts, var with divisor n_trains
//   covariance   sum_b (n_ib - m_i)(n_jb - m_j) / (n_bins - 1)
//   correlation  covariance / sqrt(var_i var_j), Pearson's coefficient of the counts
// Spikes after the end do not count. Covariance and correlation are of whole bins alone.
// Counts and their products are whole numbers, so that results do not depend on any order. Tested
// by tests/unit/python/test_measures.py against elephant.
#pragma once
#include <cstdint>
#include <vector>

#include "core/spike_trains.h"

namespace ranvier::encoding {

/// Equal bins of time: bin b is (begin + b width, begin + (b + 1) width], ms; the last one is cut
/// off at the end.
struct Bins {
  double begin = 0;
  double end = 1;
  double width = 1;
  std::size_t n = 0;
};

/// The bins that cover (begin, end]. Throws Error(range) unless width > 0 and end > begin.
Bins bins_of(double begin, double end, double width);

/// Mean rate of each train in (begin, end], Hz, [n_trains]. Throws Error(range) unless end > begin.
std::vector<double> rates(const SpikeTrains& trains, double begin, double end);

/// Mean rate of the trains over time (peristimulus time histogram), Hz, [n_bins].
std::vector<double> psth(const SpikeTrains& trains, const Bins& bins);

/// Fano factor of the trains' counts in (begin, end]; NaN where no train has a spike.
double fano_factor(const SpikeTrains& trains, double begin, double end);

/// Covariances of the trains' counts in whole bins, [n_trains, n_trains]. NaN below two bins.
std::vector<double> covariances(const SpikeTrains& trains, const Bins& bins);

/// Correlation coefficients of the trains' counts in whole bins, [n_trains, n_trains]; NaN for a
/// train whose counts are all alike.
std::vector<double> correlations(const SpikeTrains& trains, const Bins& bins);

}  // namespace ranvier::encoding
