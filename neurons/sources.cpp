// spike_source_array     spike times a neuron, ms (PyNN SpikeSourceArray)
// spike_source_poisson   rate (Hz), start and stop (ms): a homogeneous Poisson process (PyNN
//                        SpikeSourcePoisson)
// spike_source_regular   rate, start, stop: spikes at start + n / rate
// spike_source_gamma     rate, shape, start, stop: a renewal process whose intervals follow a gamma
//                        law of mean 1 / rate and the given shape (CV = 1 / sqrt(shape); shape 1 is
//                        Poisson); PyNN SpikeSourceGamma with alpha = shape, beta = shape rate
// spike_source_poisson_refractory  rate, tau_refrac (ms), start, stop: Poisson with dead time; the
//                        mean interval stays 1 / rate (PyNN SpikeSourcePoissonRefractory)
// Gamma variates: Marsaglia & Tsang 2000. Times that follow from rates are rounded up to whole
// nanoseconds, and a neuron's are then at least 1 ns apart; given ones are rounded to the nearest,
// the first nanosecond at the soonest. A rate must therefore lie below a spike a nanosecond: from
// there on spikes would come ever later than their law has them. Tested by
// tests/statistical/test_sources.cpp.
#include "neurons/sources.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/connect.h"
#include "core/draw.h"
#include "core/error.h"
#include "core/math.h"

namespace ranvier::neurons {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

constexpr double rate_limit = 1e9;  // Hz: a spike a nanosecond

std::string fault_of_rate(double hz) {
  return hz < rate_limit ? ""
                         : fmt::format("rate: {} Hz, must be below a spike a nanosecond = {} Hz",
                                       hz, rate_limit);
}

/// Of the rates that are known before any is drawn.
std::string fault_of_rates(const Population& population) {
  const auto given = population.parameters.find("rate");
  if (given == population.parameters.end()) return {};
  std::string fault;
  if (const double* hz = std::get_if<double>(&given->second)) fault = fault_of_rate(*hz);
  if (const Array* all = std::get_if<Array>(&given->second))
    for (std::size_t i = 0; i < (*all)->size() && fault.empty(); ++i)
      fault = fault_of_rate((**all)[i]);
  return fault.empty() ? fault : "parameters/" + fault;
}

class ArraySource final : public SpikeSource {
 public:
  explicit ArraySource(const SourceSpec& spec) : first_(spec.first), size_(spec.size) {
    take(*spec.population);
  }
  void check_change(const Population& population) const override {
    ArraySource({&population, first_, size_, {}});
  }
  void change(const Population& population, Time at) override {
    take(population);
    restart_at(at);
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
  void take(const Population& population) {
    const auto& all = population.spike_times;
    if (static_cast<std::int64_t>(all.size()) != population.size)
      throw Error(ErrorKind::range,
                  fmt::format("population \"{}\": spike_times: {} lists, must be {} (one a neuron)",
                              population.name, all.size(), population.size));
    all_.clear();
    for (std::uint32_t i = 0; i < size_; ++i)
      for (const double ms : all[static_cast<std::size_t>(first_) + i]) {
        if (!(ms > 0 && ms < max_ms))
          throw Error(
              ErrorKind::range,
              fmt::format("population \"{}\": spike_times/{}: {} ms, must be > 0 and < {:g}",
                          population.name, first_ + i, ms, max_ms));
        all_.push_back({std::max<std::int64_t>(1, from_ms(ms).count()), i});
      }
    std::sort(all_.begin(), all_.end(), [](const Firing& a, const Firing& b) {
      return a.time != b.time ? a.time < b.time : a.neuron < b.neuron;
    });
  }

  std::int64_t first_;
  std::uint32_t size_;
  std::vector<Firing> all_;
  std::size_t next_ = 0;
};

/// Intervals drawn one after the other; the n-th interval of a neuron is a function of (key,
/// neuron, n).
class RenewalSource : public SpikeSource {
 public:
  explicit RenewalSource(const SourceSpec& spec)
      : key_(spec.random), first_(spec.first), next_(spec.size) {
    take(spec);
  }
  void check_change(const Population& population) const override { rates(spec_of(population)); }
  void change(const Population& population, Time at) override {
    const std::vector<double> rate = rate_, start = start_;
    take(spec_of(population));
    for (std::uint32_t i = 0; i < next_.size(); ++i) go_on(i, rate[i], start[i], at);
  }
  void spikes(Window window, std::vector<Firing>& out) override {
    for (std::uint32_t i = 0; i < next_.size(); ++i) {
      if (next_[i].drawn == 0) begin(i);
      for (; next_[i].time <= window.end.count(); step(i))
        if (next_[i].time > window.begin.count()) out.push_back({next_[i].time, i});
    }
  }
  void restart_at(Time) override { std::fill(next_.begin(), next_.end(), Next{}); }
  void save(std::uint32_t i, std::vector<std::int64_t>& out) const override {
    const Next& n = next_[i];
    out.insert(out.end(), {std::bit_cast<std::int64_t>(n.ms), n.time, n.last,
                           static_cast<std::int64_t>(n.drawn)});
  }
  void load(std::uint32_t i, std::span<const std::int64_t> in) override {
    next_[i] = {std::bit_cast<double>(in[0]), in[1], in[2], static_cast<std::uint64_t>(in[3])};
  }

 protected:
  /// The n-th interval in units of the mean interval.
  virtual double interval(std::uint32_t i, std::uint64_t n) const = 0;
  /// ms plus an interval (ms).
  virtual double later(double ms, double interval) const { return ms + interval; }
  virtual void take(const SourceSpec& spec) {
    rate_ = rates(spec);
    start_ = column(spec, "start", 0.0);
    stop_ = column(spec, "stop", max_ms);
  }
  SourceSpec spec_of(const Population& population) const {
    return {&population, first_, static_cast<std::uint32_t>(next_.size()), key_};
  }
  /// Throws Error(range) for one beyond the limit.
  std::vector<double> rates(const SourceSpec& spec) const {
    std::vector<double> all = column(spec, "rate", 1.0);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (const std::string fault = fault_of_rate(all[i]); !fault.empty())
        throw Error(ErrorKind::range,
                    fmt::format("population \"{}\": neuron {}: {}", spec.population->name,
                                spec.first + static_cast<std::int64_t>(i), fault));
    return all;
  }
  std::vector<double> column(const SourceSpec& spec, const char* name, double otherwise) const {
    const auto found = spec.population->parameters.find(name);
    if (found == spec.population->parameters.end())
      return std::vector<double>(spec.size, otherwise);
    return evaluate(found->second, {spec.first, spec.size, spec.population->size},
                    derive_key(spec.random.value, Stream::parameter, parameter_number(name)));
  }
  std::uint64_t bits(std::uint32_t i, std::uint64_t n) const {
    return random_bits(key_, static_cast<std::uint64_t>(first_ + i), n);
  }

 private:
  struct Next {
    double ms = 0;
    std::int64_t time = 0;  ///< ns, of the next spike
    std::int64_t last = 0;  ///< ns: it comes later than this
    std::uint64_t drawn = 0;
  };
  void begin(std::uint32_t i) {
    next_[i].ms = start_[i];
    step(i);
  }
  void step(std::uint32_t i) {
    Next& n = next_[i];
    n.last = n.time;
    n.ms = later(n.ms, rate_[i] > 0 ? interval(i, n.drawn) * 1e3 / rate_[i] : 10 * max_ms);
    ++n.drawn;
    round(i);
  }
  void round(std::uint32_t i) {
    Next& n = next_[i];
    const bool over = n.ms >= stop_[i] || n.ms >= max_ms;
    constexpr double but_for_rounding = 1 - 0x1p-51;  // of n.ms and of the product
    n.time = over ? never
                  : std::max(n.last + 1,
                             static_cast<std::int64_t>(std::ceil(n.ms * 1e6 * but_for_rounding)));
  }

  /// After a change at `now`: what was left of the interval, in units of the mean interval, is
  /// waited for at the new rate; where nothing was to come (the spike that was next lay beyond
  /// `stop`, and is past), an interval begins now.
  void go_on(std::uint32_t i, double rate, double start, Time at) {
    Next& n = next_[i];
    if (n.drawn == 0) return;
    if (rate == rate_[i] && start == start_[i]) return round(i);
    const double now = to_ms(at), from = std::max(now, start_[i]);
    const bool past = n.ms <= now && (n.time == never || n.time <= at.count());
    const bool pending = rate > 0 && rate_[i] > 0 && now >= start && !past;
    n.last = n.time = std::max(n.last, at.count());
    n.ms = pending ? from + (n.ms - now) * rate / rate_[i] : from;
    if (pending) round(i);
    else step(i);
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

/// A dead time, then an exponential wait for the rest of the mean interval.
class RefractoryPoissonSource final : public RenewalSource {
 public:
  explicit RefractoryPoissonSource(const SourceSpec& spec) : RenewalSource(spec) {
    take_dead_times(spec);
  }
  void check_change(const Population& population) const override {
    RefractoryPoissonSource{spec_of(population)};
  }

 private:
  double interval(std::uint32_t i, std::uint64_t n) const override {
    return dead_[i] - (1 - dead_[i]) * math::log(to_open_uniform(bits(i, n)));
  }
  void take(const SourceSpec& spec) override {
    RenewalSource::take(spec);
    take_dead_times(spec);
  }
  void take_dead_times(const SourceSpec& spec) {
    dead_ = column(spec, "tau_refrac", 0.0);
    const std::vector<double> rate = column(spec, "rate", 1.0);
    for (std::uint32_t i = 0; i < dead_.size(); ++i) {
      if (!(dead_[i] * rate[i] < 1e3))
        throw Error(ErrorKind::range,
                    fmt::format("population \"{}\": neuron {}: tau_refrac {} ms, must be below the "
                                "mean interval of {} ms",
                                spec.population->name, spec.first + i, dead_[i], 1e3 / rate[i]));
      dead_[i] *= rate[i] * 1e-3;
    }
  }
  std::vector<double> dead_;  ///< in units of the mean interval
};

class RegularSource final : public RenewalSource {
 public:
  using RenewalSource::RenewalSource;

 private:
  double interval(std::uint32_t, std::uint64_t) const override { return 1; }
  /// A sum that is a whole nanosecond but for its rounding is that one: else spikes of a grid would
  /// be rounded up beyond it.
  double later(double ms, double interval) const override {
    const double sum = ms + interval, whole = std::nearbyint(sum * 1e6) / 1e6;
    return std::fabs(sum - whole) < 1e-9 ? whole : sum;
  }
};

class GammaSource final : public RenewalSource {
 public:
  explicit GammaSource(const SourceSpec& spec)
      : RenewalSource(spec), shape_(column(spec, "shape", 2.0)) {}

 private:
  void take(const SourceSpec& spec) override {
    RenewalSource::take(spec);
    shape_ = column(spec, "shape", 2.0);
  }
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

std::uint64_t parameter_number(std::string_view name) {
  constexpr std::string_view names[] = {"rate", "start", "stop", "shape", "tau_refrac"};
  return static_cast<std::uint64_t>(std::find(std::begin(names), std::end(names), name) -
                                    std::begin(names));
}

std::vector<SourceModel> make_sources() {
  const FieldInfo rate{"rate", "Hz", 1, Range::not_negative, "mean rate"},
      start{"start", "ms", 0, Range::not_negative, "no spikes before"},
      stop{"stop", "ms", max_ms, Range::not_negative, "no spikes from then on"};
  return {{"spike_source_array", "given spike times", {}, false, make<ArraySource>},
          {"spike_source_gamma",
           "renewal process with gamma-distributed intervals",
           {rate, {"shape", "1", 2, Range::positive, "shape of the law of intervals"}, start, stop},
           false,
           make<GammaSource>,
           fault_of_rates},
          {"spike_source_poisson",
           "homogeneous Poisson process",
           {rate, start, stop},
           false,
           make<PoissonSource>,
           fault_of_rates},
          {"spike_source_poisson_refractory",
           "Poisson process with dead time",
           {rate,
            {"tau_refrac", "ms", 0, Range::not_negative, "least interval, within the mean one"},
            start,
            stop},
           false,
           make<RefractoryPoissonSource>,
           fault_of_rates},
          {"spike_source_regular",
           "equal intervals",
           {rate, start, stop},
           false,
           make<RegularSource>,
           fault_of_rates}};
}

}  // namespace ranvier::neurons
