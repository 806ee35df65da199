// Time: whole nanoseconds everywhere that a spike, a delay or a window is meant; milliseconds as
// double only inside model arithmetic and in documents. Tested by tests/unit/core/test_math.cpp.
#pragma once
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace ranvier {

using Time = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// What every time, delay and duration that is given stays below, in ms (285 years): Time counts to
/// 2^63 ns = 9.22e12 ms, and a time plus a delay has to fit. What is predicted or drawn beyond it
/// never comes.
inline constexpr double max_ms = 9e12;

/// A half-open stretch of biological time (begin, end]: a spike stamped `end` belongs to it, one
/// stamped `begin` does not.
struct Window {
  Time begin{0};
  Time end{0};
};

/// Milliseconds (as documents give them) to the nearest nanosecond, ties to even.
/// \param ms  finite, |ms| < max_ms (checked by the readers of documents, not here)
inline Time from_ms(double ms) { return Time{static_cast<std::int64_t>(std::nearbyint(ms * 1e6))}; }

/// Nanoseconds to milliseconds, correctly rounded for |t| < 2^53 ns (104 days).
inline double to_ms(Time t) { return static_cast<double>(t.count()) / 1e6; }

/// A time (ns, >= 0) as it is saved among doubles, exactly: a double holds whole numbers up to
/// 2^53; of a later time it has the bits, as a negative number.
inline double saved_time(std::int64_t ns) {
  return ns <= std::int64_t{1} << 53 ? static_cast<double>(ns) : -std::bit_cast<double>(ns);
}
/// The time that was saved so, or, where no rule for late ones was followed, as a number alone.
inline std::int64_t time_from_saved(double saved) {
  return saved < 0 ? std::bit_cast<std::int64_t>(-saved) : static_cast<std::int64_t>(saved);
}

}  // namespace ranvier
