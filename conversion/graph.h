// Graph: layers and the signals between them, as files of trained networks hold them (NIR,
// conversion/nir.h). A node is its type's name with its parameters as they were given; what they
// mean is known to those who read or convert a graph.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ranvier::conversion {

using Shape = std::vector<std::int64_t>;

/// Number of elements of a shape; 1 for a scalar.
std::int64_t elements(const Shape& shape);
/// "[2, 34, 34]".
std::string to_text(const Shape& shape);

/// Numbers in row-major order; a scalar has the shape {}.
struct Tensor {
  Shape shape;
  std::vector<double> values;
  bool whole = false;  ///< stored as integers
};

/// A layer: parameters by name.
struct GraphNode {
  std::string name, type;
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> texts;
};

/// Nodes and edges (source, target, by name). Several edges into a node are summed.
struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<std::pair<std::string, std::string>> edges;
  std::string version;  ///< of the format, as the file says

  /// The node of that name. Throws Error(range) naming the near ones.
  const GraphNode& find(const std::string& name) const;
};

}  // namespace ranvier::conversion
