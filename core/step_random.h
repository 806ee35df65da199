// Random numbers for what is drawn for every neuron in every step: ARS-5 (Salmon, Moraes, Dror,
// Shaw 2011: five rounds of AES under a Weyl key schedule; Random123's `ARS1xm128i_R<5>` is the
// test), the cheapest counter-based generator on processors with AES instructions. Philox
// (core/rng.h) serves everything else. A block of 128 bits is eight 16-bit numbers: a neuron takes
// number (gid mod 8) of block (gid div 8). Tested by tests/unit/core/test_step_random.cpp.
#pragma once
#include <array>
#include <cstdint>

#include "core/rng.h"

namespace ranvier {

/// The eight 16-bit numbers of (key, a, b); `a` and `b` are the halves of the counter.
std::array<std::uint16_t, 8> step_block(RandomKey key, std::uint64_t a, std::uint64_t b);

/// A law over 0 ... 15 in 65,536ths (Walker 1977): the high 4 of 16 bits choose a column, the low
/// 12 decide between the column's own number and its alias.
struct AliasTable {
  alignas(16) std::array<std::uint8_t, 16> threshold_low{};   ///< of 0 ... 4096, low byte
  alignas(16) std::array<std::uint8_t, 16> threshold_high{};  ///< and high byte
  alignas(16) std::array<std::uint8_t, 16> alias{};

  std::uint32_t number(std::uint32_t bits) const {
    const std::uint32_t column = bits >> 12;
    const std::uint32_t threshold =
        threshold_low[column] | (static_cast<std::uint32_t>(threshold_high[column]) << 8);
    return (bits & 4095) < threshold ? column : alias[column];
  }
};

/// Adds weight * number to sums[0, n) for the neurons first, first + 1, ... of one step: neuron i
/// takes its number from step_block(key, i div 8, b). Compiled for every SIMD target; same bits.
/// \param first  a multiple of 8
void add_alias_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                       std::uint64_t b, std::int32_t weight, std::int32_t* sums);
void add_alias_numbers(const AliasTable& table, RandomKey key, std::uint64_t first, std::uint32_t n,
                       std::uint64_t b, std::int64_t weight, std::int64_t* sums);

/// Poisson laws of means up to 4, a neuron or one for all, to be inverted: the number is how many
/// of the sums of the law's terms, in 2^32nds, the random number exceeds.
struct PoissonLaws {
  const double* none;  ///< the first term, 2^32 exp(-mean)
  const double* mean;
  const double* parts;  ///< how many numbers a neuron takes the sum of; looked at from part 1 on
  std::uint64_t mask;   ///< ~0: entry i is neuron i's; 0: the first eight are everybody's
};
/// No random number exceeds more: there a law's sums end.
inline constexpr double poisson_limit = 0x1p32 * (1 - 1e-12);

/// Adds weight * number to sums[0, n) for the neurons first, first + 1, ... of one step, number
/// `part` of each: neuron i inverts its law at number i mod 8 of step_block(key, i div 8, b), low
/// 16 bits, and of step_block(key, i div 8, b + 2^63), high 16 bits. Entries of the laws count from
/// the multiple of 8 at or before `first`, up to one at or after first + n. Compiled for every SIMD
/// target; same bits.
void add_poisson_numbers(const PoissonLaws& laws, RandomKey key, std::uint64_t first,
                         std::uint32_t n, std::uint64_t b, std::uint32_t part, std::int32_t weight,
                         std::int32_t* sums);
void add_poisson_numbers(const PoissonLaws& laws, RandomKey key, std::uint64_t first,
                         std::uint32_t n, std::uint64_t b, std::uint32_t part, std::int64_t weight,
                         std::int64_t* sums);

/// Sets out[0, n) to numbers in (0, 1), as float in (0, 1], for the neurons first, first + 1, ...
/// of one step: to_open_uniform of half i mod 2 of step_block(key, i div 2, b) for neuron i.
/// Compiled for every SIMD target; same bits.
void uniform_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                     float* out);
void uniform_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                     double* out);

/// Adds mean + stdev * (a standard normal number) to out[0, n) for the neurons first, first + 1,
/// ... of one step. Neurons 2 j and 2 j + 1 take the two numbers that Box & Muller (1958) make of
/// step_block(key, j, b): its low half gives the radius, its high half the angle. Compiled for
/// every SIMD target; same bits. \param first  even
void add_normal_numbers(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t b,
                        double mean, double stdev, double* out);

}  // namespace ranvier
