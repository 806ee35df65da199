// Any bytes as a recording of any streamed format: the decoder takes them or says Error, reads
// nothing past a piece (the address sanitizer watches: each piece is memory of its own), claims no
// more memory than goes with the bytes, and gives the same events and the same fault whole as in
// pieces. The first two bytes choose format and piece.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
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
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<const Format*> streams = [] {
    std::vector<const Format*> all;
    for (const Format& format : formats())
      if (format.decoder) all.push_back(&format);
    return all;
  }();
  if (size < 2) return 0;
  const Format& format = *streams[data[0] % streams.size()];
  const auto bytes = std::as_bytes(std::span(data + 2, size - 2));
  const Decoded whole = decode(format, bytes, bytes.size() + 1);
  const Decoded parts = decode(format, bytes, std::size_t{data[1]} + 1);
  if (!(whole.events == parts.events) || whole.fault != parts.fault) std::abort();
  return 0;
}
