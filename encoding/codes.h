// Codes by name, and samples one after another: sample s is shown from s (window + gap) on, for
// `window` ms, and followed by `gap` ms of silence. Spikes of a sample come in (begin, begin +
// window]; they are a function of (seed, channel, sample) alone, so that any part of the channels
// and samples can be encoded apart. Tested by tests/unit/encoding/test_codes.cpp and, for the laws
// of the errors, tests/statistical/test_codes.cpp.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "encoding/code.h"

namespace ranvier::encoding {

/// The codes of this build, sorted by name (one file each in encoding/encoders).
const std::vector<Code>& codes();

/// The code of that name. Throws Error(range) with the near name.
const Code& code_named(const std::string& name);

/// A code with all that it needs to encode samples of one shape.
struct CodeSettings {
  std::string code;
  std::map<std::string, double> parameters{};  ///< missing ones take the code's default
  SampleShape shape{};
  double gap = 0;  ///< ms of silence after a sample
};

/// Output channels of an input channel. Throws Error(range) for an unknown code or parameter.
std::size_t outputs_a_channel(const CodeSettings& settings);

/// A code at work. Its parameters are checked once.
class Encoding {
 public:
  /// Throws Error(range) that names the setting, its value and what is accepted.
  explicit Encoding(const CodeSettings& settings);

  const Code& code() const { return *code_; }
  const SampleShape& shape() const { return shape_; }
  std::size_t values_a_sample() const { return shape_.n_channels * shape_.n_steps; }
  std::size_t n_outputs() const { return shape_.n_channels * fan_; }
  /// From the begin of one sample to that of the next.
  Time period() const { return period_; }

  /// Throws Error(range) where so many samples would end beyond the times that there are.
  void check_number(std::size_t n_samples) const;
  /// Throws Error(range) for a value that the code does not take, naming sample, step and channel,
  /// or for too many samples.
  void check_values(std::span<const double> values) const;
  /// Appends the spikes of output channels [first, last) of sample `number`, by time, then channel;
  /// times count from the sample's begin, channels from `first`.
  void encode(std::span<const double> sample, std::uint64_t number, RandomKey random,
              std::size_t first, std::size_t last, std::vector<Firing>& out) const;
  /// The values of a sample from its spikes, [n_steps, n_channels].
  void decode(const SpikeTrains& trains, std::span<double> values) const;

 private:
  const Code* code_;
  std::vector<double> row_;
  SampleShape shape_;
  std::size_t fan_;
  Time period_;
};

/// Spikes of samples one after another, by time, then channel.
struct EncodedSpikes {
  std::vector<double> times;           ///< ms
  std::vector<std::int64_t> channels;  ///< output channels
};

/// Encodes values, [n_samples, n_steps, n_channels]: the spikes of a spike_source_encoded that is
/// the first population of a document with that seed. Throws Error(range) for settings or values
/// that are not accepted.
EncodedSpikes encode_samples(const CodeSettings& settings, std::span<const double> values,
                             std::uint64_t seed);

/// Values, [n_samples, n_steps, n_channels], of spikes (ms; channel) sorted by time. Spikes of a
/// gap, or later than the last sample, are left out. Throws Error(range) for settings that are not
/// accepted or a channel that is not there.
std::vector<double> decode_samples(const CodeSettings& settings, std::span<const double> times,
                                   std::span<const std::int64_t> channels, std::size_t n_samples);

/// The course that spikes make through an exponential kernel: x_c(t) = sum over the spikes t_i <= t
/// of channel c of exp(-(t - t_i) / tau) / tau, in 1/ms, at t = dt, 2 dt, ... n_steps dt; [n_steps,
/// n_channels]. The mean of x is the rate. Source: van Rossum 2001 (whose kernel is not divided
/// by tau). Throws Error(range) for a setting that is not accepted.
std::vector<double> reconstruct(const SpikeTrains& trains, double tau, double dt,
                                std::size_t n_steps);

}  // namespace ranvier::encoding
