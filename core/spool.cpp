#include "core/spool.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "core/error.h"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

/// Head of a block of a report's file.
struct BlockHead {
  std::int64_t frame;
  std::uint32_t set, n;
};

std::uint64_t columns_bytes(std::uint64_t n) { return (n + 1) / 2 * 8; }

std::string stem(int start, int rank) { return std::to_string(start) + "-" + std::to_string(rank); }

/// START-RANK.KIND, or nothing where the name is another.
std::optional<SpoolFile> parse_name(const fs::path& path, const std::string& kind) {
  SpoolFile file{path, 0, 0};
  const std::string name = path.filename().string();
  const char* const end = name.data() + name.size();
  const auto start = std::from_chars(name.data(), end, file.start);
  if (start.ec != std::errc() || start.ptr == end || *start.ptr != '-') return {};
  const auto rank = std::from_chars(start.ptr + 1, end, file.rank);
  if (rank.ec != std::errc() || std::string_view(rank.ptr, end) != "." + kind) return {};
  return file;
}

std::vector<SpoolFile> files_of_kind(const std::vector<fs::path>& names, const std::string& kind) {
  std::vector<SpoolFile> files;
  for (const fs::path& name : names)
    if (auto file = parse_name(name, kind)) files.push_back(std::move(*file));
  std::sort(files.begin(), files.end(), [](const SpoolFile& a, const SpoolFile& b) {
    return std::pair(a.start, a.rank) < std::pair(b.start, b.rank);
  });
  return files;
}

}  // namespace

SpoolWriter::SpoolWriter(const fs::path& folder, int start, int rank, std::size_t n_reports,
                         std::int64_t begin)
    : spikes_file_(RawFile::create(folder / (stem(start, rank) + ".spikes"))), reports_(n_reports) {
  spikes_file_.try_lock();  // nobody else can have it yet
  for (std::size_t k = 0; k < n_reports; ++k)
    reports_[k].path = folder / (stem(start, rank) + ".report-" + std::to_string(k));
  mark(begin);
}

void SpoolWriter::keep_failure(const std::function<void()>& f) {
  if (failure_) return;
  try {
    f();
  } catch (const Error& error) {
    failure_ = error;
  }
}

void SpoolWriter::spikes(std::span<const RecordedSpike> window) {
  spikes_.insert(spikes_.end(), window.begin(), window.end());
  if (spikes_.size() * sizeof(RecordedSpike) >= buffer_bytes)
    keep_failure([this] { write_spikes(); });
}

void SpoolWriter::write_spikes() {
  spikes_file_.append(std::as_bytes(std::span(spikes_)));
  spikes_.clear();
}

std::size_t SpoolWriter::set_of(ReportFile& report, std::span<const std::uint32_t> columns) {
  const auto is = [&](std::size_t i) {
    return std::equal(columns.begin(), columns.end(), report.sets[i].begin(), report.sets[i].end());
  };
  const std::size_t n = report.sets.size();
  for (std::size_t i = 1; i <= n; ++i)  // they come in turns
    if (is((report.last_set + i) % n)) return (report.last_set + i) % n;
  report.sets.emplace_back(columns.begin(), columns.end());
  return n;
}

void SpoolWriter::sample(std::size_t k, std::int64_t frame, std::span<const std::uint32_t> columns,
                         std::span<const double> values) {
  if (columns.empty()) return;
  ReportFile& report = reports_[k];
  const std::size_t known = report.sets.size(), set = set_of(report, columns);
  append(report.buffer, BlockHead{frame, static_cast<std::uint32_t>(set),
                                  static_cast<std::uint32_t>(columns.size())});
  if (set == known) {
    append_all(report.buffer, columns);
    report.buffer.resize(report.buffer.size() + columns_bytes(columns.size()) -
                         columns.size_bytes());
  }
  append_all(report.buffer, values);
  report.last_set = set;
  if (report.buffer.size() >= buffer_bytes) keep_failure([&] { write(report); });
}

void SpoolWriter::write(ReportFile& report) {
  if (report.buffer.empty()) return;
  if (!report.file) report.file = RawFile::create(report.path);
  report.file->append(report.buffer);
  report.buffer.clear();
}

void SpoolWriter::mark(std::int64_t until) {
  for (ReportFile& report : reports_) keep_failure([&] { write(report); });
  spikes_.push_back({until, SpikeReader::mark});  // last, so that it vouches for all
  keep_failure([this] { write_spikes(); });
  if (failure_) throw Error(*failure_);
}

void SpoolWriter::sync() {
  spikes_file_.sync();
  for (ReportFile& report : reports_)
    if (report.file) report.file->sync();
}

SpoolFiles list_spool(const fs::path& folder, std::size_t n_reports, Comm& comm) {
  Bytes names;
  agree_on(comm, [&] {
    if (comm.rank() != 0) return;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      const std::string name = entry.path().filename().string() + "/";
      append_all(names, std::span<const char>(name));
    }
    if (failed)
      throw Error(ErrorKind::io, folder.string() + ": cannot be read: " + failed.message());
  });
  const auto all = take_all<char>(comm.all_gather(names)[0]);
  std::vector<fs::path> paths;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find(begin, all.end(), '/');
    paths.push_back(folder / std::string(begin, end));
    begin = end + 1;
  }
  SpoolFiles files;
  files.spikes = files_of_kind(paths, "spikes");
  for (std::size_t k = 0; k < n_reports; ++k)
    files.reports.push_back(files_of_kind(paths, "report-" + std::to_string(k)));
  return files;
}

std::vector<SpoolFile> share_of(const std::vector<SpoolFile>& files, const Comm& comm) {
  std::vector<SpoolFile> mine;
  std::copy_if(files.begin(), files.end(), std::back_inserter(mine),
               [&](const SpoolFile& file) { return file.rank % comm.size() == comm.rank(); });
  return mine;
}

std::optional<RecordedSpike> SpikeReader::next() {
  if (at_ == records_.size()) {
    records_.resize(buffer_bytes / sizeof(RecordedSpike));
    records_.resize(read(read_, records_));
    read_ += records_.size();
    at_ = 0;
  }
  if (records_.empty()) return {};
  return records_[at_++];
}

std::size_t SpikeReader::read(std::uint64_t first, std::span<RecordedSpike> records) const {
  return file_.read_at(first * sizeof(RecordedSpike), std::as_writable_bytes(records)) /
         sizeof(RecordedSpike);
}

FrameReader::FrameReader(const fs::path& path) : file_(RawFile::open(path)), size_(file_.size()) {}

std::span<const std::byte> FrameReader::bytes(std::uint64_t at, std::uint64_t n) {
  if (at < buffer_begin_ || at + n > buffer_begin_ + buffer_.size()) {
    buffer_.resize(std::min<std::uint64_t>(std::max<std::uint64_t>(n, buffer_bytes), size_ - at));
    buffer_.resize(file_.read_at(at, buffer_));
    buffer_begin_ = at;
    if (buffer_.size() < n)
      throw Error(ErrorKind::io, file_.path().string() + ": became shorter while it was read");
  }
  return std::span<const std::byte>(buffer_).subspan(at - buffer_begin_, n);
}

const SpooledFrame* FrameReader::next() {
  if (size_ - next_ < sizeof(BlockHead)) return nullptr;
  const auto head = take<BlockHead>(bytes(next_, sizeof(BlockHead)), 0);
  const bool is_new = head.set == sets_.size();
  const std::uint64_t columns_at = next_ + sizeof head,
                      values_at = columns_at + (is_new ? columns_bytes(head.n) : 0),
                      end = values_at + head.n * sizeof(double);
  if (end > size_) return nullptr;
  if (is_new)
    sets_.push_back(take_all<std::uint32_t>(bytes(columns_at, head.n * sizeof(std::uint32_t))));
  if (head.set >= sets_.size() || sets_[head.set].size() != head.n)
    throw Error(ErrorKind::parse,
                file_.path().string() + ": is damaged at byte " + std::to_string(next_));
  next_ = end;
  frame_.frame = head.frame;
  frame_.columns = sets_[head.set];
  frame_.values = take_all<double>(bytes(values_at, end - values_at));
  return &frame_;
}

namespace {

/// Spikes left in a file after the cut.
std::int64_t cut_spikes(const fs::path& path, std::int64_t now) {
  std::int64_t n = 0;
  std::uint64_t end = 0;
  SpikeReader reader(path);
  for (auto record = reader.next(); record && record->time <= now; record = reader.next()) {
    n += record->gid != SpikeReader::mark ? 1 : 0;
    end = reader.end();
  }
  RawFile::edit(path).truncate(end);
  return n;
}

/// Values left in a file after the cut.
std::int64_t cut_frames(const fs::path& path, std::int64_t last_frame) {
  std::int64_t n = 0;
  std::uint64_t end = 0;
  FrameReader reader(path);
  for (const SpooledFrame* block = reader.next(); block && block->frame <= last_frame;
       block = reader.next()) {
    n += static_cast<std::int64_t>(block->columns.size());
    end = reader.end();
  }
  RawFile::edit(path).truncate(end);
  return n;
}

}  // namespace

std::optional<RawFile> take_unused(const fs::path& path, const fs::path& part_of) {
  for (int i = 0; i <= 50; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!fs::exists(path)) return std::nullopt;
    RawFile file = RawFile::edit(path);  // each time: who held it may have put another in its place
    if (file.try_lock() && file.has_its_name()) return file;
  }
  throw Error(ErrorKind::io, part_of.string() + ": is still being written by another process");
}

void require_unused(const SpoolFiles& files) {
  for (const SpoolFile& file : files.spikes) take_unused(file.path, file.path);
}

SpoolCounts cut_spool(const SpoolFiles& files, std::int64_t now,
                      std::span<const std::int64_t> intervals, Comm& comm) {
  agree_on(comm, [&] {
    for (const SpoolFile& file : share_of(files.spikes, comm)) take_unused(file.path, file.path);
  });
  std::vector<std::int64_t> counts(1 + intervals.size());
  agree_on(comm, [&] {
    for (const SpoolFile& file : share_of(files.spikes, comm))
      counts[0] += cut_spikes(file.path, now);
    for (std::size_t k = 0; k < intervals.size(); ++k)
      for (const SpoolFile& file : share_of(files.reports[k], comm))
        counts[1 + k] += cut_frames(file.path, now / intervals[k]);
  });
  comm.sum(counts);
  return {counts[0], {counts.begin() + 1, counts.end()}};
}

std::int64_t whole_until(const SpoolFiles& files, Comm& comm) {
  if (files.spikes.empty()) return -1;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  agree_on(comm, [&] {
    for (const SpoolFile& file : share_of(files.spikes, comm)) {
      if (file.start != files.spikes.back().start) continue;
      std::int64_t last = -1;
      SpikeReader reader(file.path);
      while (const auto record = reader.next())
        if (record->gid == SpikeReader::mark) last = record->time;
      least = std::min(least, last);
    }
  });
  least = -least;
  comm.max({&least, 1});
  return -least;
}

}  // namespace ranvier
