#include "core/checkpoint.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "core/aside_file.h"
#include "core/bytes.h"
#include "core/checkpoint_form.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "core/raw_file.h"
#include "generated/version.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

using namespace checkpoint;

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

template <class Entry, class Base, class T>
auto member(const std::vector<Entry>& entries, T Base::*m) {
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
  const std::vector<DriveState>& drives = state.drives;
  tables.push_back(table_of(gids_of(drives),
                            Column{"/drives/gid", member(drives, &DriveState::gid)},
                            Column{"/drives/stimulus", member(drives, &DriveState::stimulus)},
                            Column{"/drives/time_ns", member(drives, &DriveState::time)},
                            Column{"/drives/drawn", member(drives, &DriveState::drawn)}));
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
void create(const fs::path& path, const KernelState& state, const Fingerprint& fingerprint,
            const Layout& layout, const std::vector<Table>& tables, Places& places) {
  hdf5::File file = hdf5::File::create(path);
  file.set_attribute("/", "format", format_number);
  file.set_attribute("/", "version", version);
  file.set_attribute("/", "fingerprint", fingerprint.settings);
  std::string settings;
  for (const std::string& one : settings_of(layout)) settings += one + "\n";
  file.set_attribute("/", "settings", settings);
  std::vector<std::string> names, hashes;
  for (const auto& [name, hash] : fingerprint.files) {
    names.push_back(name);
    hashes.push_back(hash);
  }
  file.write("/files/name", names, {names.size()});
  file.write("/files/sha256", hashes, {hashes.size()});
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

void write_checkpoint(const fs::path& path, Checkpoint checkpoint, const Fingerprint& fingerprint,
                      const Layout& layout, Comm& comm) {
  const std::vector<Table> tables = tables_of(checkpoint, layout);
  Places places = places_of(tables, layout.partition, comm);
  const fs::path temporary = path.string() + ".new";
  std::optional<AsideFile> aside;  // the first rank's: it alone gives names and removes
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    create(aside.emplace(path, temporary).temporary(), checkpoint.kernel, fingerprint, layout,
           tables, places);
  });
  Bytes begin;
  append_all(begin, std::span<const std::uint64_t>(places.begin));
  places.begin = take_all<std::uint64_t>(comm.all_gather(begin)[0]);
  agree_on(comm, [&] { write_parts(temporary, tables, places); });
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    aside->publish();
    sync(fs::absolute(path).parent_path());
  });
}

}  // namespace ranvier
