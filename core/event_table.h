// EventTable: a chunk's incoming synapses whose targets are event-driven, by source.
//
// A row is one source's synapses in this chunk: groups that share receptor, weight and delay, of 4
// bytes a synapse (the target; they rise) and 8 a group. A source that has one group keeps it with
// itself, so that a spike waits for memory once less. Where the network draws or lists weights
// or delays one by one, the table carries a column of them beside the targets, so there are no more
// kinds of group than projections. Rows are not padded: arrivals are written out in the order of
// time and applied one by one (core/arrivals.h), not summed blindly. Layout and measurements:
// docs/decisions/target-table.md.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/arena.h"
#include "core/placed.h"
#include "core/prefetch.h"

namespace ranvier {

/// Rows of synapses onto event-driven neurons; see above.
class EventTable {
 public:
  /// What differs from synapse to synapse, and so needs a column.
  struct Form {
    bool delays = false;
    bool weights = false;
  };
  /// To be called before the first row.
  void set_form(Form form) { form_ = form; }
  Form form() const { return form_; }

  /// What the synapses of a group share. With a column of delays `delay` is 0, with one of weights
  /// `weight` is 0.
  struct Kind {
    std::int64_t weight;  ///< quanta of the receptor
    std::uint16_t delay;  ///< steps
    std::uint16_t receptor;
    std::uint32_t first_part = 0;  ///< of the chunk: no target is in one before
    bool operator==(const Kind&) const = default;
  };
  /// Synapses of one row.
  struct Group {
    std::uint64_t place;  ///< number of the first synapse, and of the kind, as in the table
    std::uint32_t count;
  };
  const Kind& kind(const Group& group) const { return kinds_[group.place & kind_mask]; }
  static std::uint64_t first(const Group& group) { return group.place >> kind_bits; }
  /// Appends a row of at least one synapse; returns its number, that of its first group. Throws
  /// std::bad_alloc, Error(capacity) where there are too many groups.
  std::uint32_t append_row(std::span<const ExactPlaced> synapses);

  /// Appends the rows of sources 0, 1, ... at once: kinds[g] has counts[g][s] synapses of source s.
  /// Returns where in the columns the synapses of each begin, [g][s]; they
  /// are left to be filled in, and then to be sorted. `rows`: the row of each source that has any,
  /// else no_row.
  std::vector<std::vector<std::uint64_t>> append_rows(
      std::span<const Kind> kinds, std::span<const std::vector<std::uint32_t>> counts,
      std::vector<std::uint32_t>& rows);

  /// The number of a row that begins with the table's `group`-th. Throws Error(capacity) where it
  /// has no 32 bits to be told from no_row.
  static std::uint32_t row_that_begins(std::uint64_t group);

  std::size_t groups() const { return groups_.size() > 0 ? groups_.size() - 1 : 0; }
  /// Sorts the synapses of each group by target, in those from `first` on.
  void sort_groups(std::size_t first);

  /// A row as it is kept for each source: its only group, so that nothing else is to be fetched
  /// for it, or the number of the first of several.
  class Row {
   public:
    bool empty() const { return n_ == no_row; }

   private:
    friend EventTable;
    bool is_group() const { return (place_ & ends_row) != 0; }
    std::uint64_t place_ = 0;
    std::uint32_t n_ = no_row;  ///< synapses of the group, or its number
  };
  /// To be called once row() has told of all rows: groups are kept no longer where each is a row of
  /// its own.
  void forget_single_groups();
  /// `number` may be no_row.
  Row row(std::uint32_t number) const {
    Row row;
    if (number == no_row) return row;
    const std::uint64_t* const g = groups_.data() + number;
    const bool is_group = (*g & ends_row) != 0;
    row.place_ = is_group ? *g : 0;
    row.n_ = is_group ? group_at(g).count : number;
    return row;
  }

  /// f(group) for the groups of a row that is not empty.
  template <class F>
  void for_each_group(const Row& row, F&& f) const {
    if (row.is_group()) return f(Group{row.place_, row.n_});
    for (const std::uint64_t* g = groups_.data() + row.n_;; ++g) {
      f(group_at(g));
      if ((*g & ends_row) != 0) return;
    }
  }
  /// Fetches what for_each_group will read.
  void prefetch_groups(const Row& row) const {
    if (!row.empty() && !row.is_group()) prefetch(groups_.data() + row.n_);
  }
  /// And the columns that lie behind, with delays, a few lines of them.
  void prefetch_synapses(const Row& row) const {
    if (row.empty()) return;
    const std::uint64_t first = (row.is_group() ? row.place_ : groups_.data()[row.n_]) >> kind_bits;
    constexpr std::uint64_t most = 64, a_line = 16;
    for (std::uint64_t s = first; s < first + most; s += a_line) prefetch(targets_.data() + s);
    for (std::uint64_t s = first; s < first + most; s += 2 * a_line) prefetch(delays_.data() + s);
    if (!form_.weights) return;
    for (std::uint64_t s = first; s < first + most; s += a_line / 2) prefetch(weights_.data() + s);
  }
  std::uint32_t* targets() const { return targets_.data(); }
  std::uint16_t* delays() const { return delays_.data(); }
  std::int64_t* weights() const { return weights_.data(); }

  std::int64_t synapses() const { return static_cast<std::int64_t>(targets_.size()); }
  std::size_t bytes() const {
    return targets_.bytes() + delays_.bytes() + weights_.bytes() + groups_.bytes();
  }

 private:
  static constexpr int kind_bits = 24;
  static constexpr std::uint64_t ends_row = 1u << (kind_bits - 1);
  static constexpr std::uint64_t kind_mask = ends_row - 1;
  static Group group_at(const std::uint64_t* g) {
    return {*g, static_cast<std::uint32_t>((g[1] >> kind_bits) - (*g >> kind_bits))};
  }
  void append_group(const Kind& kind, std::uint64_t count);
  void end_row() { groups_.data()[groups_.size() - 2] |= ends_row; }

  Form form_;
  Arena<std::uint32_t> targets_;
  Arena<std::uint16_t> delays_;
  Arena<std::int64_t> weights_;
  std::vector<Kind> kinds_;
  /// Number of the first synapse, whether a row ends, and kind; one entry more, once there are any,
  /// where the last ends.
  Arena<std::uint64_t> groups_;
  std::vector<ExactPlaced> sorted_;
};

/// A group on its way to its targets.
struct DueEvents {
  std::int64_t time;  ///< ns
  EventTable::Group group;
};

}  // namespace ranvier
