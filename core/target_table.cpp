#include "core/target_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "core/bit_rows.h"
#include "core/error.h"
#include "core/prefetch.h"

namespace ranvier {

namespace {

/// The keys that a row may hold, rising: all between the least and the largest where those lie
/// close together, which they mostly do, else those that occur.
class RowKeys {
 public:
  template <class PlacedSynapse, class KeyOf>
  RowKeys(std::span<const PlacedSynapse> row, const KeyOf& key_of,
          std::vector<std::uint32_t>& scratch)
      : keys_(scratch) {
    std::uint32_t last = 0;
    first_ = ~std::uint32_t{0};
    for (const PlacedSynapse& s : row) {
      first_ = std::min(first_, key_of(s));
      last = std::max(last, key_of(s));
    }
    keys_.clear();
    size_ = last - first_ + 1;
    if (size_ <= 4 * row.size() + 64) return;
    for (const PlacedSynapse& s : row) keys_.push_back(key_of(s));
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    size_ = static_cast<std::uint32_t>(keys_.size());
  }
  bool dense() const { return keys_.empty(); }
  std::uint32_t size() const { return size_; }
  std::uint32_t key(std::uint32_t i) const { return dense() ? first_ + i : keys_[i]; }
  std::uint32_t index(std::uint32_t key) const {
    if (dense()) return key - first_;
    return static_cast<std::uint32_t>(std::lower_bound(keys_.begin(), keys_.end(), key) -
                                      keys_.begin());
  }

 private:
  std::vector<std::uint32_t>& keys_;
  std::uint32_t first_ = 0, size_ = 0;
};

constexpr std::uint32_t stride = 8;  // units written at once

/// The units of some groups, one by one; room for `stride` more behind them.
std::uint32_t* list_units(std::span<const DueGroup> groups, std::uint32_t* out) {
  for (const DueGroup& group : groups) {
    std::uint32_t* const end = out + group.count;
    for (std::uint32_t unit = group.unit; out < end; out += stride, unit += stride)
      for (std::uint32_t k = 0; k < stride; ++k) out[k] = unit + k;
    out = end;
  }
  return out;
}

}  // namespace

template <class Sum>
[[gnu::always_inline]] inline void add_unit(const ExactRecord* record, Sum* sums, Sum) {
  sums[record->target] += static_cast<Sum>(record->weight);
}

template <class Sum>
[[gnu::always_inline]] inline void add_unit(const CompactRecord* records, Sum* sums, Sum) {
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

template <class Sum>
[[gnu::always_inline]] inline void add_unit(const TargetRecord* records, Sum* sums, Sum weight) {
  static_assert(std::endian::native == std::endian::little);
  const auto add_four = [&](const TargetRecord* four) {
    std::uint64_t x;
    std::memcpy(&x, four, sizeof x);
    sums[x & 0xFFFF] += weight;
    sums[x >> 16 & 0xFFFF] += weight;
    sums[x >> 32 & 0xFFFF] += weight;
    sums[x >> 48] += weight;
  };
  add_four(records), add_four(records + 4), add_four(records + 8), add_four(records + 12);
}

template <class Record>
TargetTable<Record>::TargetTable() {
  for (std::uint16_t receptor = 0; receptor < max_receptors; ++receptor)
    kinds_.push_back({receptor, 0});
}

template <class Record>
TargetTable<Record>::TargetTable(std::vector<GroupKind> kinds, std::uint16_t padding)
    : kinds_(std::move(kinds)), padding_(padding) {
  if (2 * kinds_.size() > max_kinds) return;
  first_bits_ = kinds_.size();
  for (std::size_t kind = 0; kind < first_bits_; ++kind) kinds_.push_back(kinds_[kind]);
}

template <class Record>
std::uint32_t TargetTable<Record>::kind_of(const PlacedSynapse& s) const {
  if constexpr (Record::has_weight) return s.receptor;
  std::uint32_t kind = 0;
  while (kinds_[kind].receptor != s.receptor || kinds_[kind].weight != s.weight) ++kind;
  return kind;
}

/// Makes room for a group, entered in parts where it is long; its records are zero.
template <class Record>
Record* TargetTable<Record>::append_group(std::uint32_t delay, std::uint32_t kind,
                                          std::uint32_t units) {
  for (std::uint32_t left = units; left > 0;) {
    const std::uint32_t part = std::min(left, Group::most_units);
    *groups_.extend(1) = {static_cast<std::uint16_t>(delay),
                          static_cast<std::uint16_t>(part << 3 | kind)};
    left -= part;
  }
  return records_.extend(std::size_t{units} * Record::unit);
}

/// Groups that are smaller as bits become bits; what is left, second synapses of a pair among it,
/// is returned.
template <class Record>
std::span<const typename Record::PlacedSynapse> TargetTable<Record>::append_bits(
    std::span<const PlacedSynapse> row) {
  const std::size_t words = bit_row_words(padding_), bytes = words * sizeof(std::uint64_t);
  const auto units = static_cast<std::uint32_t>(bytes / (Record::unit * sizeof(Record)));
  const auto is_dense = [bytes](std::size_t synapses) { return synapses * sizeof(Record) > bytes; };
  if (first_bits_ == max_kinds || units > Group::most_units || !is_dense(row.size())) return row;
  const RowKeys keys(
      row, [this](const PlacedSynapse& s) { return key_of(s); }, keys_);
  at_.assign(keys.size(), 0);
  for (const PlacedSynapse& s : row) ++at_[keys.index(key_of(s))];
  bits_.clear();
  for (std::uint32_t k = 0; k < keys.size(); ++k)  // where a key's bits begin, or nowhere
    if (is_dense(std::exchange(at_[k], ~std::uint32_t{0}))) {
      at_[k] = static_cast<std::uint32_t>(bits_.size());
      bits_.resize(bits_.size() + words);
    }
  rest_.clear();
  for (const PlacedSynapse& s : row) {
    const std::uint32_t begin = at_[keys.index(key_of(s))];
    const std::uint64_t bit = std::uint64_t{1} << (s.target % 64);
    if (begin == ~std::uint32_t{0} || (bits_[begin + s.target / 64] & bit) != 0) rest_.push_back(s);
    else bits_[begin + s.target / 64] |= bit;
  }
  for (std::uint32_t k = 0; k < keys.size(); ++k) {
    if (at_[k] == ~std::uint32_t{0}) continue;
    const std::uint32_t kind = keys.key(k) % max_kinds + static_cast<std::uint32_t>(first_bits_);
    std::memcpy(append_group(keys.key(k) / max_kinds, kind, units), &bits_[at_[k]], bytes);
  }
  return rest_;
}

// Counted, then written where it belongs: one pass over the row each, and no copy of it.
template <class Record>
std::uint32_t TargetTable<Record>::append_row(std::span<const PlacedSynapse> all) {
  std::span<const PlacedSynapse> row = all;
  if constexpr (!Record::has_weight) row = append_bits(row);
  if (!row.empty()) {
    const RowKeys keys(
        row, [this](const PlacedSynapse& s) { return key_of(s); }, keys_);
    at_.assign(keys.size(), 0);
    for (const PlacedSynapse& s : row) ++at_[keys.index(key_of(s))];
    const std::size_t begin = records_.size();
    for (std::uint32_t k = 0; k < keys.size(); ++k) {
      const std::uint32_t units = (at_[k] + Record::unit - 1) / Record::unit;
      at_[k] = static_cast<std::uint32_t>(records_.size() - begin);
      append_group(keys.key(k) / max_kinds, keys.key(k) % max_kinds, units);
    }
    Record* out = records_.data() + begin;
    for (const PlacedSynapse& s : row) {
      Record& record = out[at_[keys.index(key_of(s))]++];
      record.target = static_cast<decltype(record.target)>(s.target);
      if constexpr (Record::has_weight)
        record.weight = static_cast<decltype(record.weight)>(s.weight);
    }
    // Padding adds 0 (an arena is zeroed) or is read by nobody; to different targets: adds to one
    // would wait for each other.
    for (const std::uint32_t end : at_)
      for (std::uint32_t k = 1; (end + k - 1) % Record::unit != 0; ++k)
        out[end + k - 1].target = static_cast<decltype(out->target)>(
            Record::has_weight ? out[end - 1].target ^ k : padding_ + k);
  }
  if (records_.size() / Record::unit > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorKind::capacity,
                "more synapses than a chunk's table numbers (2^32 units): use more ranks");
  rows_.back().synapses = static_cast<std::uint32_t>(all.size());
  synapses_ += static_cast<std::int64_t>(all.size());
  rows_.push_back({groups_.size(), static_cast<std::uint32_t>(records_.size() / Record::unit), 0});
  return static_cast<std::uint32_t>(rows_.size() - 2);
}

/// Enters a row whose first unit is `unit`: those of its groups that have a delay above `late`, of
/// a spike in the step of `slot`.
template <class Record>
void TargetTable<Record>::enter_groups(std::span<const Group> groups, std::uint32_t unit,
                                       std::int64_t late, std::size_t slot,
                                       std::vector<Bucket>& ring) {
  Bucket* const buckets = ring.data();
  const std::size_t size = ring.size();
  for (const Group group : groups) {
    std::size_t due = slot + group.delay;
    if (due >= size) due -= size;
    if (group.delay > late) buckets[due][group.kind()].push_back({unit, group.units()});
    unit += group.units();
  }
}

// Rows lie scattered: what the next spikes need is fetched ahead.
template <class Record>
std::int64_t TargetTable<Record>::enter(std::span<const DueRow> spikes, std::int64_t after,
                                        std::vector<Bucket>& ring) const {
  constexpr std::size_t rows_ahead = 16, groups_ahead = 6;
  const auto fetch_row = [&](std::size_t i) {
    if (i < spikes.size()) prefetch(&rows_[spikes[i].row]);
  };
  const auto fetch_groups = [&](std::size_t i) {
    if (i >= spikes.size()) return;
    const Group* groups = groups_.data() + rows_[spikes[i].row].group;
    for (int line = 0; line < 4; ++line) prefetch(groups + 16 * line);
  };
  for (std::size_t i = 0; i < rows_ahead; ++i) fetch_row(i);
  for (std::size_t i = 0; i < groups_ahead; ++i) fetch_groups(i);
  const auto span = static_cast<std::int64_t>(ring.size());
  std::int64_t synapses = 0;
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    fetch_row(i + rows_ahead);
    fetch_groups(i + groups_ahead);
    const DueRow spike = spikes[i];
    const Row& row = rows_[spike.row];
    const Group* const groups = groups_.data();
    enter_groups({groups + row.group, groups + rows_[spike.row + std::size_t{1}].group}, row.unit,
                 after - spike.step, static_cast<std::size_t>(spike.step % span), ring);
    synapses += row.synapses;
  }
  return synapses;
}

template <class Record>
template <class Sum>
void TargetTable<Record>::drain_bits(std::span<const DueGroup> due, Sum weight, Sum* sums) const {
  std::array<const std::uint64_t*, most_bit_rows> rows;
  while (!due.empty()) {
    const std::size_t n = std::min(due.size(), most_bit_rows);
    for (std::size_t r = 0; r < n; ++r)
      rows[r] = reinterpret_cast<const std::uint64_t*>(records_.data() +
                                                       std::size_t{due[r].unit} * Record::unit);
    add_bit_rows(std::span(rows).first(n), padding_, weight, sums);
    due = due.subspan(n);
  }
}

// Profiled on the microcircuit: a flat list of units keeps the distance of fetching ahead even, and
// the loop over it has no inner branch. It is written a register at a time, since a loop over a
// handful of units ends where no processor expects it. Records are fetched far ahead into the
// second-level cache, which takes more of them at once, and from there. Reading several records at
// once saves loads.
template <class Record>
template <class Sum>
void TargetTable<Record>::drain(const Bucket& bucket, std::vector<std::uint32_t>& units,
                                const std::array<Sum*, max_receptors>& sums) const {
  constexpr std::size_t far = 64, near = 8;
  static_assert(far >= stride);
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    const std::vector<DueGroup>& entries = bucket[kind];
    if (entries.empty()) continue;
    if (!Record::has_weight && kind >= first_bits_) {
      drain_bits(std::span(entries), static_cast<Sum>(kinds_[kind].weight),
                 sums[kinds_[kind].receptor]);
      continue;
    }
    std::size_t n = 0;
    for (const DueGroup& entry : entries) n += entry.count;
    if (units.size() < n + far) units.resize(2 * n + far);
    std::uint32_t* const end = list_units(entries, units.data());
    std::fill_n(end, far, end[-1]);
    const Record* records = records_.data();
    const auto at = [&](std::size_t i) { return records + std::size_t{units[i]} * Record::unit; };
    Sum* into = sums[kinds_[kind].receptor];
    const Sum weight = kinds_[kind].weight;
    for (std::size_t i = 0; i < n; ++i) {
      prefetch_early(at(i + far));
      prefetch(at(i + near));
      add_unit(at(i), into, weight);
    }
    if (!Record::has_weight) std::fill_n(into + padding_, Record::unit, Sum{0});
  }
}

template class TargetTable<CompactRecord>;
template class TargetTable<TargetRecord>;
template class TargetTable<ExactRecord>;
using Sums32 = std::array<std::int32_t*, max_receptors>;
using Sums64 = std::array<std::int64_t*, max_receptors>;
template void TargetTable<CompactRecord>::drain(const Bucket&, std::vector<std::uint32_t>&,
                                                const Sums32&) const;
template void TargetTable<CompactRecord>::drain(const Bucket&, std::vector<std::uint32_t>&,
                                                const Sums64&) const;
template void TargetTable<TargetRecord>::drain(const Bucket&, std::vector<std::uint32_t>&,
                                               const Sums32&) const;
template void TargetTable<TargetRecord>::drain(const Bucket&, std::vector<std::uint32_t>&,
                                               const Sums64&) const;
template void TargetTable<ExactRecord>::drain(const Bucket&, std::vector<std::uint32_t>&,
                                              const Sums64&) const;

}  // namespace ranvier
