#include "app/replay/live_input.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "app/replay/experiment.h"
#include "core/bytes.h"
#include "core/error.h"
#include "encoding/dvs_source.h"

namespace ranvier::app {

using encoding::DvsEvent;

namespace {

constexpr std::size_t most_ahead = std::size_t{1} << 20;  // events ahead of the clock that are kept

encoding::ReadOptions without_filters(const Population& input) {
  encoding::ReadOptions read = encoding::reading_of(input);
  read.filters.clear();
  return read;
}

}  // namespace

LiveInput::LiveInput(const Population& input, const std::filesystem::path& store)
    : name_(input.file == "-" ? "standard input" : input.file),
      store_(store),
      pixels_(input),
      filters_(encoding::reading_of(input).filters),
      has_filters_(!filters_.empty()),
      reader_(input.file, without_filters(input)) {}

/// The stream's first event is there, and with it what is known of the sensor.
void LiveInput::start_with(const DvsEvent& event) {
  base_ = event.t;
  std::optional<encoding::Sensor> sensor = reader_.sensor();
  if (!sensor && !has_filters_) sensor = pixels_.sensor();
  filters_.start(sensor);
  writer_.emplace(store_, encoding::output_format(store_, ""), encoding::WriteOptions{sensor, ""});
}

void LiveInput::write_taken() {
  if (!taken_.empty()) writer_->write(std::as_const(taken_).events());
  taken_.clear();
}

std::optional<DvsEvent> LiveInput::filtered(DvsEvent event) {
  if (filters_.apply({&event, 1}) == 0) return std::nullopt;
  return event;
}

/// \param after  ns: what is simulated already
void LiveInput::spike(const DvsEvent& event, std::int64_t after) {
  const std::int64_t since = encoding::time_between(*first_, event.t);
  if (since < 0 || since > std::int64_t{1} << 50 || (after > 0 && since * 1000 <= after))
    throw Error(ErrorKind::range,
                fmt::format("{}: a filter moves an event to {} us, which is past (or beyond "
                            "replay's clock)",
                            name_, since));
  if (const auto neuron = pixels_.neuron(event, name_))
    spikes_.push_back({std::max<std::int64_t>(1, since * 1000), *neuron});
}

bool LiveInput::begin(const std::function<bool()>& keep_going) {
  while (!first_) {
    if (!keep_going()) return false;
    reader_.wait(keep_going);
    reader_.take(waiting_);
    if (reader_.is_over() && waiting_.empty())
      throw Error(ErrorKind::range, name_ + ": holds no events");
    for (next_ = 0; next_ < waiting_.size() && !first_; ++next_) {
      DvsEvent event = waiting_[next_];
      if (!base_) start_with(event);
      event.t = latest_ = std::max(latest_, encoding::time_between(*base_, event.t));
      taken_.push_back(event);
      ++report_.events;
      if (const auto kept = filtered(event)) {
        first_ = kept->t;
        start_ = event.t;
        spike(*kept, 0);
      }
    }
    if (!first_) waiting_.clear();
    write_taken();
    if (!first_ && reader_.is_over())
      throw Error(ErrorKind::range, name_ + ": holds no events that pass the filters");
  }
  return true;
}

void LiveInput::drop_used() {
  const std::span<DvsEvent> events = waiting_.events();
  std::copy(events.begin() + static_cast<std::ptrdiff_t>(next_), events.end(), events.begin());
  waiting_.cut(waiting_.size() - next_);
  next_ = 0;
}

std::vector<RecordedSpike> LiveInput::take(std::int64_t begin, std::int64_t end, Gid first) {
  drop_used();
  if (waiting_.size() < most_ahead) reader_.take(waiting_);
  const std::int64_t earliest = start_ + begin / 1000 + (begin > 0 ? 1 : 0);
  for (; next_ < waiting_.size(); ++next_) {
    DvsEvent event = waiting_[next_];
    const std::int64_t own = encoding::time_between(*base_, event.t);
    if (own > start_ + end / 1000) break;  // ahead of the clock
    event.t = latest_ = std::max({own, earliest, latest_});
    ++report_.events;
    report_.late += event.t > own ? 1 : 0;
    report_.largest_delay =
        std::max(report_.largest_delay, static_cast<double>(event.t - own) * 1e-3);
    taken_.push_back(event);
    if (const auto kept = filtered(event)) spike(*kept, begin);
  }
  write_taken();
  std::vector<RecordedSpike> spikes;
  for (const Firing& f : spikes_) spikes.push_back({f.time, first + f.neuron});
  spikes_.clear();
  return spikes;
}

void LiveInput::finish() {
  if (!writer_) return;
  writer_->finish();
  writer_->publish();
  writer_.reset();
}

Population make_live(Document& document) {
  for (const Population& p : document.network.populations)
    if (p.advance == Advance::automatic)
      throw Error(ErrorKind::unsupported,
                  fmt::format("population \"{}\": advance: auto cannot be settled on live input, "
                              "must be clocked or event",
                              p.name));
  Population& fed = event_input(document, "network");
  const Population input = fed;
  fed.model = "spike_source_array";  // without spikes of its own
  fed.spike_times.resize(static_cast<std::size_t>(fed.size));
  fed.file.clear();
  fed.options.clear();
  const encoding::EventPixels pixels(input);  // throws where the options do not fit
  return input;
}

bool run_live(Kernel& kernel, Pacer& pacer, LiveInput* live, Gid first, std::int64_t until,
              const MoveTo& move_to, const std::function<bool(std::int64_t)>& keep_going,
              Comm& comm) {
  while (kernel.now() < until) {
    const std::int64_t end = pacer.next_end(kernel.now(), until);
    pacer.wait_for(end, [&] { return keep_going(kernel.now()); });
    Bytes mine;
    agree_on(comm, [&] {
      if (!live) return;
      try {
        append_all(mine, std::span<const RecordedSpike>(live->take(kernel.now(), end, first)));
      } catch (const Error&) {
        live->finish();  // what came before is worth keeping
        throw;
      }
    });
    for (const Bytes& bytes : comm.all_gather(mine)) kernel.inject(take_all<RecordedSpike>(bytes));
    move_to(end);
    pacer.note(end);
    std::int64_t stop[] = {keep_going(end) ? 0 : 1, live && live->is_over() ? 1 : 0};
    comm.max(stop);
    if (stop[1]) return true;
    if (stop[0]) return kernel.now() >= until;
  }
  return true;
}

std::string live_text(const LiveReport& r) {
  return fmt::format(
      "{} live events taken in, {} of them later than their own time (by {:.2f} ms at most)\n",
      r.events, r.late, r.largest_delay);
}

Json live_json(const LiveReport& r) {
  return Json::object(
      {{"events", r.events}, {"late", r.late}, {"largest_delay_ms", r.largest_delay}});
}

}  // namespace ranvier::app
