// Connections from a CSV file: source,target[,weight[,delay]] a line; commas, semicolons, tabs or
// spaces between, fields in quotes or not; lines that start with # and one header line of the words
// source, target, weight, delay are allowed.
#include "app/document_parts.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "core/csv.h"

namespace ranvier::app {
namespace {

struct Row {
  const Place& file;
  std::size_t line;
  const std::vector<std::string>& words;

  [[noreturn]] void fail(const std::string& what, ErrorKind kind) const {
    file.fail(fmt::format("\"{}\", line {}: {}", file.text(), line, what), kind);
  }
  double number(std::size_t column) const {
    double value = 0;
    const std::string& word = words[column];
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (status != std::errc() || end != word.data() + word.size())
      fail(fmt::format("\"{}\", must be a number", word), ErrorKind::parse);
    return value;
  }
  std::uint32_t index(std::size_t column, std::int64_t size) const {
    const double value = number(column);
    if (!(value >= 0 && value < static_cast<double>(size) && value == std::trunc(value)))
      fail(fmt::format("{} {}, must be a whole number from 0 to {}",
                       column == 0 ? "source" : "target", words[column], size - 1),
           ErrorKind::range);
    return static_cast<std::uint32_t>(value);
  }
};

}  // namespace

ConnectionList read_connections_csv(const Loading& loading, const Place& file,
                                    std::int64_t n_sources, std::int64_t n_targets) {
  const std::string text = read_text(loading.file(file), std::size_t{4} << 30);
  ConnectionList list;
  std::size_t width = 0, number = 0;
  std::vector<std::string> words;
  for (std::string_view left = without_mark(text); !left.empty();) {
    const std::string_view line = take_line(left);
    const Row row{file, ++number, words};
    if (line.starts_with("#")) continue;
    try {
      split_csv(line, CsvForm::numbers, words);
    } catch (const Error& error) {
      row.fail(error.what(), error.kind());
    }
    if (words.empty() || words[0].starts_with("#")) continue;
    if (list.sources.empty() && words[0] == "source") continue;
    if (words.size() < 2 || words.size() > 4)
      row.fail(fmt::format("{} columns, must be source, target[, weight[, delay]]", words.size()),
               ErrorKind::parse);
    if (width != 0 && words.size() != width)
      row.fail(fmt::format("{} columns, the first connection has {}", words.size(), width),
               ErrorKind::parse);
    width = words.size();
    list.sources.push_back(row.index(0, n_sources));
    list.targets.push_back(row.index(1, n_targets));
    if (width > 2) list.weights.push_back(row.number(2));
    if (width > 3) list.delays.push_back(row.number(3));
  }
  return list;
}

}  // namespace ranvier::app
