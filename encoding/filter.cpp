#include "encoding/filter.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "encoding/time_text.h"

namespace ranvier::encoding {

#define RANVIER_ENTRY(name) Filter name##_filter();
#include "generated/encoding/filters.inc"
#undef RANVIER_ENTRY

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator) parts.emplace_back();
    else parts.back() += c;
  return parts;
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_rate(std::string_view text, double& hz) {
  if (!text.ends_with("Hz")) return false;
  text.remove_suffix(2);
  const bool kilo = text.ends_with('k');
  if (kilo) text.remove_suffix(1);
  if (!read_number(text, hz)) return false;
  hz *= kilo ? 1e3 : 1;
  return hz > 0 && hz < 1e12;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i)
    all += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return all;
}

std::string usage_of(const std::string& name, const std::vector<FilterParameter>& table) {
  std::string usage = name;
  for (const FilterParameter& p : table)
    usage += p.standard.empty() ? ":" + p.name : fmt::format("[:{}={}]", p.name, p.standard);
  return usage;
}

}  // namespace

std::string accepted(const FilterParameter& p) {
  switch (p.kind) {
    case FilterValue::time:
      return fmt::format("a time {} 0 with its unit, e.g. 1.5s, 20ms, 100us{}",
                         p.low > 0 ? ">" : ">=", p.choices.empty() ? "" : ", or " + p.choices[0]);
    case FilterValue::rate:
      return "a rate > 0 with its unit, e.g. 50Hz, 2kHz";
    case FilterValue::number:
      return fmt::format("a number in [{}, {}]", p.low, p.high);
    case FilterValue::whole:
      return fmt::format("a whole number in [{:.0f}, {:.0f}]", p.low, p.high);
    case FilterValue::choice:
    case FilterValue::text:
      break;
  }
  return list_of(p.choices);
}

FilterArguments::Value FilterArguments::parse(const FilterParameter& p, const std::string& text) {
  Value v{.text = text};
  bool is_good = true;
  const auto inside = [&p](double x) { return x >= p.low && x <= p.high; };
  const auto word = std::find(p.choices.begin(), p.choices.end(), text);
  switch (p.kind) {
    case FilterValue::time: {
      const auto time = microseconds_in(text);
      const bool is_word = word != p.choices.end();
      v.whole = is_word ? std::numeric_limits<std::int64_t>::max() : time.value_or(0);
      is_good = is_word || (time && static_cast<double>(*time) >= p.low);
      break;
    }
    case FilterValue::rate:
      is_good = read_rate(text, v.number);
      break;
    case FilterValue::number:
      is_good = read_number(text, v.number) && inside(v.number);
      break;
    case FilterValue::whole:
      is_good = read_number(text, v.whole) && inside(static_cast<double>(v.whole));
      break;
    case FilterValue::choice:
      is_good = word != p.choices.end();
      v.whole = word - p.choices.begin();
      break;
    case FilterValue::text:
      is_good = !text.empty();
      break;
  }
  if (!is_good)
    throw Error(ErrorKind::usage, fmt::format("{}: \"{}\", must be {}", p.name, text, accepted(p)));
  return v;
}

FilterArguments::FilterArguments(const std::vector<FilterParameter>& table,
                                 const std::vector<std::string>& words) {
  for (const FilterParameter& p : table) names_.push_back(p.name);
  std::vector<std::optional<std::string>> texts(table.size());
  std::size_t next = 0;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    std::size_t i = next;
    if (equals == std::string::npos) {
      ++next;
    } else {
      const std::string key = word.substr(0, equals);
      i = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), key) - names_.begin());
      if (i == table.size())
        throw Error(ErrorKind::usage,
                    fmt::format("unknown parameter \"{}\"{}", key, did_you_mean(key, names_)));
    }
    if (i >= table.size())
      throw Error(ErrorKind::usage, fmt::format("\"{}\" is one argument too many", word));
    if (texts[i]) throw Error(ErrorKind::usage, fmt::format("{} is given twice", table[i].name));
    texts[i] = equals == std::string::npos ? word : word.substr(equals + 1);
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!texts[i] && table[i].standard.empty())
      throw Error(ErrorKind::usage, fmt::format("{} is missing", table[i].name));
    values_.push_back(parse(table[i], texts[i].value_or(table[i].standard)));
  }
}

const FilterArguments::Value& FilterArguments::value(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  RANVIER_ASSERT(found != names_.end(), "a filter asks for a parameter of its table");
  return values_[static_cast<std::size_t>(found - names_.begin())];
}

const std::vector<Filter>& filters() {
  static const std::vector<Filter> all{
#define RANVIER_ENTRY(name) name##_filter(),
#include "generated/encoding/filters.inc"
#undef RANVIER_ENTRY
  };
  return all;
}

std::unique_ptr<EventFilter> make_filter(const std::string& text) {
  std::vector<std::string> words = split(text, ':');
  const std::string name = words.front();
  words.erase(words.begin());
  std::vector<std::string> names;
  for (const Filter& filter : filters()) {
    names.push_back(filter.name);
    if (filter.name != name) continue;
    try {
      return filter.make(FilterArguments(filter.parameters, words));
    } catch (const Error& e) {
      throw Error(e.kind(), fmt::format("filter \"{}\": {}; usage: {}", text, e.what(),
                                        usage_of(name, filter.parameters)));
    }
  }
  const std::string near = did_you_mean(name, names);
  throw Error(ErrorKind::usage, fmt::format("unknown filter \"{}\"{}", name,
                                            near.empty() ? "; accepted: " + list_of(names) : near));
}

Sensor known(const std::optional<Sensor>& sensor, const char* filter) {
  if (sensor) return *sensor;
  throw Error(ErrorKind::range,
              fmt::format("filter {} needs the sensor's size, which the recording does not tell; "
                          "give it (--sensor WIDTHxHEIGHT)",
                          filter));
}

void fail_outside(const DvsEvent& e, const Sensor& sensor) {
  throw Error(ErrorKind::range,
              fmt::format("an event at ({}, {}) lies outside the sensor of {} x {} pixels", e.x,
                          e.y, sensor.width, sensor.height));
}

}  // namespace ranvier::encoding
