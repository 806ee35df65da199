// Text recordings: columns, units, numbers.
#include "core/rng.h"
#include "encoding/text_number.h"
#include "tests/unit/encoding/decoding.h"

#include <fmt/core.h>

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Decoded text(std::string_view content, const ReadOptions& options = {}) {
  return decode("text", bytes_of(content), options);
}

std::int64_t microseconds(const std::string& number) {
  const std::string line = number + "\n";
  const char* p = line.data();
  std::int64_t value = -1;
  bool has_point = false;
  REQUIRE(read_scaled(p, 6, value, has_point));
  REQUIRE(*p == '\n');
  return value;
}

}  // namespace

TEST_CASE("lines without a header are t x y p, in seconds if they have a decimal point",
          "[encoding]") {
  const Decoded d = text("0 1 2 1\n0.000045000 42 49 0\n1.5\t3\t4\t1\n2 5 6 1");
  CHECK(d.events == Events{{0, 1, 2, true},
                           {45, 42, 49, false},
                           {1'500'000, 3, 4, true},
                           {2'000'000, 5, 6, true}});
  CHECK(d.notes == std::vector<std::string>{"no header: columns taken as t x y p",
                                            "times have a decimal point: taken as seconds"});
  CHECK(text("0,1,2,1\r\n\r\n45,42,49,-1\r\n").events ==
        Events{{0, 1, 2, true}, {45, 42, 49, false}});
}

TEST_CASE("a header names columns, unit and sensor", "[encoding]") {
  const Decoded d = text("t,x@346,y@260,on\n7,1,2,1\n8,3,4,0\n");
  CHECK(d.events == Events{{7, 1, 2, true}, {8, 3, 4, false}});
  CHECK(d.sensor == Sensor{346, 260});
  CHECK(text("# x y polarity timestamp[s]\n1 2 1 3\n").events == Events{{3'000'000, 1, 2, true}});
  CHECK(text("x;y;weight;p;t_us\n1;2;0.5;True;3\n1;2;0.5;false;4\n").events ==
        Events{{3, 1, 2, true}, {4, 1, 2, false}});
}

TEST_CASE("times of a clock that began in 1970 are read as they are written", "[encoding]") {
  const Events events{{1'605'537'493'718'345, 1, 2, true}, {1'605'537'493'718'346, 3, 4, false}};
  for (const char* begin : {"", "t,x@346,y@260,on\n", "# x y\n"})
    CHECK(text(std::string(begin) + "1605537493718345,1,2,1\n1605537493718346,3,4,0\n").events ==
          events);
  CHECK(text("1605537493.718345 1 2 1\n1605537493.718346 3 4 0\n").events == events);
}

TEST_CASE("a header's unit of time is s or us, or refused", "[encoding]") {
  for (const char* time : {"t[s]", "time(s)", "t_s", "timestamp_s"})
    CHECK(text(fmt::format("x,y,p,{}\n1,2,1,3\n", time)).events == Events{{3'000'000, 1, 2, true}});
  for (const char* time : {"t[us]", "ts(us)", "time_us", "t[\u00B5s]"})
    CHECK(text(fmt::format("x,y,p,{}\n1,2,1,3\n", time)).events == Events{{3, 1, 2, true}});
  for (const char* time : {"t[ms]", "time(ms)", "t_ms", "# timestamp_ns", "t(min)"}) {
    const std::string content = fmt::format("{},x,y,p\n3,1,2,1\n", time);
    const Decoded d = text(content);
    CHECK(d.events.empty());
    CHECK(d.fault.find("accepted: s and us (--time-unit wins over it)") != std::string::npos);
    CHECK(text(content, {.time_unit = "us"}).events == Events{{3, 1, 2, true}});
  }
}

TEST_CASE("a byte order mark before a text is passed over", "[encoding]") {
  const std::string mark = "\xEF\xBB\xBF";
  const Events events{{7, 1, 2, true}};
  for (const char* content : {"t,x@346,y@260,on\r\n7,1,2,1\r\n", "# t x y p\n7 1 2 1", "7,1,2,1"}) {
    CHECK(text(mark + content).events == events);
    const BytesFile file("ranvier_mark.csv", bytes_of(mark + content));
    const EventBuffer all = read_events(file.path());
    CHECK(Events(all.begin(), all.end()) == events);
  }
  CHECK(text(mark).fault.empty());
  CHECK(text("7,1,2,1\n" + mark + "8,1,2,1\n").fault.starts_with("byte 8: "));
}

TEST_CASE("a sensor that there cannot be is a fault of the header", "[encoding]") {
  const std::string_view content = "# made by hand\nt,x@65536,y@65537,on\n7,1,2,1\n";
  const Decoded d = text(content);
  CHECK(d.fault ==
        "byte 15: the header names a sensor of 65536 x 65537 pixels, must be at most 65536 x 65536 "
        "(--sensor WIDTHxHEIGHT wins over it)");
  CHECK(d.events.empty());
  CHECK(text(content, {.sensor = Sensor{8, 8}}).events.size() == 1);
  CHECK(text("t,x@65536,y@65536,on\n7,1,2,1\n").sensor == Sensor{65'536, 65'536});
  CHECK(text("t,x@4294967296,y,on\n7,1,2,1\n")
            .fault.starts_with("byte 0: the header names a sensor of 4294967296 x 0 pixels"));
  CHECK_THROWS_WITH(text("7,1,2,1\n", {.columns = "t,x@4294967296,y@8,p"}),
                    "--columns names a sensor of 4294967296 x 8 pixels, must be at most 65536 x "
                    "65536 (--sensor WIDTHxHEIGHT wins over it)");
}

TEST_CASE("--columns and --time-unit win over header and guess", "[encoding]") {
  CHECK(text("1,2,1,3\n", {.columns = "x,y,p,t", .time_unit = "s"}).events ==
        Events{{3'000'000, 1, 2, true}});
  CHECK(text("t,x,y,p\n1,2,1,3\n", {.columns = "x,y,p,t"}).events == Events{{3, 1, 2, true}});
  CHECK(text("2.5 1 1 0\n3.5 1 1 0\n", {.time_unit = "us"}).events ==
        Events{{2, 1, 1, false}, {4, 1, 1, false}});
  CHECK_THROWS_WITH(text("1 2 3 1\n", {.columns = "x,y,t"}),
                    "--columns: \"x,y,t\", must name t, x, y and p once each");
}

TEST_CASE("lines that are no events are faults with their place", "[encoding]") {
  CHECK(text("1 2 3 1\n4 5\n").fault.find("byte 8: \"4 5\" is not an event of 4 fields") == 0);
  CHECK(text("1 2 3 1\n4 5 6 1\n").fault.empty());
  for (const char* line : {"1 2 3 1 9", "1 -2 3 1", "1 65536 3 1", "1 2.5 3 1", "1 2 3 2",
                           "1 2 3 yes", "a b c d", "1 2 3 1x", "9999999999999999999 1 1 1"}) {
    const Decoded d = text(std::string("5 6 7 1\n") + line + "\n");
    CHECK(d.events.size() == 1);
    CHECK_FALSE(d.fault.empty());
  }
  CHECK(text("5 6 7 1\n0.5 6 7 1\n").fault.find("--time-unit s?") != std::string::npos);
  CHECK(text("5 1.5 7 1\n").fault.find("like those before") == std::string::npos);
}

TEST_CASE("seconds become microseconds exactly, ties to even", "[encoding]") {
  CHECK(microseconds("0.000045000") == 45);
  CHECK(microseconds("1605537493.718345") == 1'605'537'493'718'345);
  CHECK(microseconds("0.0000005") == 0);
  CHECK(microseconds("0.0000015") == 2);
  CHECK(microseconds("0.00000050000001") == 1);
  CHECK(microseconds("-0.25") == -250'000);
  CHECK(microseconds(".5") == 500'000);
  CHECK(microseconds("4.5e-05") == 45);
  CHECK(microseconds("1.449996000000000000e+00") == 1'449'996);
}

TEST_CASE("digits taken eight at a time are the number that the C library reads", "[encoding]") {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto r = random_block(derive_key(4, Stream::source, 0), i, 0);
    std::string digits;
    for (std::size_t k = 0; k < r[0] % 19; ++k)
      digits +=
          static_cast<char>('0' + random_block(derive_key(4, Stream::source, 1), i, k)[0] % 10);
    const std::string line = digits + " ,;\n/:-.ex"[r[1] % 11] + std::string(16, '7');
    const char* p = line.data();
    std::uint64_t value = 0;
    const bool is_plain = read_plain(p, value);
    INFO(line);
    CHECK(is_plain == (!digits.empty() && digits.size() < 16));
    if (!is_plain) continue;
    CHECK(value == std::stoull(digits));
    CHECK(p == line.data() + digits.size());
  }
}

TEST_CASE("long texts are read line by line as short ones are", "[encoding]") {
  std::string content = "t,x,y,p\n";
  Events expected;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto r = random_block(derive_key(4, Stream::source, 2), i, 0);
    const std::uint32_t x = r[1] % 1280, y = r[2] % 720;
    const std::int64_t t = r[0] >> r[3] % 32;
    const bool on = r[3] >> 8 & 1;
    const char* const shapes[] = {"{},{},{},{}\n", "{}\t{} {};{}\r\n", " {}, {}, {}, {} \n",
                                  "+{},0{},{}e0,{}\n"};
    // Only the first shape is the usual one, and most lines have it.
    const std::size_t shape = r[3] >> 16 & 3 ? 0 : (r[3] >> 20) % 4;
    content += fmt::format(fmt::runtime(shapes[shape]), t, x, y, on ? 1 : 0);
    expected.push_back({t, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), on});
  }
  CHECK(text(content).events == expected);
}

TEST_CASE("numpy.savetxt's whole numbers with exponents are read", "[encoding]") {
  CHECK(text("4.500000000000000000e-05 4.200000000000000000e+01 4.900000000000000000e+01 "
             "0.000000000000000000e+00\n")
            .events == Events{{45, 42, 49, false}});
}
