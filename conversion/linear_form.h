// What a signal between neurons is: every element a weighted sum of delayed spike trains plus
// constants, each from some time on. The layers of a graph that only combine signals (matrices,
// convolutions, pooling, delays) act on such forms one after the other; what is left at the input
// of a neuron is the list of its synapses and its constant input. Tested by
// tests/unit/python/test_nir.py.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "conversion/graph.h"

namespace ranvier::conversion {

/// The population of a term that is no spike train but 1 from its delay on.
inline constexpr std::uint32_t always_one = 0xffffffff;

/// One spike train's part in an element, or that of a delayed constant.
struct Term {
  std::uint32_t population;  ///< by whatever number the caller gives, or always_one
  std::uint32_t neuron;
  double weight;
  double delay;  ///< s
};

/// A signal: the terms of element k are terms[begin[k]] to terms[begin[k + 1]], sorted by
/// population, neuron and delay, each of these once.
struct LinearForm {
  Shape shape;
  std::vector<std::size_t> begin{0};
  std::vector<Term> terms;
  std::vector<double> constant;  ///< without delay

  std::int64_t size() const { return static_cast<std::int64_t>(constant.size()); }
};

/// The spike trains of a population, one an element.
LinearForm spikes_of(std::uint32_t population, const Shape& shape);
/// A signal that does not change.
LinearForm constant_form(const Shape& shape, const std::vector<double>& values);
/// a + b, of one shape. Throws Error(range) otherwise; `where` begins the message.
LinearForm sum(const LinearForm& a, const LinearForm& b, const std::string& where);

/// Whether a layer only combines signals: Affine, Linear, Scale, Conv1d, Conv2d, SumPool2d,
/// AvgPool2d, Flatten, Delay.
bool is_linear(const std::string& type);
/// What comes out of such a layer. Throws Error(range) where parameters or shapes do not fit,
/// Error(capacity) beyond 2^28 elements or 2^30 terms; the message begins with the node's name.
LinearForm apply(const GraphNode& node, const LinearForm& in);

}  // namespace ranvier::conversion
