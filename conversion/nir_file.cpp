// NIR files: HDF5 with the text `version` and the group `node`, a graph. Its `nodes/NAME` hold
// `type` and a data set a parameter, `edges` pairs of names. What `metadata` holds is left aside.
#include "conversion/nir.h"
#include "core/aside_file.h"
#include "core/error.h"
#include "core/hdf5.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <fstream>
#include <set>

namespace ranvier::conversion {
namespace {

constexpr int max_depth = 64;  // of nested graphs

/// The places where a nested graph takes and gives its signals.
struct Ports {
  std::vector<std::string> inputs, outputs;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path.string()), file_(hdf5::File::open(path)) {}

  Graph read() {
    if (!file_.is_group("/node"))
      throw Error(ErrorKind::parse, path_ + ": /node: missing, this is no NIR file");
    if (file_.exists("/version")) graph_.version = text("/version");
    if (text("/node/type") != "NIRGraph")
      fail("/node/type", fmt::format("\"{}\", must be NIRGraph", text("/node/type")));
    read_graph("/node", "", 0);
    for (const std::string& port : inner_ports_) bridge(port);
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(const std::string& object, const std::string& what) const {
    throw Error(ErrorKind::parse, fmt::format("{}: {}: {}", path_, object, what));
  }

  std::string text(const std::string& dataset) const {
    if (!file_.holds_texts(dataset)) fail(dataset, "missing, or no text");
    const std::vector<std::string> texts = file_.read_strings(dataset);
    if (texts.size() != 1) fail(dataset, "must be one text");
    return texts[0];
  }

  Ports read_graph(const std::string& group, const std::string& prefix, int depth) {
    if (depth > max_depth)
      fail(group, fmt::format("more than {} graphs in one another", max_depth));
    if (!file_.is_group(group + "/nodes")) fail(group + "/nodes", "missing");
    Ports ports;
    std::map<std::string, Ports> nested;
    for (const std::string& name : file_.members(group + "/nodes")) {
      const std::string place = group + "/nodes/" + name, full = prefix + name,
                        type = text(place + "/type");
      if (type == "NIRGraph") {
        nested[name] = read_graph(place, full + ".", depth + 1);
        continue;
      }
      if (type == "Input") ports.inputs.push_back(full);
      if (type == "Output") ports.outputs.push_back(full);
      if (depth > 0 && (type == "Input" || type == "Output")) inner_ports_.push_back(full);
      if (!names_.insert(full).second) fail(place, fmt::format("two nodes are called {}", full));
      read_node(place, full, type);
    }
    read_edges(group, prefix, nested);
    return ports;
  }

  void read_node(const std::string& place, const std::string& name, const std::string& type) {
    GraphNode node{name, type, {}, {}};
    for (const std::string& parameter : file_.members(place)) {
      const std::string dataset = place + "/" + parameter;
      if (parameter == "type" || file_.is_group(dataset)) continue;
      if (file_.holds_texts(dataset)) {
        node.texts[parameter] = text(dataset);
        continue;
      }
      Tensor& tensor = node.tensors[parameter];
      for (const std::uint64_t axis : file_.shape(dataset))
        tensor.shape.push_back(static_cast<std::int64_t>(axis));
      tensor.whole = file_.holds_integers(dataset);
      tensor.values = file_.read_doubles(dataset);
    }
    graph_.nodes.push_back(std::move(node));
  }

  void read_edges(const std::string& group, const std::string& prefix,
                  const std::map<std::string, Ports>& nested) {
    const std::string place = group + "/edges";
    if (!file_.exists(place)) fail(place, "missing");
    const auto shape = file_.shape(place);
    if (shape.size() == 1 && shape[0] == 0) return;
    if (shape.size() != 2 || shape[1] != 2 || !file_.holds_texts(place))
      fail(place, fmt::format("[{}], must be names [n, 2]", fmt::join(shape, ", ")));
    const std::vector<std::string> ends = file_.read_strings(place);
    const auto port = [&](const std::string& end, bool source) {
      const auto graph = nested.find(end);
      if (graph == nested.end()) {
        if (!names_.count(prefix + end)) fail(place, fmt::format("there is no node \"{}\"", end));
        return prefix + end;
      }
      const auto& ports = source ? graph->second.outputs : graph->second.inputs;
      if (ports.size() != 1)
        fail(place, fmt::format("\"{}\" is a graph of {} {}, must be of one", end, ports.size(),
                                source ? "outputs" : "inputs"));
      return ports[0];
    };
    std::set<std::pair<std::string, std::string>> given;
    for (std::size_t e = 0; e < ends.size(); e += 2) {
      if (!given.emplace(ends[e], ends[e + 1]).second)
        fail(place, fmt::format("\"{}\" -> \"{}\" is given twice", ends[e], ends[e + 1]));
      graph_.edges.emplace_back(port(ends[e], true), port(ends[e + 1], false));
    }
  }

  /// Takes a node out: what came to it goes to where its signal went.
  void bridge(const std::string& port) {
    std::vector<std::string> from, to;
    std::vector<std::pair<std::string, std::string>> kept;
    for (auto& edge : graph_.edges) {
      if (edge.second == port) from.push_back(edge.first);
      else if (edge.first == port) to.push_back(edge.second);
      else kept.push_back(std::move(edge));
    }
    for (const std::string& source : from)
      for (const std::string& target : to) kept.emplace_back(source, target);
    graph_.edges = std::move(kept);
    std::erase_if(graph_.nodes, [&port](const GraphNode& node) { return node.name == port; });
  }

  std::string path_;
  hdf5::File file_;
  Graph graph_;
  std::vector<std::string> inner_ports_;  ///< inputs and outputs of nested graphs
  std::set<std::string> names_;
};

void write_node(hdf5::File& file, const GraphNode& node) {
  const std::string place = "/node/nodes/" + node.name;
  file.make_group(place);
  file.write(place + "/type", std::vector<std::string>{node.type}, {});
  for (const auto& [name, text] : node.texts)
    file.write(place + "/" + name, std::vector<std::string>{text}, {});
  for (const auto& [name, tensor] : node.tensors) {
    const std::vector<std::uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
    if (tensor.whole)
      file.write(place + "/" + name,
                 std::vector<std::int64_t>(tensor.values.begin(), tensor.values.end()), shape);
    else file.write(place + "/" + name, tensor.values, shape);
  }
}

void write_graph(const Graph& graph, const std::filesystem::path& path) {
  hdf5::File file = hdf5::File::create(path);
  file.write("/version", std::vector<std::string>{graph.version.empty() ? "1.0.8" : graph.version},
             {});
  file.make_group("/node");
  file.write("/node/type", std::vector<std::string>{"NIRGraph"}, {});
  file.make_group("/node/nodes");
  for (const GraphNode& node : graph.nodes) write_node(file, node);
  std::vector<std::string> ends;
  for (const auto& [source, target] : graph.edges) {
    ends.push_back(source);
    ends.push_back(target);
  }
  file.write("/node/edges", ends, {graph.edges.size(), 2});
  file.close();
}

}  // namespace

bool is_nir_file(const std::filesystem::path& path) {
  constexpr std::string_view magic = "\x89HDF\r\n\x1a\n";
  std::ifstream stream(path, std::ios::binary);
  std::string begin(magic.size(), '\0');
  return stream.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == magic;
}

Graph read_nir(const std::filesystem::path& path) { return Reader(path).read(); }

void write_nir(const Graph& graph, const std::filesystem::path& path) {
  AsideFile aside(path, path.string() + ".partial");
  write_graph(graph, aside.temporary());
  aside.publish();
}

}  // namespace ranvier::conversion
