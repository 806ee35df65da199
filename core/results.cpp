#include "core/results.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/sonata_files.h"
#include "core/time.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

/// Biological time in equal parts, to see where the spikes are.
struct Bins {
  static constexpr std::size_t n = 16'384;
  std::int64_t width;  // ns

  explicit Bins(std::int64_t until)
      : width(std::max<std::int64_t>(0, until) / static_cast<std::int64_t>(n) + 1) {}
  std::size_t of(std::int64_t time) const {
    return std::min(n - 1, static_cast<std::size_t>(time / width));
  }
};

/// Biological time in slices of whole bins: a rank takes one a pass.
struct Slices {
  std::vector<std::int64_t> ends;   // ns
  std::vector<std::size_t> of_bin;  // the slice that a bin belongs to
};

/// Cuts time where about equally many spikes lie, at most so many a slice (or those of one bin).
Slices cut_evenly(const Bins& bins, std::span<const std::int64_t> counts, std::int64_t ranks,
                  const ResultsBudget& budget) {
  const std::int64_t most =
      std::max<std::int64_t>(1, std::min(budget.spikes, budget.all_spikes / ranks));
  std::int64_t total = 0;
  for (const std::int64_t n : counts) total += n;
  const std::int64_t passes = total / (ranks * most) + 1, share = total / (ranks * passes) + 1;
  Slices slices;
  std::int64_t held = 0;
  for (std::size_t b = 0; b < Bins::n; ++b) {
    if (held > 0 && held + counts[b] > share) {
      slices.ends.push_back(static_cast<std::int64_t>(b) * bins.width);
      held = 0;
    }
    held += counts[b];
    slices.of_bin.push_back(slices.ends.size());
  }
  slices.ends.push_back(static_cast<std::int64_t>(Bins::n) * bins.width);
  return slices;
}

/// A file's spikes, without the marks.
struct SpikeFile {
  using Item = RecordedSpike;
  explicit SpikeFile(const fs::path& path) : reader(path) {}
  const Item* next() {
    do last = reader.next();
    while (last && last->gid == SpikeReader::mark);
    return last ? &*last : nullptr;
  }
  static std::int64_t time(const Item& spike) { return spike.time; }

  SpikeReader reader;
  std::optional<RecordedSpike> last;
};

/// A file's frames; time counts in frames.
struct FrameFile {
  using Item = SpooledFrame;
  explicit FrameFile(const fs::path& path) : reader(path) {}
  const Item* next() { return reader.next(); }
  static std::int64_t time(const Item& frame) { return frame.frame; }

  FrameReader reader;
};

/// One file of a spool, handed out slice by slice.
template <class File>
class Sliced {
 public:
  using Item = typename File::Item;
  /// Looks through the file: f(item) for all up to `until`.
  template <class F>
  Sliced(const fs::path& path, std::int64_t until, const F& f) : file_(path), until_(until) {
    std::int64_t latest = 0;
    File look(path);
    for (const Item* item = look.next(); item && File::time(*item) <= until; item = look.next()) {
      const std::int64_t time = File::time(*item);
      if (time < 0)
        throw Error(ErrorKind::parse, fmt::format("{}: is damaged: it holds a time before 0: {}",
                                                  path.string(), time));
      f(*item);
      latest = std::max(latest, time);
      disorder_ = std::max(disorder_, latest - time);
    }
  }

  /// f(item) for those before `end` that were not handed out before. What comes `disorder` later in
  /// the file than `end` has none of them behind it.
  template <class F>
  void before(std::int64_t end, const F& f) {
    std::erase_if(early_, [&](const Item& item) {
      if (File::time(item) < end) f(item);
      return File::time(item) < end;
    });
    while (latest_ < end + disorder_) {
      const Item* item = file_.next();
      if (!item || File::time(*item) > until_) return;
      if (File::time(*item) < end) f(*item);
      else early_.push_back(*item);
      latest_ = std::max(latest_, File::time(*item));
    }
  }

 private:
  File file_;
  std::int64_t until_, disorder_ = 0, latest_ = -1;
  std::vector<Item> early_;
};

std::size_t population_of(const RecordPlan& plan, Gid gid) {
  const auto above =
      std::upper_bound(plan.populations.begin(), plan.populations.end(), gid,
                       [](Gid g, const RecordedPopulation& p) { return g < p.first; });
  const auto p = static_cast<std::size_t>(above - plan.populations.begin()) - 1;
  if (p >= plan.populations.size() || !plan.populations[p].spikes ||
      gid - plan.populations[p].first >= static_cast<Gid>(plan.populations[p].size))
    throw Error(ErrorKind::parse,
                fmt::format("the spool is damaged: it holds a spike of neuron {}", gid));
  return p;
}

/// What rank 0 says, on all ranks.
template <class T>
std::vector<T> from_first(const std::vector<T>& values, Comm& comm) {
  Bytes mine;
  if (comm.rank() == 0) append_all(mine, std::span<const T>(values));
  return take_all<T>(comm.all_gather(mine)[0]);
}

/// Columns of a population, of a slice.
struct Columns {
  std::vector<double> timestamps;
  std::vector<std::uint64_t> node_ids;
};

/// Writes a pass: every rank its slice, behind those of the ranks before it. `written` grows by
/// what all ranks wrote.
void write_pass(RawFile& file, const std::vector<SpikePlaces>& places,
                const std::vector<Columns>& columns, std::vector<std::int64_t>& written,
                Comm& comm) {
  Bytes mine;
  for (const Columns& c : columns) append(mine, static_cast<std::int64_t>(c.node_ids.size()));
  const std::vector<Bytes> counts = comm.all_gather(mine);
  agree_on(comm, [&] {
    for (std::size_t p = 0; p < columns.size(); ++p) {
      auto at = static_cast<std::uint64_t>(written[p]);
      for (int r = 0; r < comm.rank(); ++r)
        at += take<std::uint64_t>(counts[static_cast<std::size_t>(r)], p);
      file.write_at(places[p].timestamps + at * sizeof(double),
                    std::as_bytes(std::span(columns[p].timestamps)));
      file.write_at(places[p].node_ids + at * sizeof(std::uint64_t),
                    std::as_bytes(std::span(columns[p].node_ids)));
    }
  });
  for (std::size_t p = 0; p < columns.size(); ++p)
    for (const Bytes& of_rank : counts) written[p] += take<std::int64_t>(of_rank, p);
}

void write_spikes(const fs::path& folder, const RecordPlan& plan,
                  const std::vector<SpoolFile>& files, std::int64_t until, Comm& comm,
                  const ResultsBudget& budget) {
  const Bins bins(until);
  const std::size_t n = plan.populations.size(), ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::int64_t> counts(Bins::n + n);
  std::vector<Sliced<SpikeFile>> mine;
  agree_on(comm, [&] {
    for (const SpoolFile& file : share_of(files, comm))
      mine.emplace_back(file.path, until, [&](const RecordedSpike& s) {
        ++counts[bins.of(s.time)];
        ++counts[Bins::n + population_of(plan, s.gid)];
      });
  });
  comm.sum(counts);
  std::vector<SpikePlaces> places;
  agree_on(comm, [&] {
    if (comm.rank() == 0)
      places =
          create_spike_files(folder, plan.populations, {counts.begin() + Bins::n, counts.end()});
  });
  places = from_first(places, comm);
  std::optional<RawFile> file;
  agree_on(comm, [&] { file = RawFile::edit(folder / "spikes.h5"); });

  const Slices slices = cut_evenly(bins, std::span(counts).first(Bins::n), comm.size(), budget);
  std::vector<std::int64_t> written(n);
  std::vector<RecordedSpike> slice;
  std::vector<Columns> columns(n);
  for (std::size_t first = 0; first < slices.ends.size(); first += ranks) {
    const std::int64_t end = slices.ends[std::min(first + ranks, slices.ends.size()) - 1];
    std::vector<Bytes> to_rank(ranks);
    slice.clear();
    agree_on(comm, [&] {
      for (Sliced<SpikeFile>& spikes : mine)
        spikes.before(end, [&](const RecordedSpike& s) {
          const std::size_t rank = slices.of_bin[bins.of(s.time)] - first;
          if (rank == static_cast<std::size_t>(comm.rank())) slice.push_back(s);
          else append(to_rank[rank], s);
        });
    });
    for (const Bytes& from : comm.all_to_all(std::move(to_rank))) {
      const auto some = take_all<RecordedSpike>(from);
      slice.insert(slice.end(), some.begin(), some.end());
    }
    sort_spikes(slice);
    for (Columns& c : columns) c.timestamps.clear(), c.node_ids.clear();
    for (const RecordedSpike& s : slice) {
      const std::size_t p = population_of(plan, s.gid);
      columns[p].timestamps.push_back(to_ms(Time{s.time}));
      columns[p].node_ids.push_back(s.gid - plan.populations[p].first);
    }
    write_pass(*file, places, columns, written, comm);
  }
}

struct FrameHead {
  std::int64_t frame;
  std::uint64_t n;
};

/// Puts what the other ranks sent of frames [first, first + rows) in its place.
void fill(std::vector<double>& rows, std::int64_t first, std::size_t columns,
          const std::vector<Bytes>& from) {
  for (const Bytes& bytes : from)
    for (std::size_t at = 0; at < bytes.size();) {
      const auto rest = std::span<const std::byte>(bytes).subspan(at);
      const auto head = take<FrameHead>(rest, 0);
      const auto numbers = rest.subspan(sizeof head, head.n * sizeof(std::uint32_t)),
                 values = rest.subspan(sizeof head + numbers.size(), head.n * sizeof(double));
      for (std::size_t i = 0; i < head.n; ++i)
        rows[static_cast<std::size_t>(head.frame - first) * columns +
             take<std::uint32_t>(numbers, i)] = take<double>(values, i);
      at += sizeof head + numbers.size() + values.size();
    }
}

/// \param places  of a projection's report: its file exists already
void write_report(const fs::path& folder, const Report& report, const std::vector<SpoolFile>& files,
                  std::int64_t until, Comm& comm, const ResultsBudget& budget,
                  std::vector<ReportPlaces> places = {}) {
  const std::int64_t frames = frames_until(report, until);
  const std::size_t columns = report.neurons.size();
  std::vector<Sliced<FrameFile>> mine;
  std::int64_t values = 0;
  agree_on(comm, [&] {
    for (const SpoolFile& file : share_of(files, comm))
      mine.emplace_back(file.path, frames - 1, [&](const SpooledFrame& f) {
        if (std::any_of(f.columns.begin(), f.columns.end(),
                        [columns](std::uint32_t c) { return c >= columns; }))
          throw Error(ErrorKind::parse, fmt::format("{}: is damaged: frame {} has a column past {}",
                                                    file.path.string(), f.frame, columns));
        values += static_cast<std::int64_t>(f.columns.size());
      });
  });
  comm.sum({&values, 1});
  agree_on(comm, [&] {
    if (values != frames * static_cast<std::int64_t>(columns))
      throw Error(ErrorKind::io,
                  fmt::format("the spool is damaged: it holds {} of {} values of {} {}", values,
                              frames * static_cast<std::int64_t>(columns), report.population,
                              report.variable));
    if (comm.rank() == 0 && places.empty())
      places.push_back(create_report_file(folder, report, frames));
  });
  places = from_first(places, comm);
  std::optional<RawFile> file;
  agree_on(comm, [&] { file = RawFile::edit(folder / report_file(report)); });

  const std::int64_t most = std::max<std::int64_t>(
                         1, budget.values / static_cast<std::int64_t>(columns + 1)),
                     a_slice = std::min(most, frames / comm.size() + 1);
  for (std::int64_t first = 0; first < frames; first += a_slice * comm.size()) {
    const std::int64_t begin = first + a_slice * comm.rank(),
                       n = std::clamp<std::int64_t>(frames - begin, 0, a_slice);
    std::vector<Bytes> to_rank(static_cast<std::size_t>(comm.size()));
    std::vector<double> rows;
    agree_on(comm, [&] {
      rows.resize(static_cast<std::size_t>(n) * columns);
      for (Sliced<FrameFile>& own : mine)
        own.before(first + a_slice * comm.size(), [&](const SpooledFrame& f) {
          const std::int64_t rank = (f.frame - first) / a_slice;
          if (rank == comm.rank()) {
            const std::size_t at = static_cast<std::size_t>(f.frame - begin) * columns;
            for (std::size_t i = 0; i < f.values.size(); ++i) rows[at + f.columns[i]] = f.values[i];
            return;
          }
          Bytes& bytes = to_rank[static_cast<std::size_t>(rank)];
          append(bytes, FrameHead{f.frame, f.columns.size()});
          append_all(bytes, f.columns);
          append_all(bytes, std::span<const double>(f.values));
        });
    });
    const std::vector<Bytes> from = comm.all_to_all(std::move(to_rank));
    agree_on(comm, [&] {
      if (n == 0) return;
      fill(rows, begin, columns, from);
      const std::uint64_t at = static_cast<std::uint64_t>(begin) * columns;
      file->write_at(places[0].data_double + at * sizeof(double), std::as_bytes(std::span(rows)));
      if (report.of_projection) return;
      const std::vector<float> single(rows.begin(), rows.end());
      file->write_at(places[0].data + at * sizeof(float), std::as_bytes(std::span(single)));
    });
  }
}

}  // namespace

// Spikes come window by window from each file, so they are put into short stretches of time, which
// hardly moves them, before those are sorted.
void sort_spikes(std::vector<RecordedSpike>& spikes) {
  if (spikes.empty()) return;
  const auto [first, last] = std::minmax_element(
      spikes.begin(), spikes.end(),
      [](const RecordedSpike& a, const RecordedSpike& b) { return a.time < b.time; });
  const std::int64_t begin = first->time;
  const std::size_t n = spikes.size() / 16 + 1;
  const double scale = static_cast<double>(n) / static_cast<double>(last->time - begin + 1);
  const auto stretch = [&](const RecordedSpike& s) {
    return std::min(n - 1, static_cast<std::size_t>(static_cast<double>(s.time - begin) * scale));
  };
  std::vector<std::size_t> next(n + 1);
  for (const RecordedSpike& s : spikes) ++next[stretch(s) + 1];
  for (std::size_t i = 1; i <= n; ++i) next[i] += next[i - 1];
  std::vector<RecordedSpike> sorted(spikes.size());
  for (const RecordedSpike& s : spikes) sorted[next[stretch(s)]++] = s;
  std::size_t from = 0;
  for (std::size_t i = 0; i < n; ++i) {  // next[i] is now where stretch i ends
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(from),
              sorted.begin() + static_cast<std::ptrdiff_t>(next[i]));
    from = next[i];
  }
  spikes = std::move(sorted);
}

void write_results(const fs::path& folder, const RecordPlan& plan, const SpoolFiles& files,
                   std::int64_t until, Comm& comm, const ResultsBudget& budget) {
  write_spikes(folder, plan, files.spikes, until, comm, budget);
  std::vector<ReportPlaces> weights;
  agree_on(comm, [&] {
    const bool any = std::any_of(plan.reports.begin(), plan.reports.end(),
                                 [](const Report& r) { return r.of_projection; });
    if (comm.rank() == 0 && any) weights = create_weights_file(folder, plan.reports, until);
  });
  std::size_t n_weights = 0;
  for (std::size_t k = 0; k < plan.reports.size(); ++k) {
    std::vector<ReportPlaces> places;
    if (plan.reports[k].of_projection && comm.rank() == 0) places = {weights[n_weights++]};
    write_report(folder, plan.reports[k], files.reports[k], until, comm, budget, places);
  }
}

}  // namespace ranvier
