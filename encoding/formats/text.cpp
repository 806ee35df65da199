// text: one event a line, numbers separated by blanks, commas, semicolons or tabs; a line whose
// first character is # is a comment. A header line of names is obeyed (t, x, y, p and their usual
// other names; faery's x@WIDTH,y@HEIGHT give the sensor); without one the order is t x y p
// (Mueggler et al. 2017). Times are seconds where one has a decimal point, else microseconds; a
// fraction that no microsecond holds is rounded half to even. Polarity is 1 (ON), 0 or -1 (OFF),
// true or false. --columns and --time-unit win. What was assumed is in the notes. A UTF-8 byte
// order mark is passed over. Written with faery's header, in microseconds.
//
// Source: Mueggler et al. 2017, "The event-camera dataset and simulator"; faery's CSV. Tested by
// tests/unit/encoding/test_text.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "core/csv.h"
#include "encoding/bytes.h"
#include "encoding/format.h"
#include "encoding/line_header.h"
#include "encoding/text_number.h"

namespace ranvier::encoding {
namespace {

enum class Column : std::uint8_t { t, x, y, p, other };
enum class Unit { unknown, s, us, other };

bool is_separator(char c) { return c == ' ' || c == '\t' || c == ',' || c == ';'; }
bool ends_line(char c) { return c == '\n' || c == '\r'; }

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (is_separator(c) || ends_line(c)) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    } else {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

/// Which columns hold what, and in what unit.
struct Layout {
  std::vector<Column> columns;
  Unit unit = Unit::unknown;
  std::string unit_name{};    ///< as the column of times gives it; empty: it does not
  std::string width, height;  ///< of the sensor, as written

  bool has(Column c) const { return std::count(columns.begin(), columns.end(), c) == 1; }
  bool is_whole() const {
    return has(Column::t) && has(Column::x) && has(Column::y) && has(Column::p);
  }
};

/// Whether a column of this name holds times; `unit` becomes what stands behind the name, as in
/// t_us, t[us] and time(us).
bool is_time(std::string_view given, std::string& unit) {
  const std::size_t at = given.find_first_of("_[(");
  const std::string_view name = given.substr(0, at);
  if (name != "t" && name != "ts" && name != "time" && name != "timestamp") return false;
  if (at == std::string_view::npos) return true;
  const std::string_view rest = given.substr(at + 1);
  unit = rest.substr(0, given[at] == '_' ? rest.size() : rest.find_first_of("])"));
  return given[at] != '_' || unit == "s" || unit == "ms" || unit == "us" || unit == "ns";
}

Unit unit_named(std::string_view name) {
  if (name.empty()) return Unit::unknown;
  if (name == "s") return Unit::s;
  return name == "us" || name == "\u00B5s" || name == "\u03BCs" ? Unit::us : Unit::other;
}

/// The layout that names of columns describe.
Layout layout_of(const std::vector<std::string>& names) {
  Layout layout;
  for (const std::string& given : names) {
    const std::size_t at = given.find('@');
    const std::string name = given.substr(0, given.find_first_of("@[("));
    Column column = Column::other;
    if (name == "x") column = Column::x;
    if (name == "y") column = Column::y;
    if (name == "p" || name == "pol" || name == "polarity" || name == "on") column = Column::p;
    if (std::string unit; is_time(given, unit)) {
      column = Column::t;
      layout.unit = unit_named(unit);
      layout.unit_name = unit;
    }
    const std::string pixels = at == std::string::npos ? "" : given.substr(at + 1);
    if (column == Column::x) layout.width = pixels;
    if (column == Column::y) layout.height = pixels;
    layout.columns.push_back(column);
  }
  return layout;
}

bool starts_number(const std::string& word) {
  return std::isdigit(static_cast<unsigned char>(word[0])) != 0 || word[0] == '-' ||
         word[0] == '+' || word[0] == '.';
}

class TextDecoder final : public Decoder {
 public:
  explicit TextDecoder(const ReadOptions& options) : sensor_(options.sensor) {
    if (!options.columns.empty()) {
      layout_ = layout_of(words_of(options.columns));
      settled_ = true;
      if (!layout_.is_whole())
        throw Error(
            ErrorKind::usage,
            fmt::format("--columns: \"{}\", must name t, x, y and p once each", options.columns));
      const WrittenSensor written = written_sensor(layout_.width, layout_.height);
      if (!sensor_ && !written.fault.empty())
        throw Error(ErrorKind::usage, "--columns names " + written.fault);
      if (!sensor_) sensor_ = written.sensor;
      if (layout_.unit == Unit::other && options.time_unit.empty())
        throw Error(ErrorKind::usage, fmt::format("--columns: times in \"{}\", accepted: s and us",
                                                  layout_.unit_name));
    }
    if (options.time_unit == "s") given_unit_ = Unit::s;
    if (options.time_unit == "us") given_unit_ = Unit::us;
    if (!options.time_unit.empty() && given_unit_ == Unit::unknown)
      throw Error(ErrorKind::usage,
                  fmt::format("--time-unit: \"{}\", must be s or us", options.time_unit));
  }

  std::size_t decode(const Input& in, EventBuffer& out) override {
    const std::string_view text = text_of(in.bytes);
    const std::size_t newline = text.rfind('\n');
    const std::size_t whole = newline == std::string_view::npos ? 0 : newline + 1;
    // A byte order mark, if the text begins with one.
    const std::size_t begin = in.position == 0 ? text.size() - without_mark(text).size() : 0;
    if (whole > 0) lines(text.substr(begin, whole - begin), in.position + begin, out);
    if (!in.last || whole == text.size()) return whole;
    const std::size_t rest = std::max(begin, whole);
    lines(std::string(text.substr(rest)) + '\n', in.position + rest, out);
    return text.size();
  }

  std::string description() const override { return "text t x y p"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (assumed_) all.push_back("no header: columns taken as t x y p");
    if (assumed_unit_)
      all.push_back(unit_ == Unit::s ? "times have a decimal point: taken as seconds"
                                     : "times have no decimal point: taken as microseconds");
    return all;
  }

 private:
  void lines(std::string_view text, std::uint64_t position, EventBuffer& out) {
    const char* p = text.data();
    const char* const end = p + text.size();
    constexpr std::size_t block = 1024;
    while (p != end) {
      DvsEvent* const begin = out.claim(block);
      DvsEvent* event = begin;
      const char* fault = nullptr;
      const bool is_plain = unit_ == Unit::us && layout_.columns.size() == 4 && layout_.is_whole();
      while (p != end && event != begin + block && !fault) {
        const char* const line = p;
        if (is_plain && end - p >= longest_plain && parse_plain(p, event)) {
          ++event;
          continue;
        }
        p = line;
        if (settled_ && unit_ != Unit::unknown && parse(p, event)) {
          ++event;
          continue;
        }
        p = line;
        const auto at = position + static_cast<std::uint64_t>(line - text.data());
        if (!rare_line(p, event, at)) fault = line;
      }
      out.commit(static_cast<std::size_t>(event - begin));
      if (fault) fail(fault, position + static_cast<std::uint64_t>(fault - text.data()));
    }
  }

  /// The usual line: four numbers of digits alone, one separator between them; false, with p
  /// anywhere, for any other. Reads up to longest_plain bytes.
  bool parse_plain(const char*& p, DvsEvent* event) const {
    std::uint64_t values[4];
    for (std::size_t k = 0; k < 4; ++k) {
      if (!read_plain(p, values[static_cast<std::size_t>(layout_.columns[k])])) return false;
      if (k < 3 ? !is_separator(*p) : *p != '\n') return false;
      ++p;
    }
    const auto [t, x, y, on] = values;
    if ((x | y) > 0xFFFF || on > 1) return false;
    put(event, static_cast<std::int64_t>(t), static_cast<std::uint32_t>(x),
        static_cast<std::uint32_t>(y), static_cast<std::uint32_t>(on));
    return true;
  }
  static constexpr std::ptrdiff_t longest_plain = 4 * 16 + 3;

  /// An event's line, to the next one; false, with p anywhere, if it is none.
  bool parse(const char*& p, DvsEvent* event) const {
    std::int64_t t = 0, number = 0;
    std::uint32_t x = 0, y = 0, on = 0;
    bool has_point = false;
    for (const Column column : layout_.columns) {
      while (is_separator(*p)) ++p;
      switch (column) {
        case Column::t:
          if (!read_scaled(p, unit_ == Unit::s ? 6 : 0, t, has_point)) return false;
          if (has_point && assumed_unit_ && unit_ == Unit::us) return false;
          break;
        case Column::x:
          if (!read_whole(p, number) || number < 0 || number > 0xFFFF) return false;
          x = static_cast<std::uint32_t>(number);
          break;
        case Column::y:
          if (!read_whole(p, number) || number < 0 || number > 0xFFFF) return false;
          y = static_cast<std::uint32_t>(number);
          break;
        case Column::p:
          if (!read_polarity(p, number)) return false;
          on = number > 0;
          break;
        case Column::other:
          while (!is_separator(*p) && !ends_line(*p)) ++p;
          break;
      }
      if (!is_separator(*p) && !ends_line(*p)) return false;
    }
    while (is_separator(*p) || *p == '\r') ++p;
    if (*p != '\n') return false;
    ++p;
    put(event, t, x, y, on);
    return true;
  }

  static bool read_polarity(const char*& p, std::int64_t& value) {
    if (std::isalpha(static_cast<unsigned char>(*p)) != 0) {
      const std::string_view word(
          p,
          static_cast<std::size_t>(
              std::find_if(p, p + 6, [](char c) { return is_separator(c) || ends_line(c); }) - p));
      const bool yes = word == "true" || word == "True", no = word == "false" || word == "False";
      value = yes;
      p += word.size();
      return yes || no;
    }
    return read_whole(p, value) && value >= -1 && value <= 1;
  }

  /// A line that is empty, a comment or a header, or comes before columns and unit are known; false
  /// if it is none of these. Throws Error(parse) for a sensor that there cannot be.
  bool rare_line(const char*& p, DvsEvent*& event, std::uint64_t position) {
    const char* end = p;
    while (*end != '\n') ++end;
    const std::string_view line(p, static_cast<std::size_t>(end - p));
    const auto words = words_of(line);
    const bool comment = !words.empty() && words[0][0] == '#';
    const bool header = !words.empty() && !comment && !started_ && !starts_number(words[0]);
    if (words.empty() || comment || header) {
      if ((comment || header) && !started_ && !settled_) {
        const Layout layout = layout_of(words_of(line.substr(comment ? line.find('#') + 1 : 0)));
        if (layout.is_whole()) layout_ = layout;
        settled_ = layout.is_whole();
        if (settled_)
          sensor_ = named_sensor(written_sensor(layout.width, layout.height), sensor_, position);
        if (settled_ && layout.unit == Unit::other && given_unit_ == Unit::unknown)
          fail_at(position, fmt::format("the header gives times in \"{}\", accepted: s and us "
                                        "(--time-unit wins over it)",
                                        layout.unit_name));
        if (header && !settled_) return false;
      }
      started_ |= header;
      p = end + 1;
      return true;
    }
    started_ = true;
    if (!settled_) {
      layout_ = layout_of({"t", "x", "y", "p"});
      settled_ = assumed_ = true;
    }
    if (unit_ != Unit::unknown) return false;
    return first_events(p, event);
  }

  /// An event's line while the unit is open: a time of 0 leaves it so, being the same in both.
  bool first_events(const char*& p, DvsEvent*& event) {
    const char* const line = p;
    unit_ = given_unit_ != Unit::unknown ? given_unit_ : layout_.unit;
    if (unit_ == Unit::unknown) {
      const auto column = static_cast<std::size_t>(
          std::find(layout_.columns.begin(), layout_.columns.end(), Column::t) -
          layout_.columns.begin());
      for (std::size_t i = 0; i <= column; ++i) {
        while (is_separator(*p)) ++p;
        if (i < column)
          while (!is_separator(*p) && !ends_line(*p)) ++p;
      }
      std::int64_t t = 0;
      bool has_point = false;
      if (!read_scaled(p, 0, t, has_point)) return false;
      unit_ = has_point ? Unit::s : Unit::us;
      assumed_unit_ = has_point || t != 0;
    }
    p = line;
    const bool parsed = parse(p, event);
    event += parsed;
    if (!parsed) assumed_unit_ = false;  // no event told it
    if (parsed && given_unit_ == Unit::unknown && layout_.unit == Unit::unknown && !assumed_unit_)
      unit_ = Unit::unknown;
    return parsed;
  }

  [[noreturn]] void fail(const char* line, std::uint64_t position) const {
    const char* end = line;
    while (!ends_line(*end) && end - line < 60) ++end;
    std::string shown(line, end);
    for (char& c : shown)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E) c = '?';
    fail_at(position,
            fmt::format("\"{}\" is not an event of {} fields with {}{}", shown,
                        std::max<std::size_t>(4, layout_.columns.size()),
                        "whole x and y up to 65535, polarity -1, 0 or 1 and a time of up to 18 "
                        "digits",
                        assumed_unit_ && unit_ == Unit::us
                            ? ", without decimal point like those before (--time-unit s?)"
                            : ""));
  }

  std::optional<Sensor> sensor_;
  Layout layout_;
  Unit unit_ = Unit::unknown, given_unit_ = Unit::unknown;
  bool settled_ = false;  ///< the columns are known
  bool started_ = false;  ///< a header or an event has come
  bool assumed_ = false, assumed_unit_ = false;
};

class TextEncoder final : public Encoder {
 public:
  explicit TextEncoder(const WriteOptions& options) : sensor_(options.sensor) {}
  void encode(std::span<const DvsEvent> events, Bytes& out) override {
    if (!started_) header(out);
    std::array<char, 64> line;
    for (const DvsEvent& e : events) {
      char* end = line.data();
      for (const std::int64_t number :
           {e.t, std::int64_t{e.x}, std::int64_t{e.y}, std::int64_t{e.on}}) {
        end = std::to_chars(end, line.data() + line.size(), number).ptr;
        *end++ = ',';
      }
      end[-1] = '\n';
      append_all(out, std::span<const char>(line.data(), end));
    }
  }
  void finish(Bytes& out) override {
    if (!started_) header(out);
  }

 private:
  void header(Bytes& out) {
    started_ = true;
    append_text(out, sensor_ ? fmt::format("t,x@{},y@{},on\n", sensor_->width, sensor_->height)
                             : std::string("t_us,x,y,on\n"));
  }
  std::optional<Sensor> sensor_;
  bool started_ = false;
};

/// Text whose first line that is no comment is a header or has four numbers.
bool is_plausible(std::span<const std::byte> head, bool whole) {
  std::string_view text = without_mark(text_of(head));
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') return false;
  if (!whole) text = text.substr(0, text.rfind('\n') + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const auto words = words_of(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    if (words.empty() || words[0][0] == '#') continue;
    return layout_of(words).is_whole() || (words.size() >= 4 && starts_number(words[0]));
  }
  return whole;
}

}  // namespace

Format text_format() {
  return {.name = "text",
          .summary = "text or CSV, one event a line: t x y p, or as a header says",
          .extensions = {".txt", ".csv", ".tsv"},
          .plausible = is_plausible,
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<TextDecoder>(options);
          },
          .encoder = [](const WriteOptions& options) -> std::unique_ptr<Encoder> {
            return std::make_unique<TextEncoder>(options);
          }};
}

}  // namespace ranvier::encoding
