// A recording in slices of equal time, in constant memory but for one slice's events.
#pragma once
#include <cstdint>
#include <optional>

#include "encoding/event_file.h"

namespace ranvier::encoding {

/// Slices [first + k width, first + (k + 1) width) of a recording, `first` being its first event's
/// time; slices without events are there too. An event that steps back belongs to the slice that is
/// open.
class TimeSlices {
 public:
  /// \param width  us, > 0; the reader has to outlive the slices
  TimeSlices(EventReader& reader, std::int64_t width) : reader_(&reader), width_(width) {}

  /// Replaces `slice` by the next one; false when the recording is over. Throws as
  /// EventReader::read, after the slices before the fault.
  bool next(EventBuffer& slice);

 private:
  bool read_on(const EventBuffer& slice);

  EventReader* reader_;
  std::int64_t width_;
  EventBuffer events_;
  std::size_t used_ = 0;               ///< of events_
  std::optional<std::int64_t> first_;  ///< us
  std::int64_t index_ = 0;             ///< of the next slice
};

}  // namespace ranvier::encoding
