// Any bytes as a recording of any format: the decoder takes them or says Error(parse), reads
// nothing past a piece (the address sanitizer watches), and gives the same events whole as in
// pieces. The first two bytes choose format and piece.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "core/error.h"
#include "encoding/event_file.h"

namespace {
using namespace ranvier::encoding;

/// The events, each piece in memory of its own; nothing when the bytes were refused.
std::optional<std::vector<DvsEvent>> decode(const Format& format, std::span<const std::byte> bytes,
                                            std::size_t piece) {
  std::vector<DvsEvent> events;
  try {
    const auto decoder = format.decoder();
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto part = bytes.subspan(at, std::min(piece, bytes.size() - at));
      const std::vector<std::byte> copy(part.begin(), part.end());
      decoder->decode(copy, events);
    }
    decoder->finish();
  } catch (const ranvier::Error&) {
    return std::nullopt;
  }
  return events;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Format& format = formats()[data[0] % formats().size()];
  const auto bytes = std::as_bytes(std::span(data + 2, size - 2));
  const auto whole = decode(format, bytes, bytes.size() + 1);
  if (whole != decode(format, bytes, std::size_t{data[1]} + 1)) std::abort();
  return 0;
}
