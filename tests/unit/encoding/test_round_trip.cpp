// For every format that writes: what is written reads back as the same events, for random
// recordings within the bounds that the format has, however they come in pieces; what it cannot
// hold is refused.
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

/// A small generator of its own, so that the cases are the same everywhere.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 0x9E37'79B9'7F4A'7C15 + 1) {}
  /// Uniform below n.
  std::uint32_t below(std::uint32_t n) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return static_cast<std::uint32_t>((state_ >> 33) % n);
  }

 private:
  std::uint64_t state_;
};

struct Bounds {
  std::uint32_t width, height;
  std::int64_t t_first;
  std::uint32_t longest_gap;  ///< us
  std::uint32_t longest_back = 0;
};

/// Bursts along rows, pauses, and steps back where allowed.
Events recording(Numbers& numbers, const Bounds& bounds, std::size_t n) {
  Events events;
  std::int64_t t = bounds.t_first;
  while (events.size() < n) {
    const bool burst = numbers.below(3) == 0;
    t += burst ? numbers.below(3) : numbers.below(bounds.longest_gap);
    if (bounds.longest_back > 0 && numbers.below(8) == 0)
      t = std::max<std::int64_t>(bounds.t_first, t - numbers.below(bounds.longest_back));
    std::uint32_t x = numbers.below(bounds.width);
    const auto y = static_cast<std::uint16_t>(numbers.below(bounds.height));
    const bool on = numbers.below(2) == 1;
    for (std::uint32_t k = burst ? numbers.below(20) : 0;; --k) {
      events.push_back({t, static_cast<std::uint16_t>(x), y, on});
      x += 1 + numbers.below(3) / 2;
      if (k == 0 || x >= bounds.width) break;
    }
  }
  return events;
}

Bytes encode(const std::string& format, const Events& events, const WriteOptions& options,
             Numbers& numbers) {
  const auto encoder = format_named(format).encoder(options);
  Bytes bytes;
  for (std::size_t at = 0; at < events.size();) {
    const std::size_t n = std::min<std::size_t>(events.size() - at, numbers.below(5000));
    encoder->encode(std::span(events).subspan(at, n), bytes);
    at += n;
  }
  finish(*encoder, bytes);
  return bytes;
}

void require_round_trip(const std::string& format, const Bounds& bounds,
                        const std::string& compression = "") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Numbers numbers(seed);
    const Events events = recording(numbers, bounds, 20'000);
    const WriteOptions options{.sensor = Sensor{bounds.width, bounds.height},
                               .compression = compression};
    const Bytes bytes = encode(format, events, options, numbers);
    for (const std::size_t piece : {std::size_t{61}, bytes.size() + 1}) {
      const Decoded d = decode_pieces(format, bytes, piece, {});
      REQUIRE(d.fault.empty());
      REQUIRE(d.events == events);
      if (format != "bin40") REQUIRE(d.sensor == options.sensor);
    }
  }
}

std::string refusal(const std::string& format, const Events& events,
                    std::optional<Sensor> sensor = Sensor{4096, 4096}) {
  Numbers numbers(1);
  try {
    encode(format, events, {.sensor = sensor}, numbers);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("bin40: written events read back", "[encoding]") {
  require_round_trip("bin40", {256, 256, 0, 200, 1000});
}

TEST_CASE("text: written events read back", "[encoding]") {
  require_round_trip("text", {65'536, 65'536, -1'000'000, 1u << 30, 1u << 30});
}

TEST_CASE("es: written events read back", "[encoding]") {
  require_round_trip("es", {346, 260, 0, 10'000});
  require_round_trip("es", {65'535, 65'535, 1'000'000, 300});
}

TEST_CASE("es: a gap of hours is counted up, gaps without end are refused with what helps",
          "[encoding]") {
  constexpr std::int64_t hour = 3'600'000'000;
  Numbers numbers(1);
  const WriteOptions options{.sensor = Sensor{32, 32}};
  const Events night{{0, 1, 2, true}, {5 * hour, 3, 4, false}, {5 * hour + 254, 5, 6, true}};
  const Bytes bytes = encode("es", night, options, numbers);
  CHECK(bytes.size() == 20 + 3 * 5 + 5 * hour / 127 + 2);
  CHECK(decode_pieces("es", bytes, std::size_t{1} << 16, {}).events == night);
  const std::string why =
      "Event Stream counts time up in bytes of 127 us, here at most 256 MiB (9.5 h of gaps): ";
  CHECK(refusal("es", {{10 * hour, 0, 0, true}}) ==
        why + "36000000000 us is too far from 0 us (--zero-time makes the first event's time 0)");
  const std::string helps =
      " us (aedat4 and hdf5 hold gaps of any length; `ranvier events slice --zero-time` writes the "
      "recording in parts)";
  Events watch;  // an event an hour
  for (std::int64_t k = 0; k < 40; ++k) watch.push_back({k * hour, 0, 0, true});
  CHECK(refusal("es", watch) == why + "36000000000 us is too far from 32400000000" + helps);
  const std::string evt3 = refusal("evt3", {{5, 0, 0, true}, {30 * hour, 0, 0, true}});
  CHECK(evt3.find("(19 h): 108000000000 us is too far from 5" + helps) != std::string::npos);
}

TEST_CASE("es: long recordings of few events a second are written", "[encoding]") {
  const auto encoder = format_named("es").encoder({.sensor = Sensor{32, 32}});
  Events second(200);
  std::int64_t t = 0;
  for (std::int64_t k = 0; k < 50'000; ++k) {  // 14 hours
    for (DvsEvent& e : second) e = {t += 5000, 1, 1, true};
    Bytes bytes;
    encoder->encode(second, bytes);
    REQUIRE(bytes.size() <= 20 + second.size() * (5 + 5000 / 127));
  }
}

TEST_CASE("evt3: written events read back, with vectors, wraps and steps back", "[encoding]") {
  require_round_trip("evt3", {1280, 720, 0, 5'000, 0});
  require_round_trip("evt3", {2048, 2048, 16'000'000, 4'000'000, 0});
  require_round_trip("evt3", {640, 480, std::int64_t{5} << 24, 300, 200});
}

TEST_CASE("aedat4: written events read back, packed in each way", "[encoding]") {
  for (const char* compression : {"none", "lz4", "zstd", ""})
    require_round_trip("aedat4", {32'768, 32'768, 1'605'537'493'718'345, 1u << 20, 1u << 24},
                       compression);
}

TEST_CASE("recordings without events read back", "[encoding]") {
  Numbers numbers(1);
  for (const char* format : {"aedat4", "bin40", "es", "evt3", "text"}) {
    const Decoded d = decode(format, encode(format, {}, {.sensor = Sensor{10, 20}}, numbers));
    CHECK(d.events.empty());
    CHECK(d.fault.empty());
  }
}

TEST_CASE("EVT 3.0 vectors make rows of events shorter than an event each", "[encoding]") {
  Numbers numbers(1);
  Events row;
  for (std::uint16_t x = 0; x < 1200; ++x) row.push_back({7, x, 3, true});
  CHECK(encode("evt3", row, {.sensor = Sensor{1280, 720}}, numbers).size() < 600);
}

TEST_CASE("events that a format cannot hold are refused", "[encoding]") {
  CHECK(refusal("bin40", {{0, 256, 0, true}}).find("not an event at (256, 0), 0 us") !=
        std::string::npos);
  // One that --zero-time would make fit is told of it, as the 23 bits of its times have it.
  const std::string to_zero = " us (--zero-time makes the first event's time 0)";
  CHECK(refusal("bin40", {{(1 << 23) - 1, 0, 0, true}}) == "accepted");
  CHECK(refusal("bin40", {{1 << 23, 0, 0, true}}).ends_with("8388608" + to_zero));
  CHECK(refusal("bin40", {{1, 0, 0, true}, {1 << 23, 0, 0, true}}).ends_with("8388608" + to_zero));
  CHECK(refusal("bin40", {{0, 0, 0, true}, {1 << 23, 0, 0, true}})
            .ends_with("(`ranvier events slice --zero-time` writes the recording in parts)"));
  for (const char* format : {"bin40", "evt3"})
    CHECK(refusal(format, {{-5, 0, 0, true}}).ends_with(" -5" + to_zero));
  CHECK(refusal("es", {{-5, 0, 0, true}}).ends_with("not -5 us after 0" + to_zero));
  CHECK(refusal("es", {{5, 0, 0, true}, {4, 0, 0, true}}).find("not 4 us after 5 us") !=
        std::string::npos);
  CHECK(refusal("es", {{1'605'537'493'718'345, 0, 0, true}}).find("--zero-time") !=
        std::string::npos);
  CHECK(refusal("es", {{0, 4096, 0, true}}).find("lies outside the sensor") != std::string::npos);
  CHECK(refusal("es", {}, {}).find("--sensor") != std::string::npos);
  CHECK(refusal("evt3", {{0, 2048, 0, true}}).find("not an event at (2048, 0)") !=
        std::string::npos);
  CHECK(refusal("evt3", {{1'605'537'493'718'345, 0, 0, true}}).find("--zero-time") !=
        std::string::npos);
  CHECK(refusal("evt3", {{12'000'000, 0, 0, true}, {0, 0, 0, true}})
            .find("a step back from 12000000 to 0 us") != std::string::npos);
  CHECK(refusal("aedat4", {{0, 32'768, 0, true}}).find("(32768, 0)") != std::string::npos);
  CHECK(refusal("aedat4", {}, {}).find("--sensor") != std::string::npos);
}
