// JSON text from a Json value (core/json.h). Doubles take the shortest form that reads back as the
// same bits (std::to_chars), always with a sign of being real ("2.0", "-0.0", "1e+300"), so that an
// integer field stays one.
#include "core/error.h"
#include "core/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ranvier {
namespace {

enum class Layout { pretty, compact };

constexpr std::size_t line_width = 100;

void write_string(const std::string& text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\u{:04x}", byte);
    else out += c;
  }
  out += '"';
}

void write_double(double value, std::string& out) {
  if (!std::isfinite(value))
    throw Error(ErrorKind::internal, "JSON has no NaN and no infinity to write");
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

bool holds_objects(const Json& value) {
  if (value.is_object()) return !value.as_object().empty();
  return value.is_array() &&
         std::any_of(value.as_array().begin(), value.as_array().end(), holds_objects);
}

void write(const Json& value, Layout layout, std::size_t indent, std::string& out);

template <class Items, class Each>
void write_items(const Items& items, Layout layout, std::size_t indent, std::string& out,
                 Each each) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    if (layout == Layout::pretty) (out += '\n').append(indent + 2, ' ');
    each(items[i]);
  }
  if (layout == Layout::pretty && !items.empty()) (out += '\n').append(indent, ' ');
}

void write_object(const Json::Object& fields, Layout layout, std::size_t indent, std::string& out) {
  out += '{';
  write_items(fields, layout, indent, out, [&out, layout, indent](const auto& field) {
    write_string(field.first, out);
    out += layout == Layout::pretty ? ": " : ":";
    write(field.second, layout, indent + 2, out);
  });
  out += '}';
}

/// Appends a leaf object or array on one line if it fits, and says whether it did.
bool write_on_one_line(const Json& value, std::size_t indent, std::string& out) {
  const bool leaf =
      value.is_object()
          ? std::none_of(value.as_object().begin(), value.as_object().end(),
                         [](const auto& field) { return holds_objects(field.second); })
          : !holds_objects(value);
  if (!leaf || (value.is_array() ? value.as_array().size() : value.as_object().size()) > line_width)
    return false;
  std::string line;
  write(value, Layout::compact, 0, line);
  if (indent + line.size() > line_width) return false;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += line[i];
    if (in_string && line[i] == '\\') {
      out += line[++i];  // an escaped quote or backslash does not end the text
      continue;
    }
    if (line[i] == '"') in_string = !in_string;
    if (!in_string && (line[i] == ',' || line[i] == ':')) out += ' ';
  }
  return true;
}

void write(const Json& value, Layout layout, std::size_t indent, std::string& out) {
  const bool container = value.is_array() || value.is_object();
  if (container && layout == Layout::pretty && indent > 0 && write_on_one_line(value, indent, out))
    return;
  if (value.is_object()) return write_object(value.as_object(), layout, indent, out);
  if (value.is_array()) {
    out += '[';
    write_items(value.as_array(), layout, indent, out,
                [&out, layout, indent](const Json& item) { write(item, layout, indent + 2, out); });
    out += ']';
    return;
  }
  if (value.is_null()) out += "null";
  else if (value.is_bool()) out += value.as_bool() ? "true" : "false";
  else if (value.is_string()) write_string(value.as_string(), out);
  else if (const double* real = value.real()) write_double(*real, out);
  else if (value.as_number() < 0) out += std::to_string(value.as_integer());
  else out += std::to_string(value.as_unsigned());
}

}  // namespace

std::string to_text(const Json& value) {
  std::string out;
  write(value, Layout::pretty, 0, out);
  return out += '\n';
}

std::string to_compact_text(const Json& value) {
  std::string out;
  write(value, Layout::compact, 0, out);
  return out;
}

}  // namespace ranvier
