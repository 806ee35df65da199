// AEDAT 2.0, AEDAT 3.1 and DAT, record by record as their descriptions say. What other decoders get
// wrong (evutils 0.3.18: DVS128 events whose bit 10 is set are dropped; tonic 1.7.0: x and y of
// DVS128 swapped) is tested here to be right.
#include "core/rng.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Decoded aedat2(const std::string& chip, const std::vector<std::uint32_t>& words,
               const ReadOptions& options = {}) {
  Bytes bytes = bytes_of("#!AER-DAT2.0\r\n# a comment\r\n" +
                         (chip.empty() ? "" : "# AEChip: " + chip + "\r\n"));
  append_big(bytes, words);
  return decode("aedat2", bytes, options);
}

std::uint32_t dvs128(std::uint32_t x, std::uint32_t y, std::uint32_t off) {
  return y << 8 | x << 1 | off;
}
std::uint32_t davis(std::uint32_t x, std::uint32_t y, std::uint32_t on) {
  return y << 22 | x << 12 | on << 11;
}

struct Packet {
  std::int16_t type;
  std::int32_t size, overflow, capacity, number;
};

void append_packet(Bytes& bytes, const Packet& p, const std::vector<std::uint32_t>& words) {
  append(bytes, p.type);
  append(bytes, std::int16_t{1});
  append_all(bytes,
             std::vector<std::int32_t>{p.size, 4, p.overflow, p.capacity, p.number, p.number});
  append_all(bytes, words);
}

const std::string header31 =
    "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n";

std::uint32_t polarity(std::uint32_t x, std::uint32_t y, std::uint32_t on) {
  return x << 17 | y << 2 | on << 1 | 1;
}

}  // namespace

TEST_CASE("AEDAT 2.0 of a DVS128 is turned over in x and y, and bit 0 is OFF", "[encoding]") {
  const std::vector<std::uint32_t> words{dvs128(0, 0, 0), 5, dvs128(127, 1, 1), 6};
  const Decoded d = aedat2("ch.unizh.ini.jaer.chip.retina.DVS128", words);
  CHECK(d.events == Events{{5, 127, 127, true}, {6, 0, 126, false}});
  CHECK(d.description == "AEDAT 2.0 DVS128");
  CHECK(d.sensor == Sensor{128, 128});
  CHECK(aedat2("DVS128", words, {.flip = false}).events ==
        Events{{5, 0, 0, true}, {6, 127, 1, false}});
}

TEST_CASE("events of a DVS128 with address bit 10 are kept, sync events with bit 15 are not",
          "[encoding]") {
  const Decoded d = aedat2("DVS128", {dvs128(10, 4, 0), 1, 0x8000, 2, dvs128(10, 7, 0), 3});
  CHECK(d.events == Events{{1, 117, 123, true}, {3, 117, 120, true}});
}

TEST_CASE("AEDAT 2.0 of a DAVIS leaves out frames, IMU words and external inputs", "[encoding]") {
  const Decoded d = aedat2("eu.seebetter.ini.chips.davis.DAVIS240C",
                           {davis(0, 0, 1), 1, 0x80000000 | davis(3, 3, 0), 2, 0x80000C00, 3,
                            davis(5, 5, 0) | 0x400, 4, davis(239, 179, 0), 5});
  CHECK(d.events == Events{{1, 239, 179, true}, {5, 0, 0, false}});
  CHECK(d.description == "AEDAT 2.0 DAVIS");
  CHECK(aedat2("DAVIS346", {davis(345, 259, 1), 1}).events == Events{{1, 0, 0, true}});
}

TEST_CASE("AEDAT 2.0 times are unsigned, wrap by 2^32, and other falls stay", "[encoding]") {
  const Decoded d = aedat2("DVS128", {0, 0x8000'0001, 0, 0xFFFF'FFFF, 0, 1, 0, 0});
  CHECK(d.events == Events{{0x8000'0001, 127, 127, true},
                           {0xFFFF'FFFF, 127, 127, true},
                           {0x1'0000'0001, 127, 127, true},
                           {0x1'0000'0000, 127, 127, true}});
}

TEST_CASE("AEDAT 2.0 data that start with '#' are not a header line", "[encoding]") {
  // 0x23 is '#', and 0x0A further on a newline.
  const std::uint32_t address = 0x2300'0000 | 20 << 12;
  const Decoded d = aedat2("DAVIS240C", {address, 0x0A, address, 0x0B});
  REQUIRE(d.events.size() == 2);
  CHECK(d.events[0] == DvsEvent{10, 219, 39, false});
}

TEST_CASE("AEDAT 2.0 without a chip is told by the first address, and says so", "[encoding]") {
  CHECK(aedat2("", {davis(20, 3, 1), 1}).description == "AEDAT 2.0 DAVIS");
  CHECK(aedat2("", {dvs128(20, 3, 1), 1}).description == "AEDAT 2.0 DVS128");
  CHECK(aedat2("", {dvs128(20, 3, 1), 1}).notes.size() == 1);
  const Decoded late = aedat2("", {0x8000'0000, 1, 0x8000'0C00, 2, davis(20, 3, 1), 3});
  CHECK(late.events == Events{{3, 219, 176, true}});
  CHECK(aedat2("net.sf.jaer.Cochlea", {0, 0}).fault ==
        "AEChip net.sf.jaer.Cochlea: accepted: DVS128, DAVIS240, DAVIS346");
}

TEST_CASE("an AEDAT 2.0 address outside the sensor is a fault", "[encoding]") {
  const Decoded d = aedat2("DAVIS240C", {davis(1, 1, 1), 1, davis(240, 0, 1), 2});
  CHECK(d.events.size() == 1);
  CHECK(d.fault.find("address 0x000F0800 lies outside the sensor of 240 x 180 pixels") !=
        std::string::npos);
}

TEST_CASE("AEDAT 3.1 packets hold events of one overflow, valid or not", "[encoding]") {
  Bytes bytes = bytes_of(header31);
  append_packet(bytes, {1, 8, 2, 4, 3},
                {polarity(1, 2, 1), 10, polarity(3, 4, 0) & ~1u, 11, polarity(32767, 32767, 0), 12,
                 0xFFFFFFFF, 0xFFFFFFFF});
  append_packet(bytes, {3, 36, 0, 1, 1}, std::vector<std::uint32_t>(9));
  append_packet(bytes, {1, 8, 0, 0, 0}, {});
  append_packet(bytes, {1, 8, 0, 1, 1}, {polarity(5, 6, 1), 0x7FFF'FFFF});
  const Decoded d = decode("aedat31", bytes);
  const std::int64_t base = std::int64_t{2} << 31;
  CHECK(d.events == Events{{base + 10, 1, 2, true},
                           {base + 12, 32767, 32767, false},
                           {0x7FFF'FFFF, 5, 6, true}});
  CHECK(d.fault.empty());
  CHECK(d.sensor == Sensor{128, 128});
}

TEST_CASE("faults of AEDAT 3.1 packets come after the events before them", "[encoding]") {
  Bytes cut = bytes_of(header31);
  append_packet(cut, {1, 8, 0, 2, 2}, {polarity(1, 2, 1), 10});
  CHECK(decode("aedat31", cut).events == Events{{10, 1, 2, true}});
  CHECK(decode("aedat31", cut).fault ==
        "byte " + std::to_string(cut.size()) + ": the last packet is cut off");
  Bytes negative = bytes_of(header31);
  append_packet(negative, {1, 8, 0, 2, 2}, {polarity(1, 2, 1), 10, polarity(1, 2, 1), 0xFFFF'FFFF});
  CHECK(decode("aedat31", negative).events.size() == 1);
  CHECK(decode("aedat31", negative).fault.find("an event's time is -1, must be >= 0") !=
        std::string::npos);
  Bytes size = bytes_of(header31);
  append_packet(size, {1, 8, 0, 1, 2}, {});
  CHECK(decode("aedat31", size).fault.find("a packet's header says 2 of 1 events of 8 bytes") !=
        std::string::npos);
}

TEST_CASE("DAT times that rise, fall and wrap are counted one by one", "[encoding]") {
  Bytes bytes = bytes_of("% Version 2\n");
  bytes.push_back(std::byte{0x0C});
  bytes.push_back(std::byte{8});
  Events expected;
  std::int64_t t = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto r = random_block(derive_key(6, Stream::source, 0), i, 0);
    t += r[3] % 8 == 0 ? (std::int64_t{1} << 30) + r[0] % 1000 : r[0] % 50;
    const std::int64_t back = r[3] % 8 == 1 && t > 100 ? r[0] % 100 : 0;
    const std::uint32_t x = r[1] & 0x3FFF, y = r[2] & 0x3FFF, on = r[3] >> 8 & 1;
    append(bytes, static_cast<std::uint32_t>(t - back));
    append(bytes, x | y << 14 | on << 28 | (r[3] >> 9 & 7) << 29);  // the last three bits: unused
    expected.push_back(
        {t - back, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), on == 1});
  }
  REQUIRE(t > std::int64_t{10} << 32);
  const Decoded d = decode("dat", bytes);
  CHECK(d.events == expected);
}

TEST_CASE("DAT events are two words, and time wraps by 2^32", "[encoding]") {
  Bytes bytes = bytes_of("% Width 304\n% Height 240\n% Version 2\n");
  bytes.push_back(std::byte{0x0C});
  bytes.push_back(std::byte{8});
  append_all(bytes, std::vector<std::uint32_t>{0xFFFF'FFF0, 303 | 239 << 14 | 1u << 28, 1,
                                               0x3FFF | 0x3FFF << 14, 0, 0});
  const Decoded d = decode("dat", bytes);
  CHECK(d.events == Events{{0xFFFF'FFF0, 303, 239, true},
                           {0x1'0000'0001, 16383, 16383, false},
                           {0x1'0000'0000, 0, 0, false}});
  CHECK(d.sensor == Sensor{304, 240});
  bytes.pop_back();
  CHECK(decode("dat", bytes).events.size() == 2);
  CHECK_FALSE(decode("dat", bytes).fault.empty());
}

TEST_CASE("a DAT header that names a sensor that there cannot be is refused", "[encoding]") {
  Bytes bytes = bytes_of("% Width 304\n% Height 65537\n");
  append_all(bytes, std::vector<std::uint8_t>{0x0C, 8});
  append_all(bytes, std::vector<std::uint32_t>{5, 303 | 239 << 14});
  const Decoded d = decode("dat", bytes);
  CHECK(d.fault ==
        "byte 0: the header names a sensor of 304 x 65537 pixels, must be at most 65536 x 65536 "
        "(--sensor WIDTHxHEIGHT wins over it)");
  CHECK_FALSE(d.sensor.has_value());
  CHECK(decode("dat", bytes, {.sensor = Sensor{304, 240}}).events == Events{{5, 303, 239, false}});
  Bytes longer = bytes_of("% Width 18446744073709551617\n% Height 240\n");
  append_all(longer, std::vector<std::uint8_t>{0x0C, 8});
  CHECK(decode("dat", longer).fault.find("a sensor of 18446744073709551617 x 240 pixels") !=
        std::string::npos);
}
