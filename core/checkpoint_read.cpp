// The reader of checkpoints. A file may be damaged, or another's: whatever leads into the network
// (neurons, sources, receptors, times) is checked against it before anything is built on it.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "core/checkpoint.h"
#include "core/checkpoint_form.h"
#include "core/differences.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "generated/version.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

using namespace checkpoint;

constexpr std::uint64_t block_entries = std::uint64_t{1} << 16;
constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max() / 2;  // ns
constexpr std::int64_t most = std::int64_t{1} << 53;         // whole numbers that doubles hold
constexpr std::int64_t most_quanta = std::int64_t{1} << 60;  // of a sum of weights

/// What a number may be, both ends included.
struct Bounds {
  std::int64_t low, high;
};

/// The file, and whose share of it is read.
struct Reading {
  const hdf5::File& file;
  std::string path;
  const Layout& layout;
  std::vector<Slice> slices;
  std::int64_t now = 0, step = 0;  ///< ns; the step of dt that it lies in or ends

  bool holds(Gid gid) const {
    const auto above = std::upper_bound(slices.begin(), slices.end(), gid,
                                        [](Gid g, const Slice& s) { return g < s.gid; });
    return above != slices.begin() && gid - std::prev(above)->gid < std::prev(above)->size;
  }
  [[noreturn]] void fail(const std::string& dataset, const std::string& what) const {
    throw Error(ErrorKind::parse, path + ": " + dataset + ": " + what);
  }
  std::uint64_t length(const std::string& dataset) const {
    const std::vector<std::uint64_t> shape = file.shape(dataset);
    if (shape.size() != 1) fail(dataset, fmt::format("has {} axes, must have one", shape.size()));
    return shape[0];
  }

  void require(const std::string& dataset, std::int64_t value, Bounds bounds) const {
    if (value < bounds.low || value > bounds.high)
      fail(dataset, fmt::format("{}, must be from {} to {}", value, bounds.low, bounds.high));
  }
  void require(const std::string& dataset, const Integers& values, Bounds bounds) const {
    for (const std::int64_t value : values) require(dataset, value, bounds);
  }
  /// A whole number that is kept as a double.
  std::int64_t whole(const std::string& dataset, double value, Bounds bounds) const {
    if (!(value == std::trunc(value) && std::fabs(value) < 9e18))
      fail(dataset,
           fmt::format("{}, must be a whole number from {} to {}", value, bounds.low, bounds.high));
    require(dataset, static_cast<std::int64_t>(value), bounds);
    return static_cast<std::int64_t>(value);
  }
  void require_finite(const std::string& dataset, const Reals& values) const {
    for (const double value : values)
      if (!std::isfinite(value)) fail(dataset, fmt::format("{}, must be finite", value));
  }

  std::int64_t gids() const { return static_cast<std::int64_t>(layout.partition.first_gid.back()); }
  /// What is decided for the population of a neuron; fails for a source.
  const PopulationLayout& target(const std::string& dataset, Gid gid) const {
    const std::size_t p = layout.partition.population_of(gid);
    if (!layout.populations[p].model)
      fail(dataset, fmt::format("{}, a source of population \"{}\", which takes no input", gid,
                                layout.network->populations[p].name));
    return layout.populations[p];
  }
  double quantum(const std::string& dataset, const PopulationLayout& target,
                 std::int64_t receptor) const {
    require(dataset, receptor, {0, static_cast<std::int64_t>(target.quantum.size()) - 1});
    return target.quantum[static_cast<std::size_t>(receptor)];
  }
};

/// Where the own numbers of a data set go, so many an entry.
struct Into {
  std::string dataset;
  std::variant<Integers*, Reals*> numbers;
  std::size_t width = 1;
};

template <class T>
void append_own(const Reading& r, const std::string& dataset, std::uint64_t first, std::uint64_t n,
                std::size_t width, const std::vector<std::size_t>& own, std::vector<T>& out) {
  std::vector<T> block(n * width);
  r.file.read_part(dataset, first * width, std::span<T>(block));
  for (const std::size_t i : own)
    out.insert(out.end(), block.begin() + static_cast<std::ptrdiff_t>(i * width),
               block.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
}

/// Indices 0 to size - 1 that `first` is added to.
struct Key {
  std::string dataset;
  Gid first;
  std::int64_t size;
};

/// Reads the entries that this rank holds, a block at a time; they go by `key`.
void read_own(const Reading& r, const Key& key, const std::vector<Into>& columns) {
  const std::uint64_t n = r.length(key.dataset);
  for (const Into& column : columns)
    if (r.length(column.dataset) != n * column.width)
      r.fail(column.dataset, "does not fit the length of " + key.dataset);
  Integers keys;
  std::vector<std::size_t> own;
  for (std::uint64_t begin = 0; begin < n; begin += block_entries) {
    const std::uint64_t size = std::min(block_entries, n - begin);
    keys.resize(size);
    r.file.read_part(key.dataset, begin, std::span<std::int64_t>(keys));
    r.require(key.dataset, keys, {0, key.size - 1});
    own.clear();
    for (std::size_t i = 0; i < size; ++i)
      if (r.holds(key.first + static_cast<Gid>(keys[i]))) own.push_back(i);
    if (own.empty()) continue;
    for (const Into& column : columns)
      std::visit(
          [&](auto* out) { append_own(r, column.dataset, begin, size, column.width, own, *out); },
          column.numbers);
  }
}

/// The same of a table that goes by gid.
Integers read_by_gid(const Reading& r, const std::string& group, std::vector<Into> columns) {
  Integers gids;
  for (Into& column : columns) column.dataset = group + column.dataset;
  columns.push_back({group + "/gid", &gids});
  read_own(r, {group + "/gid", 0, r.gids()}, columns);
  return gids;
}

/// Rows of `width` numbers whose first is one of `sources` (sorted, below n_sources).
Reals read_rows(const Reading& r, const std::string& dataset, std::size_t width,
                const Integers& sources, std::int64_t n_sources) {
  Reals rows;
  const std::uint64_t numbers = r.length(dataset);
  if (numbers % width != 0) r.fail(dataset, "holds no whole rows");
  const std::uint64_t n = numbers / width;
  Reals block;
  for (std::uint64_t begin = 0; begin < n; begin += block_entries) {
    block.resize(std::min(block_entries, n - begin) * width);
    r.file.read_part(dataset, begin * width, std::span<double>(block));
    for (auto row = block.begin(); row != block.end(); row += static_cast<std::ptrdiff_t>(width))
      if (std::binary_search(sources.begin(), sources.end(),
                             r.whole(dataset, *row, {0, n_sources - 1})))
        rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  r.require_finite(dataset, rows);
  return rows;
}

/// Of a rank's neurons, which lie one after the other.
void read_states(const Reading& r, KernelState& state) {
  for (const Slice& slice : r.slices) {
    const PopulationLayout& of = r.layout.populations[slice.population];
    if (!of.model) continue;
    const std::string name = name_of("/states/", slice.population);
    const std::size_t each = of.model->state.size() + (of.event ? 2 : 0);
    const auto size = static_cast<std::uint64_t>(r.layout.partition.sizes[slice.population]);
    if (r.length(name) != size * each)
      r.fail(name, fmt::format("must hold {} values a neuron of \"{}\"", each,
                               r.layout.network->populations[slice.population].name));
    StatePiece piece{slice.population, slice.first, slice.size, {}};
    piece.values.resize(slice.size * each);
    r.file.read_part(name, static_cast<std::uint64_t>(slice.first) * each,
                     std::span<double>(piece.values));
    for (std::size_t at = each; of.event && at <= piece.values.size(); at += each) {
      const double moved = piece.values[at - 1];  // last
      if (moved < 0) r.require(name, time_from_saved(moved), {0, r.now});
      else r.whole(name, moved, {0, r.now});
    }
    state.states.push_back(std::move(piece));
  }
}

void read_in_flight(const Reading& r, KernelState& state) {
  Integers times;
  const Integers gids = read_by_gid(r, "/in_flight", {{"/time_ns", &times}});
  r.require("/in_flight/time_ns", times, {r.now - r.layout.ring_steps * r.layout.dt_ns, r.now});
  for (std::size_t i = 0; i < gids.size(); ++i)
    state.in_flight.push_back({times[i], static_cast<Gid>(gids[i])});
}

void read_handed_over(const Reading& r, KernelState& state) {
  Integers due, receptors;
  Reals weights;
  const Integers gids = read_by_gid(
      r, "/handed_over", {{"/time_ns", &due}, {"/receptor", &receptors}, {"/weight", &weights}});
  r.require("/handed_over/time_ns", due, {r.now + 1, latest});
  for (std::size_t i = 0; i < gids.size(); ++i) {
    const auto gid = static_cast<Gid>(gids[i]);
    const double quantum =
        r.quantum("/handed_over/receptor", r.target("/handed_over/gid", gid), receptors[i]);
    if (!(std::fabs(weights[i] / quantum) < static_cast<double>(most_quanta)))
      r.fail("/handed_over/weight", fmt::format("{}, must be below {:.4g}", weights[i],
                                                static_cast<double>(most_quanta) * quantum));
    state.handed_over.push_back(
        {due[i], gid, static_cast<std::uint32_t>(receptors[i]), weights[i]});
  }
}

void read_sources(const Reading& r, KernelState& state) {
  Integers values, sent;
  const Integers sources = read_by_gid(r, "/sources", {{"/value", &values}});
  for (std::size_t i = 0; i < sources.size(); ++i)
    state.sources.push_back({static_cast<Gid>(sources[i]), values[i]});
  const Integers injected = read_by_gid(r, "/injected", {{"/time_ns", &sent}});
  r.require("/injected/time_ns", sent, {r.now + 1, latest});
  for (std::size_t i = 0; i < injected.size(); ++i)
    state.injections.push_back({sent[i], static_cast<Gid>(injected[i])});
}

void read_drives(const Reading& r, KernelState& state) {
  Integers stimuli, times, drawn;
  const Integers gids = read_by_gid(
      r, "/drives", {{"/stimulus", &stimuli}, {"/time_ns", &times}, {"/drawn", &drawn}});
  const auto n_stimuli = static_cast<std::int64_t>(r.layout.network->stimuli.size());
  r.require("/drives/stimulus", stimuli, {0, n_stimuli - 1});
  r.require("/drives/time_ns", times, {r.now + 1, std::numeric_limits<std::int64_t>::max()});
  r.require("/drives/drawn", drawn, {1, most});
  for (std::size_t i = 0; i < gids.size(); ++i) {
    const auto gid = static_cast<Gid>(gids[i]);
    const Stimulus& of = r.layout.network->stimuli[static_cast<std::size_t>(stimuli[i])];
    const std::size_t p = r.layout.partition.population_of(gid);
    if (of.type != Stimulus::Type::poisson || of.target != r.layout.network->populations[p].name)
      r.fail("/drives/stimulus", fmt::format("{}, must be a Poisson stimulus on \"{}\"", stimuli[i],
                                             r.layout.network->populations[p].name));
    state.drives.push_back({gid, stimuli[i], times[i], drawn[i]});
  }
}

/// The last spike of a source, and up to where postsynaptic ones were taken in: steps that rise.
void require_steps(const Reading& r, const std::string& dataset, const double* last_and_taken,
                   std::int64_t step) {
  const std::int64_t last = r.whole(dataset, last_and_taken[0], {-1, step});
  r.whole(dataset, last_and_taken[1], {last, r.step});
}

void read_projection(const Reading& r, std::size_t p, PlasticState& own) {
  const ProjectionLayout& part = r.layout.projections[p];
  const Partition& partition = r.layout.partition;
  const std::string group = name_of("/plastic/projections/", p);
  const SynapseWidths widths = widths_of(part);
  read_own(r, {group + "/target", partition.first_gid[part.target], partition.sizes[part.target]},
           {{group + "/source", &own.sources},
            {group + "/target", &own.targets},
            {group + "/synapses", &own.synapses, 2 + widths.synapse}});
  r.require(group + "/source", own.sources, {0, partition.sizes[part.source] - 1});
  r.require_finite(group + "/synapses", own.synapses);
  Integers sources = own.sources;
  std::sort(sources.begin(), sources.end());
  const std::size_t row = 1 + widths.row;
  const std::int64_t n_sources = partition.sizes[part.source];
  own.rows = read_rows(r, group + "/rows", row, sources, n_sources);
  for (std::size_t at = 0; at < own.rows.size(); at += row) {
    require_steps(r, group + "/rows", &own.rows[at + 1], r.step);
    r.whole(group + "/rows", own.rows[at + 3], {0, most});  // spikes
  }
  own.waiting = read_rows(r, group + "/waiting", widths.waiting, sources, n_sources);
  for (std::size_t at = 0; at < own.waiting.size(); at += widths.waiting) {
    const double* spike = &own.waiting[at];  // core/plastic_table.h: save_waiting
    r.whole(group + "/waiting", spike[1], {1, part.estimate.max_delay});
    require_steps(r, group + "/waiting", spike + 3,
                  r.whole(group + "/waiting", spike[2], {0, r.step}));
    r.whole(group + "/waiting", spike[5], {0, most});  // its number
    r.whole(group + "/waiting", spike[6], {-most, most});
  }
}

void read_history(const Reading& r, std::size_t h, HistoryState& own) {
  const std::size_t p = r.layout.histories[h].population;
  const std::string group = name_of("/plastic/histories/", h);
  read_own(r, {group + "/neuron", r.layout.partition.first_gid[p], r.layout.partition.sizes[p]},
           {{group + "/neuron", &own.neurons},
            {group + "/step", &own.steps},
            {group + "/trace", &own.traces}});
  r.require(group + "/step", own.steps, {0, r.step});
  r.require_finite(group + "/trace", own.traces);
  for (std::size_t i = 1; i < own.neurons.size(); ++i) {
    r.require(group + "/neuron", own.neurons[i], {own.neurons[i - 1], most});
    if (own.neurons[i] == own.neurons[i - 1])
      r.require(group + "/step", own.steps[i], {own.steps[i - 1], r.step});
  }
}

void read_plastic(const Reading& r, KernelState& state) {
  state.plastic.resize(r.layout.projections.size());
  for (std::size_t p = 0; p < r.layout.projections.size(); ++p)
    if (r.layout.projections[p].rule) read_projection(r, p, state.plastic[p]);
  state.histories.resize(r.layout.histories.size());
  for (std::size_t h = 0; h < r.layout.histories.size(); ++h)
    read_history(r, h, state.histories[h]);
  const std::string group = "/plastic/arrivals";
  Integers steps, receptors, quanta;
  const Integers gids =
      read_by_gid(r, group, {{"/step", &steps}, {"/receptor", &receptors}, {"/quanta", &quanta}});
  r.require(group + "/step", steps,
            {r.now / r.layout.dt_ns + 1, r.now / r.layout.dt_ns + r.layout.ring_steps - 1});
  r.require(group + "/quanta", quanta, {-most_quanta, most_quanta});
  for (std::size_t i = 0; i < gids.size(); ++i) {
    const auto gid = static_cast<Gid>(gids[i]);
    r.quantum(group + "/receptor", r.target(group + "/gid", gid), receptors[i]);
    state.arrivals.push_back({steps[i], receptors[i], gid, quanta[i]});
  }
}

std::vector<IntervalCount> read_intervals(const Reading& r) {
  Integers spikes, last;
  Reals sums, squares;
  const Integers gids = read_by_gid(
      r, "/intervals",
      {{"/spikes", &spikes}, {"/last_ns", &last}, {"/sum_ms", &sums}, {"/squares_ms2", &squares}});
  r.require("/intervals/spikes", spikes, {1, most});
  r.require("/intervals/last_ns", last, {0, r.now});
  std::vector<IntervalCount> counts;
  for (std::size_t i = 0; i < gids.size(); ++i)
    counts.push_back({{spikes[i], last[i], sums[i], squares[i]}, static_cast<Gid>(gids[i])});
  return counts;
}

/// Where a file's fingerprint is another: names the settings that differ, if those do.
[[noreturn]] void refuse_run(const std::string& path, std::string_view kept, const Layout& layout) {
  const char* const other =
      kept.empty() ? "network, input, seed, dt or storage" : "network or input";
  Differences differences;
  for (const std::string& setting : settings_of(layout)) {
    const std::string_view one = kept.substr(0, kept.find('\n'));
    kept.remove_prefix(std::min(kept.size(), one.size() + 1));
    if (!one.empty() && one != setting) differences.add(std::string(one), setting);
  }
  throw Error(ErrorKind::range,
              differences.empty()
                  ? fmt::format("{}: belongs to another {} than this run's", path, other)
                  : fmt::format("{}: belongs to a run {}", path, differences.text()));
}

/// Throws where the file is of another form, network or settings.
void require_same(const hdf5::File& file, const std::string& path, const Fingerprint& fingerprint,
                  const Layout& layout) {
  const auto attribute = [&file](const char* name) {
    return file.has_attribute("/", name) ? file.text_attribute("/", name) : "";
  };
  if (attribute("format") != format_number)
    throw Error(
        ErrorKind::unsupported,
        fmt::format("{}: was written by Ranvier {} in another form (\"{}\") than Ranvier {} "
                    "goes on from (\"{}\"); `ranvier recover` saves what was recorded",
                    path, attribute("version"), attribute("format"), version, format_number));
  if (attribute("fingerprint") != fingerprint.settings)
    refuse_run(path, attribute("settings"), layout);
  const std::vector<std::string> names = file.read_strings("/files/name"),
                                 hashes = file.read_strings("/files/sha256");
  for (std::size_t i = 0; i < std::min(names.size(), hashes.size()); ++i) {
    const auto now = fingerprint.files.find(names[i]);
    if (now == fingerprint.files.end() || now->second != hashes[i])
      throw Error(ErrorKind::range,
                  fmt::format("{}: the network's file {} has changed since it was written", path,
                              names[i]));
  }
}

}  // namespace

Checkpoint read_checkpoint(const fs::path& path, const Fingerprint& fingerprint,
                           const Layout& layout, int rank) {
  const hdf5::File file = hdf5::File::open(path);
  require_same(file, path.string(), fingerprint, layout);
  Reading r{file, path.string(), layout, layout.partition.slices_of(rank)};
  Checkpoint checkpoint;
  KernelState& state = checkpoint.kernel;
  const auto one = [&](const char* name) {
    if (r.length(name) != 1) r.fail(name, "must hold one value");
    const std::int64_t value = file.read_integers(name)[0];
    r.require(name, value, {0, latest});
    return value;
  };
  state.now = r.now = one("/now_ns");
  if (layout.has_clocked && r.now % layout.dt_ns != 0)
    r.fail("/now_ns", fmt::format("{}, must be a multiple of dt ({} ns)", r.now, layout.dt_ns));
  r.step = (r.now + layout.dt_ns - 1) / layout.dt_ns;
  state.synaptic_events = one("/synaptic_events");
  state.spikes_of = file.read_integers("/spikes_of", layout.populations.size());
  if (state.spikes_of.size() != layout.populations.size())
    r.fail("/spikes_of", "must hold one value a population");
  r.require("/spikes_of", state.spikes_of, {0, latest});
  read_states(r, state);
  read_in_flight(r, state);
  read_handed_over(r, state);
  read_sources(r, state);
  read_drives(r, state);
  checkpoint.intervals = read_intervals(r);
  if (layout.has_rules) read_plastic(r, state);
  return checkpoint;
}

}  // namespace ranvier
