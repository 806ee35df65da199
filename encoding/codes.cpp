#include "encoding/codes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/math.h"

namespace ranvier::encoding {

#define RANVIER_ENTRY(name) Code name##_code();
#include "generated/encoding/encoders.inc"
#undef RANVIER_ENTRY

namespace {

constexpr double tick_slack = 1e-6;  // of a tick: what a sum of doubles may be off by

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::range, what); }

std::vector<double> row_of(const Code& code, const std::map<std::string, double>& given) {
  std::vector<double> row;
  std::vector<std::string> known;
  for (const FieldInfo& field : code.parameters) {
    row.push_back(field.default_value);
    known.push_back(field.name);
  }
  for (const auto& [name, value] : given) {
    const int k = find_field(code.parameters, name);
    if (k < 0) {
      std::string near = did_you_mean(name, known);
      if (near.empty()) {
        near = known.empty() ? "; it has none" : "; accepted:";
        for (const std::string& one : known) near += (one == known[0] ? " " : ", ") + one;
      }
      refuse(fmt::format("code {} has no parameter \"{}\"{}", code.name, name, near));
    }
    const FieldInfo& field = code.parameters[static_cast<std::size_t>(k)];
    if (!in_range(value, field.range))
      refuse(fmt::format("code {}: {}: {} {}, {}", code.name, name, value, field.unit,
                         describe(field.range)));
    row[static_cast<std::size_t>(k)] = value;
  }
  return row;
}

void check_times(const CodeSettings& s) {
  const double window = s.shape.window, dt = s.shape.dt;
  if (!(window >= 1e-6 && window < max_ms))
    refuse(fmt::format("window: {} ms, must lie in [1e-6, {:g}) ms", window, max_ms));
  if (!(s.gap >= 0 && window + s.gap < max_ms))
    refuse(fmt::format("gap: {} ms, must be >= 0 and, with the window of {} ms, below {:g} ms",
                       s.gap, window, max_ms));
  if (!(dt == 0 || (dt >= 1e-6 && dt <= window)))
    refuse(fmt::format("dt: {} ms, must be 0 or lie in [1e-6, window = {}] ms", dt, window));
}

}  // namespace

SpikeWriter::SpikeWriter(const SampleShape& shape, RandomKey random, std::size_t first,
                         std::size_t last, std::vector<Firing>& out)
    : tick_(shape.dt == 0 ? 1 : from_ms(shape.dt).count()),
      window_(from_ms(shape.window).count()),
      random_(random),
      first_(first),
      last_(last),
      out_(&out) {}

void SpikeWriter::channel(std::size_t output) {
  channel_ = output;
  latest_ = 0;
}

void SpikeWriter::spike(double ms) {
  const double ticks = ms * 1e6 / static_cast<double>(tick_);
  if (!(ticks < 9e18)) return;
  const auto rounded = static_cast<std::int64_t>(std::ceil(ticks - tick_slack));
  const std::int64_t tick = std::max(latest_ + 1, rounded);
  if (tick > window_ / tick_) return;
  latest_ = tick;
  if (channel_ >= first_ && channel_ < last_)
    out_->push_back({tick * tick_, static_cast<std::uint32_t>(channel_ - first_)});
}

const std::vector<Code>& codes() {
  static const std::vector<Code> all{
#define RANVIER_ENTRY(name) name##_code(),
#include "generated/encoding/encoders.inc"
#undef RANVIER_ENTRY
  };
  return all;
}

const Code& code_named(const std::string& name) {
  std::vector<std::string> known;
  std::string list;
  for (const Code& code : codes()) {
    if (code.name == name) return code;
    known.push_back(code.name);
    list += (list.empty() ? "; accepted: " : ", ") + code.name;
  }
  const std::string near = did_you_mean(name, known);
  refuse(fmt::format("unknown code \"{}\"{}", name, near.empty() ? list : near));
}

std::size_t outputs_a_channel(const CodeSettings& settings) {
  const Code& code = code_named(settings.code);
  return code.fan(row_of(code, settings.parameters));
}

Encoding::Encoding(const CodeSettings& settings)
    : code_(&code_named(settings.code)),
      row_(row_of(*code_, settings.parameters)),
      shape_(settings.shape) {
  check_times(settings);
  if (shape_.n_channels < 1) refuse("0 channels, must be 1 or more");
  if (code_->input == CodeInput::value && shape_.n_steps != 1)
    refuse(fmt::format("steps: {}, must be 1: code {} encodes values, one a channel and sample",
                       shape_.n_steps, code_->name));
  if (shape_.n_steps < 1) refuse("steps: 0, must be 1 or more");
  const std::string fault = code_->check(row_, shape_);
  if (!fault.empty()) refuse(fmt::format("code {}: {}", code_->name, fault));
  fan_ = code_->fan(row_);
  period_ = from_ms(shape_.window) + from_ms(settings.gap);
}

void Encoding::check_number(std::size_t n_samples) const {
  const double end = static_cast<double>(n_samples) * to_ms(period_);
  if (!(end < max_ms))
    refuse(fmt::format("{} samples of {} ms each, gaps included, must end before {:g} ms",
                       n_samples, to_ms(period_), max_ms));
}

void Encoding::check_values(std::span<const double> values) const {
  const std::size_t sample = values_a_sample();
  if (values.empty() || values.size() % sample != 0)
    refuse(fmt::format("{} values, must be a multiple of {} ({} steps of {} channels), above 0",
                       values.size(), sample, shape_.n_steps, shape_.n_channels));
  const bool any = code_->input == CodeInput::signal;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (in_range(values[i], any ? Range::any : Range::unit_interval)) continue;
    const std::size_t step = i % sample / shape_.n_channels;
    refuse(fmt::format("sample {}, {}channel {}: {}, {}", i / sample,
                       shape_.n_steps > 1 ? fmt::format("step {}, ", step) : "",
                       i % shape_.n_channels, values[i],
                       describe(any ? Range::any : Range::unit_interval)));
  }
  check_number(values.size() / sample);
  for (std::size_t s = 0; s < values.size() / sample; ++s) {
    const std::string fault =
        code_->check_sample(row_, {shape_, values.subspan(s * sample, sample)});
    if (!fault.empty()) refuse(fmt::format("sample {}, {}", s, fault));
  }
}

void Encoding::encode(std::span<const double> sample, std::uint64_t number, RandomKey random,
                      std::size_t first, std::size_t last, std::vector<Firing>& out) const {
  const std::size_t begin = out.size();
  SpikeWriter writer(shape_, RandomKey{random_bits(random, number, ~std::uint64_t{0})}, first, last,
                     out);
  code_->encode(row_, {shape_, sample}, writer);
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
            [](const Firing& a, const Firing& b) {
              return a.time != b.time ? a.time < b.time : a.neuron < b.neuron;
            });
}

void Encoding::decode(const SpikeTrains& trains, std::span<double> values) const {
  code_->decode(row_, shape_, trains, values);
}

EncodedSpikes encode_samples(const CodeSettings& settings, std::span<const double> values,
                             std::uint64_t seed) {
  const Encoding encoding(settings);
  encoding.check_values(values);
  const RandomKey random = derive_key(seed, Stream::source, 0);
  const std::size_t sample = encoding.values_a_sample();
  EncodedSpikes all;
  std::vector<Firing> some;
  for (std::size_t s = 0; s < values.size() / sample; ++s) {
    some.clear();
    encoding.encode(values.subspan(s * sample, sample), s, random, 0, encoding.n_outputs(), some);
    const Time begin = encoding.period() * static_cast<std::int64_t>(s);
    for (const Firing& spike : some) {
      all.times.push_back(to_ms(begin + Time{spike.time}));
      all.channels.push_back(spike.neuron);
    }
  }
  return all;
}

std::vector<double> decode_samples(const CodeSettings& settings, std::span<const double> times,
                                   std::span<const std::int64_t> channels, std::size_t n_samples) {
  const Encoding encoding(settings);
  encoding.check_number(n_samples);
  const std::size_t sample = encoding.values_a_sample();
  const auto n_outputs = static_cast<std::int64_t>(encoding.n_outputs());
  if (times.size() != channels.size())
    refuse(fmt::format("{} times of {} channels, must be as many", times.size(), channels.size()));
  for (const std::int64_t channel : channels)
    if (channel < 0 || channel >= n_outputs)
      refuse(fmt::format("channel {}, must be from 0 to {}", channel, n_outputs - 1));
  std::vector<double> values(n_samples * sample);
  std::vector<double> some;
  std::vector<std::int64_t> of;
  for (std::size_t s = 0, next = 0; s < n_samples; ++s) {
    const double begin = to_ms(encoding.period() * static_cast<std::int64_t>(s));
    const double end = begin + settings.shape.window;
    some.clear();
    of.clear();
    for (; next < times.size() && times[next] <= end; ++next) {
      if (times[next] <= begin) continue;
      some.push_back(times[next] - begin);
      of.push_back(channels[next]);
    }
    encoding.decode(by_neuron(some, of, encoding.n_outputs()),
                    std::span(values).subspan(s * sample, sample));
  }
  return values;
}

std::vector<double> reconstruct(const SpikeTrains& trains, double tau, double dt,
                                std::size_t n_steps) {
  if (!(tau > 0 && std::isfinite(tau))) refuse(fmt::format("tau: {} ms, must be > 0", tau));
  if (!(dt > 0 && std::isfinite(dt))) refuse(fmt::format("dt: {} ms, must be > 0", dt));
  const std::size_t n = trains.size();
  std::vector<double> course(n_steps * n);
  for (std::size_t c = 0; c < n; ++c) {
    const std::span<const double> train = trains[c];
    double trace = 0, at = 0;
    std::size_t next = 0;
    for (std::size_t k = 0; k < n_steps; ++k) {
      const double now = static_cast<double>(k + 1) * dt;
      for (; next < train.size() && train[next] <= now; ++next) {
        trace = (trace > 0 ? trace * math::exp((at - train[next]) / tau) : 0) + 1 / tau;
        at = train[next];
      }
      course[k * n + c] = trace > 0 ? trace * math::exp((at - now) / tau) : 0;
    }
  }
  return course;
}

}  // namespace ranvier::encoding
