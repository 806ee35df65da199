// NIR's neuron nodes and the models here that have their equations (neurons/models/nir_*.cpp): the
// names and units of the parameters, written once for reading and writing. Used by
// conversion/nir*.cpp alone.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "conversion/graph.h"
#include "core/network.h"

namespace ranvier::conversion {

/// How a parameter of NIR counts: as it is, in seconds (ms here), or per step or second (per ms
/// here).
enum class NirUnit { plain, seconds, rate };

/// A parameter of a node.
struct NirParameter {
  const char* name;  ///< in NIR and here
  NirUnit unit = NirUnit::plain;
  bool required = true;
  double otherwise = 0;  ///< where it is not required
};

/// A threshold that no input reaches: of a population that stands for an Output.
inline constexpr double nir_never = 1e300;

/// A neuron node and its model.
struct NirNeuron {
  const char* type;
  const char* model;
  bool spikes;
  bool has_euler;  ///< offers the method "euler" beside "exact"
  std::vector<NirParameter> parameters;
};

/// The neuron of a node's type, or of a model's name; null where there is none.
const NirNeuron* find_nir_neuron(const std::string& type);
const NirNeuron* find_nir_model(const std::string& model);

/// The shape of a neuron node: that of its parameters. Throws Error(range) where they differ.
Shape neuron_shape(const NirNeuron& neuron, const GraphNode& node);

/// A node's parameters for the model. \param ms_per_unit  of time in I and IF: dt, or 1000
/// Throws Error(range) that names the node and the parameter.
std::map<std::string, Value> read_parameters(const NirNeuron& neuron, const GraphNode& node,
                                             double ms_per_unit);
/// A nir_chain for nodes in a row, all but the last without spikes.
struct NirChainParts {
  std::map<std::string, Value> parameters;
  /// By node: where other signals than the previous node's come in: the receptor ("": there is
  /// none for spikes) and the parameter of their constant part.
  std::vector<std::string> receptors, biases;
};
/// Throws as above, and Error(unsupported) for more stages than the model has.
NirChainParts make_chain(const std::vector<const GraphNode*>& nodes, double ms_per_unit);
/// The inverse: a node's parameters from a population's values.
/// \param values  [parameter in the table's order][neuron], in the model's units
std::map<std::string, Tensor> write_parameters(const NirNeuron& neuron,
                                               const std::vector<std::vector<double>>& values,
                                               double ms_per_unit);

/// A node of the row that a nir_chain is, without a name.
struct NirChainNode {
  int stage;  ///< 1 to 4; 5: the membrane
  GraphNode node;
};
/// The inverse of make_chain: a node for every stage that does not only hand on; CubaLI are two LI.
/// \param columns  by parameter, in the model's units. Throws Error(unsupported) for a stage that
/// is no node, with the parameter and what it may be.
std::vector<NirChainNode> chain_nodes(const std::map<std::string, std::vector<double>>& columns,
                                      double ms_per_unit);

}  // namespace ranvier::conversion
