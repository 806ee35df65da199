// Which neuron of a population of model spike_source_events stands for an event's pixel
// (encoding/dvs_source.h says the rule).
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/network.h"
#include "encoding/event.h"

namespace ranvier::encoding {

/// A text option of a population; empty where it is not given.
std::string option_of(const Population& population, const char* name);

/// Events to neurons, by the options width, height and polarity.
class EventPixels {
 public:
  /// Throws Error(range) that names the population for options that do not fit its size.
  explicit EventPixels(const Population& population);

  /// Index in the population; none for a polarity that is left out. Throws Error(range) that names
  /// `recording` for an event outside the sensor.
  std::optional<std::uint32_t> neuron(const DvsEvent& event, const std::string& recording) const;
  Sensor sensor() const { return sensor_; }

 private:
  enum class Polarity { merge, split, on, off };
  static Polarity polarity_named(const std::string& name, const std::string& where);

  std::string where_;
  Sensor sensor_;
  Polarity polarity_ = Polarity::merge;
};

}  // namespace ranvier::encoding
