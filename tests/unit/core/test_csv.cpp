// Lines of CSV files: RFC 4180's rules (section 2) and its examples, and what lists of numbers and
// SONATA's tables ask for beside them.
#include "core/csv.h"
#include "core/error.h"
#include "tests/catch.h"

using namespace ranvier;
using Fields = std::vector<std::string>;

namespace {

Fields split(std::string_view line, CsvForm form = CsvForm::commas) {
  Fields fields{"of the line before"};
  split_csv(line, form, fields);
  return fields;
}

}  // namespace

TEST_CASE("fields are divided and unquoted as RFC 4180 says", "[core]") {
  CHECK(split("aaa,bbb,ccc") == Fields{"aaa", "bbb", "ccc"});
  CHECK(split("\"aaa\",\"bbb\",ccc") == Fields{"aaa", "bbb", "ccc"});
  CHECK(split("\"aaa\",\"b\"\"bb\",\"ccc\"") == Fields{"aaa", "b\"bb", "ccc"});
  CHECK(split("\"a,b.aedat4\",left") == Fields{"a,b.aedat4", "left"});
  CHECK(split("\"\"\"\"") == Fields{"\""});
  CHECK(split(" a , b ") == Fields{" a ", " b "});  // spaces are part of a field
  CHECK(split("a,,\"\",") == Fields{"a", "", "", ""});
  CHECK(split("5\"disk,b") == Fields{"5\"disk", "b"});
  CHECK(split("").empty());
}

TEST_CASE("a quote that is not closed, or closed in mid-field, is a fault", "[core]") {
  CHECK_THROWS_WITH(split("a,\"b,c"), "a quote that is not closed");
  CHECK_THROWS_WITH(split("\"a\"b,c"),
                    "\"a\" is closed in mid-field: a quote inside is written \"\"");
  CHECK_THROWS_WITH(split("\"a\"b c", CsvForm::blanks),
                    "\"a\" is closed in mid-field: a quote inside is written \"\"");
}

TEST_CASE("lists of numbers are divided by commas, semicolons or blanks", "[core]") {
  const Fields numbers{"1", "-2e-3", "3"};
  for (const char* line : {"1,-2e-3,3", " 1 , -2e-3;3 ", "1\t-2e-3  3", "\"1\", \"-2e-3\" ,\"3\",",
                           "\"1\" \"-2e-3\"\t\"3\" "})
    CHECK(split(line, CsvForm::numbers) == numbers);
  CHECK(split("\"1,5\" 2", CsvForm::numbers) == Fields{"1,5", "2"});
  CHECK(split("\"1;\"\"5\" , 2 3", CsvForm::numbers) == Fields{"1;\"5", "2 3"});
  CHECK(split("1,,3", CsvForm::numbers) == Fields{"1", "", "3"});
  CHECK(split(" \t", CsvForm::numbers).empty());
}

TEST_CASE("tables with blanks between their fields keep commas, and blanks in quotes", "[core]") {
  CHECK(split("1  nest:x \"first \"\"type\"\"\" {\"a\":1,\"b\":2} ", CsvForm::blanks) ==
        Fields{"1", "nest:x", "first \"type\"", "{\"a\":1,\"b\":2}"});
}

TEST_CASE("a text is cut at the line ends of any system, and a byte order mark is left out",
          "[core]") {
  std::string_view text = without_mark(
      "\xEF\xBB\xBF"
      "a\r\nb\n\nc");
  Fields lines;
  while (!text.empty()) lines.emplace_back(take_line(text));
  CHECK(lines == Fields{"a", "b", "", "c"});
  CHECK(without_mark("\xEF\xBB") == "\xEF\xBB");
}

TEST_CASE("a text that was made a field is read back", "[core]") {
  for (const std::string text : {"plain", "a,b", "say \"x\"", "\"", " blank ", ""}) {
    CHECK(split(csv_field(text) + ",end") == Fields{text, "end"});
  }
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a\"b") == "\"a\"\"b\"");
}
