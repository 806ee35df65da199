#include "encoding/event_pixels.h"

#include <fmt/core.h>

#include <charconv>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

std::uint32_t whole(const Population& population, const char* name, const std::string& where) {
  const std::string text = option_of(population, name);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 65'536)
    throw Error(ErrorKind::range,
                fmt::format("{}: options/{}: \"{}\", must be a whole number in [1, 65536]", where,
                            name, text));
  return value;
}

}  // namespace

std::string option_of(const Population& population, const char* name) {
  const auto found = population.options.find(name);
  return found == population.options.end() ? "" : found->second;
}

EventPixels::Polarity EventPixels::polarity_named(const std::string& name,
                                                  const std::string& where) {
  if (name.empty() || name == "merge") return Polarity::merge;
  if (name == "split") return Polarity::split;
  if (name == "on") return Polarity::on;
  if (name == "off") return Polarity::off;
  throw Error(
      ErrorKind::range,
      fmt::format("{}: options/polarity: \"{}\", must be merge, split, on or off", where, name));
}

EventPixels::EventPixels(const Population& population)
    : where_(fmt::format("population \"{}\"", population.name)) {
  sensor_ = {whole(population, "width", where_), whole(population, "height", where_)};
  const std::string polarity = option_of(population, "polarity");
  polarity_ = polarity_named(polarity, where_);
  const std::int64_t needed =
      std::int64_t{sensor_.width} * sensor_.height * (polarity_ == Polarity::split ? 2 : 1);
  if (needed != population.size)
    throw Error(ErrorKind::range,
                fmt::format("{}: size: {}, must be {} for {} x {} pixels with polarity {}", where_,
                            population.size, needed, sensor_.width, sensor_.height,
                            polarity.empty() ? "merge" : polarity));
}

std::optional<std::uint32_t> EventPixels::neuron(const DvsEvent& e,
                                                 const std::string& recording) const {
  if (e.x >= sensor_.width || e.y >= sensor_.height)
    throw Error(
        ErrorKind::range,
        fmt::format(
            "{}: an event at ({}, {}) lies outside the sensor of {} x {} pixels ({}: options)",
            recording, e.x, e.y, sensor_.width, sensor_.height, where_));
  if ((polarity_ == Polarity::on && !e.on) || (polarity_ == Polarity::off && e.on))
    return std::nullopt;
  const std::uint32_t pixel = e.y * sensor_.width + e.x;
  return polarity_ == Polarity::split && e.on ? pixel + sensor_.width * sensor_.height : pixel;
}

}  // namespace ranvier::encoding
