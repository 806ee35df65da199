// EventRows: a block of a recording that is stored as columns t, x, y and p, on its way to events,
// and the first fault in it: the events of the rows before are kept. Tested by
// tests/unit/encoding/test_array_files.py.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "encoding/event_buffer.h"

namespace ranvier::encoding {

/// Rows of four columns, checked column by column.
class EventRows {
 public:
  static constexpr std::size_t at_once = 16'384;  ///< rows of a block
  static constexpr std::array<const char*, 4> letters{"t", "x", "y", "p"};

  /// A new block of n rows, which is the recording's from row `first` on.
  void begin(std::uint64_t first, std::size_t n);
  std::size_t size() const { return size_; }

  /// Where whole numbers go: times in us.
  std::span<std::int64_t> column(std::size_t c) { return std::span(columns_[c]).first(size_); }
  /// What is in a column are the bits of unsigned numbers: those that 63 do not hold are faults.
  void take_unsigned(std::size_t c);
  /// Fills a column from real numbers; `scale` is that of times to us.
  void take_reals(std::size_t c, std::span<const double> values, double scale);
  /// Row i of the block is at fault.
  void note(std::size_t i, std::string fault);

  /// Appends the events up to the first fault. Throws Error(parse) that names its row.
  void hand_over(EventBuffer& out);

 private:
  void check_places();

  std::array<std::array<std::int64_t, at_once>, 4> columns_;
  std::uint64_t first_ = 0;
  std::size_t size_ = 0, good_ = 0;  ///< rows; those before the first fault
  std::string fault_;
};

}  // namespace ranvier::encoding
