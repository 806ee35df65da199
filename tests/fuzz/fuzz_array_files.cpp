// Any bytes as a file of a whole-file format.
#include "tests/fuzz/check_events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ranvier::encoding::check_array_file(std::as_bytes(std::span(data, size)));
  return 0;
}
