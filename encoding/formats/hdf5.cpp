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

#include "core/hdf5.h"
#include "core/hdf5_columns.h"
#include "encoding/bytes.h"
#include "encoding/event_rows.h"
#include "encoding/format.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "\x89HDF\r\n\x1a\n";
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
        static_cast<std::size_t>(std::min<std::uint64_t>(EventRows::at_once, rows_ - row_));
    if (n == 0) return false;
    block_.begin(row_, n);
    try {
      for (std::size_t c = 0; c < 4; ++c) read_column(c);
    } catch (const Error& e) {
      throw Error(ErrorKind::parse, fmt::format("row {}: {}", row_, without_path(e, path_)));
    }
    block_.hand_over(out);
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

  void read_column(std::size_t c) {
    hdf5::Column& column = columns_[c];
    if (column.is_whole() && (c > 0 || scale_ == 1)) {
      column.read(row_, block_.column(c));
      if (column.is_unsigned()) block_.take_unsigned(c);
    } else {
      reals_.resize(EventRows::at_once);
      const auto reals = std::span(reals_).first(block_.size());
      column.read(row_, reals);
      block_.take_reals(c, reals, c == 0 ? scale_ : 1);
    }
    if (c == 0) add_offset();
  }

  void add_offset() {
    const std::span<std::int64_t> times = block_.column(0);
    for (std::size_t i = 0; i < times.size(); ++i)
      if (const std::int64_t t = times[i]; __builtin_add_overflow(t, offset_, &times[i]))
        block_.note(i, fmt::format("t = {} us and t_offset = {} us are together beyond 64 bits", t,
                                   offset_));
  }

  std::filesystem::path path_;
  std::optional<Sensor> sensor_;
  std::string name_;
  std::vector<hdf5::Column> columns_;  ///< t, x, y, p
  std::uint64_t rows_ = 0, row_ = 0;
  double scale_ = 1;
  std::int64_t offset_ = 0;  ///< us
  EventRows block_;
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
      const auto part = events.first(std::min(events.size(), EventRows::at_once));
      column(t_, part, [](const DvsEvent& e) { return e.t; });
      column(x_, part, [](const DvsEvent& e) { return std::int64_t{e.x}; });
      column(y_, part, [](const DvsEvent& e) { return std::int64_t{e.y}; });
      column(p_, part, [](const DvsEvent& e) { return std::int64_t{e.on}; });
      for (const DvsEvent& e : part) index(e.t);
      events = events.subspan(part.size());
    }
  }

  void finish() override {
    if (is_indexed_) append_starts();
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
  /// most a day. It is written as it comes, and taken out again where they do not.
  void index(std::int64_t t) {
    const bool goes_on = is_indexed_ && t >= latest_ && t < std::int64_t{86'400'000'000};
    if (is_indexed_ && !goes_on && index_) file_.remove(*index_);
    is_indexed_ = goes_on;
    latest_ = t;
    for (; is_indexed_ && n_starts_ * 1000 <= t; ++n_starts_) {
      starts_.push_back(n_);
      if (starts_.size() == EventRows::at_once) append_starts();
    }
    ++n_;
  }

  void append_starts() {
    if (!index_) index_ = file_.add("ms_to_idx", hdf5::ColumnWriter::Type::u64);
    file_.append(*index_, starts_);
    starts_.clear();
  }

  hdf5::ColumnWriter file_;
  std::size_t t_, x_, y_, p_;
  std::optional<std::size_t> index_;  ///< column of ms_to_idx, once there is one
  std::vector<std::int64_t> numbers_, starts_;
  std::int64_t latest_ = 0, n_ = 0, n_starts_ = 0;
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
