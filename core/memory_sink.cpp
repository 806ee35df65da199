#include "core/memory_sink.h"

#include <algorithm>
#include <cstring>

namespace ranvier {
namespace {

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T>
std::vector<T> values_of(const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

MemorySink::MemorySink(const RecordPlan& plan, Comm& comm, Recorder* next)
    : plan_(&plan),
      comm_(&comm),
      next_(next),
      frames_(plan.reports.size()),
      columns_(plan.reports.size()) {}

void MemorySink::count(std::span<const RecordedSpike> of_chunk) {
  if (next_) next_->count(of_chunk);
}

void MemorySink::spikes(std::span<const RecordedSpike> window) {
  recorded_.insert(recorded_.end(), window.begin(), window.end());
  if (next_) next_->spikes(window);
}

void MemorySink::sample(std::size_t report, std::int64_t frame,
                        std::span<const std::uint32_t> columns, std::span<const double> values) {
  RecordedSlice::Frames& f = frames_[report];
  const std::size_t width = plan_->reports[report].neurons.size();
  if (f.count == 0) f.first = frame;
  f.count = std::max(f.count, frame - f.first + 1);
  f.values.resize(static_cast<std::size_t>(f.count) * width);
  double* row = f.values.data() + static_cast<std::size_t>(frame - f.first) * width;
  for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = values[i];
  if (comm_->size() > 1)
    columns_[report].insert(columns_[report].end(), columns.begin(), columns.end());
  if (next_) next_->sample(report, frame, columns, values);
}

void MemorySink::flush(std::int64_t until) {
  if (next_) next_->flush(until);
}

void MemorySink::sync() {
  if (next_) next_->sync();
}

void MemorySink::fail() {
  if (next_) next_->fail();
}

void MemorySink::finish(const Outcome& outcome) {
  if (next_) next_->finish(outcome);
}

RecordedSlice MemorySink::take() {
  std::vector<RecordedSpike> all = std::move(recorded_);
  recorded_ = {};
  if (comm_->size() > 1) {
    const std::vector<Bytes> parts = comm_->all_gather(bytes_of(all));
    all.clear();
    for (const Bytes& part : parts) {
      const auto spikes = values_of<RecordedSpike>(part);
      all.insert(all.end(), spikes.begin(), spikes.end());
    }
  }
  std::sort(all.begin(), all.end());
  RecordedSlice slice;
  slice.spikes.resize(plan_->populations.size());
  const auto& populations = plan_->populations;
  for (const RecordedSpike& spike : all) {
    const auto above = std::upper_bound(
        populations.begin(), populations.end(), spike.gid,
        [](Gid gid, const RecordedPopulation& population) { return gid < population.first; });
    const auto p = static_cast<std::size_t>(above - populations.begin()) - 1;
    slice.spikes[p].times.push_back(to_ms(Time{spike.time}));
    slice.spikes[p].neurons.push_back(static_cast<std::int64_t>(spike.gid - populations[p].first));
  }
  slice.reports = std::move(frames_);
  frames_.assign(plan_->reports.size(), {});
  if (comm_->size() > 1)
    for (std::size_t r = 0; r < slice.reports.size(); ++r) gather_frames(slice.reports[r], r);
  return slice;
}

// Each rank sends its columns' numbers and a matrix [frames, its columns].
void MemorySink::gather_frames(RecordedSlice::Frames& frames, std::size_t report) {
  std::vector<std::uint32_t> columns = std::move(columns_[report]);
  columns_[report] = {};
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  std::int64_t shape[2] = {frames.count, frames.count > 0 ? frames.first : 0};
  comm_->max(shape);
  const auto count = static_cast<std::size_t>(shape[0]);
  const std::size_t width = plan_->reports[report].neurons.size();
  std::vector<double> mine;
  for (std::size_t f = 0; f < count; ++f)
    for (const std::uint32_t c : columns) mine.push_back(frames.values[f * width + c]);
  const std::vector<Bytes> all_columns = comm_->all_gather(bytes_of(columns));
  const std::vector<Bytes> all_values = comm_->all_gather(bytes_of(mine));
  frames = {shape[1], shape[0], std::vector<double>(count * width)};
  for (std::size_t rank = 0; rank < all_columns.size(); ++rank) {
    const auto theirs = values_of<std::uint32_t>(all_columns[rank]);
    const auto values = values_of<double>(all_values[rank]);
    for (std::size_t f = 0; f < count; ++f)
      for (std::size_t k = 0; k < theirs.size(); ++k)
        frames.values[f * width + theirs[k]] = values[f * theirs.size() + k];
  }
}

}  // namespace ranvier
