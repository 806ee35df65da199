// hdf5: events in HDF5 files, by the names of their data sets:
//
//   events/{x, y, p, t}      DSEC, RVT; t in us, `t_offset` is added
//   events/{xs, ys, ps, ts}  E2VID, ESIM; ts in seconds; root attribute sensor_resolution (h, w)
//   davis/left/events        MVSEC; columns x, y, t in seconds, p
//   CD/events, events        Prophesee and others; compounds of x, y, p, t in us
//   raw_events/{x, y, p, t}, {x, y, p, t}
//
// p > 0 is ON. Where the layout does not fix the unit, real times need --time-unit s or us, which
// wins. Written in DSEC's layout (t in 64 bits, ms_to_idx where times do not step back), packed by
// shuffle and gzip. A whole file, not a stream.
//
// Source: the data sets' public descriptions. Tested by tests/unit/encoding/test_array_files.py.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/hdf5.h"
#include "core/hdf5_columns.h"
#include "encoding/bytes.h"
#include "encoding/format.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "\x89HDF\r\n\x1a\n";
constexpr std::size_t rows_at_once = 16'384;
using Place = hdf5::Column::Place;

/// Where the four columns lie, in the order t, x, y, p.
struct Layout {
  const char* needs;  ///< a data set that the layout has
  std::array<Place, 4> places;
  bool seconds = false;  ///< real times are seconds, by the layout
};

std::vector<Layout> layouts() {
  const auto separate = [](const std::string& group, const char* s) {
    return std::array<Place, 4>{
        Place{.dataset = group + "t" + s}, Place{.dataset = group + "x" + s},
        Place{.dataset = group + "y" + s}, Place{.dataset = group + "p" + s}};
  };
  const auto compound = [](const std::string& dataset) {
    return std::array<Place, 4>{
        Place{.dataset = dataset, .member = "t"}, Place{.dataset = dataset, .member = "x"},
        Place{.dataset = dataset, .member = "y"}, Place{.dataset = dataset, .member = "p"}};
  };
  const auto column = [](std::uint64_t c) {
    return Place{.dataset = "davis/left/events", .column = c};
  };
  return {{"events/t", separate("events/", ""), false},
          {"events/ts", separate("events/", "s"), true},
          {"davis/left/events", {column(2), column(0), column(1), column(3)}, true},
          {"CD/events", compound("CD/events"), false},
          {"raw_events/t", separate("raw_events/", ""), false},
          {"t", separate("", ""), false},
          {"events", compound("events"), false}};
}

std::string without_path(const Error& e, const std::filesystem::path& path) {
  const std::string what = e.what(), prefix = path.string() + ": ";
  return what.starts_with(prefix) ? what.substr(prefix.size()) : what;
}

/// Events for which room is made before they are read: HDF5 may say any number.
constexpr std::uint64_t most_reserved = std::uint64_t{1} << 26;

class Hdf5Recording final : public Recording {
 public:
  Hdf5Recording(const std::filesystem::path& path, const ReadOptions& options)
      : path_(path), sensor_(options.sensor) {
    try {
      open(options);
    } catch (const Error& e) {
      throw Error(e.kind() == ErrorKind::io ? ErrorKind::parse : e.kind(), without_path(e, path_));
    }
  }

  bool read(EventBuffer& out) override {
    const std::size_t n =
        static_cast<std::size_t>(std::min<std::uint64_t>(rows_at_once, rows_ - row_));
    if (n == 0) return false;
    try {
      read_times(n);
      for (std::size_t c = 1; c < 4; ++c) read_whole(c, n);
    } catch (const Error& e) {
      throw Error(ErrorKind::parse, fmt::format("row {}: {}", row_, without_path(e, path_)));
    }
    DvsEvent* event = out.claim(n);
    std::int64_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t x = values_[1][i], y = values_[2][i];
      outside |= x | y;
      put(event + i, values_[0][i], static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y),
          values_[3][i] > 0);
    }
    if (static_cast<std::uint64_t>(outside) > 0xFFFF) fail_outside(n, out);
    out.commit(n);
    row_ += n;
    return true;
  }

  std::size_t size() const override { return std::min<std::uint64_t>(rows_, most_reserved); }
  std::string description() const override { return "HDF5 events"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override { return {"events are those of " + name_}; }

 private:
  void open(const ReadOptions& options) {
    const hdf5::File file = hdf5::File::open(path_);
    for (const Layout& layout : layouts()) {
      if (!file.exists(layout.needs) || file.is_group(layout.needs)) continue;
      name_ = layout.needs;
      for (const Place& place : layout.places) columns_.emplace_back(path_, place);
      rows_ = columns_[0].size();
      for (const hdf5::Column& c : columns_)
        if (c.size() != rows_)
          throw Error(ErrorKind::parse, "the columns of events differ in length");
      scale_ = scale_of(options.time_unit, layout.seconds);
      break;
    }
    if (columns_.empty())
      throw Error(ErrorKind::parse,
                  "holds no events that are known here: events/{x,y,p,t}, events/{xs,ys,ps,ts}, "
                  "davis/left/events, CD/events, raw_events/{x,y,p,t}, or x, y, p, t");
    for (const char* offset : {"t_offset", "events/t_offset"})
      if (file.exists(offset)) {
        const auto value = file.read_integers(offset, 1);
        if (value.size() == 1) offset_ = value[0];
      }
    const auto size = hdf5::integer_attribute(path_, "/", "sensor_resolution");
    if (sensor_ || size.size() != 2 || std::min(size[0], size[1]) <= 0) return;
    const std::string fault =
        fault_of_sides(static_cast<std::uint64_t>(size[1]), static_cast<std::uint64_t>(size[0]));
    if (!fault.empty()) throw Error(ErrorKind::parse, "attribute sensor_resolution names " + fault);
    sensor_ = Sensor{static_cast<std::uint32_t>(size[1]), static_cast<std::uint32_t>(size[0])};
  }

  double scale_of(const std::string& unit, bool seconds) const {
    if (!unit.empty() && unit != "s" && unit != "us")
      throw Error(ErrorKind::usage, fmt::format("--time-unit: \"{}\", must be s or us", unit));
    if (unit == "s") return 1e6;
    if (unit == "us" || columns_[0].is_whole()) return 1;
    if (seconds) return 1e6;
    throw Error(ErrorKind::unsupported,
                "times are real numbers of no known unit: pass --time-unit s or us");
  }

  void read_times(std::size_t n) {
    if (columns_[0].is_whole() && scale_ == 1) {
      columns_[0].read(row_, std::span(values_[0]).first(n));
    } else {
      read_real(0, n);
      for (std::size_t i = 0; i < n; ++i) values_[0][i] = rounded(reals_[i] * scale_);
    }
    std::int64_t beyond = 0;  // negative: a sum has another sign than both of its parts
    for (std::size_t i = 0; i < n; ++i) {
      const auto sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(values_[0][i]) +
                                                 static_cast<std::uint64_t>(offset_));
      beyond |= (sum ^ values_[0][i]) & (sum ^ offset_);
      values_[0][i] = sum;
    }
    if (beyond < 0)
      throw Error(ErrorKind::parse,
                  fmt::format("a time and t_offset = {} us are together beyond 64 bits", offset_));
  }

  void read_whole(std::size_t column, std::size_t n) {
    if (columns_[column].is_whole())
      return columns_[column].read(row_, std::span(values_[column]).first(n));
    read_real(column, n);
    for (std::size_t i = 0; i < n; ++i) {
      values_[column][i] = rounded(reals_[i]);
      if (column == 3) values_[column][i] = reals_[i] > 0;
      else if (reals_[i] != std::nearbyint(reals_[i]))
        throw Error(ErrorKind::parse, fmt::format("{} = {} is no whole number of pixels",
                                                  column == 1 ? "x" : "y", reals_[i]));
    }
  }

  void read_real(std::size_t column, std::size_t n) {
    reals_.resize(rows_at_once);
    columns_[column].read(row_, std::span(reals_).first(n));
  }

  static std::int64_t rounded(double value) {
    if (!(std::fabs(value) < 1e18))
      throw Error(ErrorKind::parse, "a number is not finite or too large");
    return static_cast<std::int64_t>(std::nearbyint(value));
  }

  [[noreturn]] void fail_outside(std::size_t n, EventBuffer& out) const {
    std::size_t good = 0;
    while (good < n && static_cast<std::uint64_t>(values_[1][good] | values_[2][good]) <= 0xFFFF)
      ++good;
    out.commit(good);
    throw Error(ErrorKind::parse, fmt::format("row {}: an event at ({}, {})", row_ + good,
                                              values_[1][good], values_[2][good]));
  }

  std::filesystem::path path_;
  std::optional<Sensor> sensor_;
  std::string name_;
  std::vector<hdf5::Column> columns_;  ///< t, x, y, p
  std::uint64_t rows_ = 0, row_ = 0;
  double scale_ = 1;
  std::int64_t offset_ = 0;  ///< us
  std::array<std::array<std::int64_t, rows_at_once>, 4> values_;
  std::vector<double> reals_;
};

class Hdf5Writer final : public RecordingWriter {
 public:
  Hdf5Writer(const std::filesystem::path& path, const WriteOptions& options) : file_(path) {
    using Type = hdf5::ColumnWriter::Type;
    t_ = file_.add("events/t", Type::i64);
    x_ = file_.add("events/x", Type::u16);
    y_ = file_.add("events/y", Type::u16);
    p_ = file_.add("events/p", Type::u8);
    file_.scalar("t_offset", 0);
    if (options.sensor)
      file_.attribute("/", "sensor_resolution", {options.sensor->height, options.sensor->width});
  }

  void write(std::span<const DvsEvent> events) override {
    while (!events.empty()) {
      const auto part = events.first(std::min(events.size(), rows_at_once));
      column(t_, part, [](const DvsEvent& e) { return e.t; });
      column(x_, part, [](const DvsEvent& e) { return std::int64_t{e.x}; });
      column(y_, part, [](const DvsEvent& e) { return std::int64_t{e.y}; });
      column(p_, part, [](const DvsEvent& e) { return std::int64_t{e.on}; });
      for (const DvsEvent& e : part) index(e.t);
      events = events.subspan(part.size());
    }
  }

  void finish() override {
    if (is_indexed_) file_.append(file_.add("ms_to_idx", hdf5::ColumnWriter::Type::u64), starts_);
    file_.close();
  }

 private:
  template <class Value>
  void column(std::size_t number, std::span<const DvsEvent> events, Value value) {
    numbers_.clear();
    for (const DvsEvent& e : events) numbers_.push_back(value(e));
    file_.append(number, numbers_);
  }

  /// DSEC's index: the first event at or after each millisecond; for times from 0 that rise over at
  /// most a day.
  void index(std::int64_t t) {
    is_indexed_ = is_indexed_ && t >= latest_ && t < std::int64_t{86'400'000'000};
    latest_ = t;
    for (; is_indexed_ && static_cast<std::int64_t>(starts_.size()) * 1000 <= t;)
      starts_.push_back(n_);
    ++n_;
  }

  hdf5::ColumnWriter file_;
  std::size_t t_, x_, y_, p_;
  std::vector<std::int64_t> numbers_, starts_;
  std::int64_t latest_ = 0, n_ = 0;
  bool is_indexed_ = true;
};

}  // namespace

Format hdf5_format() {
  return {.name = "hdf5",
          .summary = "HDF5 of DSEC, E2VID, MVSEC, Prophesee and others",
          .extensions = {".h5", ".hdf5"},
          .matches = [](std::span<const std::byte> head) { return starts_with(head, magic); },
          .open = [](const std::filesystem::path& path,
                     const ReadOptions& options) -> std::unique_ptr<Recording> {
            return std::make_unique<Hdf5Recording>(path, options);
          },
          .create = [](const std::filesystem::path& path,
                       const WriteOptions& options) -> std::unique_ptr<RecordingWriter> {
            return std::make_unique<Hdf5Writer>(path, options);
          }};
}

}  // namespace ranvier::encoding
