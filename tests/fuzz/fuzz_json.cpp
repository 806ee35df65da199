// Any text: parse_json takes it or says Error(parse); what it took is written and read back as the
// same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "core/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ranvier::Json value;
  try {
    value = ranvier::parse_json(text, "fuzz.json");
  } catch (const ranvier::Error&) {
    return 0;
  }
  if (!(ranvier::parse_json(ranvier::to_text(value), "again.json") == value)) std::abort();
  return 0;
}
