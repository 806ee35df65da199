#include "core/results.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <optional>

#include "core/error.h"
#include "core/search.h"
#include "core/sonata_files.h"
#include "core/time.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

/// Biological time in equal parts of a power of two (ns), to see where the spikes are.
struct Bins {
  static constexpr std::size_t n = 16'384;
  int shift;

  explicit Bins(std::int64_t until)
      : shift(static_cast<int>(
            std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(0, until)) / n))) {}
  std::size_t of(std::int64_t time) const { return static_cast<std::size_t>(time >> shift); }
  std::int64_t begin(std::size_t bin) const { return static_cast<std::int64_t>(bin) << shift; }
};

/// Biological time in slices of whole bins: a worker takes one a pass.
struct Slices {
  Bins bins;
  std::vector<std::int64_t> ends{};   // ns
  std::vector<std::size_t> of_bin{};  // the slice that a bin belongs to

  std::size_t of(std::int64_t time) const { return of_bin[bins.of(time)]; }
};

/// Cuts time where about equally many spikes lie, at most so many a slice (or those of one bin).
Slices cut_evenly(const Bins& bins, std::span<const std::int64_t> counts, std::int64_t a_pass,
                  const ResultsBudget& budget) {
  const std::int64_t most =
      std::max<std::int64_t>(1, std::min(budget.spikes, budget.all_spikes / a_pass));
  std::int64_t total = 0;
  for (const std::int64_t n : counts) total += n;
  const std::int64_t passes = total / (a_pass * most) + 1, share = total / (a_pass * passes) + 1;
  Slices slices{bins};
  std::int64_t held = 0;
  for (std::size_t b = 0; b < Bins::n; ++b) {
    if (held > 0 && held + counts[b] > share) {
      slices.ends.push_back(bins.begin(b));
      held = 0;
    }
    held += counts[b];
    slices.of_bin.push_back(slices.ends.size());
  }
  slices.ends.push_back(bins.begin(Bins::n));
  return slices;
}

[[noreturn]] void refuse_time(const fs::path& path, std::int64_t time) {
  throw Error(ErrorKind::parse,
              fmt::format("{}: is damaged: it holds a time before 0: {}", path.string(), time));
}

/// This rank's files of spikes, read in blocks by all its workers.
class SpooledSpikes {
 public:
  /// Looks through the files: f(worker, spike) for all up to `until`.
  template <class F>
  SpooledSpikes(const std::vector<SpoolFile>& files, std::int64_t until, Workers& workers,
                const F& f)
      : workers_(&workers), until_(until), records_(static_cast<std::size_t>(workers.size())) {
    for (const SpoolFile& file : files) {
      const SpikeReader& reader = files_.emplace_back(file.path);
      for (std::uint64_t first = 0; first < reader.size(); first += block_spikes)
        blocks_.push_back({files_.size() - 1, first});
    }
    each(blocks_, [&](std::size_t worker, Block& block, const RecordedSpike& s) {
      if (s.time < 0) refuse_time(files_[block.file].path(), s.time);
      block.earliest = std::min(block.earliest, s.time);
      block.latest = std::max(block.latest, s.time);
      f(worker, s);
    });
  }

  /// f(worker, spike) for those in [begin, end).
  template <class F>
  void between(std::int64_t begin, std::int64_t end, const F& f) {
    std::vector<Block> some;
    std::copy_if(blocks_.begin(), blocks_.end(), std::back_inserter(some),
                 [=](const Block& block) { return block.earliest < end && block.latest >= begin; });
    each(some, [&](std::size_t worker, const Block&, const RecordedSpike& s) {
      if (s.time >= begin && s.time < end) f(worker, s);
    });
  }

 private:
  static constexpr std::size_t block_spikes = 16'384;
  struct Block {
    std::size_t file;
    std::uint64_t first;                                                            ///< record
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max(), latest = -1;  ///< ns
  };

  template <class F>
  void each(std::vector<Block>& blocks, const F& f) {
    workers_->phase(workers_->size(), [&](int w) {
      const auto worker = static_cast<std::size_t>(w);
      std::vector<RecordedSpike>& records = records_[worker];
      for (std::size_t b = worker; b < blocks.size(); b += records_.size()) {
        records.resize(block_spikes);
        records.resize(files_[blocks[b].file].read(blocks[b].first, records));
        for (const RecordedSpike& s : records)
          if (s.gid != SpikeReader::mark && s.time <= until_) f(worker, blocks[b], s);
      }
    });
  }

  Workers* workers_;
  std::int64_t until_;
  std::vector<SpikeReader> files_;
  std::vector<Block> blocks_;
  std::vector<std::vector<RecordedSpike>> records_;  ///< a worker each
};

/// One file of a report, handed out slice by slice; times are numbers of frames.
class SlicedFrames {
 public:
  /// Looks through the file: f(frame) for all up to `until`.
  template <class F>
  SlicedFrames(const fs::path& path, std::int64_t until, const F& f) : file_(path), until_(until) {
    std::int64_t latest = 0;
    FrameReader look(path);
    for (const SpooledFrame* frame = look.next(); frame && frame->frame <= until;
         frame = look.next()) {
      if (frame->frame < 0) refuse_time(path, frame->frame);
      f(*frame);
      latest = std::max(latest, frame->frame);
      disorder_ = std::max(disorder_, latest - frame->frame);
    }
  }

  /// f(frame) for those before `end` that were not handed out before. What comes `disorder` later
  /// in the file than `end` has none of them behind it.
  template <class F>
  void before(std::int64_t end, const F& f) {
    std::erase_if(early_, [&](const SpooledFrame& frame) {
      if (frame.frame < end) f(frame);
      return frame.frame < end;
    });
    while (latest_ < end + disorder_) {
      const SpooledFrame* frame = file_.next();
      if (!frame || frame->frame > until_) return;
      if (frame->frame < end) f(*frame);
      else early_.push_back(*frame);
      latest_ = std::max(latest_, frame->frame);
    }
  }

 private:
  FrameReader file_;
  std::int64_t until_, disorder_ = 0, latest_ = -1;
  std::vector<SpooledFrame> early_;
};

/// Finds the population of a recorded neuron.
class PopulationFinder {
 public:
  explicit PopulationFinder(const RecordPlan& plan) : plan_(plan) {
    for (const RecordedPopulation& p : plan.populations) first_.push_back(p.first);
  }
  std::size_t of(Gid gid) const {
    const std::size_t begun = number_below<Gid>(first_, gid + 1), p = begun - 1;
    if (begun == 0 || !plan_.populations[p].spikes ||
        gid - first_[p] >= static_cast<Gid>(plan_.populations[p].size))
      throw Error(ErrorKind::parse,
                  fmt::format("the spool is damaged: it holds a spike of neuron {}", gid));
    return p;
  }

 private:
  const RecordPlan& plan_;
  std::vector<Gid> first_;
};

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

/// A worker's share of a pass.
struct Share {
  /// What it read: of each of this rank's slices, then of each rank's.
  std::vector<std::vector<RecordedSpike>> read;
  std::vector<RecordedSpike> received;  ///< from other ranks, of its slice
  std::vector<RecordedSpike> slice;     ///< all, in order
  std::vector<Columns> columns;         ///< a population each
};

/// Every worker of every rank gets its slice of the pass that begins with slice `first`.
void read_pass(SpooledSpikes& mine, const Slices& slices, std::size_t first,
               std::vector<Share>& shares, Comm& comm) {
  const std::size_t ranks = static_cast<std::size_t>(comm.size()), a_rank = shares.size(),
                    own = first + static_cast<std::size_t>(comm.rank()) * a_rank,
                    last = std::min(first + ranks * a_rank, slices.ends.size()) - 1;
  for (Share& share : shares) {
    share.read.resize(a_rank + ranks);
    for (auto& some : share.read) some.clear();
    share.received.clear();
  }
  const auto place = [=, &slices](const RecordedSpike& s) {
    const std::size_t slice = slices.of(s.time);
    return slice - own < a_rank ? slice - own : a_rank + (slice - first) / a_rank;
  };
  agree_on(comm, [&] {
    mine.between(first == 0 ? 0 : slices.ends[first - 1], slices.ends[last],
                 [&](std::size_t worker, const RecordedSpike& s) {
                   shares[worker].read[place(s)].push_back(s);
                 });
  });
  std::vector<Bytes> to_rank(ranks);
  for (const Share& share : shares)
    for (std::size_t r = 0; r < ranks; ++r)
      append_all(to_rank[r], std::span<const RecordedSpike>(share.read[a_rank + r]));
  for (const Bytes& from : comm.all_to_all(std::move(to_rank)))
    for (const RecordedSpike& s : take_all<RecordedSpike>(from))
      shares[slices.of(s.time) - own].received.push_back(s);
}

/// The slice of worker `k`, in order, as columns.
void make_columns(std::vector<Share>& shares, std::size_t k, const RecordPlan& plan) {
  Share& mine = shares[k];
  std::vector<std::span<const RecordedSpike>> parts{mine.received};
  for (const Share& share : shares) parts.push_back(share.read[k]);
  sort_spikes(parts, mine.slice);
  const PopulationFinder population(plan);
  mine.columns.resize(plan.populations.size());
  for (Columns& c : mine.columns) c.timestamps.clear(), c.node_ids.clear();
  for (const RecordedSpike& s : mine.slice) {
    const std::size_t p = population.of(s.gid);
    mine.columns[p].timestamps.push_back(to_ms(Time{s.time}));
    mine.columns[p].node_ids.push_back(s.gid - plan.populations[p].first);
  }
}

/// Writes a pass: every worker its slice, behind those of the workers and ranks before it.
/// `written` grows by what all wrote.
void write_pass(RawFile& file, const std::vector<SpikePlaces>& places,
                const std::vector<Share>& shares, std::vector<std::int64_t>& written, Comm& comm,
                Workers& workers) {
  constexpr std::size_t worth_a_call = 1 << 16;  // bytes: there may be thousands of populations
  const std::size_t n = places.size();
  Bytes mine;
  for (const Share& share : shares)
    for (const Columns& c : share.columns)
      append(mine, static_cast<std::int64_t>(c.node_ids.size()));
  std::vector<std::vector<std::int64_t>> begins;  // a slice: rows of each population
  for (const Bytes& counts : comm.all_gather(mine))
    for (std::size_t k = 0; k < shares.size(); ++k) {
      begins.push_back(written);
      for (std::size_t p = 0; p < n; ++p) written[p] += take<std::int64_t>(counts, k * n + p);
    }
  agree_on(comm, [&] {
    workers.phase(workers.size(), [&](int w) {
      const auto k = static_cast<std::size_t>(w);
      const auto& begin = begins[static_cast<std::size_t>(comm.rank()) * shares.size() + k];
      for (std::size_t p = 0; p < n; ++p) {
        const Columns& c = shares[k].columns[p];
        const auto at = static_cast<std::uint64_t>(begin[p]);
        const auto write = [&](std::uint64_t column, std::span<const std::byte> bytes) {
          const std::uint64_t first = column + at * sizeof(double);
          file.write_at(first, bytes);
          if (bytes.size() >= worth_a_call) file.begin_sync(first, bytes.size());
        };
        write(places[p].timestamps, std::as_bytes(std::span(c.timestamps)));
        write(places[p].node_ids, std::as_bytes(std::span(c.node_ids)));
      }
    });
  });
}

/// Looks through the spool: spikes a bin, then a population, over all ranks.
std::vector<std::int64_t> count_spikes(std::optional<SpooledSpikes>& mine, const RecordPlan& plan,
                                       const std::vector<SpoolFile>& files, std::int64_t until,
                                       Comm& comm, Workers& workers) {
  const Bins bins(until);
  const PopulationFinder population(plan);
  const std::size_t n = Bins::n + plan.populations.size();
  std::vector<std::vector<std::int64_t>> counts(static_cast<std::size_t>(workers.size()),
                                                std::vector<std::int64_t>(n));
  agree_on(comm, [&] {
    mine.emplace(share_of(files, comm), until, workers,
                 [&](std::size_t worker, const RecordedSpike& s) {
                   ++counts[worker][bins.of(s.time)];
                   ++counts[worker][Bins::n + population.of(s.gid)];
                 });
  });
  for (std::size_t w = 1; w < counts.size(); ++w)
    for (std::size_t i = 0; i < n; ++i) counts[0][i] += counts[w][i];
  comm.sum(counts[0]);
  return counts[0];
}

void write_spikes(const fs::path& folder, const RecordPlan& plan,
                  const std::vector<SpoolFile>& files, std::int64_t until, Comm& comm,
                  Workers& workers, const ResultsBudget& budget) {
  std::optional<SpooledSpikes> mine;
  const std::vector<std::int64_t> counts = count_spikes(mine, plan, files, until, comm, workers);
  std::vector<SpikePlaces> places;
  agree_on(comm, [&] {
    if (comm.rank() == 0)
      places =
          create_spike_files(folder, plan.populations, {counts.begin() + Bins::n, counts.end()});
  });
  places = from_first(places, comm);
  std::optional<RawFile> file;
  agree_on(comm, [&] { file = RawFile::edit(folder / "spikes.h5"); });

  const int a_pass = comm.size() * workers.size();
  const Slices slices = cut_evenly(Bins(until), std::span(counts).first(Bins::n), a_pass, budget);
  std::vector<std::int64_t> written(plan.populations.size());
  std::vector<Share> shares(static_cast<std::size_t>(workers.size()));
  for (std::size_t first = 0; first < slices.ends.size();
       first += static_cast<std::size_t>(a_pass)) {
    read_pass(*mine, slices, first, shares, comm);
    agree_on(comm, [&] {
      workers.phase(workers.size(),
                    [&](int w) { make_columns(shares, static_cast<std::size_t>(w), plan); });
    });
    write_pass(*file, places, shares, written, comm, workers);
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
  std::vector<SlicedFrames> mine;
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
      for (SlicedFrames& own : mine)
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
void sort_spikes(std::span<const std::span<const RecordedSpike>> parts,
                 std::vector<RecordedSpike>& sorted) {
  std::size_t size = 0;
  std::int64_t begin = std::numeric_limits<std::int64_t>::max(),
               last = std::numeric_limits<std::int64_t>::min();
  for (const auto& part : parts) {
    size += part.size();
    for (const RecordedSpike& s : part) {
      begin = std::min(begin, s.time);
      last = std::max(last, s.time);
    }
  }
  sorted.resize(size);
  if (size == 0) return;
  const std::size_t n = size / 4 + 1;
  const double scale = static_cast<double>(n) / static_cast<double>(last - begin + 1);
  const auto stretch = [&](const RecordedSpike& s) {
    return std::min(n - 1, static_cast<std::size_t>(static_cast<double>(s.time - begin) * scale));
  };
  std::vector<std::size_t> next(n + 1);
  for (const auto& part : parts)
    for (const RecordedSpike& s : part) ++next[stretch(s) + 1];
  for (std::size_t i = 1; i <= n; ++i) next[i] += next[i - 1];
  for (const auto& part : parts)
    for (const RecordedSpike& s : part) sorted[next[stretch(s)]++] = s;
  std::size_t from = 0;
  for (std::size_t i = 0; i < n; ++i) {  // next[i] is now where stretch i ends
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(from),
              sorted.begin() + static_cast<std::ptrdiff_t>(next[i]));
    from = next[i];
  }
}

void write_results(const fs::path& folder, const RecordPlan& plan, const SpoolFiles& files,
                   std::int64_t until, Comm& comm, Workers& workers, const ResultsBudget& budget) {
  write_spikes(folder, plan, files.spikes, until, comm, workers, budget);
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
