#include "conversion/graph.h"

#include "core/error.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace ranvier::conversion {

std::int64_t elements(const Shape& shape) {
  std::int64_t n = 1;
  for (const std::int64_t axis : shape) n *= axis;
  return n;
}

std::string to_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

const GraphNode& Graph::find(const std::string& name) const {
  for (const GraphNode& node : nodes)
    if (node.name == name) return node;
  std::vector<std::string> known;
  for (const GraphNode& node : nodes) known.push_back(node.name);
  throw Error(ErrorKind::range,
              fmt::format("there is no node \"{}\"{}", name, did_you_mean(name, known)));
}

}  // namespace ranvier::conversion
