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

constexpr double pi = 3.14159265358979323846;

/// Where windows are cut for a change (change_times): both must see it at one time.
double on_a_nanosecond(double ms) { return ms < max_ms ? to_ms(from_ms(ms)) : ms; }

/// Whether a step that begins at `ms` lies between them; steps' times are rounded.
bool lies_between(double start, double stop, double ms) {
  return ms >= start - 1e-9 && ms < stop - 1e-9;
}

/// How many of the times, in rising order, have come when a step begins at `ms`.
std::size_t number_come(const std::vector<double>& times, double ms) {
  return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), ms + 1e-9) -
                                  times.begin());
}

/// f(begin), ..., f(end - 1), eight at a time: GCC 12 makes registers of a loop whose end it knows.
template <class F>
void in_eights(Stretch s, const F& f) {
  std::uint32_t i = s.begin;
  for (; i + 8 <= s.end; i += 8)
    for (std::uint32_t k = 0; k < 8; ++k) f(i + k);
  for (; i < s.end; ++i) f(i);
}

}  // namespace

ReachedNeurons::ReachedNeurons(const Stimulus& s, std::int64_t first, std::uint32_t size)
    : size_(size) {
  if (s.neurons.empty()) {
    stretches_ = {{0, size}};
    return;
  }
  std::vector<bool> reached(size, false);
  for (const std::int64_t i : s.neurons)
    if (i >= first && i < first + static_cast<std::int64_t>(size))
      reached[static_cast<std::size_t>(i - first)] = true;
  for (std::uint32_t i = 0; i < size; ++i) {
    if (!reached[i]) continue;
    if (i == 0 || !reached[i - 1]) stretches_.push_back({i, i});
    stretches_.back().end = i + 1;
  }
}

bool ReachedNeurons::has(std::uint32_t i) const {
  const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), i,
                                      [](std::uint32_t n, Stretch s) { return n < s.begin; });
  return after != stretches_.begin() && i < std::prev(after)->end;
}

PoissonDrive::PoissonDrive(const Stimulus& s, std::size_t number, const RunSettings& run,
                           std::int64_t first, std::uint32_t size, std::int64_t population_size)
    : key_(derive_key(run.seed, Stream::poisson_drive, number)),
      dt_(run.dt),
      first_(first),
      size_(size),
      reached_(s, first, size),
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
    std::vector<double> means(size, 0.0);
    for (const Stretch r : reached_.stretches())
      for (std::uint32_t i = r.begin; i < r.end; ++i) means[i] = rates_[i] * dt_ * 1e-3;
    by_neuron_.emplace(means, static_cast<std::uint64_t>(first));
  }
  if (!by_neuron_)
    for (const double rate : rates_) tables_.emplace_back(rate * dt_ * 1e-3);
  for (const PoissonTable& table : tables_) largest_ = std::max(largest_, table.largest());
}

template <class Sum>
void PoissonDrive::add(std::int64_t step, std::int64_t weight, Sum* sums) {
  const double ms = static_cast<double>(step - 1) * dt_;
  if (!lies_between(start_, stop_, ms)) return;
  const std::size_t come = times_.empty() ? 1 : number_come(times_, ms);
  if (come == 0) return;
  const std::size_t piece = come - 1;
  reached_.add_to(sums, [&](std::uint32_t begin, std::uint32_t end, Sum* to) {
    const auto number = static_cast<std::uint64_t>(step);
    if (by_neuron_) by_neuron_->add(key_, begin, end, number, weight, to);
    else
      tables_[piece].add(key_, static_cast<std::uint64_t>(first_) + begin, end - begin, number,
                         weight, to);
  });
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
      reached_(s, first, size) {
  stimulus_.neurons.clear();
  for (double* ms : {&stimulus_.start, &stimulus_.stop}) *ms = on_a_nanosecond(*ms);
  for (double& ms : stimulus_.times) ms = on_a_nanosecond(ms);
  if (s.type == Stimulus::Type::dc || s.type == Stimulus::Type::ac)
    amplitude_ = evaluate(s.amplitude, {first, size, population_size},
                          derive_key(run.seed, Stream::noise_current, number, 1));
  if (stimulus_.interval <= 0) stimulus_.interval = dt_;
}

bool CurrentDrive::is_on(double ms) const {
  return lies_between(stimulus_.start, stimulus_.stop, ms);
}

std::uint64_t CurrentDrive::piece_of_noise(double ms) const {
  return static_cast<std::uint64_t>((ms - stimulus_.start) / stimulus_.interval + 1e-6);
}

double CurrentDrive::noise_of(std::uint32_t i, double ms) const {
  const auto neuron = static_cast<std::uint64_t>(first_ + i);
  std::array<double, 2> pair{};
  add_normal_numbers(key_, neuron & ~std::uint64_t{1}, 2, piece_of_noise(ms), stimulus_.mean,
                     stimulus_.stdev, pair.data());
  return pair[neuron % 2];
}

double CurrentDrive::phase(double ms) const {
  return 2 * pi * stimulus_.frequency * 1e-3 * (ms - stimulus_.start) + stimulus_.phase * pi / 180;
}

double CurrentDrive::at(std::uint32_t i, double ms) const {
  const Stimulus& s = stimulus_;
  if (!is_on(ms) || !reached_.has(i)) return 0;
  switch (s.type) {
    case Stimulus::Type::dc:
      return amplitude_[i];
    case Stimulus::Type::ac:
      return s.offset + amplitude_[i] * math::sin(phase(ms));
    case Stimulus::Type::step: {
      const std::size_t come = number_come(s.times, ms);
      return come == 0 ? 0 : s.values[come - 1];
    }
    case Stimulus::Type::noise:
      return noise_of(i, ms);
    case Stimulus::Type::poisson:
      break;
  }
  return 0;
}

std::int64_t CurrentDrive::piece(std::int64_t step) const {
  const double ms = static_cast<double>(step - 1) * dt_;
  if (!is_on(ms)) return -1;
  switch (stimulus_.type) {
    case Stimulus::Type::ac:
      return step;
    case Stimulus::Type::step:
      return static_cast<std::int64_t>(number_come(stimulus_.times, ms));
    case Stimulus::Type::noise:
      return static_cast<std::int64_t>(piece_of_noise(ms));
    case Stimulus::Type::dc:
    case Stimulus::Type::poisson:
      break;
  }
  return 0;
}

void CurrentDrive::add(std::int64_t step, double* current) const {
  const Stimulus& s = stimulus_;
  const double ms = static_cast<double>(step - 1) * dt_;
  if (!is_on(ms)) return;
  double* const __restrict to = current;
  const double* const __restrict amplitude = amplitude_.data();
  const auto for_all = [this](const auto& f) {
    for (const Stretch r : reached_.stretches()) in_eights(r, f);
  };
  switch (s.type) {
    case Stimulus::Type::dc:
      return for_all([=](std::uint32_t i) { to[i] += amplitude[i]; });
    case Stimulus::Type::ac:
      return for_all([=, offset = s.offset, factor = math::sin(phase(ms))](std::uint32_t i) {
        to[i] += offset + amplitude[i] * factor;
      });
    case Stimulus::Type::step:
      if (const std::size_t come = number_come(s.times, ms); come > 0)
        for_all([=, value = s.values[come - 1]](std::uint32_t i) { to[i] += value; });
      return;
    case Stimulus::Type::noise:
      return reached_.add_to(current, [&](std::uint32_t begin, std::uint32_t end, double* out) {
        const auto neuron = static_cast<std::uint64_t>(first_) + begin;
        const std::uint32_t lead = neuron % 2;  // the second of a pair
        if (lead > 0) out[0] += noise_of(begin, ms);
        add_normal_numbers(key_, neuron + lead, end - begin - lead, piece_of_noise(ms), s.mean,
                           s.stdev, out + lead);
      });
    case Stimulus::Type::poisson:
      return;
  }
}

void Currents::replace(std::size_t number, CurrentDrive drive) {
  drives_[number] = std::move(drive);
  pieces_.clear();
}

bool Currents::make(std::int64_t step, std::uint32_t size) {
  bool same = pieces_.size() == drives_.size();
  pieces_.resize(drives_.size());
  for (std::size_t k = 0; k < drives_.size(); ++k) {
    const std::int64_t piece = drives_[k].piece(step);
    same = same && piece == pieces_[k];
    pieces_[k] = piece;
  }
  if (same) return false;
  sum_.assign(size, 0.0);
  for (const CurrentDrive& drive : drives_) drive.add(step, sum_.data());
  return true;
}

std::vector<double> change_times(const Stimulus& s) {
  std::vector<double> times;
  if (s.type == Stimulus::Type::step) times = s.times;
  times.push_back(s.start);
  if (s.stop < max_ms) times.push_back(s.stop);
  return times;
}

}  // namespace ranvier
