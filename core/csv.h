// Lists in CSV files, a line a row (RFC 4180): a field in "quotes" may hold separators, and "" for
// a quote, but no line end: readers cut a file into lines first. Tested by
// tests/unit/core/test_csv.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ranvier {

/// What stands between the fields of a line.
enum class CsvForm {
  commas,   ///< commas alone: blanks belong to the fields
  numbers,  ///< commas or semicolons, in a line with neither (outside of quotes) blanks;
            ///< blanks around fields are left out, a separator at a line's end begins no field
  blanks,   ///< blanks, any number of them
};

/// The text behind a UTF-8 byte order mark, if it begins with one.
std::string_view without_mark(std::string_view text);

/// Takes the first line off a text, and returns it without its end (\n, \r\n or the text's).
std::string_view take_line(std::string_view& text);

/// Replaces `fields` by those of a line, without their quotes. Throws Error(parse) for a quote that
/// is not closed, or closed in mid-field.
void split_csv(std::string_view line, CsvForm form, std::vector<std::string>& fields);

/// The field in the form `commas` that holds a text: in quotes where it needs them.
std::string csv_field(std::string_view text);

}  // namespace ranvier
