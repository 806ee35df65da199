// Any bytes as a recording of any streamed format: the decoder takes them or says Error, reads
// nothing past a piece (the address sanitizer watches: each piece is memory of its own), claims no
// more memory than goes with the bytes, and gives the same events and the same fault whole as in
// pieces. Bytes go to the formats that recognise them, to all if none does, and always to those
// without a magic.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "encoding/event_file.h"

namespace {
using namespace ranvier::encoding;

struct Decoded {
  EventBuffer events;
  std::string fault;
};

Decoded decode(const Format& format, std::span<const std::byte> bytes, std::size_t piece) {
  Decoded result;
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
  } catch (const ranvier::Error& e) {
    result.fault = e.what();
  }
  return result;
}

void check(const Format& format, std::span<const std::byte> bytes) {
  const Decoded whole = decode(format, bytes, bytes.size() + 1);
  // The densest are EVT 3.0 with 12 events in two bytes and packed AEDAT 4.
  const std::size_t most = format.name == "aedat4" ? 16 * bytes.size() + 65'536 : 6 * bytes.size();
  if (whole.events.size() > most) std::abort();
  const std::size_t sum = std::accumulate(
      bytes.begin(), bytes.end(), std::size_t{0},
      [](std::size_t n, std::byte b) { return n + std::to_integer<std::size_t>(b); });
  const Decoded parts = decode(format, bytes, 1 + sum % 97);
  if (!(whole.events == parts.events) || whole.fault != parts.fault) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const bool is_known = std::any_of(formats().begin(), formats().end(), [&](const Format& f) {
    return f.decoder && f.matches && f.matches(bytes);
  });
  for (const Format& format : formats())
    if (format.decoder && (!format.matches || !is_known || format.matches(bytes)))
      check(format, bytes);
  return 0;
}
