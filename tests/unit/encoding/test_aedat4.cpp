// AEDAT 4: what damaged and hostile files do. That whole files are read right is tested with those
// of DV and faery (test_recordings.py) and by writing and reading (test_round_trip.cpp).
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Bytes written(const std::string& compression, std::size_t n) {
  const auto encoder =
      format_named("aedat4").encoder({.sensor = Sensor{64, 48}, .compression = compression});
  Events events;
  for (std::size_t i = 0; i < n; ++i)
    events.push_back({static_cast<std::int64_t>(10 * i), static_cast<std::uint16_t>(i % 64),
                      static_cast<std::uint16_t>(i % 48), i % 3 == 0});
  Bytes bytes;
  encoder->encode(events, bytes);
  finish(*encoder, bytes);
  return bytes;
}

/// The file up to its table, which its header says is not there, with that compression.
Bytes without_table(Bytes bytes, std::int32_t compression) {
  std::int64_t table = 0;
  std::memcpy(&table, bytes.data() + 46, 8);
  const std::int64_t none = -1;
  std::memcpy(bytes.data() + 46, &none, 8);
  std::memcpy(bytes.data() + 42, &compression, 4);
  bytes.resize(static_cast<std::size_t>(table));
  return bytes;
}

}  // namespace

TEST_CASE("an AEDAT 4 file that is cut gives its whole packets", "[encoding]") {
  for (const char* compression : {"none", "lz4", "zstd"}) {
    Bytes bytes = written(compression, 20'000);
    const Decoded whole = decode_pieces("aedat4", bytes, bytes.size(), {});
    CHECK(whole.events.size() == 20'000);
    bytes.resize(bytes.size() * 3 / 5);
    const Decoded cut = decode_pieces("aedat4", bytes, 1000, {});
    CHECK(cut.events.size() > 0);
    CHECK(cut.events.size() % 8192 == 0);
    CHECK_FALSE(cut.fault.empty());
  }
}

TEST_CASE("an AEDAT 4 file without a table is read, and that is said", "[encoding]") {
  const Decoded d = decode("aedat4", without_table(written("lz4", 100), 1));
  CHECK(d.events.size() == 100);
  CHECK(d.fault.empty());
  CHECK(d.notes ==
        std::vector<std::string>{"no table of packets: the recording was piped or cut short"});
}

TEST_CASE("AEDAT 4 events have no padding and are on or off, whatever their bytes say",
          "[encoding]") {
  const Bytes good = without_table(written("none", 300), 0);
  const std::size_t packet = 18 + load<std::uint32_t>(good.data() + 14);
  const std::size_t events = packet + 8 + 32;
  const Events expected = decode("aedat4", good).events;
  Bytes odd = good;
  odd[events + 16 * 6 + 12] = std::byte{0x80};  // an event that is on
  for (std::size_t i = 0; i < 300; i += 7) odd[events + 16 * i + 13] = std::byte{0xFF};
  CHECK(decode("aedat4", odd).events == expected);

  // The packet as it is, in a frame of LZ4 with one block that is not packed.
  const auto size = load<std::int32_t>(odd.data() + packet + 4);
  Bytes framed(odd.begin(), odd.begin() + static_cast<std::ptrdiff_t>(packet));
  framed[42] = std::byte{1};
  append_all(framed, std::vector<std::int32_t>{0, 7 + 4 + size + 4, 0x184D'2204});
  append_all(framed, std::vector<std::uint8_t>{0x60, 0x40, 0x82});
  append(framed, static_cast<std::uint32_t>(size) | 1u << 31);
  framed.insert(framed.end(), odd.begin() + static_cast<std::ptrdiff_t>(packet) + 8, odd.end());
  append(framed, std::uint32_t{0});
  const Decoded d = decode("aedat4", framed);
  CHECK(d.fault.empty());
  CHECK(d.events == expected);
}

TEST_CASE("AEDAT 4 packets longer than what is read at once are read to their ends", "[encoding]") {
  const Bytes bytes = written("none", 20'000);
  const auto decoder = format_named("aedat4").decoder({});
  EventBuffer out;
  const std::size_t used = decoder->decode({std::span(bytes).first(65'536), 0, false}, out);
  CHECK(decoder->wanted() == 8 + 32 + 16 * 8192 + 8);
  CHECK(used == 18 + load<std::uint32_t>(bytes.data() + 14));

  const BytesFile file("ranvier_long_packets.aedat4", bytes);
  const EventBuffer all = read_events(file.path());
  CHECK(Events(all.begin(), all.end()) == decode_pieces("aedat4", bytes, bytes.size(), {}).events);
  const BytesFile cut("ranvier_cut_packet.aedat4", Bytes(bytes.begin(), bytes.begin() + 200'000));
  EventReader reader(cut.path());
  EventBuffer whole;
  CHECK_THROWS_AS(reader.read_all(whole), Error);
  CHECK(whole.size() == 8192);
}

TEST_CASE("an AEDAT 4 file whose bytes change anywhere is read or refused, and nothing else",
          "[encoding]") {
  for (const char* compression : {"none", "lz4", "zstd"}) {
    const Bytes good = written(compression, 300);
    for (std::size_t at = 0; at < good.size(); ++at)
      for (const std::byte value : {std::byte{0}, std::byte{0xFF}, good[at] ^ std::byte{0x10}}) {
        Bytes bad = good;
        bad[at] = value;
        const Decoded d = decode_pieces("aedat4", bad, bad.size(), {});
        REQUIRE(d.events.size() <= 300 * 1024);
      }
  }
}

TEST_CASE("an AEDAT 4 header that names a sensor that there cannot be is refused", "[encoding]") {
  const auto of_sensor = [](const Sensor& sensor) {
    const auto encoder = format_named("aedat4").encoder({.sensor = sensor});
    Bytes bytes;
    encoder->encode(Events{{1, 2, 0, true}}, bytes);
    finish(*encoder, bytes);
    return bytes;
  };
  const Bytes hostile = of_sensor({4'294'967'295, 260});
  const Decoded d = decode("aedat4", hostile);
  CHECK(d.fault ==
        "byte 18: the header names a sensor of 4294967295 x 260 pixels, must be at most 65536 x "
        "65536 (--sensor WIDTHxHEIGHT wins over it)");
  CHECK(d.events.empty());
  CHECK_FALSE(d.sensor.has_value());
  const Decoded given = decode("aedat4", hostile, {.sensor = Sensor{346, 260}});
  CHECK(given.events.size() == 1);
  CHECK(given.sensor == Sensor{346, 260});
  CHECK(decode("aedat4", of_sensor({65'536, 1})).sensor == Sensor{65'536, 1});
}

TEST_CASE("an AEDAT 4 packet that claims more bytes than there are is cut off", "[encoding]") {
  Bytes bytes = written("lz4", 10);
  bytes.resize(18 + load<std::uint32_t>(bytes.data() + 14));
  const std::int64_t none = -1;
  std::memcpy(bytes.data() + 46, &none, 8);
  append_all(bytes, std::vector<std::int32_t>{0, 0x7FFF'FFFF});
  const Decoded d = decode("aedat4", bytes);
  CHECK(d.events.empty());
  CHECK_FALSE(d.fault.empty());
}

TEST_CASE("AEDAT 4 packets unpack to no more than goes with the file", "[encoding]") {
  // Equal events pack a thousand to one; real ones do not reach ten.
  const auto encoder =
      format_named("aedat4").encoder({.sensor = Sensor{64, 48}, .compression = "zstd"});
  Bytes bytes;
  encoder->encode(Events(8192 * 64, DvsEvent{0, 0, 0, false}), bytes);
  encoder->finish(bytes);
  const Decoded d = decode_pieces("aedat4", bytes, bytes.size(), {});
  CHECK(d.events.size() <= 16 * bytes.size() + 65'536);
  CHECK(d.fault.find("a packet cannot be unpacked") != std::string::npos);
}
