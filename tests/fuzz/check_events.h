// What has to hold for any bytes as a recording; std::abort() where it does not. For the libFuzzer
// programs, and for the mutations of tests/unit/encoding/test_mutations.cpp.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "encoding/event_file.h"

namespace ranvier::encoding {

struct Attempt {
  EventBuffer events;
  std::string fault;
};

/// Decodes bytes that come `piece` at a time, each piece in memory of its own.
inline Attempt attempt(const Format& format, std::span<const std::byte> bytes, std::size_t piece) {
  Attempt result;
  try {
    const auto decoder = format.decoder({});
    std::size_t used = 0, there = 0;
    for (bool last = false; !last;) {
      last = there == bytes.size();
      there = std::min(bytes.size(), there + piece);
      const std::vector<std::byte> copy(bytes.begin() + static_cast<std::ptrdiff_t>(used),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(there));
      const std::size_t taken = decoder->decode({copy, used, last}, result.events);
      if (taken > copy.size()) std::abort();
      used += taken;
    }
    if (used != bytes.size()) result.fault = "cut";
  } catch (const Error& e) {
    result.fault = e.what();
  }
  return result;
}

/// The decoder takes the bytes or says Error, reads nothing past a piece (the address sanitizer
/// watches), gives no more events than go with the bytes, and the same events and fault whole as in
/// pieces.
inline void check_stream(const Format& format, std::span<const std::byte> bytes) {
  const Attempt whole = attempt(format, bytes, bytes.size() + 1);
  // The densest are EVT 3.0 with 12 events in two bytes and packed AEDAT 4.
  const std::size_t most = format.name == "aedat4" ? 16 * bytes.size() + 65'536 : 6 * bytes.size();
  if (whole.events.size() > most) std::abort();
  const std::size_t sum = std::accumulate(
      bytes.begin(), bytes.end(), std::size_t{0},
      [](std::size_t n, std::byte b) { return n + std::to_integer<std::size_t>(b); });
  const Attempt parts = attempt(format, bytes, 1 + sum % 97);
  if (!(whole.events == parts.events) || whole.fault != parts.fault) std::abort();
}

/// Bytes go to the streamed formats that recognise them, to all if none does, and always to those
/// without a magic.
inline void check_streams(std::span<const std::byte> bytes) {
  const bool is_known = std::any_of(formats().begin(), formats().end(), [&](const Format& f) {
    return f.decoder && f.matches && f.matches(bytes);
  });
  for (const Format& format : formats())
    if (format.decoder && (!format.matches || !is_known || format.matches(bytes)))
      check_stream(format, bytes);
}

/// Bytes as a file of a whole-file format (NumPy): the reader takes them or says Error, and reads
/// no more events than the bytes hold. HDF5 is left out: its library is not proof against hostile
/// files.
inline void check_array_file(std::span<const std::byte> bytes) {
  static const int memory = memfd_create("recording", 0);
  if (ftruncate(memory, 0) != 0 ||
      pwrite(memory, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(memory);
  for (const Format& format : formats()) {
    if (!format.open || format.name == "hdf5") continue;
    std::size_t n = 0;
    try {
      const auto recording = format.open(path, {.time_unit = "us"});
      EventBuffer events;
      for (bool more = true; more; n += events.size()) {
        events.clear();
        more = recording->read(events);
      }
    } catch (const Error&) {
    }
    if (n > 1032 * (bytes.size() + 1024)) std::abort();
  }
}

}  // namespace ranvier::encoding
