#include "core/poisson.h"

#include <algorithm>
#include <cmath>

#include "core/math.h"

namespace ranvier {
namespace {

constexpr double largest_part = 4.0;  // mean of one draw: 16 columns hold all but 1e-6 of it

double parts_of(double mean) { return std::max(1.0, std::ceil(mean / largest_part)); }

double probability_of_none(double mean) { return 0x1p32 * math::exp(-mean); }

/// Terms of the law in 2^32nds and their sums, to the first sum that is the limit, by the very
/// operations of the SIMD loops.
struct Law {
  std::vector<double> terms, sums;

  explicit Law(double mean) {
    double term = probability_of_none(mean), sum = term;
    for (int k = 1;; ++k) {
      terms.push_back(term), sums.push_back(sum);
      if (sum >= poisson_limit || k == 64) return;
      term *= mean * (1.0 / k);
      sum += term;
    }
  }
};

}  // namespace

PoissonTable::PoissonTable(double mean) {
  const double parts = parts_of(mean);
  parts_ = static_cast<std::uint32_t>(parts);
  mean_.fill(mean / parts);
  none_.fill(probability_of_none(mean / parts));
  Law law(mean / parts);
  // 65,536ths of probability over 16 values, the rounding error put on the most probable one.
  std::array<std::int64_t, 16> share{};
  std::int64_t left = 65'536;
  for (std::size_t k = 0; k < 16 && k < law.terms.size(); ++k)
    left -= share[k] = std::llround(law.terms[k] * 0x1p-16);
  *std::max_element(share.begin(), share.end()) += left;
  const auto error_of_mean = [&] {
    double made = 0;
    for (std::size_t k = 0; k < 16; ++k)
      made += static_cast<double>(k) * static_cast<double>(share[k]) / 65'536;
    return made - mean / parts_;
  };
  const auto is_close = [&] { return std::fabs(error_of_mean()) * parts_ <= 1e-4 * mean; };
  if (!is_close()) {  // small means: some 65,536ths from 0 to 1, or back
    const std::int64_t moved =
        std::clamp<std::int64_t>(std::llround(error_of_mean() * -65'536), -share[1], share[0]);
    share[0] -= moved;
    share[1] += moved;
  }
  alias_form_ = is_close();
  if (alias_form_) {
    std::array<std::int64_t, 16> rest = share;
    std::array<bool, 16> done{};
    for (int round = 0; round < 16; ++round) {  // fill the poorest column from the richest value
      std::size_t poor = 16, rich = 0;
      for (std::size_t k = 0; k < 16; ++k) {
        if (!done[k] && (poor == 16 || rest[k] < rest[poor])) poor = k;
        if (!done[k] && (done[rich] || rest[k] > rest[rich])) rich = k;
      }
      const std::int64_t threshold = std::min<std::int64_t>(rest[poor], 4096);
      alias_.threshold_low[poor] = static_cast<std::uint8_t>(threshold & 255);
      alias_.threshold_high[poor] = static_cast<std::uint8_t>(threshold >> 8);
      alias_.alias[poor] = static_cast<std::uint8_t>(rich);
      rest[rich] -= 4096 - threshold;
      done[poor] = true;
    }
    for (std::size_t k = 0; k < 16; ++k)
      if (share[k] > 0) largest_ = static_cast<std::uint32_t>(k);
  } else {
    sums_ = std::move(law.sums);
    sums_.pop_back();
    largest_ = static_cast<std::uint32_t>(sums_.size());
  }
  largest_ *= parts_;
}

std::uint32_t PoissonTable::draw(RandomKey key, std::uint64_t neuron, std::uint64_t step) const {
  return draw_eight(key, neuron / 8, step)[neuron % 8];
}

// Eight neurons share a block of random bits.
std::array<std::uint32_t, 8> PoissonTable::draw_eight(RandomKey key, std::uint64_t eight,
                                                      std::uint64_t step) const {
  std::array<std::uint32_t, 8> numbers{};
  for (std::uint64_t part = 0; part < parts_; ++part) {
    const std::uint64_t counter = step | part << 48;
    const auto block = step_block(key, eight, counter);
    if (alias_form_) {
      for (std::size_t i = 0; i < 8; ++i) numbers[i] += alias_.number(block[i]);
      continue;
    }
    const auto more = step_block(key, eight, counter | std::uint64_t{1} << 63);
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t bits = block[i] | static_cast<std::uint32_t>(more[i]) << 16;
      for (std::size_t k = 0; k < sums_.size() && bits + 1.0 > sums_[k]; ++k) ++numbers[i];
    }
  }
  return numbers;
}

template <class Sum>
void PoissonTable::add(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t step,
                       std::int64_t weight, Sum* sums) const {
  const auto w = static_cast<Sum>(weight);
  if (!alias_form_) {
    for (std::uint32_t part = 0; part < parts_; ++part)
      add_poisson_numbers({none_.data(), mean_.data(), nullptr, 0}, key, first, n,
                          step | std::uint64_t{part} << 48, 0, w, sums);
    return;
  }
  const auto lead = std::min(n, static_cast<std::uint32_t>((8 - first % 8) % 8));
  if (lead > 0) {
    const auto numbers = draw_eight(key, first / 8, step);
    for (std::uint32_t i = 0; i < lead; ++i)
      sums[i] += static_cast<Sum>(numbers[first % 8 + i]) * w;
  }
  if (lead == n) return;
  for (std::uint64_t part = 0; part < parts_; ++part)
    add_alias_numbers(alias_, key, first + lead, n - lead, step | part << 48, w, sums + lead);
}
template void PoissonTable::add(RandomKey, std::uint64_t, std::uint32_t, std::uint64_t,
                                std::int64_t, std::int32_t*) const;
template void PoissonTable::add(RandomKey, std::uint64_t, std::uint32_t, std::uint64_t,
                                std::int64_t, std::int64_t*) const;

PoissonTables::PoissonTables(std::span<const double> means, std::uint64_t first) : first_(first) {
  const std::uint64_t lead = first % 8, padded = (lead + means.size() + 7) / 8 * 8;
  none_.assign(padded, 0x1p32);  // whom nothing reaches
  mean_.assign(padded, 0.0);
  for (const double mean : means) most_parts_ = std::max(most_parts_, parts_of(mean));
  if (most_parts_ > 1) parts_.assign(padded, 1.0);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double parts = parts_of(means[i]);
    mean_[lead + i] = means[i] / parts;
    none_[lead + i] = probability_of_none(means[i] / parts);
    if (most_parts_ > 1) parts_[lead + i] = parts;
  }
}

std::uint32_t PoissonTables::largest(std::uint32_t i) const {
  const std::size_t at = first_ % 8 + i;
  const auto parts = static_cast<std::uint32_t>(parts_.empty() ? 1 : parts_[at]);
  return static_cast<std::uint32_t>(Law(mean_[at]).sums.size() - 1) * parts;
}

template <class Sum>
void PoissonTables::add(RandomKey key, std::uint32_t begin, std::uint32_t end, std::uint64_t step,
                        std::int64_t weight, Sum* sums) const {
  const std::size_t at = (first_ % 8 + begin) / 8 * 8;
  const double* const parts = parts_.empty() ? nullptr : parts_.data() + at;
  for (std::uint32_t part = 0; part < most_parts_; ++part)
    add_poisson_numbers({none_.data() + at, mean_.data() + at, parts, ~std::uint64_t{0}}, key,
                        first_ + begin, end - begin, step | std::uint64_t{part} << 48, part,
                        static_cast<Sum>(weight), sums);
}
template void PoissonTables::add(RandomKey, std::uint32_t, std::uint32_t, std::uint64_t,
                                 std::int64_t, std::int32_t*) const;
template void PoissonTables::add(RandomKey, std::uint32_t, std::uint32_t, std::uint64_t,
                                 std::int64_t, std::int64_t*) const;

}  // namespace ranvier
