// Distances between spike trains (times in ms, rising), as matrices [n_trains, n_trains].
//
// van Rossum: every spike becomes exp(-(t - t_i) / tau), and D^2 = 2 / tau integral (f - g)^2 dt: a
//   lone spike is 1 away from silence (van Rossum 2001 has D / sqrt(2)). With
//   k(a, b) = sum_ij exp(-|a_i - b_j| / tau), D^2 = k(a, a) + k(b, b) - 2 k(a, b), taken in one
//   pass over both trains (Houghton & Kreuz 2012).
// Victor-Purpura: least cost of making one train from the other; a spike added or removed costs 1,
//   one moved by d ms costs cost d. G_ij = min(G_{i-1,j} + 1, G_{i,j-1} + 1, G_{i-1,j-1} + cost
//   |a_i - b_j|) (Victor & Purpura 1996, cost[t]).
// ISI-distance: mean over time of |I_1(t) - I_2(t)| / max(I_1(t), I_2(t)), I(t) the interval that t
//   falls in (Kreuz et al. 2007; with absolute value, 2013).
// SPIKE-distance: mean over time of S(t) = (S_1 I_2 + S_2 I_1) / (2 mean(I_1, I_2)^2), S_n(t) =
// (d_p
//   (t_f - t) + d_f (t - t_p)) / I_n; t_p, t_f are the spikes before and after t, d_p, d_f their
//   distances to the nearest spike of the other train (Kreuz et al. 2013).
//   At the edges of the two, a train goes on with its outermost interval or, where that is shorter,
//   up to the edge; a silent train has spikes at both edges (PySpike's rules).
// Tested by tests/unit/python/test_measures.py against elephant and recordings of PySpike.
#pragma once
#include <vector>

#include "core/spike_trains.h"

namespace ranvier::encoding {

/// van Rossum distances; tau in ms. Throws Error(range) unless tau > 0.
std::vector<double> van_rossum_distances(const SpikeTrains& trains, double tau);

/// Victor-Purpura distances; cost in 1/ms. Throws Error(range) unless cost >= 0.
std::vector<double> victor_purpura_distances(const SpikeTrains& trains, double cost);

/// ISI-distances in [begin, end], ms. Throws Error(range) unless end > begin and all spikes lie
/// there.
std::vector<double> isi_distances(const SpikeTrains& trains, double begin, double end);

/// SPIKE-distances in [begin, end], ms. Throws as isi_distances.
std::vector<double> spike_distances(const SpikeTrains& trains, double begin, double end);

}  // namespace ranvier::encoding
