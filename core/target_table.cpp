#include "core/target_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace ranvier {

namespace {

std::size_t key_of(const PlacedSynapse& s) {
  return std::size_t{s.delay} * max_receptors + s.receptor;
}

/// Orders a row by (delay, receptor), equal ones as they were: counted where the keys lie close
/// together, which they do.
void sort_row(std::vector<PlacedSynapse>& synapses, std::vector<PlacedSynapse>& sorted,
              std::vector<std::uint32_t>& begin) {
  const auto [low, high] = std::minmax_element(
      synapses.begin(), synapses.end(),
      [](const PlacedSynapse& a, const PlacedSynapse& b) { return key_of(a) < key_of(b); });
  const std::size_t first = key_of(*low), keys = key_of(*high) - first + 1;
  if (keys == 1) return;
  if (keys > 4 * synapses.size() + 64) {
    std::stable_sort(
        synapses.begin(), synapses.end(),
        [](const PlacedSynapse& a, const PlacedSynapse& b) { return key_of(a) < key_of(b); });
    return;
  }
  begin.assign(keys + 1, 0);
  for (const PlacedSynapse& s : synapses) ++begin[key_of(s) - first + 1];
  for (std::size_t k = 0; k < keys; ++k) begin[k + 1] += begin[k];
  sorted.resize(synapses.size());
  for (const PlacedSynapse& s : synapses) sorted[begin[key_of(s) - first]++] = s;
  synapses.swap(sorted);
}

}  // namespace

template <class Sum>
[[gnu::always_inline]] inline void add_unit(const ExactRecord* record, Sum* sums) {
  sums[record->target] += static_cast<Sum>(record->weight);
}

template <class Sum>
[[gnu::always_inline]] inline void add_unit(const CompactRecord* records, Sum* sums) {
  static_assert(std::endian::native == std::endian::little);
  const auto add = [sums](std::uint64_t target, std::uint64_t weight) {
    sums[target & 0xFFFF] += static_cast<Sum>(static_cast<std::int16_t>(weight));
  };
  const auto add_pair = [&](const CompactRecord* pair) {
    std::uint64_t x;
    std::memcpy(&x, pair, sizeof x);
    add(x, x >> 16);
    add(x >> 32, x >> 48);
  };
  add_pair(records), add_pair(records + 2), add_pair(records + 4), add_pair(records + 6);
}

template <class Record>
std::uint32_t TargetTable<Record>::append_row(std::vector<PlacedSynapse>& synapses) {
  sort_row(synapses, sorted_, begin_);
  for (std::size_t i = 0; i < synapses.size();) {
    const PlacedSynapse& first = synapses[i];
    const std::size_t most = std::min(synapses.size(), i + Group::most_units * Record::unit);
    std::size_t end = i;
    while (end < most && synapses[end].delay == first.delay &&
           synapses[end].receptor == first.receptor)
      ++end;
    const std::size_t units = (end - i + Record::unit - 1) / Record::unit;
    *groups_.extend(1) = {first.delay, static_cast<std::uint16_t>(units << 2 | first.receptor)};
    Record* out = records_.extend(units * Record::unit);
    for (; i < end; ++i, ++out) {
      out->target = static_cast<decltype(out->target)>(synapses[i].target);
      out->weight = static_cast<decltype(out->weight)>(synapses[i].weight);
    }
    // Padding adds 0 (an arena is zeroed), to different targets: adds to one would wait for each
    // other.
    for (std::uint32_t k = 1; out != records_.data() + records_.size(); ++k, ++out)
      out->target = static_cast<decltype(out->target)>(synapses[end - 1].target ^ k);
  }
  if (records_.size() / Record::unit > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorKind::capacity,
                "more synapses than a chunk's table numbers (2^32 units): use more ranks");
  rows_.back().synapses = static_cast<std::uint32_t>(synapses.size());
  synapses_ += static_cast<std::int64_t>(synapses.size());
  rows_.push_back({groups_.size(), static_cast<std::uint32_t>(records_.size() / Record::unit), 0});
  return static_cast<std::uint32_t>(rows_.size() - 2);
}

// Rows lie scattered: what the next spikes need is fetched ahead.
template <class Record>
std::int64_t TargetTable<Record>::enter(std::span<const DueRow> spikes, std::int64_t after,
                                        std::vector<Bucket>& ring) const {
  constexpr std::size_t rows_ahead = 16, groups_ahead = 6;
  const auto span = static_cast<std::int64_t>(ring.size());
  std::int64_t synapses = 0;
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    if (i + rows_ahead < spikes.size()) __builtin_prefetch(&rows_[spikes[i + rows_ahead].row]);
    if (i + groups_ahead < spikes.size()) {
      const Group* next = groups_.data() + rows_[spikes[i + groups_ahead].row].group;
      for (int line = 0; line < 4; ++line) __builtin_prefetch(next + 16 * line);
    }
    const DueRow spike = spikes[i];
    const Row& row = rows_[spike.row];
    const std::uint64_t end = rows_[spike.row + std::size_t{1}].group;
    const auto slot = static_cast<std::size_t>(spike.step % span);
    std::uint32_t unit = row.unit;
    for (std::uint64_t g = row.group; g < end; ++g) {
      const Group group = groups_.data()[g];
      std::size_t due = slot + group.delay;
      if (due >= ring.size()) due -= ring.size();
      if (spike.step + group.delay > after)
        ring[due][group.receptor()].push_back({unit, group.units()});
      unit += group.units();
    }
    synapses += row.synapses;
  }
  return synapses;
}

// Profiled on the microcircuit: a flat list of units keeps the distance of fetching ahead even, and
// the loop over it has no inner branch. Reading records in pairs halves the loads.
template <class Record>
template <class Sum>
void TargetTable<Record>::drain(const std::vector<DueGroup>& entries,
                                std::vector<std::uint32_t>& units, Sum* sums) const {
  constexpr std::size_t ahead = 24;
  if (entries.empty()) return;
  std::size_t n = 0;
  for (const DueGroup& entry : entries) n += entry.count;
  if (units.size() < n + ahead) units.resize(2 * n + ahead);
  std::uint32_t* out = units.data();
  for (const DueGroup& entry : entries)
    for (std::uint32_t k = 0; k < entry.count; ++k) *out++ = entry.unit + k;
  std::fill_n(out, ahead, out[-1]);
  const Record* records = records_.data();
  for (std::size_t i = 0; i < n; ++i) {
    __builtin_prefetch(records + std::size_t{units[i + ahead]} * Record::unit);
    add_unit(records + std::size_t{units[i]} * Record::unit, sums);
  }
}

template class TargetTable<CompactRecord>;
template class TargetTable<ExactRecord>;
template void TargetTable<CompactRecord>::drain(const std::vector<DueGroup>&,
                                                std::vector<std::uint32_t>&, std::int32_t*) const;
template void TargetTable<CompactRecord>::drain(const std::vector<DueGroup>&,
                                                std::vector<std::uint32_t>&, std::int64_t*) const;
template void TargetTable<ExactRecord>::drain(const std::vector<DueGroup>&,
                                              std::vector<std::uint32_t>&, std::int64_t*) const;

}  // namespace ranvier
