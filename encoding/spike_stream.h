// spike_source_stream: a population whose spikes come from a text stream as the run goes: the
// standard input ("file": "-"), a named pipe, or a file.
//
// One spike a line, `TIME NEURON`: ms and the neuron's index in the population, parted by blanks, a
// tab or a comma; empty lines and lines that begin with # are skipped. Times are > 0 and do not
// step back; they are rounded to the nanosecond. The run waits for the first line later than a
// window's end, or for the end of the stream, before it goes on; it keeps a buffer of 64 KiB and no
// more. One rank, the first, reads for all. A pipe is read once, so there is no resuming from a
// checkpoint; a file is read again. Tested by tests/unit/encoding/test_spike_stream.cpp.
#pragma once
#include "core/source.h"

namespace ranvier::encoding {

/// The source "spike_source_stream". Making one throws Error(io) where the file cannot be opened;
/// its spikes throw Error(parse | range) that names file, line, text and what is accepted, and
/// Error(io) where reading fails; restart_at throws Error(unsupported) for what can be read once
/// only.
SourceModel stream_source();

/// Whether what the population reads can be read again from its beginning: it is a regular file.
bool can_read_again(const Population& population);

}  // namespace ranvier::encoding
