// spike_source_array     spike times a neuron, ms (PyNN SpikeSourceArray)
// spike_source_poisson   rate (Hz), start and stop (ms): a homogeneous Poisson process (PyNN
// SpikeSourcePoisson) spike_source_regular   rate, start, stop: spikes at start + n / rate
// spike_source_gamma     rate, shape, start, stop: a renewal process whose intervals follow a gamma
// law of mean 1 / rate and the
//                        given shape (CV = 1 / sqrt(shape); shape 1 is Poisson); PyNN
//                        SpikeSourceGamma with alpha = shape, beta = shape rate
// Gamma variates: Marsaglia & Tsang 2000. Times are rounded up to whole nanoseconds, and a neuron's
// spikes are at least 1 ns apart. Tested by tests/statistical/test_sources.cpp.
#include "neurons/sources.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/connect.h"
#include "core/draw.h"
#include "core/error.h"
#include "core/math.h"

namespace ranvier::neurons {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

class ArraySource final : public SpikeSource {
 public:
  explicit ArraySource(const SourceSpec& spec) {
    const auto& all = spec.population->spike_times;
    if (static_cast<std::int64_t>(all.size()) != spec.population->size)
      throw Error(ErrorKind::range,
                  fmt::format("population \"{}\": spike_times: {} lists, must be {} (one a neuron)",
                              spec.population->name, all.size(), spec.population->size));
    for (std::uint32_t i = 0; i < spec.size; ++i)
      for (const double ms : all[static_cast<std::size_t>(spec.first) + i]) {
        if (!(ms > 0 && ms < 9e12))
          throw Error(
              ErrorKind::range,
              fmt::format("population \"{}\": spike_times/{}: {} ms, must be > 0 and < 9e12",
                          spec.population->name, spec.first + i, ms));
        all_.push_back({from_ms(ms).count(), i});
      }
    std::sort(all_.begin(), all_.end(), [](const Firing& a, const Firing& b) {
      return a.time != b.time ? a.time < b.time : a.neuron < b.neuron;
    });
  }
  void spikes(Window window, std::vector<Firing>& out) override {
    for (; next_ < all_.size() && all_[next_].time <= window.end.count(); ++next_)
      out.push_back(all_[next_]);
  }
  void restart_at(Time at) override {
    next_ = 0;
    while (next_ < all_.size() && all_[next_].time <= at.count()) ++next_;
  }

 private:
  std::vector<Firing> all_;
  std::size_t next_ = 0;
};

/// Intervals drawn one after the other; the n-th interval of a neuron is a function of (key,
/// neuron, n).
class RenewalSource : public SpikeSource {
 public:
  explicit RenewalSource(const SourceSpec& spec)
      : key_(spec.random), first_(spec.first), next_(spec.size) {
    rate_ = column(spec, 0, "rate", 1.0);
    start_ = column(spec, 1, "start", 0.0);
    stop_ = column(spec, 2, "stop", 9e12);
  }
  void spikes(Window window, std::vector<Firing>& out) override {
    for (std::uint32_t i = 0; i < next_.size(); ++i) {
      if (next_[i].drawn == 0) begin(i);
      for (; next_[i].time <= window.end.count(); step(i))
        if (next_[i].time > window.begin.count()) out.push_back({next_[i].time, i});
    }
  }
  void restart_at(Time) override { std::fill(next_.begin(), next_.end(), Next{}); }

 protected:
  /// The n-th interval in units of the mean interval.
  virtual double interval(std::uint32_t i, std::uint64_t n) const = 0;
  /// `number`: the parameter's own, so that two laws of one source draw independently.
  std::vector<double> column(const SourceSpec& spec, std::uint64_t number, const char* name,
                             double otherwise) const {
    const auto found = spec.population->parameters.find(name);
    if (found == spec.population->parameters.end())
      return std::vector<double>(spec.size, otherwise);
    return evaluate(found->second, {spec.first, spec.size, spec.population->size},
                    derive_key(spec.random.value, Stream::parameter, number));
  }
  std::uint64_t bits(std::uint32_t i, std::uint64_t n) const {
    return random_bits(key_, static_cast<std::uint64_t>(first_ + i), n);
  }

 private:
  struct Next {
    double ms = 0;
    std::int64_t time = 0;
    std::uint64_t drawn = 0;
  };
  void begin(std::uint32_t i) {
    next_[i].ms = start_[i];
    step(i);
  }
  void step(std::uint32_t i) {
    Next& n = next_[i];
    n.ms += rate_[i] > 0 ? interval(i, n.drawn) * 1e3 / rate_[i] : 9e13;
    ++n.drawn;
    const bool over = n.ms >= stop_[i] || n.ms >= 9e12;
    n.time = over ? never : std::max(n.time + 1, static_cast<std::int64_t>(std::ceil(n.ms * 1e6)));
  }

  RandomKey key_;
  std::int64_t first_;
  std::vector<double> rate_, start_, stop_;
  std::vector<Next> next_;
};

class PoissonSource final : public RenewalSource {
 public:
  using RenewalSource::RenewalSource;

 private:
  double interval(std::uint32_t i, std::uint64_t n) const override {
    return -math::log(to_open_uniform(bits(i, n)));
  }
};

class RegularSource final : public RenewalSource {
 public:
  using RenewalSource::RenewalSource;

 private:
  double interval(std::uint32_t, std::uint64_t) const override { return 1; }
};

class GammaSource final : public RenewalSource {
 public:
  explicit GammaSource(const SourceSpec& spec)
      : RenewalSource(spec), shape_(column(spec, 3, "shape", 2.0)) {}

 private:
  double interval(std::uint32_t i, std::uint64_t n) const override {
    Words words(bits(i, n));
    const double shape = shape_[i], boosted = shape < 1 ? shape + 1 : shape;
    const double d = boosted - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = normal_quantile(to_open_uniform(words.next()));
      const double t = 1 + c * x, v = t * t * t;
      if (t <= 0) continue;
      if (math::log(to_open_uniform(words.next())) >= 0.5 * x * x + d - d * v + d * math::log(v))
        continue;
      const double boost =
          shape < 1 ? math::exp(math::log(to_open_uniform(words.next())) / shape) : 1;
      return d * v * boost / shape;
    }
  }
  std::vector<double> shape_;
};

template <class Source>
std::unique_ptr<SpikeSource> make(const SourceSpec& spec) {
  return std::make_unique<Source>(spec);
}

}  // namespace

std::vector<SourceModel> make_sources() {
  const FieldInfo rate{"rate", "Hz", 1, Range::not_negative, "mean rate"},
      start{"start", "ms", 0, Range::not_negative, "no spikes before"},
      stop{"stop", "ms", 9e12, Range::not_negative, "no spikes from then on"};
  return {
      {"spike_source_array", "given spike times", {}, false, make<ArraySource>},
      {"spike_source_gamma",
       "renewal process with gamma-distributed intervals",
       {rate, {"shape", "1", 2, Range::positive, "shape of the law of intervals"}, start, stop},
       false,
       make<GammaSource>},
      {"spike_source_poisson",
       "homogeneous Poisson process",
       {rate, start, stop},
       false,
       make<PoissonSource>},
      {"spike_source_regular", "equal intervals", {rate, start, stop}, false, make<RegularSource>}};
}

}  // namespace ranvier::neurons
