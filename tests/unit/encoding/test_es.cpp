// Event Stream, byte by byte as its description says.
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Bytes es(std::uint8_t type, const std::vector<int>& data) {
  Bytes bytes = bytes_of("Event Stream");
  for (const int b : {2, 0, 0, static_cast<int>(type)}) bytes.push_back(static_cast<std::byte>(b));
  if (type != 0) append_all(bytes, std::vector<std::uint16_t>{320, 240});
  for (const int b : data) bytes.push_back(static_cast<std::byte>(b));
  return bytes;
}

}  // namespace

TEST_CASE("Event Stream DVS times add up, 0xFF is 127 more, 0xFE nothing, y counts from the bottom",
          "[encoding]") {
  const Bytes bytes = es(1, {0xFF, 0xFF, 0xFE, 0x07, 1, 1, 0, 0, 0xFC, 63, 0, 239, 0});
  const Decoded d = decode("es", bytes);
  CHECK(d.events == Events{{257, 257, 239, true}, {383, 63, 0, false}});
  CHECK(d.sensor == Sensor{320, 240});
  CHECK(decode("es", bytes, {.flip = false}).events ==
        Events{{257, 257, 0, true}, {383, 63, 239, false}});
}

TEST_CASE("Event Stream ATIS threshold crossings are left out but move time", "[encoding]") {
  const Decoded d =
      decode("es", es(2, {0xFC, 0xFE, 0x06, 2, 0, 0, 0, 0x05, 3, 0, 0, 0, 0x04, 4, 0, 0, 0}));
  CHECK(d.events == Events{{127, 2, 239, true}, {129, 4, 239, false}});
}

TEST_CASE("Event Stream colour events have no polarity", "[encoding]") {
  const Decoded d =
      decode("es", es(4, {0xFF, 0x03, 2, 0, 1, 0, 9, 9, 9, 0x00, 3, 0, 1, 0, 9, 9, 9}));
  CHECK(d.events == Events{{257, 2, 238, false}, {257, 3, 238, false}});
}

TEST_CASE("Event Stream generic payloads have sizes of seven bits a byte", "[encoding]") {
  std::vector<int> data{0x05, 0x03, 0x02};  // 1 + 1 * 128 bytes
  data.insert(data.end(), 129, 0xFF);
  data.insert(data.end(), {0xFF, 0xFE, 0x01, 0x00});
  const Decoded d = decode("es", es(0, data));
  CHECK(d.events == Events{{5, 0, 0, false}, {260, 0, 0, false}});
  CHECK(d.fault.empty());
  data.resize(100);
  CHECK(decode("es", es(0, data)).events.size() == 1);
  CHECK(decode("es", es(0, data)).fault == "byte 116: the last payload is cut off");
}

TEST_CASE("faults of Event Stream files", "[encoding]") {
  CHECK(decode("es", es(1, {0, 64, 1, 0, 0})).fault ==
        "byte 20: an event at (320, 0) lies outside the sensor of 320 x 240 pixels");
  CHECK(decode("es", es(3, {})).fault.find("Event Stream type 3") != std::string::npos);
  CHECK(decode("es", es(1, {0, 1, 0, 0, 0, 0, 1})).fault == "byte 25: cut");
}
