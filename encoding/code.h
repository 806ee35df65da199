// What a neural code has to give: one file encoding/encoders/NAME.cpp that defines NAME_code(). A
// code turns values in [0, 1], or a signal, into spikes of a window, and spikes into values again.
//
// A code is a struct T with
//   T::Parameters                          doubles, with their defaults
//   T::parameters[]                        their table: name, unit, range, meaning
//   T::input                               what it encodes
//   T::fan(p)                              output channels of an input channel (optional: one)
//   T::check(p, shape)                     a fault, or "" (optional)
//   T::check_sample(p, sample)             a fault in values that are in range, or "" (optional)
//   T::encode(p, sample, channel, out)     the spikes of one channel of a sample
//   T::encode(p, sample, out)              instead, where the channels of a sample depend on each
//                                          other: sets out.channel() itself
//   T::decode(p, shape, trains, channel)   the value of one channel, or
//   T::decode(p, shape, trains, values)    of all of them
// `trains` are the spikes of one sample, by output channel, in ms since the sample's begin.
#pragma once
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "core/neuron_model.h"
#include "core/rng.h"
#include "core/spike_trains.h"
#include "core/table.h"
#include "core/time.h"

namespace ranvier::encoding {

/// What a code takes.
enum class CodeInput {
  value,           ///< one number in [0, 1] a channel and sample
  signal,          ///< a course of any numbers, [n_steps, n_channels] a sample
  positive_signal  ///< a course of numbers in [0, 1]
};

/// How long and how large a sample is.
struct SampleShape {
  std::size_t n_channels = 1;
  std::size_t n_steps = 1;  ///< 1 for codes of values
  double window = 100;      ///< ms; step k of a signal ends at (k + 1) window / n_steps
  double dt = 0;            ///< ms: spike times are whole multiples of it, rounded up; 0: of 1 ns

  /// The least distance of two spikes of a channel, ms.
  double tick() const { return dt > 0 ? dt : 1e-6; }
  const char* tick_name() const { return dt > 0 ? "dt" : "a nanosecond"; }
  double step_end(std::size_t k) const {
    return static_cast<double>(k + 1) * window / static_cast<double>(n_steps);
  }
};

/// The values of one sample, [n_steps, n_channels].
struct Sample {
  SampleShape shape;
  std::span<const double> values;

  double at(std::size_t step, std::size_t channel) const {
    return values[step * shape.n_channels + channel];
  }
};

/// Takes the spikes of one sample: channel after channel, each channel's in rising time.
class SpikeWriter {
 public:
  /// \param random  of the sample
  /// \param first, last  output channels that are wanted: [first, last); others are dropped
  SpikeWriter(const SampleShape& shape, RandomKey random, std::size_t first, std::size_t last,
              std::vector<Firing>& out);

  /// Begins the spikes of an output channel.
  void channel(std::size_t output);
  /// A spike, ms since the sample's begin: rounded up to the grid, later than the one before by one
  /// tick or more, dropped where that is beyond the window.
  void spike(double ms);
  /// The n-th 64 random bits of an input channel.
  std::uint64_t bits(std::size_t input, std::uint64_t n) const {
    return random_bits(random_, input, n);
  }
  /// Whether any output channel of [begin, end) is wanted.
  bool wants(std::size_t begin, std::size_t end) const { return begin < last_ && end > first_; }

 private:
  std::int64_t tick_, window_;  // ns
  RandomKey random_;
  std::size_t first_, last_;
  std::vector<Firing>* out_;
  std::size_t channel_ = 0;
  std::int64_t latest_ = 0;
};

/// A code as documents, Python and the docs see it. Parameters come as a row in the table's order.
struct Code {
  using Row = std::span<const double>;
  std::string name;
  std::string summary;
  std::string source;  ///< paper
  std::string error;   ///< largest error of a round trip, as a law of the window
  CodeInput input = CodeInput::value;
  std::vector<FieldInfo> parameters;
  std::size_t (*fan)(Row p) = nullptr;
  std::string (*check)(Row p, const SampleShape& shape) = nullptr;
  std::string (*check_sample)(Row p, const Sample& sample) = nullptr;
  void (*encode)(Row p, const Sample& sample, SpikeWriter& out) = nullptr;
  void (*decode)(Row p, const SampleShape& shape, const SpikeTrains& trains,
                 std::span<double> values) = nullptr;
};

namespace detail {

template <class T>
typename T::Parameters parameters_of(Code::Row row) {
  typename T::Parameters p;
  for (std::size_t k = 0; k < std::size(T::parameters); ++k) p.*T::parameters[k].member = row[k];
  return p;
}

template <class T>
std::size_t fan_of(Code::Row row) {
  if constexpr (requires(const typename T::Parameters& p) { T::fan(p); })
    return T::fan(parameters_of<T>(row));
  return 1;
}

template <class T>
std::string check_of(Code::Row row, const SampleShape& shape) {
  if constexpr (requires(const typename T::Parameters& p) { T::check(p, shape); })
    return T::check(parameters_of<T>(row), shape);
  return "";
}

template <class T>
std::string check_sample_of(Code::Row row, const Sample& sample) {
  if constexpr (requires(const typename T::Parameters& p) { T::check_sample(p, sample); })
    return T::check_sample(parameters_of<T>(row), sample);
  return "";
}

template <class T>
void encode_all(Code::Row row, const Sample& sample, SpikeWriter& out) {
  const auto p = parameters_of<T>(row);
  if constexpr (requires { T::encode(p, sample, out); }) {
    T::encode(p, sample, out);
  } else {
    const std::size_t fan = fan_of<T>(row);
    for (std::size_t c = 0; c < sample.shape.n_channels; ++c) {
      if (!out.wants(c * fan, (c + 1) * fan)) continue;
      out.channel(c * fan);
      T::encode(p, sample, c, out);
    }
  }
}

template <class T>
void decode_all(Code::Row row, const SampleShape& shape, const SpikeTrains& trains,
                std::span<double> values) {
  const auto p = parameters_of<T>(row);
  if constexpr (requires { T::decode(p, shape, trains, values); }) {
    T::decode(p, shape, trains, values);
  } else {
    for (std::size_t c = 0; c < values.size(); ++c) values[c] = T::decode(p, shape, trains, c);
  }
}

}  // namespace detail

/// The texts of a code.
struct CodeTexts {
  std::string name, summary, source, error;
};

/// The code that T describes.
template <class T>
Code code_of(CodeTexts texts) {
  Code code;
  code.name = std::move(texts.name);
  code.summary = std::move(texts.summary);
  code.source = std::move(texts.source);
  code.error = std::move(texts.error);
  code.input = T::input;
  const typename T::Parameters defaults;
  for (const auto& f : T::parameters)
    code.parameters.push_back({f.name, f.unit, defaults.*f.member, f.range, f.meaning});
  code.fan = detail::fan_of<T>;
  code.check = detail::check_of<T>;
  code.check_sample = detail::check_sample_of<T>;
  code.encode = detail::encode_all<T>;
  code.decode = detail::decode_all<T>;
  return code;
}

}  // namespace ranvier::encoding
