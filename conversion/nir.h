// NIR (Neuromorphic Intermediate Representation): trained spiking networks as graphs in HDF5, read
// into a Network and written from one. Pedersen et al. 2024, Nature Communications 15:8122; the
// form of nir 1.0.8 and of the older files without `v_reset`.
//
// Neurons become populations of the models nir_* (neurons/nir.h), an Input becomes a population of
// given spike times, and what lies between neurons (matrices, convolutions, pooling, delays,
// nested graphs) becomes lists of connections and constant currents.
//
// Time. NIR is continuous and has no step; the simulators that exchange it have one, in which a
// signal crosses the whole graph at once, and only loops look back, by one step. Here every
// projection takes a step at least. So a population at depth d (projections on the longest way from
// an input) does d steps later what it does there: an input spike of step k lies at (k + 1) dt, and
// what step k makes of it in that population at (k + 1 + d) dt. Shorter ways are delayed until they
// agree, a loop within one population takes the one step that it takes elsewhere, and constant
// inputs begin with the population's first step. A loop over n > 1 populations takes n steps.
// Tested by tests/unit/conversion/test_nir.cpp and tests/unit/python/test_nir.py.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conversion/graph.h"
#include "core/network.h"

namespace ranvier::conversion {

/// What a NIR file leaves open.
struct NirOptions {
  double dt = 0.1;     ///< ms; what a step of a simulator is
  std::string method;  ///< "exact" (the default) or "euler", see neurons/nir.h
  enum class Reset { value, subtract } reset = Reset::value;
  /// Whether an input of 1 moves IF and I by r in a step (as simulators have it) or in a second (as
  /// NIR's equation reads).
  enum class Integration { step, second } integration = Integration::step;
  /// Inputs that are real values instead of spikes: constant, one an element.
  std::map<std::string, std::vector<double>> currents;
};

/// A NIR graph as Ranvier's network, with what was assumed.
struct NirModel {
  Network network;
  std::vector<std::string> notes;  ///< one sentence each
};

/// Whether a file begins as HDF5 does, which of all that describes networks only NIR is.
bool is_nir_file(const std::filesystem::path& path);

/// Reads a file; nested graphs are unfolded, their nodes called OUTER.INNER. Throws Error(io) for
/// files that cannot be read, Error(parse) for another form.
Graph read_nir(const std::filesystem::path& path);
/// Writes a file as nir 1.0.8 does, under a temporary name first. Throws Error(io).
void write_nir(const Graph& graph, const std::filesystem::path& path);

/// Inputs become sources of no spikes, to be filled or replaced by those of the same name.
/// Throws Error(unsupported) with all nodes at once that have no counterpart here, Error(range)
/// for parameters and shapes that do not fit.
NirModel to_network(const Graph& graph, const NirOptions& options = {});
/// The inverse, for populations of the models nir_*, sources and constant currents. Throws
/// Error(unsupported) with all parts at once that NIR cannot say.
Graph from_network(const Network& network, const RunSettings& run);

}  // namespace ranvier::conversion
