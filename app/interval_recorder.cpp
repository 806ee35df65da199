#include "app/interval_recorder.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/prefetch.h"
#include "core/search.h"
#include "encoding/measures/intervals.h"

namespace ranvier::app {

IntervalRecorder::IntervalRecorder(const Layout& layout, int rank, Recorder* next)
    : n_populations_(layout.record.populations.size()), next_(next) {
  std::uint64_t n = 0;
  for (const Slice& s : layout.partition.slices_of(rank)) {
    if (!layout.record.populations[s.population].spikes) continue;
    firsts_.push_back(s.gid);
    stretches_.push_back({s.size, n, s.population});
    n += s.size;
  }
  counts_.resize(n);
}

Intervals* IntervalRecorder::count_of(Gid gid) {
  const std::size_t begun = number_below<Gid>(firsts_, gid + 1);
  if (begun == 0) return nullptr;
  const Stretch& stretch = stretches_[begun - 1];
  const Gid neuron = gid - firsts_[begun - 1];
  return neuron < stretch.size ? &counts_[stretch.begin + neuron] : nullptr;
}

void IntervalRecorder::count(std::span<const RecordedSpike> of_chunk) {
  constexpr std::size_t ahead = 40;  // counts lie all over memory
  for (std::size_t k = 0; k < of_chunk.size(); ++k) {
    if (k + ahead < of_chunk.size()) prefetch_to_write(count_of(of_chunk[k + ahead].gid));
    const RecordedSpike& s = of_chunk[k];
    Intervals& count = *count_of(s.gid);
    if (count.spikes++ > 0) {
      const double interval = static_cast<double>(s.time - count.last) * 1e-6;
      count.sum += interval;
      count.squares += interval * interval;
    }
    count.last = s.time;
  }
  if (next_) next_->count(of_chunk);
}

void IntervalRecorder::spikes(std::span<const RecordedSpike> window) {
  if (next_) next_->spikes(window);
}

void IntervalRecorder::sample(std::size_t report, std::int64_t frame,
                              std::span<const std::uint32_t> columns,
                              std::span<const double> values) {
  if (next_) next_->sample(report, frame, columns, values);
}
void IntervalRecorder::flush(std::int64_t until) {
  if (next_) next_->flush(until);
}
void IntervalRecorder::sync() {
  if (next_) next_->sync();
}
void IntervalRecorder::fail() {
  if (next_) next_->fail();
}
void IntervalRecorder::finish(const Outcome& outcome) {
  if (next_) next_->finish(outcome);
}

std::vector<std::int64_t> IntervalRecorder::cv_sums() const {
  std::vector<std::int64_t> sums(2 * n_populations_);
  for (const Stretch& stretch : stretches_)
    for (std::uint64_t i = 0; i < stretch.size; ++i) {
      const Intervals& count = counts_[stretch.begin + i];
      if (count.spikes < 3) continue;
      const double cv =
          encoding::cv_of_sums(static_cast<double>(count.spikes - 1), count.sum, count.squares);
      sums[2 * stretch.population] += std::llround(cv * 1e9);
      ++sums[2 * stretch.population + 1];
    }
  return sums;
}

std::vector<IntervalCount> IntervalRecorder::save() const {
  std::vector<IntervalCount> fired;
  for (std::size_t k = 0; k < stretches_.size(); ++k)
    for (std::uint64_t i = 0; i < stretches_[k].size; ++i)
      if (const Intervals& count = counts_[stretches_[k].begin + i]; count.spikes > 0)
        fired.push_back({count, firsts_[k] + i});
  return fired;
}

void IntervalRecorder::load(const std::vector<IntervalCount>& counts) {
  for (const IntervalCount& count : counts)
    if (Intervals* own = count_of(count.gid)) *own = count;
}

}  // namespace ranvier::app
