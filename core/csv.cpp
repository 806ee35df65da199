#include "core/csv.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.h"

namespace ranvier {
namespace {

constexpr std::string_view mark = "\xEF\xBB\xBF", blanks = " \t";

/// Takes the blanks off a text's begin.
void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

/// Whether a comma or a semicolon stands outside of quotes.
bool has_mark_outside(std::string_view line) {
  bool in_quotes = false;
  return std::any_of(line.begin(), line.end(), [&in_quotes](char c) {
    if (c == '"') in_quotes = !in_quotes;
    return !in_quotes && (c == ',' || c == ';');
  });
}

/// Takes a field in quotes off a text that begins with one.
void take_quoted(std::string_view& text, std::string& field) {
  for (;;) {
    text.remove_prefix(1);
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos)
      throw Error(ErrorKind::parse, "a quote that is not closed");
    field.append(text.substr(0, quote));
    text.remove_prefix(quote + 1);
    if (!text.starts_with('"')) return;
    field += '"';
  }
}

}  // namespace

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void split_csv(std::string_view line, CsvForm form, std::vector<std::string>& fields) {
  fields.clear();
  const bool has_mark = form == CsvForm::numbers && has_mark_outside(line);
  const bool is_blank = form == CsvForm::blanks || (form == CsvForm::numbers && !has_mark);
  const std::string_view separators = is_blank ? blanks : has_mark ? ",;" : ",";
  const auto trim = [&] {
    if (form != CsvForm::commas) skip_blanks(line);
  };
  trim();
  if (line.empty()) return;
  for (;;) {
    std::string& field = fields.emplace_back();
    const bool quoted = line.starts_with('"');
    if (quoted) {
      take_quoted(line, field);
    } else {
      field = line.substr(0, line.find_first_of(separators));
      line.remove_prefix(field.size());
      if (has_mark) field.erase(field.find_last_not_of(blanks) + 1);
    }
    const bool behind_blank = is_blank && !line.empty() && blanks.find(line[0]) != blanks.npos;
    trim();
    if (line.empty()) return;
    if (!behind_blank) {
      if (separators.find(line[0]) == separators.npos)
        throw Error(
            ErrorKind::parse,
            fmt::format("\"{}\" is closed in mid-field: a quote inside is written \"\"", field));
      line.remove_prefix(1);
      trim();
      if (line.empty() && has_mark) return;
    }
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace ranvier
