// FlatRows: short rows of arrivals laid one behind another, so that they are walked in one loop. A
// loop a row would end, and so be guessed wrongly, once in ten to forty arrivals.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/arrivals.h"

namespace ranvier::neurons {

/// Up to most_rows rows of one list, trimmed: their targets, and which of them is of which row.
class FlatRows {
 public:
  static constexpr std::size_t most_rows = 64;
  static constexpr std::size_t ahead = 128;  ///< arrivals

  /// Replaces what it holds by the first rows of `rows`, which belong to `list`; returns how many:
  /// as many as there is room for, all with a weight a synapse or none, before the first that
  /// shares its instant with the next. fetch(target) is called for the first `ahead` arrivals.
  template <class Fetch>
  std::size_t fill(ArrivalList& list, std::span<ArrivalRow> rows, const Fetch& fetch) {
    n_ = 0;
    std::size_t r = 0, fetched = 0;
    fetch_targets(rows);
    for (; r < std::min(rows.size(), most_rows); ++r) {
      ArrivalRow& row = rows[r];
      list.trim(row);  // first: a row that is long elsewhere may be short here
      if (n_ + row.targets.size() > most) break;
      if (r + 1 < rows.size() && rows[r + 1].after == row.after) break;
      if ((row.weights == nullptr) != (rows[0].weights == nullptr)) break;
      append(row, static_cast<std::uint8_t>(r));
      for (; fetched < std::min(n_, ahead); ++fetched) fetch(targets_[fetched]);
    }
    std::fill_n(targets_.data() + n_, ahead, targets_[0]);
    return r;
  }

  /// Arrivals. Their targets may be read as far as `ahead` behind the last one, to be fetched.
  std::size_t size() const { return n_; }
  const std::uint32_t* targets() const { return targets_.data(); }
  /// The row of each, and its weight in quanta where rows have a weight a synapse.
  const std::uint8_t* rows() const { return row_of_.data(); }
  const std::int64_t* weights() const { return weights_.data(); }

  /// To be called before the first of a list's rows are filled in.
  void begin(std::span<const ArrivalRow> rows) { not_fetched_ = rows; }
  /// Fetches the targets of the first rows of `rows`, of those it began with the last ones: in a
  /// loop of its own, which waits for more lines of memory at once than one that uses them too.
  void fetch_targets(std::span<const ArrivalRow> rows) {
    const std::size_t left = rows.size() - std::min(rows.size(), most_rows);
    for (; not_fetched_.size() > left; not_fetched_ = not_fetched_.subspan(1))
      not_fetched_.front().prefetch_targets();
  }

 private:
  static constexpr std::size_t most = 4096;  ///< arrivals

  void append(const ArrivalRow& row, std::uint8_t number) {
    const std::size_t n = row.targets.size();
    if (n == 0) return;
    make_room(n_ + n);
    std::memcpy(targets_.data() + n_, row.targets.data(), n * sizeof targets_[0]);
    std::memset(row_of_.data() + n_, number, n);
    if (row.weights) {
      weights_.resize(row_of_.size());
      std::memcpy(weights_.data() + n_, row.weights, n * sizeof weights_[0]);
    }
    n_ += n;
  }

  /// For n <= most arrivals. No more than is used: there may be thousands of slices, of a neuron
  /// each.
  void make_room(std::size_t n) {
    if (n <= row_of_.size()) return;
    const std::size_t room = std::min(2 * n, most);
    targets_.resize(room + ahead);
    row_of_.resize(room);
  }

  std::span<const ArrivalRow> not_fetched_;
  std::size_t n_ = 0;
  std::vector<std::uint32_t> targets_ = std::vector<std::uint32_t>(ahead);
  std::vector<std::uint8_t> row_of_;
  std::vector<std::int64_t> weights_;
};

}  // namespace ranvier::neurons
