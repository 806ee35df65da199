// The arrivals of a window at event-driven neurons, in an order in which they can move them. Within
// a window neurons are independent of each other: all that counts is that a neuron's arrivals
// follow in time, and that those of one instant, which are summed, are neighbours. Arrivals that
// come row by row in rising time are as good as in that order already; others are sorted.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/prefetch.h"
#include "core/search.h"

namespace ranvier {

/// One arrival at an event-driven neuron: 16 bytes, for they may be moved twice.
struct Arrival {
  std::uint32_t target;  ///< in its slice
  std::uint32_t after;   ///< ns since the window's begin
  std::int64_t input;  ///< weight in quanta of the receptor, and the receptor in the lowest 2 bits
  Arrival() = default;
  Arrival(std::uint32_t to, std::int64_t ns, std::uint32_t receptor, std::int64_t weight)
      : target(to), after(static_cast<std::uint32_t>(ns)), input(weight * 4 + receptor) {}
  std::uint32_t receptor() const { return static_cast<std::uint32_t>(input & 3); }
  std::int64_t weight() const { return input >> 2; }
  std::uint64_t key() const { return std::uint64_t{target} << 32 | after; }
};

/// A row of synapses on its way to its targets, which rise, all at one instant. Behind those of a
/// slice there may be others', until ArrivalList::trim() is called.
struct ArrivalRow {
  std::span<const std::uint32_t> targets;  ///< each by `base` too large
  std::uint32_t base;
  std::uint32_t after;  ///< ns since the window's begin
  std::uint32_t receptor;
  std::int64_t weight;          ///< quanta, of all
  const std::int64_t* weights;  ///< or one each; else null
  std::int64_t weight_of(std::size_t k) const { return weights ? weights[k] : weight; }
  /// Fetches the targets of a row of usual length, which lies anywhere in memory.
  void prefetch_targets() const {
    constexpr std::size_t a_line = 16, usual = 4 * a_line;
    for (std::size_t k = 0; k < usual; k += a_line) prefetch_early(targets.data() + k);
  }
};

/// What arrives at a slice in a window, collected in any order and handed out ordered.
class ArrivalList {
 public:
  /// Targets are numbers below `n`.
  explicit ArrivalList(std::uint32_t n = 0) : n_(n) {}
  void clear() {
    size_ = n_in_rows_ = 0;
    rows_.clear();
    rests_.clear();
    runs_.assign(1, 0);
    last_rest_of_ = nullptr;
    in_order_ = rows_rise_ = true;
  }
  void add(const Arrival& arrival) {
    if (list_.size() == size_) list_.resize(2 * (size_ + 1));
    if (size_ > 0) {
      const Arrival& last = list_[size_ - 1];
      in_order_ = in_order_ && (last.after < arrival.after ||
                                (last.after == arrival.after && last.target <= arrival.target));
    }
    list_[size_++] = arrival;
  }
  /// What a row points to stays there until the next clear().
  void add(const ArrivalRow& row) {
    if (row.targets.empty()) return;
    rows_rise_ = rows_rise_ && (rows_.size() == runs_.back() || rows_.back().after <= row.after);
    rows_.push_back(row);
    n_in_rows_ += row.targets.size();
  }
  /// The same, of a row that is among the rests of a list that was walked before.
  void add_rest(const ArrivalRow& row, const ArrivalList& of) {
    if (last_rest_of_ != &of) runs_.push_back(rows_.size());
    last_rest_of_ = &of;
    add(row);
  }
  /// Of rows that have not been trimmed, all that they hold.
  std::size_t size() const { return size_ + n_in_rows_; }

  /// Whether all since clear() came in rows, in rising time (two rows may share an instant), those
  /// that one list left for themselves.
  bool is_in_rows() const { return size_ == 0 && rows_rise_; }
  /// In rising time, where is_in_rows(). To be trimmed before they are used.
  std::span<ArrivalRow> rows() {
    merge_runs();
    return rows_;
  }
  /// Takes off what lies behind the targets that it holds; that is among rests() then.
  void trim(ArrivalRow& row) {
    const std::uint32_t end = row.base + n_;
    if (row.targets.empty() || row.targets.back() < end) return;
    // Most of a row that passes many small slices is for those behind: its first line tells.
    constexpr std::size_t a_line = 16;
    const bool few = row.targets.size() > a_line && row.targets[a_line - 1] >= end;
    const std::size_t n = number_below(few ? row.targets.first(a_line) : row.targets, end);
    ArrivalRow rest = row;
    rest.targets = row.targets.subspan(n);
    if (row.weights) rest.weights += n;
    rests_.push_back({rest, rest.targets.front()});
    row.targets = row.targets.first(n);
  }
  struct Rest {
    ArrivalRow row;       ///< whose base is to be told
    std::uint32_t first;  ///< target, which else may have to come from afar again
  };
  /// Since clear(), in the order in which they were trimmed.
  std::span<const Rest> rests() const { return rests_; }
  /// What trimmed rows of one instant hold, those of a target as neighbours, where is_in_rows().
  /// Valid until the next call of anything here.
  std::span<const Arrival> merged(std::span<const ArrivalRow> rows);

  /// All since clear(): by time, where they were added in rising time, else in an order in which
  /// those of a target follow in time; one instant's at a target as neighbours. Valid until the
  /// next call of anything here; no longer in rows.
  std::span<const Arrival> ordered();

 private:
  void merge_runs();
  void order_instants(std::span<Arrival> all);
  void sort(std::span<Arrival> arrivals);
  bool sort_few_that_meet(std::span<Arrival> arrivals);

  std::uint32_t n_ = 0;
  std::size_t size_ = 0;
  bool in_order_ = true;       ///< by time, each instant's by target
  std::vector<Arrival> list_;  ///< the first size_ count: not made anew in every window
  std::size_t n_in_rows_ = 0;
  bool rows_rise_ = true;
  std::vector<ArrivalRow> rows_;
  std::vector<Rest> rests_;
  std::vector<std::size_t> runs_{0};  ///< where rows begin that another list left
  const ArrivalList* last_rest_of_ = nullptr;
  std::vector<Arrival> binned_;
  std::vector<std::uint32_t> begin_;  ///< of the bins in binned_
  std::vector<std::uint64_t> seen_;   ///< bits of targets
};

}  // namespace ranvier
