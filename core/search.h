// Searches among sorted numbers.
#pragma once
#include <cstddef>
#include <span>

namespace ranvier {

/// How many of these rising numbers are below `end`: a search without guesses, which would be wrong
/// as often as right where what is looked for comes from here and there.
template <class T>
std::size_t number_below(std::span<const T> rising, T end) {
  if (rising.empty()) return 0;
  const T* first = rising.data();
  std::size_t n = rising.size();
  while (n > 1) {
    const std::size_t half = n / 2;
    first += first[half - 1] < end ? half : 0;
    n -= half;
  }
  return static_cast<std::size_t>(first - rising.data()) + (*first < end ? 1 : 0);
}

}  // namespace ranvier
