#include "encoding/encoded_source.h"

#include <fmt/core.h>

#include <charconv>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::range, what); }

double number_of(const std::string& key, const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    refuse(fmt::format("options/{}: \"{}\", must be a number", key, text));
  return value;
}

std::size_t steps_of(double value) {
  if (!(value >= 1 && value <= 1e9 && value == static_cast<double>(static_cast<int>(value))))
    refuse(fmt::format("options/steps: {}, must be a whole number from 1 to 1e9", value));
  return static_cast<std::size_t>(value);
}

class EncodedSource final : public SpikeSource {
 public:
  explicit EncodedSource(const SourceSpec& spec)
      : encoding_(settings_of(*spec.population)),
        values_(spec.population->values),
        random_(spec.random),
        first_(static_cast<std::size_t>(spec.first)),
        last_(first_ + spec.size),
        n_samples_(values_->size() / encoding_.values_a_sample()) {}

  void spikes(Window window, std::vector<Firing>& out) override {
    for (; sample_ < n_samples_; ++sample_) {
      const std::int64_t begin = begin_of(sample_);
      if (begin >= window.end.count()) return;
      if (!encoded_) encode();
      for (; next_ < spikes_.size(); ++next_) {
        const std::int64_t time = begin + spikes_[next_].time;
        if (time > window.end.count()) return;
        if (time > window.begin.count()) out.push_back({time, spikes_[next_].neuron});
      }
      encoded_ = false;
    }
  }

  void restart_at(Time at) override {
    sample_ = static_cast<std::size_t>(at / encoding_.period());
    encoded_ = false;
  }

 private:
  std::int64_t begin_of(std::size_t sample) const {
    return encoding_.period().count() * static_cast<std::int64_t>(sample);
  }
  void encode() {
    const std::size_t n = encoding_.values_a_sample();
    spikes_.clear();
    encoding_.encode(std::span(*values_).subspan(sample_ * n, n), sample_, random_, first_, last_,
                     spikes_);
    next_ = 0;
    encoded_ = true;
  }

  Encoding encoding_;
  Array values_;
  RandomKey random_;
  std::size_t first_, last_, n_samples_;
  std::size_t sample_ = 0, next_ = 0;
  bool encoded_ = false;  ///< spikes_ are those of sample_
  std::vector<Firing> spikes_;
};

std::string fault_of(const Population& population) {
  try {
    const Encoding encoding(settings_of(population));
    encoding.check_values(*population.values);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

CodeSettings settings_of(const Population& population) {
  if (!population.values || population.values->empty())
    refuse("values: missing, must be the numbers to encode, [n_samples, n_channels]");
  CodeSettings s;
  std::size_t steps = 0;
  for (const auto& [key, text] : population.options) {
    if (key == "code") s.code = text;
    else if (key == "window") s.shape.window = number_of(key, text);
    else if (key == "gap") s.gap = number_of(key, text);
    else if (key == "dt") s.shape.dt = number_of(key, text);
    else if (key == "steps") steps = steps_of(number_of(key, text));
    else s.parameters[key] = number_of(key, text);
  }
  if (s.code.empty()) refuse("options/code: missing, must be the name of a code");
  const std::size_t size = static_cast<std::size_t>(population.size), fan = outputs_a_channel(s);
  if (size % fan != 0)
    refuse(fmt::format("size: {}, must be a multiple of {}: so many neurons a channel", size, fan));
  s.shape.n_channels = size / fan;
  if (steps == 0 && code_named(s.code).input != CodeInput::value)
    steps = std::max<std::size_t>(1, population.values->size() / s.shape.n_channels);
  s.shape.n_steps = std::max<std::size_t>(1, steps);
  return s;
}

std::vector<std::string> encoded_options(const Population& population) {
  std::vector<std::string> names{"code", "window", "gap", "dt", "steps"};
  const auto given = population.options.find("code");
  bool is_known = false;
  for (const Code& code : codes())
    if (given != population.options.end() && code.name == given->second) {
      is_known = true;
      for (const FieldInfo& field : code.parameters) names.push_back(field.name);
    }
  if (!is_known)
    for (const auto& [name, value] : population.options) names.push_back(name);
  return names;
}

SourceModel encoded_source() {
  SourceModel model{"spike_source_encoded",
                    "values turned into spikes by a code (`ranvier info codes`)",
                    {},
                    false,
                    [](const SourceSpec& spec) -> std::unique_ptr<SpikeSource> {
                      const std::string fault = fault_of(*spec.population);
                      if (!fault.empty())
                        refuse(fmt::format("population \"{}\": {}", spec.population->name, fault));
                      return std::make_unique<EncodedSource>(spec);
                    }};
  model.check = fault_of;
  return model;
}

}  // namespace ranvier::encoding
