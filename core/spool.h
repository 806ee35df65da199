// Spool: what a run has recorded so far, in raw files that a kill at any moment leaves readable.
// Every rank appends to files of its own, so that recording costs a copy into a buffer and a write
// now and then; nobody talks to anybody. In the folder:
//   S-R.spikes     of rank R of start S (0; 1 after the first resume, ...): records of 16 bytes
//                  (time in ns, gid). Gid `mark` says: all that this rank has recorded up to that
//                  time is in its files.
//   S-R.report-K   of report K: blocks {frame, set, n}, the n columns where set is a new one,
//                  padded to 8 bytes, n values. A block of a set seen before has the same columns.
// Within a file, later windows of the run come later; within a window there is no order. So all
// that lies after a time (a checkpoint's) is a tail, which cut_spool() takes off; an incomplete
// record at the end is as good as none. Native byte order: a spool is read where it was written.
// From spools to the run's files: core/results.h. Tested by tests/unit/core/test_spool.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/comm/comm.h"
#include "core/raw_file.h"
#include "core/record.h"

namespace ranvier {

/// A rank's files of one start. Failures to write are kept until the next mark(), where all ranks
/// can fail together.
class SpoolWriter {
 public:
  /// Creates the files of spikes and locks them. Throws Error(io).
  /// \param begin  ns: what came before is in the files of earlier starts; -1: there are none
  SpoolWriter(const std::filesystem::path& folder, int start, int rank, std::size_t n_reports,
              std::int64_t begin);

  /// A window's spikes, in any order.
  void spikes(std::span<const RecordedSpike> window);
  void sample(std::size_t report, std::int64_t frame, std::span<const std::uint32_t> columns,
              std::span<const double> values);
  /// Everything up to `until` (ns) has been handed over: writes it. Throws Error(io), also for what
  /// failed before.
  void mark(std::int64_t until);
  /// Waits until what was marked would outlive a crash of the machine. Throws Error(io).
  void sync();

 private:
  struct ReportFile {
    std::filesystem::path path;
    std::optional<RawFile> file;
    Bytes buffer;
    std::vector<std::vector<std::uint32_t>> sets;
    std::size_t last_set = 0;
  };
  void write(ReportFile& report);
  void write_spikes();
  std::size_t set_of(ReportFile& report, std::span<const std::uint32_t> columns);
  void keep_failure(const std::function<void()>& f);

  RawFile spikes_file_;
  std::vector<RecordedSpike> spikes_;
  std::vector<ReportFile> reports_;
  std::optional<Error> failure_;
};

/// A file of a spool, and the start and rank that wrote it.
struct SpoolFile {
  std::filesystem::path path;
  int start = 0, rank = 0;
};

/// The files of a spool folder, in order of start and rank.
struct SpoolFiles {
  std::vector<SpoolFile> spikes;
  std::vector<std::vector<SpoolFile>> reports;  ///< a report each
  /// Number of the start that would come next.
  int next_start() const { return spikes.empty() ? 0 : spikes.back().start + 1; }
};

/// The same on all ranks, as rank 0 sees the folder. Collective. Throws Error(io).
SpoolFiles list_spool(const std::filesystem::path& folder, std::size_t n_reports, Comm& comm);

/// The files among `files` that fall to this rank: its own of each start, and its share of those of
/// more ranks than there are now.
std::vector<SpoolFile> share_of(const std::vector<SpoolFile>& files, const Comm& comm);

/// Reads a file of spikes: from its begin, record by record, or anywhere.
class SpikeReader {
 public:
  static constexpr Gid mark = ~Gid{0};
  explicit SpikeReader(const std::filesystem::path& path) : file_(RawFile::open(path)) {}
  /// The next spike or mark; none at the end.
  std::optional<RecordedSpike> next();
  /// Where the record that was read last ends, in bytes.
  std::uint64_t end() const { return (read_ - records_.size() + at_) * sizeof(RecordedSpike); }

  /// Whole records in the file.
  std::uint64_t size() const { return file_.size() / sizeof(RecordedSpike); }
  /// Records from number `first` on, wherever next() stands; returns how many there were.
  std::size_t read(std::uint64_t first, std::span<RecordedSpike> records) const;
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  RawFile file_;
  std::vector<RecordedSpike> records_;
  std::size_t at_ = 0;
  std::uint64_t read_ = 0;  // records so far
};

/// One rank's values of one frame of a report.
struct SpooledFrame {
  std::int64_t frame = 0;
  std::span<const std::uint32_t> columns;
  std::vector<double> values;  ///< a column each
};

/// Reads a file of a report from its begin, block by block.
class FrameReader {
 public:
  explicit FrameReader(const std::filesystem::path& path);
  /// The next block, valid until the next call; nullptr at the end or at an incomplete one.
  const SpooledFrame* next();
  /// Where the block that was read last ends, in bytes.
  std::uint64_t end() const { return next_; }

 private:
  std::span<const std::byte> bytes(std::uint64_t at, std::uint64_t n);

  RawFile file_;
  std::uint64_t size_, next_ = 0;
  Bytes buffer_;  // of the file from buffer_begin_ on
  std::uint64_t buffer_begin_ = 0;
  std::vector<std::vector<std::uint32_t>> sets_;
  SpooledFrame frame_;
};

/// How much a spool holds, summed over files.
struct SpoolCounts {
  std::int64_t spikes = 0;
  std::vector<std::int64_t> values;  ///< a report
};

/// Takes off all that was recorded after `now` (ns), and says what is left. Collective. Throws
/// Error(io) on all ranks together, also when a file is still being written by another process.
/// \param intervals  ns from frame to frame of each report
SpoolCounts cut_spool(const SpoolFiles& files, std::int64_t now,
                      std::span<const std::int64_t> intervals, Comm& comm);

/// The latest time (ns) up to which every rank of the last start has all it recorded in its files;
/// -1 when there is none. Collective. Throws Error(io).
std::int64_t whole_until(const SpoolFiles& files, Comm& comm);

/// A file, locked until it goes out of use here; none where there is none of that name, or no more.
/// A process that was killed a moment ago may still hold it: waits a second for it to go. Throws
/// Error(io) where it does not.
/// \param part_of  what the message says is being written
std::optional<RawFile> take_unused(const std::filesystem::path& path,
                                   const std::filesystem::path& part_of);

/// Throws Error(io) when a process is writing the spool. Not collective.
void require_unused(const SpoolFiles& files);

}  // namespace ranvier
