#include "conversion/sonata_files.h"

#include "core/csv.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/json.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

namespace ranvier::conversion {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Attributes that must be texts; others may be, or numbers.
const std::set<std::string> text_attributes = {
    "model_type",       "model_template", "model_name",      "dynamics_params",
    "model_processing", "morphology",     "weight_function", "afferent_section_type"};

std::int64_t type_id(const std::string& word, const std::string& where) {
  std::int64_t id = 0;
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (status != std::errc() || end != word.data() + word.size())
    throw Error(ErrorKind::parse, fmt::format("{}: \"{}\", must be a whole number", where, word));
  return id;
}

/// Where the attributes of each element are: group and row in it.
struct Placement {
  std::vector<std::int64_t> group, row;
};

class Reader {
 public:
  Reader(const std::filesystem::path& path, std::string prefix, std::string folder)
      : path_(path),
        file_(hdf5::File::open(path)),
        prefix_(std::move(prefix)),
        folder_(std::move(folder)) {}

  const hdf5::File& file() const { return file_; }
  std::vector<std::int64_t> integers(const std::string& name) const {
    return file_.read_integers(folder_ + "/" + name);
  }
  bool has(const std::string& name) const { return file_.exists(folder_ + "/" + name); }

  [[noreturn]] void fail(const std::string& name, const std::string& what,
                         ErrorKind kind = ErrorKind::range) const {
    throw Error(kind, fmt::format("{}: {}/{}: {}", path_.string(), folder_, name, what));
  }

  void check_length(const std::string& name, std::size_t length, std::size_t wanted) const {
    if (length != wanted) fail(name, fmt::format("{} entries, must be {}", length, wanted));
  }

  /// Reads every attribute of every group into columns of n entries.
  void read_attributes(std::size_t n, std::map<std::string, SonataColumn>& numbers,
                       std::map<std::string, std::vector<std::string>>& texts) const {
    const Placement placement = read_placement(n);
    std::set<std::int64_t> groups(placement.group.begin(), placement.group.end());
    for (const std::int64_t group : groups) {
      const std::string name = std::to_string(group);
      if (!has(name)) continue;  // a group without attributes may be left out
      read_group(name, "", group, placement, numbers, texts);
    }
  }

 private:
  Placement read_placement(std::size_t n) const {
    Placement placement;
    if (!has(prefix_ + "_group_id")) {
      placement.group.assign(n, 0);
      placement.row.resize(n);
      for (std::size_t i = 0; i < n; ++i) placement.row[i] = static_cast<std::int64_t>(i);
      return placement;
    }
    placement.group = integers(prefix_ + "_group_id");
    placement.row = integers(prefix_ + "_group_index");
    check_length(prefix_ + "_group_id", placement.group.size(), n);
    check_length(prefix_ + "_group_index", placement.row.size(), n);
    return placement;
  }

  void read_group(const std::string& folder, const std::string& prefix, std::int64_t group,
                  const Placement& placement, std::map<std::string, SonataColumn>& numbers,
                  std::map<std::string, std::vector<std::string>>& texts) const {
    for (const std::string& member : file_.members(folder_ + "/" + folder)) {
      const std::string place = folder + "/" + member, name = prefix + member;
      if (file_.is_group(folder_ + "/" + place)) {
        if (member == "dynamics_params" && prefix.empty())
          read_group(place, "dynamics_params/", group, placement, numbers, texts);
        continue;  // @library (enumerated values) and the like carry no point-neuron attribute
      }
      if (file_.shape(folder_ + "/" + place).size() != 1) continue;
      if (text_attributes.count(member) || file_.holds_texts(folder_ + "/" + place))
        spread(file_.read_strings(folder_ + "/" + place), place, group, placement, std::string(),
               texts[name]);
      else
        spread(file_.read_doubles(folder_ + "/" + place), place, group, placement, none,
               numbers[name]);
    }
  }

  template <class T>
  void spread(const std::vector<T>& values, const std::string& place, std::int64_t group,
              const Placement& placement, const T& absent, std::vector<T>& column) const {
    column.resize(placement.group.size(), absent);
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (placement.group[i] != group) continue;
      const std::int64_t row = placement.row[i];
      if (row < 0 || row >= static_cast<std::int64_t>(values.size()))
        fail(place, fmt::format("{} entries, element {} is row {}", values.size(), i, row));
      column[i] = values[static_cast<std::size_t>(row)];
    }
  }

  std::filesystem::path path_;
  hdf5::File file_;
  std::string prefix_, folder_;
};

std::vector<std::string> populations_of(const std::filesystem::path& path,
                                        const std::string& group) {
  const hdf5::File file = hdf5::File::open(path);
  if (!file.exists(group))
    throw Error(ErrorKind::parse, fmt::format("{}: {}: missing, this is no SONATA file of {}",
                                              path.string(), group, group));
  return file.members(group);
}

}  // namespace

SonataTypes read_sonata_types(const std::filesystem::path& path, const std::string& id_column) {
  const std::string text = read_text(path);
  SonataTypes types;
  std::vector<std::string> header, words;
  std::size_t line_number = 0;
  for (std::string_view left = without_mark(text); !left.empty();) {
    const std::string where = fmt::format("{}: line {}", path.string(), ++line_number);
    try {
      split_csv(take_line(left), CsvForm::blanks, words);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{}: {}", where, error.what()));
    }
    if (words.empty()) continue;
    if (header.empty()) {
      header = words;
      if (std::find(header.begin(), header.end(), id_column) == header.end())
        throw Error(ErrorKind::parse, fmt::format("{}: no column {}, the columns are {}", where,
                                                  id_column, fmt::join(header, ", ")));
      continue;
    }
    if (words.size() != header.size())
      throw Error(ErrorKind::parse, fmt::format("{}: {} columns, the header has {}", where,
                                                words.size(), header.size()));
    SonataType type;
    std::int64_t id = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (header[i] == id_column) id = type_id(words[i], where + ", " + id_column);
      else if (words[i] != "NULL" && words[i] != "None") type[header[i]] = words[i];
    }
    if (!types.emplace(id, std::move(type)).second)
      throw Error(ErrorKind::parse, fmt::format("{}: {} {} given twice", where, id_column, id));
  }
  return types;
}

std::vector<SonataNodes> read_sonata_nodes(const std::filesystem::path& path) {
  std::vector<SonataNodes> result;
  for (const std::string& population : populations_of(path, "/nodes")) {
    const Reader reader(path, "node", "/nodes/" + population);
    SonataNodes nodes;
    nodes.population = population;
    nodes.type = reader.integers("node_type_id");
    const std::size_t n = nodes.type.size();
    if (reader.has("node_id")) {
      nodes.id = reader.integers("node_id");
      reader.check_length("node_id", nodes.id.size(), n);
    } else {
      for (std::size_t i = 0; i < n; ++i) nodes.id.push_back(static_cast<std::int64_t>(i));
    }
    reader.read_attributes(n, nodes.numbers, nodes.texts);
    result.push_back(std::move(nodes));
  }
  return result;
}

std::vector<SonataEdges> read_sonata_edges(const std::filesystem::path& path,
                                           const std::string& only) {
  std::vector<SonataEdges> result;
  const std::vector<std::string> populations = populations_of(path, "/edges");
  for (const std::string& population : populations) {
    if (!only.empty() && population != only) continue;
    const Reader reader(path, "edge", "/edges/" + population);
    SonataEdges edges;
    edges.population = population;
    edges.source_id = reader.integers("source_node_id");
    edges.target_id = reader.integers("target_node_id");
    const std::size_t n = edges.source_id.size();
    reader.check_length("target_node_id", edges.target_id.size(), n);
    for (const bool source : {true, false}) {
      const std::string dataset =
          fmt::format("/edges/{}/{}_node_id", population, source ? "source" : "target");
      if (reader.file().has_attribute(dataset, "node_population"))
        (source ? edges.source : edges.target) =
            reader.file().text_attribute(dataset, "node_population");
    }
    if (reader.has("edge_type_id")) {
      edges.type = reader.integers("edge_type_id");
      reader.check_length("edge_type_id", edges.type.size(), n);
    }
    reader.read_attributes(n, edges.numbers, edges.texts);
    result.push_back(std::move(edges));
  }
  if (!only.empty() && result.empty())
    throw Error(ErrorKind::range,
                fmt::format("{}: there is no edge population \"{}\"{}", path.string(), only,
                            did_you_mean(only, populations)));
  return result;
}

SonataSpikes read_sonata_spikes(const std::filesystem::path& path, const std::string& population) {
  const hdf5::File file = hdf5::File::open(path);
  SonataSpikes spikes;
  std::string folder = "/spikes";
  if (!file.exists(folder))
    throw Error(
        ErrorKind::parse,
        fmt::format("{}: /spikes: missing, this is no SONATA file of spikes", path.string()));
  if (!file.exists("/spikes/timestamps")) {
    const std::vector<std::string> known = file.members("/spikes");
    const bool named = std::find(known.begin(), known.end(), population) != known.end();
    if (!named && known.size() != 1)
      throw Error(ErrorKind::range,
                  fmt::format("{}: there are no spikes of \"{}\"{}", path.string(), population,
                              did_you_mean(population, known)));
    spikes.population = named ? population : known[0];
    folder += "/" + spikes.population;
  }
  spikes.times = file.read_doubles(folder + "/timestamps");
  spikes.nodes =
      file.read_integers(folder + (file.exists(folder + "/gids") ? "/gids" : "/node_ids"));
  if (spikes.times.size() != spikes.nodes.size())
    throw Error(ErrorKind::range,
                fmt::format("{}: {}: {} times and {} nodes, must be as many", path.string(), folder,
                            spikes.times.size(), spikes.nodes.size()));
  if (file.has_attribute(folder + "/timestamps", "units") &&
      file.text_attribute(folder + "/timestamps", "units") != "ms")
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: {}/timestamps: units \"{}\", must be ms", path.string(), folder,
                            file.text_attribute(folder + "/timestamps", "units")));
  return spikes;
}

}  // namespace ranvier::conversion
