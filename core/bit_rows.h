// Groups of synapses as bits: where one source reaches a good part of a chunk's neurons with one
// weight and delay, a bit a neuron takes less memory than a list of targets, and many rows are
// added up at once. The rows due in a step are counted neuron by neuron in vertical counters
// (positional population count by carry-save adders: Harley & Seal; Mula, Kurz & Lemire 2018, The
// Computer Journal 61, 111-120), and the counts times the weight go into the sums. Used by
// core/target_table.cpp; tested by tests/unit/core/test_target_table.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace ranvier {

/// Rows that are counted together.
inline constexpr std::size_t most_bit_rows = 63;

/// 64-bit words of a row: whole cache lines.
constexpr std::size_t bit_row_words(std::size_t neurons) { return (neurons + 511) / 512 * 8; }

/// Adds weight * (number of rows that have bit i) to sums[i] for i < neurons. The rows have
/// bit_row_words(neurons) words each, at most most_bit_rows of them. Compiled for every SIMD
/// target; same bits.
void add_bit_rows(std::span<const std::uint64_t* const> rows, std::size_t neurons,
                  std::int32_t weight, std::int32_t* sums);
/// The same into wide sums, one bit after the other.
void add_bit_rows(std::span<const std::uint64_t* const> rows, std::size_t neurons,
                  std::int64_t weight, std::int64_t* sums);

}  // namespace ranvier
