// TargetTable: a chunk's incoming synapses, by source and delay; and the calendar of those that are
// due.
//
// A row is one source's synapses in this chunk: groups of one (receptor, delay) each, contiguous in
// rising delay, padded to units of records so that draining has no inner branch (padding has weight
// 0). Delivering a spike enters one entry a group into the bucket of the step in which it is due;
// draining a bucket adds its units into integer sums. Layout and measurements:
// docs/decisions/target-table.md. An independent form of delivery is the test's oracle
// (tests/unit/core/test_target_table.cpp).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/arena.h"
#include "core/neuron_model.h"
#include "core/placed.h"

namespace ranvier {

/// 4 bytes a synapse: chunks hold at most 65,536 neurons.
struct CompactRecord {
  std::uint16_t target;
  std::int16_t weight;
  static constexpr std::uint32_t unit = 8;
  using PlacedSynapse = CompactPlaced;
};

/// 16 bytes a synapse: weights to the last digits.
struct ExactRecord {
  std::int64_t weight;
  std::uint32_t target;
  std::uint32_t unused;
  static constexpr std::uint32_t unit = 1;
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
/// The groups due in one step, a list a receptor.
using Bucket = std::array<std::vector<DueGroup>, max_receptors>;

/// The rows of a chunk: the synapses of each source, in the order of their delays.
template <class Record>
class TargetTable {
 public:
  using PlacedSynapse = typename Record::PlacedSynapse;
  /// Appends a row; rows are numbered in the order of their appending. Groups are sorted by (delay,
  /// receptor), and the synapses of a group keep their order. Throws Error(capacity) beyond 2^32
  /// units.
  std::uint32_t append_row(std::span<const PlacedSynapse> synapses);

  /// Enters the groups of the rows of several spikes that are due after step `after`. The ring has
  /// more buckets than the largest delay has steps. Returns the rows' number of synapses.
  std::int64_t enter(std::span<const DueRow> spikes, std::int64_t after,
                     std::vector<Bucket>& ring) const;

  /// Adds every unit of the entries into the receptor's sums. `units`: scratch.
  template <class Sum>
  void drain(const std::vector<DueGroup>& entries, std::vector<std::uint32_t>& units,
             Sum* sums) const;

  /// The groups of a row, for event-driven targets and the checks: f(receptor, delay, first record,
  /// number of records). A long group comes in parts.
  template <class F>
  void for_each_group(std::uint32_t row, F&& f) const {
    std::uint64_t unit = rows_[row].unit;
    for (std::uint64_t g = rows_[row].group; g < rows_[row + std::size_t{1}].group; ++g) {
      const Group& group = groups_.data()[g];
      f(group.receptor(), std::uint32_t{group.delay}, records_.data() + unit * Record::unit,
        group.units() * Record::unit);
      unit += group.units();
    }
  }

  std::size_t rows() const { return rows_.size() - 1; }
  std::int64_t synapses() const { return synapses_; }
  std::size_t bytes() const {
    return records_.bytes() + groups_.bytes() + rows_.capacity() * sizeof(Row);
  }

 private:
  struct Group {
    std::uint16_t delay;
    std::uint16_t packed;  ///< receptor in the lowest 2 bits, units above
    static constexpr std::uint32_t most_units = (1 << 14) - 1;
    std::uint32_t receptor() const { return packed & 3u; }
    std::uint32_t units() const { return packed >> 2; }
  };
  static_assert(max_receptors <= 4);
  struct Row {
    std::uint64_t group = 0;  ///< the first; the next row's is one past the last
    std::uint32_t unit = 0;
    std::uint32_t synapses = 0;
  };
  Arena<Record> records_;
  Arena<Group> groups_;
  std::vector<Row> rows_{Row{}};  ///< and one past the last
  std::int64_t synapses_ = 0;
  std::vector<std::uint32_t> keys_, at_;  ///< scratch of append_row
};

extern template class TargetTable<CompactRecord>;
extern template class TargetTable<ExactRecord>;

}  // namespace ranvier
