// Weights and delays of a projection: checks, tables and bounds (see core/connect_values.h).
#include "core/connect_values.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/core.h>

#include "core/connect_rules.h"
#include "core/draw.h"
#include "core/error.h"

namespace ranvier {

namespace {

constexpr std::size_t n_quantiles = 16384;
constexpr double max_steps = 1 << 24;          // of a delay
constexpr std::uint32_t max_table = 1U << 20;  // steps between a drawn delay's bounds

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorKind::range, message); }

/// Between a neuron of the one and one of the other, by the boxes around them; um.
double largest_distance(const Population& source, const Population& target) {
  if (source.positions.empty() || target.positions.empty()) return 0;
  Position low = source.positions.front(), high = low;
  for (const Population* p : {&source, &target})
    for (const auto& x : p->positions)
      for (std::size_t i = 0; i < 3; ++i) {
        if (!std::isfinite(x[i]))
          fail(fmt::format("positions of population \"{}\" must be finite", p->name));
        low[i] = std::min(low[i], x[i]), high[i] = std::max(high[i], x[i]);
      }
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (high[i] - low[i]) * (high[i] - low[i]);
  return std::sqrt(sum);
}

/// The i-th of the equally likely quantiles that drawn weights are taken from.
double weight_quantile(const Law& law, std::size_t i) {
  return law.quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n_quantiles));
}

/// The step nearest to a time. Halves go up, as in NEST, those too that a double cannot hold.
double nearest_step(double ms, double dt) { return std::floor(ms / dt + (0.5 + 1e-9)); }

}  // namespace

SynapseValues::SynapseValues(const Projection& projection, const Population& source,
                             const Population& target, double dt)
    : source_(&source), target_(&target), dt_(dt) {
  compile_weight(projection.weight);
  compile_delay(projection.delay);
}

void SynapseValues::compile_weight(const Value& value) {
  if (const auto* w = std::get_if<double>(&value)) {
    if (!std::isfinite(*w)) fail(fmt::format("weight: {}, must be finite", *w));
    weight_ = *w, max_abs_weight = std::abs(*w);
  } else if (const auto* array = std::get_if<Array>(&value)) {
    weight_form_ = Form::array, weight_array_ = *array;
    for (const double x : **array) {
      if (!std::isfinite(x)) fail(fmt::format("weight: {}, must be finite", x));
      max_abs_weight = std::max(max_abs_weight, std::abs(x));
    }
  } else if (const auto* law = std::get_if<Distribution>(&value)) {
    const Law ready(*law);
    weight_form_ = Form::table;
    weights_.resize(n_quantiles);
    for (std::size_t i = 0; i < n_quantiles; ++i) weights_[i] = weight_quantile(ready, i);
    max_abs_weight = std::max(std::abs(weights_.front()), std::abs(weights_.back()));
    if (!std::isfinite(max_abs_weight)) fail("weight: the law yields infinite values");
  } else {
    weight_form_ = Form::distance, weight_function_ = std::get<DistanceFunction>(value);
    check_function(weight_function_, "weight", *source_, *target_);
    const double far = largest_distance(*source_, *target_);
    max_abs_weight =
        std::max(std::abs(apply(weight_function_, 0)), std::abs(apply(weight_function_, far)));
  }
}

void SynapseValues::compile_delay(const Value& value) {
  if (const auto* d = std::get_if<double>(&value)) {
    delay_ = min_delay = max_delay = given_delay(*d);
  } else if (const auto* array = std::get_if<Array>(&value)) {
    delay_form_ = Form::array;
    delays_.reserve((*array)->size());
    for (const double x : **array) delays_.push_back(given_delay(x));
    if (delays_.empty()) return;
    const auto [low, high] = std::minmax_element(delays_.begin(), delays_.end());
    min_delay = *low, max_delay = *high;
  } else if (const auto* law = std::get_if<Distribution>(&value)) {
    compile_delay_law(*law);
  } else {
    delay_form_ = Form::distance, delay_function_ = std::get<DistanceFunction>(value);
    check_function(delay_function_, "delay", *source_, *target_);
    const double near = apply(delay_function_, 0),
                 far = apply(delay_function_, largest_distance(*source_, *target_));
    min_delay = steps(std::min(near, far)), max_delay = steps(std::max(near, far));
  }
}

// P(delay <= k steps) is the law's probability of values up to (k + 1/2) dt.
void SynapseValues::compile_delay_law(Distribution law) {
  if (law.high < dt_)
    fail(
        fmt::format("delay: upper bound {} ms, must be at least one step of {} ms", law.high, dt_));
  law.low = std::max(law.low, dt_);
  const Law ready(law);
  delay_form_ = Form::table;
  min_delay = steps(ready.quantile(0x1p-33)), max_delay = steps(ready.quantile(1 - 0x1p-33));
  if (max_delay - min_delay >= max_table)
    fail(fmt::format(
        "delay: the law spreads over {} steps of {} ms, must be below {}; give it a \"high\"",
        max_delay - min_delay, dt_, max_table));
  for (std::uint32_t d = min_delay; d < max_delay; ++d) {
    const double scaled = ready.cdf((d + 0.5) * dt_) * 0x1p32;
    thresholds_.push_back(static_cast<std::uint32_t>(std::clamp(scaled - 1, 0.0, 0x1p32 - 1)));
  }
  thresholds_.push_back(0xFFFFFFFFU);
  guide_.resize(4096);
  std::uint32_t i = 0;
  for (std::uint32_t cell = 0; cell < 4096; ++cell) {
    while ((cell << 20) > thresholds_[i]) ++i;
    guide_[cell] = i;
  }
}

void check_function(const DistanceFunction& f, const char* field, const Population& source,
                    const Population& target) {
  if (!std::isfinite(f.a) || !std::isfinite(f.b) ||
      (f.kind != DistanceFunction::Kind::linear && !(f.b > 0)))
    fail(fmt::format("{}: a function of distance needs finite numbers and a length > 0", field));
  if (f.kind == DistanceFunction::Kind::gaussian && !(f.b * f.b > 0))
    fail(fmt::format("{}: b: {} um, must have a square > 0", field, f.b));
  for (const auto* p : {&source, &target})
    if (p->positions.size() != static_cast<std::size_t>(p->size))
      fail(fmt::format(
          "{}: a function of distance needs positions, population \"{}\" has {} for {} neurons",
          field, p->name, p->positions.size(), p->size));
  for (const double distance : {0.0, largest_distance(source, target)})  // monotone between them
    if (const double x = apply(f, distance); !std::isfinite(x))
      fail(fmt::format("{}: the function of distance is {} at {} um, must be finite", field, x,
                       distance));
}

double SynapseValues::distance(std::uint64_t source, std::uint64_t target) const {
  const auto &x = source_->positions[source], &y = target_->positions[target];
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return std::sqrt(sum);
}

std::uint32_t SynapseValues::given_delay(double ms) {
  if (!std::isfinite(ms) || ms < dt_ * (1 - 1e-9))
    fail(fmt::format("delay: {} ms, must be at least one step of {} ms", ms, dt_));
  const double exact = ms / dt_;
  if (std::abs(exact - std::nearbyint(exact)) > 1e-9 * std::max(1.0, exact)) ++rounded_delays;
  return steps(ms);
}

std::uint32_t SynapseValues::steps(double ms) const {
  const double n = std::max(1.0, nearest_step(ms, dt_));
  if (!(n <= max_steps))
    fail(fmt::format(
        "delay: {} ms can occur, must be at most {} ms ({} steps of {} ms); give it a \"high\"", ms,
        max_steps * dt_, max_steps, dt_));
  return static_cast<std::uint32_t>(n);
}

double SynapseValues::weight_at(std::uint64_t source, std::uint64_t target) const {
  // exp is monotone only up to rounding: the bound is kept by clamping.
  return std::clamp(apply(weight_function_, distance(source, target)), -max_abs_weight,
                    max_abs_weight);
}

std::uint32_t SynapseValues::delay_at(std::uint64_t source, std::uint64_t target) const {
  const double n = nearest_step(apply(delay_function_, distance(source, target)), dt_);
  return static_cast<std::uint32_t>(
      std::clamp(n, static_cast<double>(min_delay), static_cast<double>(max_delay)));
}

double least_weight(const Value& weight, const Population& source, const Population& target) {
  if (const double* w = std::get_if<double>(&weight)) return *w;
  if (const Array* array = std::get_if<Array>(&weight))
    return (*array)->empty() ? 0 : *std::min_element((*array)->begin(), (*array)->end());
  if (const Distribution* law = std::get_if<Distribution>(&weight))
    return weight_quantile(Law(*law), 0);
  const auto& f = std::get<DistanceFunction>(weight);
  return std::min(apply(f, 0), apply(f, largest_distance(source, target)));
}

PlacedValues::PlacedValues(const SynapseValues& values, const TargetRange& range)
    : values_(&values),
      shift_(range.placement.local - range.begin),
      receptor_(range.placement.receptor),
      per_quantum_(1.0 / range.placement.quantum) {
  const auto table = values.weight_table();
  auto& [narrow, wide] = quanta_;
  for (const double weight : table) wide.push_back(quanta_of(weight));
  if (table.size() == 1) wide.push_back(wide[0]);  // whatever the word's highest bit
  if (wide.empty()) return;
  shift_of_word_ = 64 - std::countr_zero(wide.size());
  for (const std::int64_t q : wide) narrow.push_back(static_cast<std::int16_t>(q));
}

}  // namespace ranvier
