#include "encoding/dvs_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "core/error.h"
#include "encoding/event_file.h"

namespace ranvier::encoding {
namespace {

enum class Polarity { merge, split, on, off };

Polarity polarity_named(const std::string& name, const std::string& where) {
  if (name.empty() || name == "merge") return Polarity::merge;
  if (name == "split") return Polarity::split;
  if (name == "on") return Polarity::on;
  if (name == "off") return Polarity::off;
  throw Error(
      ErrorKind::range,
      fmt::format("{}: options/polarity: \"{}\", must be merge, split, on or off", where, name));
}

std::string option_of(const Population& population, const char* name) {
  const auto found = population.options.find(name);
  return found == population.options.end() ? "" : found->second;
}

class EventsSource final : public SpikeSource {
 public:
  explicit EventsSource(const SourceSpec& spec)
      : population_(spec.population),
        where_(fmt::format("population \"{}\"", spec.population->name)) {
    width_ = whole("width");
    height_ = whole("height");
    polarity_ = polarity_named(option("polarity"), where_);
    const std::int64_t needed = width_ * height_ * (polarity_ == Polarity::split ? 2 : 1);
    if (needed != population_->size)
      throw Error(ErrorKind::range,
                  fmt::format("{}: size: {}, must be {} for {} x {} pixels with polarity {}",
                              where_, population_->size, needed, width_, height_,
                              option("polarity").empty() ? "merge" : option("polarity")));
    open();
  }

  void spikes(Window window, std::vector<Firing>& out) override {
    for (;;) {
      if (next_ == events_.size()) {
        if (over_) break;
        next_ = 0;
        over_ = !reader_->read(events_);
        if (over_) break;
      }
      const DvsEvent& e = events_[next_];
      if (!first_) first_ = e.t;
      const std::int64_t since = time_between(*first_, e.t);
      if (since < latest_)
        throw Error(ErrorKind::range, fmt::format("{}: an event at {} us comes after one at {} us; "
                                                  "replay needs times that do not step back",
                                                  population_->file, e.t, latest_ + *first_));
      if (since > std::numeric_limits<std::int64_t>::max() / 1000)
        throw Error(ErrorKind::range,
                    fmt::format("{}: an event comes {} us after the first, beyond replay's clock",
                                population_->file, since));
      const std::int64_t time = std::max<std::int64_t>(1, since * 1000);
      if (time > window.end.count()) break;
      latest_ = since;
      ++next_;
      if (time > window.begin.count()) take(e, time, out);
    }
  }

  void restart_at(Time at) override {
    open();
    std::vector<Firing> passed;
    spikes({at, at}, passed);
  }

 private:
  std::string option(const char* name) const { return option_of(*population_, name); }

  std::int64_t whole(const char* name) const {
    const std::string text = option(name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 65'536)
      throw Error(ErrorKind::range,
                  fmt::format("{}: options/{}: \"{}\", must be a whole number in [1, 65536]",
                              where_, name, text));
    return value;
  }

  void open() {
    if (population_->file.empty())
      throw Error(ErrorKind::range, fmt::format("{}: file: a recording is missing", where_));
    reader_ = std::make_unique<EventReader>(population_->file, reading_of(*population_));
    events_.clear();
    next_ = 0;
    over_ = false;
    first_.reset();
    latest_ = 0;
  }

  void take(const DvsEvent& e, std::int64_t time, std::vector<Firing>& out) const {
    if (e.x >= width_ || e.y >= height_)
      throw Error(
          ErrorKind::range,
          fmt::format(
              "{}: an event at ({}, {}) lies outside the sensor of {} x {} pixels ({}: options)",
              population_->file, e.x, e.y, width_, height_, where_));
    if ((polarity_ == Polarity::on && !e.on) || (polarity_ == Polarity::off && e.on)) return;
    std::int64_t neuron = e.y * width_ + e.x;
    if (polarity_ == Polarity::split && e.on) neuron += width_ * height_;
    out.push_back({time, static_cast<std::uint32_t>(neuron)});
  }

  const Population* population_;
  std::string where_;
  std::int64_t width_ = 0, height_ = 0;
  Polarity polarity_ = Polarity::merge;
  std::unique_ptr<EventReader> reader_;
  EventBuffer events_;
  std::size_t next_ = 0;
  bool over_ = false;
  std::optional<std::int64_t> first_;  ///< us, of the first event
  std::int64_t latest_ = 0;            ///< us since the first event
};

}  // namespace

ReadOptions reading_of(const Population& population) {
  ReadOptions read{.format = option_of(population, "format")};
  if (std::string filters = option_of(population, "filter"); !filters.empty())
    read.filters.push_back(std::move(filters));
  return read;
}

SourceModel events_source() {
  return {"spike_source_events",
          "the events of an event-camera recording",
          {},
          true,
          [](const SourceSpec& spec) -> std::unique_ptr<SpikeSource> {
            return std::make_unique<EventsSource>(spec);
          }};
}

}  // namespace ranvier::encoding
