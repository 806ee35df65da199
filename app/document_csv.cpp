// Connections from a CSV file: source,target[,weight[,delay]] a line; commas, semicolons, tabs or
// spaces between; lines that start with # and one header line of the words source, target, weight,
// delay are allowed.
#include "app/document_parts.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <string_view>

namespace ranvier::app {
namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  const char* const separators = line.find_first_of(",;") != std::string_view::npos ? ",;" : "\t ";
  const auto trimmed = [](std::string_view word) {
    while (!word.empty() && (word.front() == ' ' || word.front() == '\t')) word.remove_prefix(1);
    while (!word.empty() && (word.back() == ' ' || word.back() == '\t' || word.back() == '\r'))
      word.remove_suffix(1);
    return word;
  };
  const bool blanks = separators[0] == '\t';
  for (line = trimmed(line); !line.empty();) {
    const std::size_t end = line.find_first_of(separators);
    const std::string_view word = trimmed(line.substr(0, end));
    if (!blanks || !word.empty()) words.push_back(word);
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return words;
}

struct Row {
  const Place& file;
  std::size_t line;
  const std::vector<std::string_view>& words;

  [[noreturn]] void fail(const std::string& what, ErrorKind kind) const {
    file.fail(fmt::format("\"{}\", line {}: {}", file.text(), line, what), kind);
  }
  double number(std::size_t column) const {
    double value = 0;
    const std::string_view word = words[column];
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
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    begin = end + 1;
    ++number;
    const std::vector<std::string_view> words = split(line);
    if (words.empty() || words[0].starts_with("#")) continue;
    if (list.sources.empty() && words[0] == "source") continue;
    const Row row{file, number, words};
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
