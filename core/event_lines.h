// Where event-driven neurons keep themselves: one line of memory each, with all that an arrival
// reads and writes, so that a touch costs one fetch however many neurons there are. A line is the
// state as last moved, the injected current, the time of the last move, the bound of the next
// firing, and those coefficients that differ from neuron to neuron; coefficients that all share are
// kept once.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "core/aligned.h"
#include "core/prefetch.h"

namespace ranvier {

/// The lines of `size` neurons with `n_state` variables and `n_derived` coefficients each.
template <std::size_t n_state, std::size_t n_derived>
class EventLines {
 public:
  using StateValues = std::array<double, n_state>;
  using DerivedValues = std::array<double, n_derived>;

  /// `derived(i)`: the coefficients of neuron i < size. States are left to be set.
  template <class DerivedOfNeuron>
  EventLines(std::uint32_t size, const DerivedOfNeuron& derived) : common_(derived(0)) {
    std::array<bool, n_derived> differs{};
    for (std::uint32_t i = 1; i < size; ++i) {
      const DerivedValues values = derived(i);
      for (std::size_t k = 0; k < n_derived; ++k)
        differs[k] = differs[k] || values[k] != common_[k];
    }
    for (std::size_t k = 0; k < n_derived; ++k)
      if (differs[k]) varied_.push_back(k);
    constexpr std::size_t cache_line = 8;
    words_a_line_ = (own_at + varied_.size() + cache_line - 1) / cache_line * cache_line;
    words_.resize(size * words_a_line_);
    for (std::uint32_t i = 0; i < size && !varied_.empty(); ++i) {
      const DerivedValues values = derived(i);
      for (std::size_t v = 0; v < varied_.size(); ++v) line(i)[own_at + v] = values[varied_[v]];
    }
  }

  StateValues state(std::uint32_t i) const {
    StateValues values;
    std::copy_n(line(i), n_state, values.begin());
    return values;
  }
  void set_state(std::uint32_t i, const StateValues& values) {
    std::copy_n(values.begin(), n_state, line(i));
  }
  /// nA
  double current(std::uint32_t i) const { return line(i)[current_at]; }
  void set_current(std::uint32_t i, double nA) { line(i)[current_at] = nA; }
  /// ns
  std::int64_t moved(std::uint32_t i) const { return integer(line(i)[moved_at]); }
  void set_moved(std::uint32_t i, std::int64_t ns) { line(i)[moved_at] = as_word(ns); }
  std::int64_t bound(std::uint32_t i) const { return integer(line(i)[bound_at]); }
  void set_bound(std::uint32_t i, std::int64_t ns) { line(i)[bound_at] = as_word(ns); }

  /// The coefficients that all neurons share, and which ones differ.
  const DerivedValues& common() const { return common_; }
  const std::vector<std::size_t>& varied() const { return varied_; }
  double varied(std::uint32_t i, std::size_t v) const { return line(i)[own_at + v]; }

  void prefetch_line(std::uint32_t i) const { prefetch_to_write(line(i)); }

  /// For those that read many neurons at once: where neuron i's line begins in `words`, and where
  /// in a line what lies; the state comes first, coefficient varied()[v] at own_at + v.
  const double* words() const { return words_.data(); }
  std::int64_t begin(std::uint32_t i) const { return static_cast<std::int64_t>(i * words_a_line_); }
  std::size_t words_a_line() const { return words_a_line_; }
  std::size_t words_in_use() const { return own_at + varied_.size(); }
  static constexpr std::size_t current_at = n_state, moved_at = n_state + 1, bound_at = n_state + 2,
                               own_at = n_state + 3;
  /// Whole groups of four: of the longest line there may be, and of those that hold the state.
  static constexpr std::size_t most_words = (own_at + n_derived + 3) / 4 * 4,
                               state_words = (n_state + 3) / 4 * 4;

 private:
  static std::int64_t integer(double word) { return std::bit_cast<std::int64_t>(word); }
  static double as_word(std::int64_t ns) { return std::bit_cast<double>(ns); }
  double* line(std::uint32_t i) { return words_.data() + i * words_a_line_; }
  const double* line(std::uint32_t i) const { return words_.data() + i * words_a_line_; }

  DerivedValues common_;
  std::vector<std::size_t> varied_;
  std::size_t words_a_line_;
  AlignedVector<double> words_;
};

}  // namespace ranvier
