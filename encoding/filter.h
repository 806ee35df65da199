// What a filter of events has to give: one file encoding/filters/NAME.cpp that defines
// NAME_filter(). A filter is handed a recording's events block by block and keeps its state between
// blocks, so that the events that come out do not depend on how the recording was cut. It is
// written NAME:ARG:ARG:key=value; arguments without a name fill the parameters in their order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "encoding/event.h"

namespace ranvier::encoding {

/// A filter at work on one recording.
class EventFilter {
 public:
  virtual ~EventFilter() = default;
  /// Called once, before the first event, with the sensor's size where it is known; returns the
  /// size for what comes out. Throws Error(range) where the filter cannot do without it.
  virtual std::optional<Sensor> start(std::optional<Sensor> sensor) { return sensor; }
  /// Moves the events that stay to the front, in their order, and returns how many they are. Throws
  /// Error(range | capacity) for an event that it cannot serve.
  virtual std::size_t apply(std::span<DvsEvent> events) = 0;
  /// No later event will stay.
  virtual bool is_over() const { return false; }
};

/// Moves the events for which `wanted` is true to the front; `wanted` may change its event.
template <class Wanted>
std::size_t keep(std::span<DvsEvent> events, Wanted wanted) {
  std::size_t n = 0;
  for (DvsEvent& e : events)
    if (wanted(e)) events[n++] = e;
  return n;
}

/// What a parameter's value is written as.
enum class FilterValue { time, rate, number, whole, choice, text };

/// A row of a filter's table. Times are in us, rates in Hz.
struct FilterParameter {
  std::string name;
  FilterValue kind;
  std::string standard;  ///< value where none is given; empty: has to be given
  std::string meaning;
  double low = 0, high = 0;  ///< bounds of numbers, both allowed; of times and rates: low
  std::vector<std::string>
      choices{};  ///< of a choice; of a time: a word for "no end"; of a text: form
};

/// What a parameter takes, e.g. "a whole number in [1, 8]".
std::string accepted(const FilterParameter& parameter);

/// The arguments of one filter, all of them checked against its table.
class FilterArguments {
 public:
  /// \param words  the argument texts, in order. Throws Error(usage).
  FilterArguments(const std::vector<FilterParameter>& table, const std::vector<std::string>& words);

  /// By name, from the table; times in us, rates in Hz, choices by their index.
  std::int64_t whole(std::string_view name) const { return value(name).whole; }
  double number(std::string_view name) const { return value(name).number; }
  const std::string& text(std::string_view name) const { return value(name).text; }

 private:
  struct Value {
    std::string text;
    std::int64_t whole = 0;
    double number = 0;
  };
  const Value& value(std::string_view name) const;
  static Value parse(const FilterParameter& parameter, const std::string& text);

  std::vector<std::string> names_;
  std::vector<Value> values_;
};

/// A filter by name: its table, and what makes one.
struct Filter {
  std::string name;
  std::string summary;
  std::vector<FilterParameter> parameters;
  std::unique_ptr<EventFilter> (*make)(const FilterArguments&) = nullptr;
};

/// The filters of this build, sorted by name (one file each in encoding/filters).
const std::vector<Filter>& filters();

/// A filter from its text. Throws Error(usage) that quotes the text.
std::unique_ptr<EventFilter> make_filter(const std::string& text);

/// The sensor's size, for filters that need it: throws Error(range) where it is not known.
Sensor known(const std::optional<Sensor>& sensor, const char* filter);

/// Throws Error(range): the event is outside the sensor.
[[noreturn]] void fail_outside(const DvsEvent& event, const Sensor& sensor);
/// Throws Error(range) for an event outside the sensor.
inline void require_inside(const DvsEvent& event, const Sensor& sensor) {
  if (event.x >= sensor.width || event.y >= sensor.height) fail_outside(event, sensor);
}

}  // namespace ranvier::encoding
