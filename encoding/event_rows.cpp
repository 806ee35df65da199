#include "encoding/event_rows.h"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "core/error.h"

namespace ranvier::encoding {

void EventRows::begin(std::uint64_t first, std::size_t n) {
  first_ = first;
  size_ = good_ = n;
  fault_.clear();
}

void EventRows::note(std::size_t i, std::string fault) {
  if (i >= good_) return;
  good_ = i;
  fault_ = std::move(fault);
}

void EventRows::take_unsigned(std::size_t c) {
  for (std::size_t i = 0; i < size_; ++i) {
    std::int64_t& value = columns_[c][i];
    if (value >= 0) continue;
    if (c == 3) value = 1;
    else
      note(i, fmt::format("{} = {}, must be {}", letters[c], static_cast<std::uint64_t>(value),
                          c == 0 ? "below 2^63 us" : "at most 65535"));
  }
}

void EventRows::take_reals(std::size_t c, std::span<const double> values, double scale) {
  for (std::size_t i = 0; i < size_; ++i) {
    const double value = values[i] * scale, whole = std::nearbyint(value);
    if (!(std::fabs(value) < 1e18)) {
      note(i, fmt::format("{} = {}, must be a finite number below {:g}", letters[c], values[i],
                          1e18 / scale));
      continue;
    }
    if ((c == 1 || c == 2) && whole != value)
      note(i, fmt::format("{} = {} is no whole number of pixels", letters[c], values[i]));
    columns_[c][i] = c == 3 ? value > 0 : static_cast<std::int64_t>(whole);
  }
}

void EventRows::check_places() {
  std::int64_t all = 0;
  for (std::size_t i = 0; i < good_; ++i) all |= columns_[1][i] | columns_[2][i];
  if (static_cast<std::uint64_t>(all) <= 0xFFFF) return;
  for (std::size_t i = 0; i < good_; ++i) {
    const std::int64_t x = columns_[1][i], y = columns_[2][i];
    if (static_cast<std::uint64_t>(x | y) > 0xFFFF)
      note(i, fmt::format("an event at ({}, {}), must lie in [0, 65535]", x, y));
  }
}

void EventRows::hand_over(EventBuffer& out) {
  check_places();
  DvsEvent* const event = out.claim(good_);
  for (std::size_t i = 0; i < good_; ++i)
    put(event + i, columns_[0][i], static_cast<std::uint16_t>(columns_[1][i]),
        static_cast<std::uint16_t>(columns_[2][i]), columns_[3][i] > 0);
  out.commit(good_);
  if (!fault_.empty())
    throw Error(ErrorKind::parse, fmt::format("row {}: {}", first_ + good_, fault_));
}

}  // namespace ranvier::encoding
