// spike_source_events: a population whose spikes are the events of a recording.
//
// Neuron y * width + x is the pixel (x, y). Option `polarity`: merge (both polarities, size = width
// * height), on or off (one of them alone), split (OFF pixels first, then ON pixels: size = 2 *
// width * height). Option `filter`: filters of events apart by blanks, applied before. Replay
// begins with the first event, at 1 ns; an event t microseconds later spikes t microseconds later.
// Events are read as the run goes, by pieces. Tested by tests/unit/encoding/test_bin40.cpp.
#pragma once
#include "core/source.h"
#include "encoding/format.h"

namespace ranvier::encoding {

/// Names of the options that such a population may have.
std::vector<std::string> events_options();

/// How the recording of such a population is read: its options `format` and `filter`.
ReadOptions reading_of(const Population& population);

/// The source "spike_source_events". Making one throws Error(range) for options that do not fit the
/// population's size, and Error(io | parse) for the file; its spikes throw Error(range) for an
/// event outside the sensor and Error(parse) for a fault.
SourceModel events_source();

}  // namespace ranvier::encoding
