// Prophesee's EVT 2.0, 2.1 and 3.0, word by word as their public descriptions say. What other
// decoders get wrong (expelliarmus 1.1.12: times after wraps; faery 0.7.1: times that step back are
// clipped, a missing sensor size is guessed, "format EVT21" is not known) is tested here to be
// right.
#include "core/rng.h"
#include "tests/simd_targets.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Decoded evt3(const std::vector<std::uint16_t>& words, std::string header = "% evt 3.0\n% end\n") {
  Bytes bytes = bytes_of(header);
  append_all(bytes, words);
  return decode("evt3", bytes);
}

Decoded evt2(const std::vector<std::uint32_t>& words) {
  Bytes bytes = bytes_of("% evt 2.0\n% geometry 640x480\n");
  append_all(bytes, words);
  return decode("evt2", bytes);
}

std::uint32_t cd(std::uint32_t on, std::uint32_t t, std::uint32_t x, std::uint32_t y) {
  return on << 28 | t << 22 | x << 11 | y;
}
std::uint32_t time_high(std::uint32_t t) { return 0x8u << 28 | t; }

std::uint64_t time_high_21(std::int64_t t) {
  return std::uint64_t{0x8} << 60 | static_cast<std::uint64_t>(t) << 32;
}

struct Words21 {
  std::vector<std::uint64_t> words;
  Events events;
};

/// Vectors of any number of pixels, none too, as a rule of one to five; of `one_in` words one is a
/// TIME_HIGH or one that is left out. The last but one is of no defined type.
Words21 random_words_21(std::uint32_t one_in) {
  Words21 made{{time_high_21(5)}, {}};
  std::int64_t high = 5;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const auto r = random_block(derive_key(3, Stream::source, 0), i, one_in);
    const std::uint64_t on = r[0] & 1, t = r[0] >> 8 & 63, x = r[1] & 0x7FF, y = r[1] >> 16 & 0x7FF;
    if (r[3] % one_in == 0) {
      const bool is_time = r[0] & 6;
      if (is_time) high += r[1] % 3;
      made.words.push_back(is_time ? time_high_21(high)
                                   : (0xA | (r[0] & 1) << 2) * (std::uint64_t{1} << 60) | r[1]);
      continue;
    }
    std::uint32_t mask = r[2] & (r[0] >> 16 & 1 ? ~0u : 0u);
    if (r[3] >> 27 > 0) {
      mask = 1u << (r[2] & 31);
      for (std::uint32_t k = 0; k < 4 && r[0] >> (20 + 2 * k) & 3; ++k)
        mask |= 1u << (r[2] >> (5 * k + 5) & 31);
    }
    made.words.push_back(on << 60 | t << 54 | x << 43 | y << 32 | mask);
    for (std::uint32_t k = 0; k < 32; ++k)
      if (mask >> k & 1)
        made.events.push_back({high << 6 | static_cast<std::int64_t>(t),
                               static_cast<std::uint16_t>(x + k), static_cast<std::uint16_t>(y),
                               on == 1});
  }
  made.words.push_back(std::uint64_t{0x7} << 60);
  made.words.push_back(std::uint64_t{1} << 60 | 1);
  return made;
}

}  // namespace

TEST_CASE("EVT 3.0 words set registers, and ADDR_X is an event", "[encoding]") {
  const Decoded d = evt3({0x8001, 0x6002, 0x0005, 0x2807, 0x2008, 0xE123, 0xA001, 0x6003, 0x2009});
  CHECK(d.events == Events{{0x1002, 7, 5, true}, {0x1002, 8, 5, false}, {0x1003, 9, 5, false}});
  CHECK(d.fault.empty());
}

TEST_CASE("EVT 3.0 vectors cover 12 and 8 pixels and move the base on", "[encoding]") {
  const Decoded d = evt3({0x8000, 0x6001, 0x0002, 0x3864, 0x4801, 0x5082, 0x3000, 0x5001});
  CHECK(d.events == Events{{1, 100, 2, true},
                           {1, 111, 2, true},
                           {1, 113, 2, true},
                           {1, 119, 2, true},
                           {1, 0, 2, false}});
}

TEST_CASE("EVT 3.0 time wraps when TIME_HIGH falls by more than half its range", "[encoding]") {
  const Decoded d = evt3(
      {0x8FFF, 0x6FFF, 0x0000, 0x2001, 0x8000, 0x6000, 0x2002, 0x8FFF, 0x2003, 0x8000, 0x2004});
  CHECK(d.events == Events{{0xFF'FFFF, 1, 0, false},
                           {0x100'0000, 2, 0, false},
                           {0x1FF'F000, 3, 0, false},
                           {0x200'0000, 4, 0, false}});
  CHECK(d.notes ==
        std::vector<std::string>{"the header names no sensor size", "time wrapped 2 times"});
}

TEST_CASE("EVT 3.0 time that steps back is neither clipped nor sorted", "[encoding]") {
  // TIME_HIGH comes before the TIME_LOW that belongs to it, and TIME_LOW falls within a row.
  const Decoded d =
      evt3({0x8000, 0x6FFF, 0x0000, 0x2001, 0x8001, 0x2002, 0x6001, 0x2003, 0x6000, 0x2004});
  CHECK(d.events == Events{{0x0FFF, 1, 0, false},
                           {0x1FFF, 2, 0, false},
                           {0x1001, 3, 0, false},
                           {0x1000, 4, 0, false}});
}

TEST_CASE("EVT 3.0 events before the first TIME_HIGH are left out", "[encoding]") {
  CHECK(evt3({0x6001, 0x0000, 0x2001, 0x3000, 0x4FFF, 0x8000, 0x2002}).events ==
        Events{{1, 2, 0, false}});
}

TEST_CASE("an EVT 3.0 word of no defined type is a fault after the events before it",
          "[encoding]") {
  const Decoded d = evt3({0x8000, 0x2001, 0x9000, 0x2002});
  CHECK(d.events == Events{{0, 1, 0, false}});
  CHECK(d.fault == "byte 20: EVT 3.0 word 0x9000 is of no defined type");
}

TEST_CASE("a sensor size that the header lacks comes from the plugin or is not known",
          "[encoding]") {
  CHECK_FALSE(evt3({0x8000}).sensor);
  const Decoded d = evt3({0x8000}, "% evt 3.0\n% plugin_name hal_plugin_gen41_evk3\n");
  CHECK(d.sensor == Sensor{1280, 720});
  CHECK(d.notes ==
        std::vector<std::string>{"the header names no sensor size: taken from plugin_name"});
  CHECK(evt3({0x8000}, "% format EVT3;height=320;width=321\n% end\n").sensor == Sensor{321, 320});
}

TEST_CASE("an EVT header that names a sensor that there cannot be is refused", "[encoding]") {
  Bytes bytes = bytes_of("% evt 2.0\n% geometry 65537x480\n");
  append_all(bytes, std::vector<std::uint32_t>{time_high(1), cd(1, 3, 639, 479)});
  const Decoded d = decode("evt2", bytes);
  CHECK(d.fault ==
        "byte 0: the header names a sensor of 65537 x 480 pixels, must be at most 65536 x 65536 "
        "(--sensor WIDTHxHEIGHT wins over it)");
  CHECK(d.events.empty());
  CHECK_FALSE(d.sensor.has_value());
  const Decoded given = decode("evt2", bytes, {.sensor = Sensor{640, 480}});
  CHECK(given.events == Events{{67, 639, 479, true}});
  CHECK(given.sensor == Sensor{640, 480});
  CHECK(evt3({0x8000}, "% format EVT3;height=4294967295;width=321\n% end\n")
            .fault.find("a sensor of 321 x 4294967295 pixels") != std::string::npos);
  CHECK(evt3({0x8000}, "% format EVT3;height=65536;width=1\n% end\n").sensor == Sensor{1, 65'536});
}

TEST_CASE("a sensor's side of any number of digits is refused, not passed over", "[encoding]") {
  for (const std::string side : {"4294967296", "18446744073709551617", "1000000000000000000000"}) {
    const std::string sensor =
        "the header names a sensor of " + side + " x 480 pixels, must be at ";
    Bytes bytes = bytes_of("% evt 2.0\n% geometry " + side + "x480\n");
    append_all(bytes, std::vector<std::uint32_t>{time_high(1), cd(1, 3, 639, 479)});
    CHECK(decode("evt2", bytes).fault.find(sensor) != std::string::npos);
    CHECK(decode("evt2", bytes, {.sensor = Sensor{640, 480}}).events.size() == 1);
    CHECK(evt3({0x8000}, "% format EVT3;height=480;width=" + side +
                             "\n% geometry 640x480\n% plugin_name gen41\n% end\n")
              .fault.find(sensor) != std::string::npos);
  }
  CHECK(evt3({0x8000}, "% format EVT3;height=00480;width=0000000000000640\n% end\n").sensor ==
        Sensor{640, 480});
}

TEST_CASE("EVT 2.0 words are events with six bits of time", "[encoding]") {
  const Decoded d = evt2({cd(1, 3, 1, 2), time_high(1), cd(1, 3, 639, 479), 0xA0000001, 0xE0000000,
                          cd(0, 2, 2047, 2047)});
  CHECK(d.events == Events{{67, 639, 479, true}, {66, 2047, 2047, false}});
  CHECK(d.sensor == Sensor{640, 480});
}

TEST_CASE("EVT 2.0 words of all kinds in any order are what their descriptions say one by one",
          "[encoding]") {
  std::vector<std::uint32_t> words{time_high(5)};
  Events expected;
  std::int64_t high = 5;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto r = random_block(derive_key(2, Stream::source, 0), i, 0);
    const std::uint32_t on = r[0] & 1, t = r[0] >> 8 & 63, x = r[1] & 0x7FF, y = r[2] & 0x7FF;
    if (r[3] % 16 < 12) {
      words.push_back(cd(on, t, x, y));
      expected.push_back(
          {high << 6 | t, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), on == 1});
    } else if (r[3] % 16 < 15) {
      words.push_back(time_high(static_cast<std::uint32_t>(high += r[1] % 3)));
    } else {
      words.push_back((r[0] & 1 ? 0xAu : 0xEu) << 28 | (r[1] & 0xFFF'FFFF));
    }
  }
  CHECK(evt2(words).events == expected);
  words.push_back(0x7000'0000);
  words.push_back(cd(1, 1, 1, 1));
  const Decoded d = evt2(words);
  CHECK(d.events == expected);
  CHECK(d.fault.find("EVT 2.0 word 0x70000000 is of no defined type") != std::string::npos);
}

TEST_CASE("EVT 2.0 time goes on over 2^34 us", "[encoding]") {
  const Decoded d = evt2({time_high(0xFFFFFFF), cd(0, 63, 0, 0), time_high(0), cd(0, 0, 0, 0),
                          time_high(0xFFFFFFF), time_high(1), cd(1, 1, 0, 0)});
  const std::int64_t wrap = std::int64_t{1} << 34;
  CHECK(d.events ==
        Events{{wrap - 1, 0, 0, false}, {wrap, 0, 0, false}, {2 * wrap + 65, 0, 0, true}});
  CHECK(d.notes == std::vector<std::string>{"time wrapped 2 times"});
}

TEST_CASE("EVT 2.1 words are masks over 32 pixels, in either order of their halves", "[encoding]") {
  const std::vector<std::uint64_t> words{std::uint64_t{0x8} << 60 | std::uint64_t{5} << 32,
                                         std::uint64_t{1} << 60 | std::uint64_t{7} << 54 |
                                             std::uint64_t{64} << 43 | std::uint64_t{9} << 32 |
                                             0x8000'0005};
  const Events expected{{327, 64, 9, true}, {327, 66, 9, true}, {327, 95, 9, true}};
  Bytes little = bytes_of("% evt 2.1\n% format EVT21;height=128;width=128\n% end\n");
  append_all(little, words);
  CHECK(decode("evt21", little).events == expected);
  Bytes legacy = bytes_of("% endianness legacy\n% format EVT21;endianness=legacy\n% end\n");
  for (const std::uint64_t word : words) append(legacy, word << 32 | word >> 32);
  const Decoded d = decode("evt21", legacy);
  CHECK(d.events == expected);
  CHECK(d.description == "EVT 2.1 (legacy word order)");
}

TEST_CASE("EVT 2.1 words of all kinds in any order are what their descriptions say one by one",
          "[encoding]") {
  // Of so many words one is no vector: in some files nearly every one is, for thousands of words.
  for (const std::uint32_t one_in : {5u, 40u, 4000u})
    for (const bool legacy : {false, true}) {
      const Words21 made = random_words_21(one_in);
      Bytes bytes = bytes_of(legacy ? "% format EVT21;endianness=legacy\n% end\n"
                                    : "% format EVT21;endianness=little\n% end\n");
      for (const std::uint64_t word : made.words)
        append(bytes, legacy ? std::rotl(word, 32) : word);
      INFO("one in " << one_in << (legacy ? ", legacy" : ""));
      test::for_every_simd_target([&] {
        const Decoded d = decode("evt21", bytes);
        CHECK(d.events == made.events);
        CHECK(d.fault.find("is of no defined type") != std::string::npos);
      });
    }
}

TEST_CASE("EVT 2.1 events before the first TIME_HIGH are left out, and time goes on over 2^34 us",
          "[encoding]") {
  Bytes bytes = bytes_of("% evt 2.1\n% format EVT21;height=128;width=128\n% end\n");
  const std::uint64_t pixel = std::uint64_t{63} << 54 | 1;
  append_all(bytes, std::vector<std::uint64_t>{pixel, pixel, pixel, pixel, pixel,
                                               time_high_21(0xFFF'FFFF), pixel, time_high_21(0),
                                               pixel, time_high_21(1), time_high_21(0), pixel});
  const std::int64_t wrap = std::int64_t{1} << 34;
  const Decoded d = decode("evt21", bytes);
  CHECK(d.events ==
        Events{{wrap - 1, 0, 0, false}, {wrap + 63, 0, 0, false}, {wrap + 63, 0, 0, false}});
  CHECK(d.notes == std::vector<std::string>{"time wrapped 1 times"});
}

TEST_CASE("the RAW formats are told apart by their headers", "[encoding]") {
  const auto format_of = [](std::string_view header) {
    const BytesFile file("ranvier_header.raw", bytes_of(header));
    return EventReader(file.path()).format().name;
  };
  CHECK(format_of("% evt 2.0\n") == "evt2");
  CHECK(format_of("% evt 3.0\n% end\n") == "evt3");
  CHECK(format_of("% format EVT21;height=1;width=1\n") == "evt21");
  CHECK(format_of("% format EVT3;height=1;width=1\n") == "evt3");
  CHECK(format_of(std::string_view("% Version 2\n\x0C\x08", 14)) == "dat");
}
