// TargetTable: a chunk's incoming synapses, by source and delay; and the calendar of those that are
// due.
//
// A row is one source's synapses in this chunk: groups of one (kind, delay) each, contiguous in
// rising delay, padded to units of records so that draining has no inner branch (padding has weight
// 0, or a target that nobody reads). A kind is a receptor, or, where few weights occur and records
// have none, a receptor and a weight; of those, groups that reach many neurons are rows of bits
// (core/bit_rows.h). Delivering a spike enters one entry a group into the bucket
// of the step in which it is due; draining a bucket adds its units into integer sums. Layout and
// measurements: docs/decisions/target-table.md. An independent form of delivery is the test's
// oracle (tests/unit/core/test_target_table.cpp).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/arena.h"
#include "core/neuron_model.h"
#include "core/placed.h"

namespace ranvier {

/// 4 bytes a synapse: chunks hold at most 65,536 neurons.
struct CompactRecord {
  std::uint16_t target;
  std::int16_t weight;
  static constexpr std::uint32_t unit = 8;
  static constexpr bool has_weight = true;
  using PlacedSynapse = CompactPlaced;
};

/// 2 bytes a synapse or less, whose weight is that of its kind; a unit's worth of targets is for
/// padding.
struct TargetRecord {
  std::uint16_t target;
  static constexpr std::uint32_t unit = 16;
  static constexpr bool has_weight = false;
  using PlacedSynapse = CompactPlaced;
};

/// 16 bytes a synapse: weights to the last digits.
struct ExactRecord {
  std::int64_t weight;
  std::uint32_t target;
  std::uint32_t unused;
  static constexpr std::uint32_t unit = 1;
  static constexpr bool has_weight = true;
  using PlacedSynapse = ExactPlaced;
};

inline constexpr std::uint32_t max_delay_steps = 65'535;

/// A group that is due in a step.
struct DueGroup {
  std::uint32_t unit;
  std::uint32_t count;  ///< of units
};
/// A spike of `step` that reaches the targets of a row.
struct DueRow {
  std::uint32_t row;
  std::int64_t step;
};
inline constexpr std::uint32_t max_kinds = 8;
static_assert(max_receptors <= max_kinds);
/// The groups due in one step, a list a kind.
using Bucket = std::array<std::vector<DueGroup>, max_kinds>;

/// Where the sums of each receptor begin.
template <class Vector>
auto pointers(std::array<Vector, max_receptors>& sums) {
  std::array<decltype(sums[0].data()), max_receptors> result;
  for (std::size_t r = 0; r < max_receptors; ++r) result[r] = sums[r].data();
  return result;
}

/// What the synapses of a group share beside their delay.
struct GroupKind {
  std::uint16_t receptor;
  std::int16_t weight;  ///< quanta; not looked at where records have a weight
  bool operator==(const GroupKind&) const = default;
};

/// The rows of a chunk: the synapses of each source, in the order of their delays.
template <class Record>
class TargetTable {
 public:
  using PlacedSynapse = typename Record::PlacedSynapse;
  /// A kind a receptor.
  TargetTable();
  /// Of records without a weight: the kinds that will occur, at most max_kinds; targets are below
  /// `padding`, a multiple of 64, and padding reaches a unit's worth of them from there on.
  TargetTable(std::vector<GroupKind> kinds, std::uint16_t padding);

  /// Appends a row; rows are numbered in the order of their appending. Groups are sorted by (delay,
  /// kind), and the synapses of a group keep their order. Throws Error(capacity) beyond 2^32
  /// units.
  std::uint32_t append_row(std::span<const PlacedSynapse> synapses);

  /// Enters the groups of the rows of several spikes that are due after step `after`. The ring has
  /// more buckets than the largest delay has steps. Returns the rows' number of synapses.
  std::int64_t enter(std::span<const DueRow> spikes, std::int64_t after,
                     std::vector<Bucket>& ring) const;

  /// Adds every unit of the bucket into its receptor's sums. `units`: scratch.
  template <class Sum>
  void drain(const Bucket& bucket, std::vector<std::uint32_t>& units,
             const std::array<Sum*, max_receptors>& sums) const;

  /// The groups of a row, for checks: f(kind, delay, first record, number of records). A long group
  /// comes in parts.
  template <class F>
  void for_each_group(std::uint32_t row, F&& f) const {
    std::uint64_t unit = rows_[row].unit;
    for (std::uint64_t g = rows_[row].group; g < rows_[row + std::size_t{1}].group; ++g) {
      const Group& group = groups_.data()[g];
      f(group.kind(), std::uint32_t{group.delay}, records_.data() + unit * Record::unit,
        group.units() * Record::unit);
      unit += group.units();
    }
  }

  /// All rows are there.
  void shrink_to_fit() { rows_.shrink_to_fit(); }

  std::size_t rows() const { return rows_.size() - 1; }
  std::int64_t synapses() const { return synapses_; }
  std::size_t bytes() const { return records_.bytes() + groups_.bytes() + header_bytes(); }
  /// Those of them that find a row.
  std::size_t header_bytes() const { return rows_.capacity() * sizeof(Row); }

 private:
  struct Group {
    std::uint16_t delay;
    std::uint16_t packed;  ///< kind in the lowest 3 bits, units above
    static constexpr std::uint32_t most_units = (1 << 13) - 1;
    std::uint32_t kind() const { return packed & 7u; }
    std::uint32_t units() const { return packed >> 3; }
  };
  static_assert(max_kinds <= 8);
  struct Row {
    std::uint64_t group = 0;  ///< the first; the next row's is one past the last
    std::uint32_t unit = 0;
    std::uint32_t synapses = 0;
  };
  std::span<const PlacedSynapse> append_bits(std::span<const PlacedSynapse> row);
  static void enter_groups(std::span<const Group> groups, std::uint32_t unit, std::int64_t late,
                           std::size_t slot, std::vector<Bucket>& ring);
  Record* append_group(std::uint32_t delay, std::uint32_t kind, std::uint32_t units);
  template <class Sum>
  void drain_bits(std::span<const DueGroup> due, Sum weight, Sum* sums) const;
  std::uint32_t kind_of(const PlacedSynapse& synapse) const;
  std::uint32_t key_of(const PlacedSynapse& synapse) const {
    return std::uint32_t{synapse.delay} * max_kinds + kind_of(synapse);
  }

  std::vector<GroupKind> kinds_;
  std::size_t first_bits_ = max_kinds;  ///< kinds from there on are the first ones, as bits
  std::uint16_t padding_ = 0;
  Arena<Record> records_;
  Arena<Group> groups_;
  AlignedVector<Row> rows_{Row{}};  ///< and one past the last
  std::int64_t synapses_ = 0;
  std::vector<std::uint32_t> keys_, at_;  ///< scratch of append_row
  std::vector<std::uint64_t> bits_;
  std::vector<PlacedSynapse> rest_;
};

extern template class TargetTable<CompactRecord>;
extern template class TargetTable<TargetRecord>;
extern template class TargetTable<ExactRecord>;

}  // namespace ranvier
