#include "encoding/line_header.h"

#include <charconv>

#include "encoding/bytes.h"

namespace ranvier::encoding {
namespace {

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 && c != '\t' && c != '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

std::optional<std::size_t> header_length(std::span<const std::byte> bytes, std::string_view mark,
                                         std::string_view end, bool last) {
  const std::string_view text = text_of(bytes);
  std::size_t line = 0;
  for (;;) {
    const std::string_view rest = text.substr(line);
    if (rest.size() < mark.size() && !last) return std::nullopt;
    if (!rest.starts_with(mark)) return line;
    std::size_t at = 0;
    while (at < rest.size() && !is_control(rest[at])) ++at;
    if (at == rest.size()) return std::nullopt;
    if (rest[at] != '\n') return line;
    line += at + 1;
    const std::string_view content = trimmed(rest.substr(0, at));
    if (!end.empty() && content.starts_with(end) &&
        (content.size() == end.size() || content[end.size()] == ' '))
      return line;
  }
}

std::string_view header_lines(std::span<const std::byte> head, std::string_view mark,
                              std::string_view end) {
  const std::string_view text = text_of(head);
  const std::size_t newline = text.rfind('\n');
  const std::size_t whole = newline == std::string_view::npos ? 0 : newline + 1;
  return text.substr(0, header_length(head.first(whole), mark, end, true).value_or(0));
}

std::string header_value(std::string_view header, std::string_view key) {
  while (!header.empty()) {
    const std::size_t end = header.find('\n');
    std::string_view line = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    line = trimmed(line.empty() ? line : line.substr(1));
    if (line.starts_with(key) && line.size() > key.size() &&
        (line[key.size()] == ' ' || key.back() == ':'))
      return std::string(trimmed(line.substr(key.size())));
  }
  return "";
}

std::string field_value(std::string_view fields, std::string_view key) {
  while (!fields.empty()) {
    const std::size_t end = fields.find(';');
    const std::string_view field = fields.substr(0, end);
    fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
    if (field.starts_with(key) && field.size() > key.size() && field[key.size()] == '=')
      return std::string(field.substr(key.size() + 1));
  }
  return "";
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace ranvier::encoding
