#include "core/checkpoint.h"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

#include "core/bytes.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/raw_file.h"
#include "generated/version.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;

/// Counts up whenever what a checkpoint holds, or what it means, becomes another.
const std::string format_number = "3";

/// A data set; an entry of its table has equally many numbers in it, 8 bytes each.
struct Column {
  std::string name;
  std::variant<Integers, Reals> numbers;

  std::span<const std::byte> bytes() const {
    return std::visit([](const auto& v) { return std::as_bytes(std::span(v)); }, numbers);
  }
};

/// This rank's entries of what goes by gid, in rising order.
struct Table {
  std::vector<Gid> gids;
  std::vector<Column> columns;
};

template <class Entry, class T>
auto member(const std::vector<Entry>& entries, T Entry::*m) {
  std::vector<std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>> values;
  values.reserve(entries.size());
  for (const Entry& entry : entries)
    values.push_back(static_cast<typename decltype(values)::value_type>(entry.*m));
  return values;
}

template <class Entry>
std::vector<Gid> gids_of(const std::vector<Entry>& entries) {
  std::vector<Gid> gids;
  for (const Entry& entry : entries) gids.push_back(entry.gid);
  return gids;
}

std::vector<Gid> gids_from(Gid first, const Integers& indices) {
  std::vector<Gid> gids;
  for (const std::int64_t i : indices) gids.push_back(first + static_cast<Gid>(i));
  return gids;
}

/// The same for rows of `width` numbers, the first of them the index.
std::vector<Gid> gids_of_rows(Gid first, const Reals& rows, std::size_t width) {
  std::vector<Gid> gids;
  for (std::size_t at = 0; at < rows.size(); at += width)
    gids.push_back(first + static_cast<Gid>(rows[at]));
  return gids;
}

std::string name_of(const char* group, std::size_t number) {
  return group + std::to_string(number);
}

/// Numbers of a row, and of a waiting spike, of a projection with a rule.
SynapseWidths widths_of(const ProjectionLayout& projection) {
  return projection.rule->widths(!projection.varied.empty());
}

template <class... Columns>
Table table_of(std::vector<Gid> gids, Columns... columns) {
  Table table{std::move(gids), {}};
  (table.columns.push_back(std::move(columns)), ...);
  return table;
}

void add_plastic(KernelState& state, const Layout& layout, std::vector<Table>& tables) {
  const std::vector<Gid>& first = layout.partition.first_gid;
  for (std::size_t p = 0; p < state.plastic.size(); ++p) {
    const ProjectionLayout& part = layout.projections[p];
    if (!part.rule) continue;
    const std::string group = name_of("/plastic/projections/", p);
    PlasticState& own = state.plastic[p];
    const SynapseWidths widths = widths_of(part);
    std::vector<Gid> gids = gids_from(first[part.target], own.targets);
    tables.push_back(table_of(std::move(gids), Column{group + "/source", std::move(own.sources)},
                              Column{group + "/target", std::move(own.targets)},
                              Column{group + "/synapses", std::move(own.synapses)}));
    gids = gids_of_rows(first[part.source], own.rows, 1 + widths.row);
    tables.push_back(table_of(std::move(gids), Column{group + "/rows", std::move(own.rows)}));
    gids = gids_of_rows(first[part.source], own.waiting, widths.waiting);
    tables.push_back(table_of(std::move(gids), Column{group + "/waiting", std::move(own.waiting)}));
  }
  for (std::size_t h = 0; h < state.histories.size(); ++h) {
    const std::string group = name_of("/plastic/histories/", h);
    HistoryState& own = state.histories[h];
    std::vector<Gid> gids = gids_from(first[layout.histories[h].population], own.neurons);
    tables.push_back(table_of(std::move(gids), Column{group + "/neuron", std::move(own.neurons)},
                              Column{group + "/step", std::move(own.steps)},
                              Column{group + "/trace", std::move(own.traces)}));
  }
  const std::vector<ArrivalState>& arrivals = state.arrivals;
  const std::string group = "/plastic/arrivals";
  tables.push_back(table_of(gids_of(arrivals),
                            Column{group + "/gid", member(arrivals, &ArrivalState::gid)},
                            Column{group + "/step", member(arrivals, &ArrivalState::step)},
                            Column{group + "/receptor", member(arrivals, &ArrivalState::receptor)},
                            Column{group + "/quanta", member(arrivals, &ArrivalState::weight)}));
}

/// All that goes by gid, in the same order on every rank.
std::vector<Table> tables_of(Checkpoint& checkpoint, const Layout& layout) {
  KernelState& state = checkpoint.kernel;
  std::vector<Table> tables;
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    if (!layout.populations[p].model) continue;
    Table table;
    Reals values;
    for (const StatePiece& piece : state.states) {
      if (piece.population != p) continue;
      for (std::int64_t i = 0; i < piece.size; ++i)
        table.gids.push_back(layout.partition.first_gid[p] + static_cast<Gid>(piece.first + i));
      values.insert(values.end(), piece.values.begin(), piece.values.end());
    }
    table.columns.push_back({name_of("/states/", p), std::move(values)});
    tables.push_back(std::move(table));
  }
  const std::vector<RecordedSpike>& flying = state.in_flight;
  tables.push_back(table_of(gids_of(flying),
                            Column{"/in_flight/gid", member(flying, &RecordedSpike::gid)},
                            Column{"/in_flight/time_ns", member(flying, &RecordedSpike::time)}));
  const std::vector<PendingArrival>& late = state.handed_over;
  std::vector<Gid> targets;
  for (const PendingArrival& a : late) targets.push_back(a.target);
  tables.push_back(table_of(
      std::move(targets), Column{"/handed_over/gid", member(late, &PendingArrival::target)},
      Column{"/handed_over/time_ns", member(late, &PendingArrival::time)},
      Column{"/handed_over/receptor", member(late, &PendingArrival::receptor)},
      Column{"/handed_over/weight", member(late, &PendingArrival::weight)}));
  const std::vector<SourceValue>& sources = state.sources;
  tables.push_back(table_of(gids_of(sources),
                            Column{"/sources/gid", member(sources, &SourceValue::gid)},
                            Column{"/sources/value", member(sources, &SourceValue::value)}));
  const std::vector<RecordedSpike>& injected = state.injections;
  tables.push_back(table_of(gids_of(injected),
                            Column{"/injected/gid", member(injected, &RecordedSpike::gid)},
                            Column{"/injected/time_ns", member(injected, &RecordedSpike::time)}));
  const std::vector<IntervalCount>& counts = checkpoint.intervals;
  tables.push_back(
      table_of(gids_of(counts), Column{"/intervals/gid", member(counts, &IntervalCount::gid)},
               Column{"/intervals/spikes", member(counts, &IntervalCount::spikes)},
               Column{"/intervals/last_ns", member(counts, &IntervalCount::last)},
               Column{"/intervals/sum_ms", member(counts, &IntervalCount::sum)},
               Column{"/intervals/squares_ms2", member(counts, &IntervalCount::squares)}));
  if (layout.has_rules) add_plastic(state, layout, tables);
  return tables;
}

/// What a rank has of one of its slices: entries [first, last) of its own, to be written behind
/// `before` of others.
struct Part {
  std::size_t table;
  std::size_t first, last;
  std::uint64_t before;
};

/// What is written where: this rank's parts, and what there is in all.
struct Places {
  std::vector<Part> parts;
  std::vector<std::uint64_t> entries;  ///< a table
  std::vector<std::int64_t> numbers;   ///< a column of a table, one after the other
  std::vector<std::uint64_t> begin;    ///< likewise, in bytes from the file's begin
};

Places places_of(const std::vector<Table>& tables, const Partition& partition, Comm& comm) {
  struct Count {
    std::uint64_t table;
    Gid gid;
    std::uint64_t n;
    bool operator<(const Count& other) const {
      return table != other.table ? table < other.table : gid < other.gid;
    }
  };
  Places places;
  std::vector<Count> own, all;
  const std::vector<Slice> slices = partition.slices_of(comm.rank());
  for (std::size_t t = 0; t < tables.size(); ++t) {
    std::size_t at = 0;
    for (const Slice& slice : slices) {
      const std::size_t first = at;
      while (at < tables[t].gids.size() && tables[t].gids[at] < slice.gid + slice.size) ++at;
      if (at == first) continue;
      places.parts.push_back({t, first, at, 0});
      own.push_back({t, slice.gid, at - first});
    }
    for (const Column& column : tables[t].columns)
      places.numbers.push_back(static_cast<std::int64_t>(column.bytes().size() / sizeof(double)));
  }
  comm.sum(places.numbers);
  Bytes mine;
  append_all(mine, std::span<const Count>(own));
  for (const Bytes& of_rank : comm.all_gather(mine)) {
    const auto some = take_all<Count>(of_rank);
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  places.entries.resize(tables.size());
  std::size_t next = 0;  // of own
  for (const Count& count : all) {
    std::uint64_t& so_far = places.entries[count.table];
    if (next < own.size() && own[next].table == count.table && own[next].gid == count.gid)
      places.parts[next++].before = so_far;
    so_far += count.n;
  }
  return places;
}

/// The file with room for everything, by one rank.
void create(const fs::path& path, const KernelState& state, const std::string& fingerprint,
            const std::vector<Table>& tables, Places& places) {
  hdf5::File file = hdf5::File::create(path);
  file.set_attribute("/", "format", format_number);
  file.set_attribute("/", "version", version);
  file.set_attribute("/", "fingerprint", fingerprint);
  file.write("/now_ns", Integers{state.now});
  file.write("/spikes_of", state.spikes_of);
  file.write("/synaptic_events", Integers{state.synaptic_events});
  for (const Table& table : tables)
    for (const Column& column : table.columns) {
      const auto n = static_cast<std::uint64_t>(places.numbers[places.begin.size()]);
      places.begin.push_back(std::holds_alternative<Reals>(column.numbers)
                                 ? file.reserve_doubles(column.name, {n})
                                 : file.reserve_signed_integers(column.name, {n}));
    }
  file.close();
}

void write_parts(const fs::path& path, const std::vector<Table>& tables, const Places& places) {
  RawFile file = RawFile::edit(path);
  std::vector<std::size_t> first_column;
  for (std::size_t t = 0, c = 0; t < tables.size(); c += tables[t++].columns.size())
    first_column.push_back(c);
  for (const Part& part : places.parts)
    for (std::size_t k = 0; k < tables[part.table].columns.size(); ++k) {
      const std::size_t c = first_column[part.table] + k;
      const std::uint64_t each = static_cast<std::uint64_t>(places.numbers[c]) /
                                 places.entries[part.table] * sizeof(double);
      file.write_at(places.begin[c] + part.before * each,
                    tables[part.table].columns[k].bytes().subspan(part.first * each,
                                                                  (part.last - part.first) * each));
    }
  file.sync();
}

}  // namespace

void write_checkpoint(const fs::path& path, Checkpoint checkpoint, const std::string& fingerprint,
                      const Layout& layout, Comm& comm) {
  const fs::path aside = path.string() + ".new";
  const std::vector<Table> tables = tables_of(checkpoint, layout);
  Places places = places_of(tables, layout.partition, comm);
  agree_on(comm, [&] {
    if (comm.rank() == 0) create(aside, checkpoint.kernel, fingerprint, tables, places);
  });
  Bytes begin;
  append_all(begin, std::span<const std::uint64_t>(places.begin));
  places.begin = take_all<std::uint64_t>(comm.all_gather(begin)[0]);
  agree_on(comm, [&] { write_parts(aside, tables, places); });
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    std::error_code failed;
    fs::rename(aside, path, failed);
    if (failed)
      throw Error(ErrorKind::io, path.string() + ": cannot be written: " + failed.message());
    sync(fs::absolute(path).parent_path());
  });
}

namespace {

constexpr std::uint64_t block_entries = std::uint64_t{1} << 16;

/// The file, and whose share of it is read.
struct Reading {
  const hdf5::File& file;
  std::string path;
  std::vector<Slice> slices;

  bool holds(Gid gid) const {
    const auto above = std::upper_bound(slices.begin(), slices.end(), gid,
                                        [](Gid g, const Slice& s) { return g < s.gid; });
    return above != slices.begin() && gid - std::prev(above)->gid < std::prev(above)->size;
  }
  [[noreturn]] void fail(const std::string& dataset, const char* what) const {
    throw Error(ErrorKind::parse, path + ": " + dataset + ": " + what);
  }
};

/// Where the own numbers of a data set go.
struct Into {
  std::string dataset;
  std::variant<Integers*, Reals*> numbers;
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

/// Reads the entries that this rank holds, a block at a time; they go by `key`, an index that
/// `first` is added to.
void read_own(const Reading& r, const std::string& key, Gid first,
              const std::vector<Into>& columns) {
  const std::uint64_t n = r.file.shape(key).at(0);
  std::vector<std::size_t> widths;
  for (const Into& column : columns) {
    const std::uint64_t numbers = r.file.shape(column.dataset).at(0);
    if (n == 0 ? numbers != 0 : numbers % n != 0)
      r.fail(column.dataset, ("does not fit the length of " + key).c_str());
    widths.push_back(n == 0 ? 0 : numbers / n);
  }
  Integers keys;
  std::vector<std::size_t> own;
  for (std::uint64_t begin = 0; begin < n; begin += block_entries) {
    const std::uint64_t size = std::min(block_entries, n - begin);
    keys.resize(size);
    r.file.read_part(key, begin, std::span<std::int64_t>(keys));
    own.clear();
    for (std::size_t i = 0; i < size; ++i)
      if (r.holds(first + static_cast<Gid>(keys[i]))) own.push_back(i);
    if (own.empty()) continue;
    for (std::size_t c = 0; c < columns.size(); ++c)
      std::visit(
          [&](auto* out) { append_own(r, columns[c].dataset, begin, size, widths[c], own, *out); },
          columns[c].numbers);
  }
}

/// Rows of `width` numbers whose first is one of `sources` (sorted).
Reals read_rows(const Reading& r, const std::string& dataset, std::size_t width,
                const Integers& sources) {
  Reals rows;
  const std::uint64_t numbers = r.file.shape(dataset).at(0);
  if (numbers == 0) return rows;
  if (width == 0 || numbers % width != 0) r.fail(dataset, "holds no whole rows");
  const std::uint64_t n = numbers / width;
  Reals block;
  for (std::uint64_t begin = 0; begin < n; begin += block_entries) {
    block.resize(std::min(block_entries, n - begin) * width);
    r.file.read_part(dataset, begin * width, std::span<double>(block));
    for (auto row = block.begin(); row != block.end(); row += static_cast<std::ptrdiff_t>(width))
      if (std::binary_search(sources.begin(), sources.end(), static_cast<std::int64_t>(*row)))
        rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  return rows;
}

/// Of a rank's neurons, which lie one after the other.
void read_states(const Reading& r, const Layout& layout, KernelState& state) {
  for (const Slice& slice : r.slices) {
    if (!layout.populations[slice.population].model) continue;
    const std::string name = name_of("/states/", slice.population);
    const std::uint64_t n = r.file.shape(name).at(0),
                        size = static_cast<std::uint64_t>(layout.partition.sizes[slice.population]);
    if (n % size != 0) r.fail(name, "not as many values a neuron");
    StatePiece piece{slice.population, slice.first, slice.size, {}};
    piece.values.resize(slice.size * (n / size));
    r.file.read_part(name, static_cast<std::uint64_t>(slice.first) * (n / size),
                     std::span<double>(piece.values));
    state.states.push_back(std::move(piece));
  }
}

void read_plastic(const Reading& r, const Layout& layout, KernelState& state) {
  const std::vector<Gid>& first = layout.partition.first_gid;
  state.plastic.resize(layout.projections.size());
  for (std::size_t p = 0; p < layout.projections.size(); ++p) {
    const ProjectionLayout& part = layout.projections[p];
    if (!part.rule) continue;
    const std::string group = name_of("/plastic/projections/", p);
    PlasticState& own = state.plastic[p];
    read_own(r, group + "/target", first[part.target],
             {{group + "/source", &own.sources},
              {group + "/target", &own.targets},
              {group + "/synapses", &own.synapses}});
    Integers sources = own.sources;
    std::sort(sources.begin(), sources.end());
    const SynapseWidths widths = widths_of(part);
    if (own.synapses.size() != own.sources.size() * (2 + widths.synapse))
      r.fail(group + "/synapses", "is of another rule");
    own.rows = read_rows(r, group + "/rows", 1 + widths.row, sources);
    own.waiting = read_rows(r, group + "/waiting", widths.waiting, sources);
  }
  state.histories.resize(layout.histories.size());
  for (std::size_t h = 0; h < layout.histories.size(); ++h) {
    const std::string group = name_of("/plastic/histories/", h);
    HistoryState& own = state.histories[h];
    read_own(r, group + "/neuron", first[layout.histories[h].population],
             {{group + "/neuron", &own.neurons},
              {group + "/step", &own.steps},
              {group + "/trace", &own.traces}});
  }
  Integers gids, steps, receptors, quanta;
  read_own(r, "/plastic/arrivals/gid", 0,
           {{"/plastic/arrivals/gid", &gids},
            {"/plastic/arrivals/step", &steps},
            {"/plastic/arrivals/receptor", &receptors},
            {"/plastic/arrivals/quanta", &quanta}});
  for (std::size_t i = 0; i < gids.size(); ++i)
    state.arrivals.push_back({steps[i], receptors[i], static_cast<Gid>(gids[i]), quanta[i]});
}

}  // namespace

Checkpoint read_checkpoint(const fs::path& path, const std::string& fingerprint,
                           const Layout& layout, int rank) {
  const hdf5::File file = hdf5::File::open(path);
  const auto attribute = [&](const char* name) {
    return file.has_attribute("/", name) ? file.text_attribute("/", name) : "";
  };
  if (attribute("format") != format_number)
    throw Error(
        ErrorKind::unsupported,
        fmt::format("{}: was written by Ranvier {} in another form (\"{}\") than Ranvier {} "
                    "goes on from (\"{}\"); `ranvier recover` saves what was recorded",
                    path.string(), attribute("version"), attribute("format"), version,
                    format_number));
  if (attribute("fingerprint") != fingerprint)
    throw Error(
        ErrorKind::range,
        path.string() + ": belongs to another network, input, seed, dt or storage than this run's");
  const Reading r{file, path.string(), layout.partition.slices_of(rank)};
  Checkpoint checkpoint;
  KernelState& state = checkpoint.kernel;
  const auto one = [&](const char* name) {
    const Integers values = file.read_integers(name);
    if (values.size() != 1) r.fail(name, "must hold one value");
    return values[0];
  };
  state.now = one("/now_ns");
  state.synaptic_events = one("/synaptic_events");
  state.spikes_of = file.read_integers("/spikes_of");
  if (state.spikes_of.size() != layout.populations.size())
    r.fail("/spikes_of", "must hold one value a population");
  read_states(r, layout, state);
  Integers gids, times;
  read_own(r, "/in_flight/gid", 0, {{"/in_flight/gid", &gids}, {"/in_flight/time_ns", &times}});
  for (std::size_t i = 0; i < gids.size(); ++i)
    state.in_flight.push_back({times[i], static_cast<Gid>(gids[i])});
  Integers targets, due, receptors;
  Reals weights;
  read_own(r, "/handed_over/gid", 0,
           {{"/handed_over/gid", &targets},
            {"/handed_over/time_ns", &due},
            {"/handed_over/receptor", &receptors},
            {"/handed_over/weight", &weights}});
  for (std::size_t i = 0; i < targets.size(); ++i)
    state.handed_over.push_back({due[i], static_cast<Gid>(targets[i]),
                                 static_cast<std::uint32_t>(receptors[i]), weights[i]});
  Integers sources, places, injected, sent;
  read_own(r, "/sources/gid", 0, {{"/sources/gid", &sources}, {"/sources/value", &places}});
  for (std::size_t i = 0; i < sources.size(); ++i)
    state.sources.push_back({static_cast<Gid>(sources[i]), places[i]});
  read_own(r, "/injected/gid", 0, {{"/injected/gid", &injected}, {"/injected/time_ns", &sent}});
  for (std::size_t i = 0; i < injected.size(); ++i)
    state.injections.push_back({sent[i], static_cast<Gid>(injected[i])});
  Integers counted, spikes, last;
  Reals sums, squares;
  read_own(r, "/intervals/gid", 0,
           {{"/intervals/gid", &counted},
            {"/intervals/spikes", &spikes},
            {"/intervals/last_ns", &last},
            {"/intervals/sum_ms", &sums},
            {"/intervals/squares_ms2", &squares}});
  for (std::size_t i = 0; i < counted.size(); ++i)
    checkpoint.intervals.push_back(
        {static_cast<Gid>(counted[i]), spikes[i], last[i], sums[i], squares[i]});
  if (layout.has_rules) read_plastic(r, layout, state);
  return checkpoint;
}

}  // namespace ranvier
