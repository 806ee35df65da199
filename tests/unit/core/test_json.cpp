// core/json: reading and writing JSON. The grammar is RFC 8259's; shortest doubles are checked by
// reading them back.
#include "core/json.h"

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/json_reader.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {
std::string message_of(const std::string& text) {
  try {
    parse_json(text, "x.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
}  // namespace

TEST_CASE("a JSON document reads back as it was written", "[core][json]") {
  const std::string text =
      R"({"b":1,"a":[true,null,-3,2.5,"x\"\\\n\u00e9"],"o":{},"e":[],"big":18446744073709551615})";
  const Json value = parse_json(text, "x.json");
  CHECK(value.as_object()[0].first == "b");
  CHECK(value.find("big")->as_unsigned() == std::numeric_limits<std::uint64_t>::max());
  CHECK(parse_json(to_text(value), "y.json") == value);
  CHECK(parse_json(to_compact_text(value), "y.json") == value);
}

TEST_CASE("doubles keep every bit through text", "[core][json]") {
  for (const double x :
       {0.1, 1.0 / 3, -0.0, 1e300, 5e-324, 2.0, 123456789012345680.0, std::nextafter(1.0, 2.0)}) {
    const Json back = parse_json(to_compact_text(Json(x)), "x");
    REQUIRE(back.real() != nullptr);
    CHECK(*back.real() == x);
    CHECK(std::signbit(*back.real()) == std::signbit(x));
  }
  CHECK_THROWS_AS(to_text(Json(std::nan(""))), Error);
}

TEST_CASE("integers are told from real numbers", "[core][json]") {
  CHECK(parse_json("3", "x").is_integer());
  CHECK(parse_json("3.0", "x").is_integer());
  CHECK(parse_json("1e6", "x").as_integer() == 1000000);
  CHECK_FALSE(parse_json("3.5", "x").is_integer());
  CHECK_THROWS_AS(parse_json("-1", "x").as_unsigned(), Error);
}

TEST_CASE("an integer beyond 64 bits with a sign is told from those that are asked for",
          "[core][json]") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Json value(std::uint64_t{1} << 63);  // as a double it is the largest one, rounded
  CHECK_THROWS_WITH(Place(value, "x.json").integer(0, most),
                    "x.json: 9223372036854775808, must be from 0 to 9223372036854775807");
  const Json largest(most);
  CHECK(Place(largest, "x.json").integer(0, most) == most);
}

TEST_CASE("broken JSON is refused with its place", "[core][json]") {
  CHECK(message_of("") == "x.json: empty, must hold a JSON object");
  CHECK(message_of("{\"a\":\n  NaN}").find("x.json: line 2, column 3: not JSON: syntax error") ==
        0);
  CHECK(message_of(R"({"a":{"b":[0,{"c":1,"c":2}]}})") == "x.json: /a/b/1/c: given twice");
  CHECK(message_of("[1e999]").find("beyond the range of doubles") != std::string::npos);
  CHECK(message_of(std::string(100000, '[')) == "x.json: nested deeper than 64 levels");
  CHECK(message_of("{} {}").find("not JSON") != std::string::npos);
  CHECK_THROWS_AS(parse_json("[1,2,3]", "x", {64, 4}), Error);
}

TEST_CASE("text is laid out for reading", "[core][json]") {
  Json value;
  value.set("a", Json::array(std::vector<double>{1, 2}))
      .set("b", Json::object({{"c", 1}, {"t", "x:\",y"}}));
  CHECK(to_text(value) == "{\n  \"a\": [1.0, 2.0],\n  \"b\": {\"c\": 1, \"t\": \"x:\\\",y\"}\n}\n");
}
