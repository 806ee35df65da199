#include "encoding/dvs_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "core/error.h"
#include "encoding/event_file.h"
#include "encoding/event_pixels.h"

namespace ranvier::encoding {
namespace {

class EventsSource final : public SpikeSource {
 public:
  explicit EventsSource(const SourceSpec& spec)
      : population_(spec.population), pixels_(*spec.population) {
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
      if (time <= window.begin.count()) continue;
      if (const auto neuron = pixels_.neuron(e, population_->file)) out.push_back({time, *neuron});
    }
  }

  void restart_at(Time at) override {
    open();
    std::vector<Firing> passed;
    spikes({at, at}, passed);
  }

 private:
  void open() {
    if (population_->file.empty())
      throw Error(ErrorKind::range, fmt::format("population \"{}\": file: a recording is missing",
                                                population_->name));
    reader_ = std::make_unique<EventReader>(population_->file, reading_of(*population_));
    events_.clear();
    next_ = 0;
    over_ = false;
    first_.reset();
    latest_ = 0;
  }

  const Population* population_;
  EventPixels pixels_;
  std::unique_ptr<EventReader> reader_;
  EventBuffer events_;
  std::size_t next_ = 0;
  bool over_ = false;
  std::optional<std::int64_t> first_;  ///< us, of the first event
  std::int64_t latest_ = 0;            ///< us since the first event
};

}  // namespace

std::vector<std::string> events_options() {
  return {"format", "filter", "width", "height", "polarity"};
}

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
