#include "core/drive.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/connect.h"
#include "core/error.h"
#include "core/math.h"
#include "core/titles.h"

namespace ranvier {
namespace {

constexpr double largest_part = 4.0;  // mean of one alias draw: 16 columns hold all but 1e-6 of it
constexpr double pi = 3.14159265358979323846;

std::vector<double> poisson_law(double mean) {
  std::vector<double> p;
  double term = math::exp(-mean), sum = 0;
  for (int k = 0; sum < 1.0 - 1e-12 && k < 64; ++k) {
    p.push_back(term);
    sum += term;
    term *= mean / (k + 1);
  }
  return p;
}

/// Where windows are cut for a change (change_times): both must see it at one time.
double on_a_nanosecond(double ms) { return ms < max_ms ? to_ms(from_ms(ms)) : ms; }

std::vector<bool> chosen_neurons(const Stimulus& s, std::int64_t first, std::uint32_t size) {
  if (s.neurons.empty()) return {};
  std::vector<bool> chosen(size, false);
  for (const std::int64_t i : s.neurons)
    if (i >= first && i < first + static_cast<std::int64_t>(size))
      chosen[static_cast<std::size_t>(i - first)] = true;
  return chosen;
}

}  // namespace

PoissonTable::PoissonTable(double mean) {
  parts_ = static_cast<std::uint32_t>(std::max(1.0, std::ceil(mean / largest_part)));
  const std::vector<double> p = poisson_law(mean / parts_);
  // 65,536ths of probability over 16 values, the rounding error put on the most probable one.
  std::array<std::int64_t, 16> share{};
  std::int64_t left = 65'536;
  for (std::size_t k = 0; k < 16 && k < p.size(); ++k)
    left -= share[k] = std::llround(p[k] * 65'536);
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
    double sum = 0;
    for (const double q : p) {
      sum += q;
      cumulative_.push_back(static_cast<std::uint32_t>(std::min(sum * 0x1p32, 0x1p32 - 1)));
    }
    largest_ = static_cast<std::uint32_t>(cumulative_.size());
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
  for (std::uint32_t part = 0; part < parts_; ++part) {
    const std::uint64_t counter = step | (static_cast<std::uint64_t>(part) << 48);
    const auto block = step_block(key, eight, counter);
    if (alias_form_) {
      for (std::size_t i = 0; i < 8; ++i) numbers[i] += alias_.number(block[i]);
      continue;
    }
    const auto more = step_block(key, eight, counter | std::uint64_t{1} << 63);
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t bits = block[i] | static_cast<std::uint32_t>(more[i]) << 16;
      std::uint32_t k = 0;
      while (k < cumulative_.size() && bits >= cumulative_[k]) ++k;
      numbers[i] += k;
    }
  }
  return numbers;
}

template <class Sum>
void PoissonTable::add(RandomKey key, std::uint64_t first, std::uint32_t n, std::uint64_t step,
                       std::int64_t weight, Sum* sums) const {
  if (!alias_form_ || first % 8 != 0) {
    for (std::uint32_t i = 0; i < n;) {
      const auto numbers = draw_eight(key, (first + i) / 8, step);
      for (std::uint64_t k = (first + i) % 8; k < 8 && i < n; ++k, ++i)
        sums[i] += static_cast<Sum>(numbers[k] * weight);
    }
    return;
  }
  for (std::uint64_t part = 0; part < parts_; ++part)
    add_alias_numbers(alias_, key, first, n, step | part << 48, static_cast<Sum>(weight), sums);
}

PoissonDrive::PoissonDrive(const Stimulus& s, std::size_t number, const RunSettings& run,
                           std::int64_t first, std::uint32_t size, std::int64_t population_size)
    : key_(derive_key(run.seed, Stream::poisson_drive, number)),
      dt_(run.dt),
      first_(first),
      size_(size),
      chosen_(chosen_neurons(s, first, size)),
      start_(s.start),
      stop_(s.stop),
      times_(s.times) {
  if (!times_.empty()) {
    rates_ = s.values;
  } else if (const double* rate = std::get_if<double>(&s.rate)) {
    rates_ = {*rate};
  } else {
    rates_ = evaluate(s.rate, {first, size, population_size},
                      derive_key(run.seed, Stream::poisson_drive, number, 1));
    for (const double hz : rates_)
      if (!(hz * dt_ * 1e-3 <= max_poisson_mean))
        throw Error(
            ErrorKind::range,
            fmt::format("{}: rate: a law gave {} Hz, must be at most {:g} Hz ({} spikes a step of "
                        "{} ms)",
                        title_of(s, number), hz, max_poisson_mean * 1e3 / dt_, max_poisson_mean,
                        dt_));
    std::vector<double> distinct = rates_;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (const double hz : distinct) tables_.emplace_back(hz * dt_ * 1e-3);
    for (const double hz : rates_)
      table_of_.push_back(static_cast<std::uint32_t>(
          std::lower_bound(distinct.begin(), distinct.end(), hz) - distinct.begin()));
  }
  if (tables_.empty())
    for (const double rate : rates_) tables_.emplace_back(rate * dt_ * 1e-3);
  for (const PoissonTable& table : tables_) largest_ = std::max(largest_, table.largest());
}

template <class Sum>
void PoissonDrive::add(std::int64_t step, std::int64_t weight, Sum* sums) {
  const double begin = static_cast<double>(step - 1) * dt_;
  if (begin < start_ - 1e-9 || begin >= stop_ - 1e-9) return;
  std::size_t piece = 0;
  if (!times_.empty()) {
    const auto after = std::upper_bound(times_.begin(), times_.end(), begin + 1e-9);
    if (after == times_.begin()) return;
    piece = static_cast<std::size_t>(after - times_.begin()) - 1;
  }
  if (chosen_.empty() && table_of_.empty())
    return tables_[piece].add(key_, static_cast<std::uint64_t>(first_), size_,
                              static_cast<std::uint64_t>(step), weight, sums);
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (!chosen_.empty() && !chosen_[i]) continue;
    const PoissonTable& table = tables_[table_of_.empty() ? piece : table_of_[i]];
    const std::uint32_t k =
        table.draw(key_, static_cast<std::uint64_t>(first_ + i), static_cast<std::uint64_t>(step));
    sums[i] += static_cast<Sum>(k * weight);
  }
}
template void PoissonDrive::add(std::int64_t, std::int64_t, std::int32_t*);
template void PoissonDrive::add(std::int64_t, std::int64_t, std::int64_t*);

double PoissonDrive::rate_at(std::uint32_t i, double ms) const {
  if (times_.empty()) return rates_[rates_.size() == 1 ? 0 : i];
  const auto after = std::upper_bound(times_.begin(), times_.end(), ms);
  return after == times_.begin() ? 0.0
                                 : rates_[static_cast<std::size_t>(after - times_.begin()) - 1];
}

// The next arrival of a unit-rate train, stretched by the rate piece by piece (time change of a
// Poisson process).
void PoissonDrive::next_arrival(std::uint32_t i) {
  Next& n = next_[i];
  const std::uint64_t bits = random_bits(key_, static_cast<std::uint64_t>(first_ + i),
                                         n.drawn++ | (std::uint64_t{1} << 63));
  double left = -math::log(to_open_uniform(bits));
  double ms = std::max(to_ms(Time{n.time}), start_);
  for (;;) {
    const auto change = std::upper_bound(times_.begin(), times_.end(), ms);
    const double piece_end =
        change == times_.end() ? std::numeric_limits<double>::infinity() : *change;
    const double per_ms = rate_at(i, ms) * 1e-3;
    if (per_ms * (piece_end - ms) > left || (per_ms > 0 && std::isinf(piece_end))) {
      ms += left / per_ms;
      break;
    }
    if (std::isinf(piece_end)) {
      n.time = std::numeric_limits<std::int64_t>::max();
      return;
    }
    left -= per_ms * (piece_end - ms);
    ms = piece_end;
  }
  const bool over = ms >= stop_ || ms > max_ms;
  n.time = over ? std::numeric_limits<std::int64_t>::max()
                : std::max(n.time + 1, static_cast<std::int64_t>(std::ceil(ms * 1e6)));
}

void PoissonDrive::arrivals(Window window,
                            std::vector<std::pair<std::int64_t, std::uint32_t>>& out) {
  if (next_.empty()) {
    next_.resize(size_);
    for (std::uint32_t i = 0; i < size_; ++i)
      if (has_train(i)) next_arrival(i);
      else next_[i].time = std::numeric_limits<std::int64_t>::max();
  }
  for (std::uint32_t i = 0; i < size_; ++i)
    while (next_[i].time <= window.end.count()) {
      if (next_[i].time > window.begin.count()) out.emplace_back(next_[i].time, i);
      next_arrival(i);
    }
}

void PoissonDrive::restart_at(Time) { next_.clear(); }

CurrentDrive::CurrentDrive(const Stimulus& s, std::size_t number, const RunSettings& run,
                           std::int64_t first, std::uint32_t size, std::int64_t population_size)
    : stimulus_(s),
      key_(derive_key(run.seed, Stream::noise_current, number)),
      dt_(run.dt),
      first_(first),
      size_(size),
      chosen_(chosen_neurons(s, first, size)) {
  stimulus_.neurons.clear();
  for (double* ms : {&stimulus_.start, &stimulus_.stop}) *ms = on_a_nanosecond(*ms);
  for (double& ms : stimulus_.times) ms = on_a_nanosecond(ms);
  if (s.type == Stimulus::Type::dc || s.type == Stimulus::Type::ac)
    amplitude_ = evaluate(s.amplitude, {first, size, population_size},
                          derive_key(run.seed, Stream::noise_current, number, 1));
  if (stimulus_.interval <= 0) stimulus_.interval = dt_;
}

double CurrentDrive::at(std::uint32_t i, double ms) const {
  const Stimulus& s = stimulus_;
  if (ms < s.start - 1e-9 || ms >= s.stop - 1e-9 || (!chosen_.empty() && !chosen_[i])) return 0;
  switch (s.type) {
    case Stimulus::Type::dc:
      return amplitude_[i];
    case Stimulus::Type::ac:
      return s.offset + amplitude_[i] * math::sin(2 * pi * s.frequency * 1e-3 * (ms - s.start) +
                                                  s.phase * pi / 180);
    case Stimulus::Type::step: {
      const auto after = std::upper_bound(s.times.begin(), s.times.end(), ms + 1e-9);
      return after == s.times.begin()
                 ? 0
                 : s.values[static_cast<std::size_t>(after - s.times.begin()) - 1];
    }
    case Stimulus::Type::noise: {
      const auto neuron = static_cast<std::uint64_t>(first_ + i);
      std::array<double, 2> pair{};
      add_normal_numbers(key_, neuron & ~std::uint64_t{1}, 2, piece_of_noise(ms), s.mean, s.stdev,
                         pair.data());
      return pair[neuron % 2];
    }
    case Stimulus::Type::poisson:
      break;
  }
  return 0;
}

std::uint64_t CurrentDrive::piece_of_noise(double ms) const {
  return static_cast<std::uint64_t>((ms - stimulus_.start) / stimulus_.interval + 1e-6);
}

void CurrentDrive::add(std::int64_t step, double* current) const {
  const Stimulus& s = stimulus_;
  const double ms = static_cast<double>(step - 1) * dt_;
  if (ms < s.start - 1e-9 || ms >= s.stop - 1e-9) return;
  if (s.type == Stimulus::Type::noise && chosen_.empty() && first_ % 2 == 0)
    return add_normal_numbers(key_, static_cast<std::uint64_t>(first_), size_, piece_of_noise(ms),
                              s.mean, s.stdev, current);
  if (s.type == Stimulus::Type::dc && chosen_.empty())
    for (std::uint32_t i = 0; i < size_; ++i) current[i] += amplitude_[i];
  else
    for (std::uint32_t i = 0; i < size_; ++i) current[i] += at(i, ms);
}

std::vector<double> change_times(const Stimulus& s) {
  std::vector<double> times;
  if (s.type == Stimulus::Type::step) times = s.times;
  times.push_back(s.start);
  if (s.stop < max_ms) times.push_back(s.stop);
  return times;
}

}  // namespace ranvier
