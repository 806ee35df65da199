// Measures of the intervals I_1 ... I_n between the spikes of a train (times in ms, rising).
//   CV   sd(I) / mean(I), sd with divisor n                        Softky & Koch 1993
//   CV2  mean of 2 |I_{i+1} - I_i| / (I_{i+1} + I_i)               Holt et al. 1996
//   LV   3 / (n - 1) sum ((I_i - I_{i+1}) / (I_i + I_{i+1}))^2     Shinomoto et al. 2003
// All three are 1 for a Poisson process (in the mean) and 0 for a clock; CV2 and LV hardly notice
// slow changes of the rate. NaN where there are too few intervals. Tested by
// tests/unit/python/test_measures.py against elephant.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/spike_trains.h"

namespace ranvier::encoding {

/// Coefficient of variation of the intervals; NaN below two of them, or where all are zero.
double cv(std::span<const double> train);

/// The same from sums over `n` intervals and their squares, for those who cannot keep the train;
/// less exact where the CV is small (its square is a difference of like numbers).
double cv_of_sums(double n, double sum, double sum_of_squares);

/// Local coefficient of variation CV2; NaN below two intervals.
double cv2(std::span<const double> train);

/// Local variation LV; NaN below two intervals.
double lv(std::span<const double> train);

/// A measure of each train, [n_trains].
std::vector<double> of_each(const SpikeTrains& trains, double (*measure)(std::span<const double>));

/// How many intervals of all trains together lie in [0, width), [width, 2 width), ..., [n_bins];
/// longer ones are not counted. Throws Error(range) unless width > 0 (ms).
std::vector<std::int64_t> interval_histogram(const SpikeTrains& trains, double width,
                                             std::size_t n_bins);

}  // namespace ranvier::encoding
