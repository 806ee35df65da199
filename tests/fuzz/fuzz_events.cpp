// Any bytes as a recording of any streamed format.
#include "tests/fuzz/check_events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ranvier::encoding::check_streams(std::as_bytes(std::span(data, size)));
  return 0;
}
