// Events that come from a pipe while the network runs, in windows that close by the wall clock.
//
// The clock starts with the first event that passes the filters. When a window closes, the events
// that have arrived are taken in: those of its time as they are; those that came too late, or whose
// time stepped back, at the earliest time that is still open; those ahead of the clock wait. What
// was taken in is stored with the times it was given, counted from the stream's first event, so
// that replaying the stored recording with the same filters gives the same bits. Tested by
// tests/unit/app/test_replay_live.py.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/document.h"
#include "app/replay/pacer.h"
#include "core/kernel.h"
#include "core/network.h"
#include "encoding/event_pixels.h"
#include "encoding/event_writer.h"
#include "encoding/filter_chain.h"
#include "encoding/live_reader.h"

namespace ranvier::app {

/// How a live input was taken in.
struct LiveReport {
  std::int64_t events = 0;   ///< taken in
  std::int64_t late = 0;     ///< of them given a later time than their own
  double largest_delay = 0;  ///< ms by which one was moved
};

/// The live input of a run, on the rank that reads it.
class LiveInput {
 public:
  /// \param input  population of model spike_source_events; its file is the pipe ("-": standard
  /// input)
  /// \param store  recording to write, in the format of its name
  LiveInput(const Population& input, const std::filesystem::path& store);

  /// Waits for the first event that counts, as long as `keep_going` says yes; returns whether it is
  /// there. Throws Error as EventReader::read, Error(range) for a stream without such an event.
  bool begin(const std::function<bool()>& keep_going);
  /// Takes in what belongs to the window (begin, end] (ns, whole microseconds), as spikes of the
  /// population, whose first neuron is `first`. Throws Error(range) for an event
  /// outside the sensor or a filter that moves events into the past, Error(io), Error(parse).
  /// \returns them, by time
  std::vector<RecordedSpike> take(std::int64_t begin, std::int64_t end, Gid first);
  /// Whether everything has been taken in and nothing will come.
  bool is_over() const { return next_ == waiting_.size() && reader_.is_over(); }
  /// Gives the stored recording its name. Throws Error(io).
  void finish();
  const LiveReport& report() const { return report_; }

 private:
  void start_with(const encoding::DvsEvent& event);
  void drop_used();
  void write_taken();
  std::optional<encoding::DvsEvent> filtered(encoding::DvsEvent event);
  void spike(const encoding::DvsEvent& event, std::int64_t after);

  std::string name_;  ///< of the stream, for messages
  std::filesystem::path store_;
  encoding::EventPixels pixels_;
  encoding::FilterChain filters_;
  bool has_filters_;
  encoding::LiveReader reader_;
  std::optional<encoding::EventWriter> writer_;
  encoding::EventBuffer waiting_;      ///< arrived
  std::size_t next_ = 0;               ///< of waiting_
  encoding::EventBuffer taken_;        ///< to be stored
  std::optional<std::int64_t> base_;   ///< us, the stream's first event: time 0 of the store
  std::int64_t latest_ = 0;            ///< us in the store, of the last event
  std::int64_t start_ = 0;             ///< us in the store, of the run's time 0
  std::optional<std::int64_t> first_;  ///< us, first event behind the filters
  std::vector<Firing> spikes_;         ///< of events taken in
  LiveReport report_;
};

/// Takes the population of model spike_source_events out of a document, which keeps one that is fed
/// in its place. Throws Error(range | unsupported).
Population make_live(Document& document);

/// Moves the kernel to a time (ns), and records on the way.
using MoveTo = std::function<void(std::int64_t)>;

/// Moves the kernel to `until` or to the end of the input, window by window of the clock.
/// \param live     on one rank; null on the others
/// \param move_to  which requests to stop do not end early: a window is a whole one
/// \returns false: ended early on request. Collective. Throws Error together on all ranks.
bool run_live(Kernel& kernel, Pacer& pacer, LiveInput* live, Gid first, std::int64_t until,
              const MoveTo& move_to, const std::function<bool(std::int64_t)>& keep_going,
              Comm& comm);

/// The report as a line of the closing table.
std::string live_text(const LiveReport& report);
/// The report as the field "live" of the summary.
Json live_json(const LiveReport& report);

}  // namespace ranvier::app
