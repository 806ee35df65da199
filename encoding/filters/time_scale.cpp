// time_scale: t becomes factor * t, rounded half to even. The factor is the decimal number that was
// written, so a ratio of whole numbers, and the product is exact: 0.1 times 10^18 + 5 us is 10^17
// us and half a microsecond, for which doubles have no room. tonic's Downsample with time_factor,
// which rounds down. Tested by tests/unit/encoding/test_filters.cpp and
// tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "encoding/filter.h"

namespace ranvier::encoding {
namespace {

__extension__ using int128 = __int128;

/// a / b, rounded half to even; b > 0, and 2 b fits.
template <class T>
T quotient(T a, T b) {
  const T down = a / b - (a % b < 0 ? 1 : 0), twice = 2 * (a - down * b);
  return down + (twice > b || (twice == b && down % 2 != 0) ? 1 : 0);
}

class TimeScale final : public EventFilter {
 public:
  /// \param factor  in [1e-9, 1e9]
  explicit TimeScale(double factor) : factor_(factor) {
    // The shortest decimal that reads as this double is what was written, up to 15 digits.
    std::array<char, 32> text{};
    const char* const end =
        std::to_chars(text.begin(), text.end(), factor, std::chars_format::scientific).ptr;
    const char* c = text.begin();
    int exponent = 0;
    for (; *c != 'e'; ++c) {
      if (*c != '.') up_ = 10 * up_ + (*c - '0');
      else exponent = static_cast<int>(c - std::find(c, end, 'e')) + 1;
    }
    exponent += std::atoi(c + 1);
    for (int e = 0; e < exponent; ++e) up_ *= 10;
    for (int e = 0; e > exponent; --e) down_ *= 10;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    is_small_ = down_ <= most / 2;
    near_ = static_cast<std::int64_t>(most / up_);
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    for (DvsEvent& e : events) e.t = scaled(e.t);
    return events.size();
  }

 private:
  std::int64_t scaled(std::int64_t t) const {
    if (is_small_ && t >= -near_ && t <= near_)
      return quotient(t * static_cast<std::int64_t>(up_), static_cast<std::int64_t>(down_));
    const int128 exact = quotient(t * up_, down_);  // below 2^63 10^17
    const auto whole = static_cast<std::int64_t>(exact);
    if (whole == exact) return whole;
    throw Error(ErrorKind::range,
                fmt::format("filter time_scale: {} times {} us is beyond 64 bits (zero_time before "
                            "it makes the first event's time 0)",
                            factor_, t));
  }

  double factor_;
  int128 up_ = 0, down_ = 1;  ///< the factor is up / down: below 10^18, at most 10^25
  bool is_small_ = false;     ///< down fits twice in 64 bits
  std::int64_t near_ = 0;     ///< us: up times such a time fits in 64 bits
};

}  // namespace

Filter time_scale_filter() {
  return {"time_scale",
          "multiplies times by a factor",
          {{"factor", FilterValue::number, "", "of times, from 0 us on", 1e-9, 1e9}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<TimeScale>(arguments.number("factor"));
          }};
}

}  // namespace ranvier::encoding
