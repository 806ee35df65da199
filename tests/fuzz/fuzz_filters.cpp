// Any text as filters, over events made of the bytes behind its first line: refused with a message,
// or the same events, or fault, whole and in blocks.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "encoding/filter_chain.h"

namespace {

using namespace ranvier;
using namespace ranvier::encoding;

struct Outcome {
  std::vector<DvsEvent> events;
  std::string fault;
};

Outcome filtered(const std::string& text, std::vector<DvsEvent> events, std::size_t piece) {
  Outcome outcome;
  try {
    FilterChain chain({text});
    chain.start(Sensor{300, 200});
    for (std::size_t at = 0; at < events.size(); at += piece) {
      const auto block = std::span(events).subspan(at, std::min(piece, events.size() - at));
      const std::size_t n = chain.apply(block);
      if (n > block.size()) std::abort();
      outcome.events.insert(outcome.events.end(), block.begin(),
                            block.begin() + static_cast<std::ptrdiff_t>(n));
    }
  } catch (const Error& e) {
    outcome.fault = e.what();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* end = static_cast<const std::uint8_t*>(std::memchr(data, '\n', size));
  if (!end) return 0;
  const std::string text(data, end);
  std::vector<DvsEvent> events;
  for (const std::uint8_t* p = end + 1; p + 13 <= data + size; p += 13) {
    std::int64_t t = 0;
    std::uint16_t x = 0, y = 0;
    std::memcpy(&t, p, 8);
    std::memcpy(&x, p + 8, 2);
    std::memcpy(&y, p + 10, 2);
    x &= 511;  // larger maps of pixels are made too slowly to fuzz
    y &= 511;
    events.push_back({t, x, y, (p[12] & 1) != 0});
  }
  const Outcome whole = filtered(text, events, events.size() + 1);
  const Outcome parts = filtered(text, events, 1 + size % 7);
  if (whole.fault != parts.fault) std::abort();
  if (whole.fault.empty() && whole.events != parts.events) std::abort();
  return 0;
}
