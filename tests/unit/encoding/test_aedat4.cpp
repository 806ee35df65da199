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
  Bytes bytes = written("lz4", 100);
  std::int64_t table = 0;
  std::memcpy(&table, bytes.data() + 46, 8);
  const std::int64_t none = -1;
  std::memcpy(bytes.data() + 46, &none, 8);
  bytes.resize(static_cast<std::size_t>(table));
  const Decoded d = decode("aedat4", bytes);
  CHECK(d.events.size() == 100);
  CHECK(d.fault.empty());
  CHECK(d.notes ==
        std::vector<std::string>{"no table of packets: the recording was piped or cut short"});
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
