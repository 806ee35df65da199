#include "core/target_table.h"

#include <algorithm>

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

template <class Record>
std::uint32_t TargetTable<Record>::append_row(std::vector<PlacedSynapse>& synapses) {
  sort_row(synapses, sorted_, begin_);
  row_unit_.push_back(records_.size() / Record::unit);
  for (std::size_t i = 0; i < synapses.size();) {
    std::size_t end = i;
    while (end < synapses.size() && synapses[end].delay == synapses[i].delay &&
           synapses[end].receptor == synapses[i].receptor)
      ++end;
    const std::size_t units = (end - i + Record::unit - 1) / Record::unit;
    *groups_.extend(1) = {synapses[i].delay, synapses[i].receptor,
                          static_cast<std::uint32_t>(units)};
    Record* out = records_.extend(units * Record::unit);
    for (std::size_t k = 0; k < units * Record::unit; ++k) {
      const PlacedSynapse& s = synapses[std::min(i + k, end - 1)];
      out[k].target = static_cast<decltype(out[k].target)>(s.target);
      out[k].weight =
          i + k < end ? static_cast<decltype(out[k].weight)>(s.weight) : decltype(out[k].weight){0};
    }
    i = end;
  }
  row_synapses_.push_back(static_cast<std::uint32_t>(synapses.size()));
  synapses_ += static_cast<std::int64_t>(synapses.size());
  row_group_.push_back(groups_.size());
  return static_cast<std::uint32_t>(row_unit_.size() - 1);
}

template <class Record>
std::int64_t TargetTable<Record>::enter(std::uint32_t row, std::int64_t step, std::int64_t after,
                                        std::vector<Bucket>& ring) const {
  std::uint64_t unit = row_unit_[row];
  const auto span = static_cast<std::int64_t>(ring.size());
  for (std::uint64_t g = row_group_[row]; g < row_group_[row + 1]; ++g) {
    const Group& group = groups_.data()[g];
    const std::int64_t due = step + group.delay;
    if (due > after)
      ring[static_cast<std::size_t>(due % span)][group.receptor].push_back({unit, group.units});
    unit += group.units;
  }
  return row_synapses_[row];
}

// Profiled on the microcircuit: units lie scattered, so the next ones are fetched ahead of the
// adds.
template <class Record>
template <class Sum>
void TargetTable<Record>::drain(const std::vector<DueGroup>& entries, Sum* sums) const {
  constexpr std::size_t ahead = 12;
  const Record* records = records_.data();
  const std::size_t n = entries.size();
  for (std::size_t e = 0; e < n; ++e) {
    if (e + ahead < n) __builtin_prefetch(records + entries[e + ahead].unit * Record::unit);
    const Record* r = records + entries[e].unit * Record::unit;
    const Record* end = r + static_cast<std::size_t>(entries[e].count) * Record::unit;
    for (; r != end; r += Record::unit)
      for (std::uint32_t k = 0; k < Record::unit; ++k)
        sums[r[k].target] += static_cast<Sum>(r[k].weight);
  }
}

template class TargetTable<CompactRecord>;
template class TargetTable<ExactRecord>;
template void TargetTable<CompactRecord>::drain(const std::vector<DueGroup>&, std::int32_t*) const;
template void TargetTable<CompactRecord>::drain(const std::vector<DueGroup>&, std::int64_t*) const;
template void TargetTable<ExactRecord>::drain(const std::vector<DueGroup>&, std::int64_t*) const;

}  // namespace ranvier
