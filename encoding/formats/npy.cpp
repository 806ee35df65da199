// npy: NumPy arrays. A structured .npy array with fields t, x, y and p (or their usual other
// names), or an .npz archive of arrays with these names, or of one structured array. Whole times
// are microseconds; real ones need --time-unit s or us. p > 0 is ON. A whole file, not a stream.
// Source: numpy.lib.format. Tested by tests/unit/encoding/test_array_files.py.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "encoding/bytes.h"
#include "encoding/event_rows.h"
#include "encoding/format.h"
#include "encoding/npy_array.h"
#include "encoding/zip_archive.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view npy_magic = "\x93NUMPY", npz_magic = "PK\x03\x04";
constexpr std::size_t longest_header = std::size_t{1} << 16;

/// Which of t, x, y, p a name stands for; 4: none.
std::size_t column_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 11> names{{{"t", 0},
                                                                            {"ts", 0},
                                                                            {"time", 0},
                                                                            {"timestamp", 0},
                                                                            {"timestamps", 0},
                                                                            {"x", 1},
                                                                            {"y", 2},
                                                                            {"p", 3},
                                                                            {"pol", 3},
                                                                            {"polarity", 3},
                                                                            {"on", 3}}};
  for (const auto& [known, column] : names)
    if (name == known) return column;
  return 4;
}

/// One array's rows, from a file or from memory.
class Rows {
 public:
  explicit Rows(const std::filesystem::path& path)
      : file_(path, std::ios::binary), array_(head(file_)) {
    check_axes();
    const std::uint64_t bytes = std::filesystem::file_size(path);
    there_ = bytes < array_.data_offset() ? 0 : (bytes - array_.data_offset()) / array_.row_bytes();
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(array_.data_offset()));
  }
  explicit Rows(std::vector<std::byte> bytes) : memory_(std::move(bytes)), array_(memory_) {
    check_axes();
    there_ = (memory_.size() - array_.data_offset()) / array_.row_bytes();
  }

  const NpyArray& array() const { return array_; }
  /// Rows that the bytes hold: fewer than the header says where they are cut off.
  std::uint64_t there() const { return std::min(there_, array_.rows()); }

  /// The next n rows; there() bounds them.
  std::span<const std::byte> next(std::size_t n) {
    const std::size_t bytes = n * array_.row_bytes();
    if (!memory_.empty()) {
      const auto rows =
          std::span<const std::byte>(memory_).subspan(array_.data_offset() + at_, bytes);
      at_ += bytes;
      return rows;
    }
    piece_.resize(bytes);
    file_.read(reinterpret_cast<char*>(piece_.data()), static_cast<std::streamsize>(bytes));
    if (!file_) throw Error(ErrorKind::io, "cannot be read");
    return piece_;
  }

 private:
  void check_axes() const {
    if (array_.axes() != 1)
      throw Error(ErrorKind::unsupported, "a NumPy array that has not just one axis");
  }
  static std::vector<std::byte> head(std::ifstream& file) {
    std::vector<std::byte> bytes(longest_header);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
  }

  std::ifstream file_;
  std::vector<std::byte> memory_, piece_;
  NpyArray array_;
  std::uint64_t there_ = 0;
  std::size_t at_ = 0;
};

class NpyRecording final : public Recording {
 public:
  NpyRecording(const std::filesystem::path& path, const ReadOptions& options)
      : path_(path), sensor_(options.sensor) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 4> start{};
    file.read(start.data(), 4);
    if (std::string_view(start.data(), 4) == npz_magic) open_archive();
    else add_fields(0, rows_.emplace_back(path));
    for (std::size_t c = 0; c < 4; ++c)
      if (!places_[c].field)
        throw Error(ErrorKind::parse,
                    fmt::format("holds no {}: needed are fields or arrays t, x, y and p",
                                EventRows::letters[c]));
    settle_unit(options.time_unit);
    settle_length();
  }

  bool read(EventBuffer& out) override {
    if (row_ == there_ && there_ < n_rows_)
      throw Error(
          ErrorKind::parse,
          fmt::format("the recording is cut off after {} of its {} events", there_, n_rows_));
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(EventRows::at_once, there_ - row_));
    if (n == 0) return false;
    std::vector<std::span<const std::byte>> bytes;
    for (Rows& rows : rows_) bytes.push_back(rows.next(n));
    block_.begin(row_, n);
    for (std::size_t c = 0; c < 4; ++c) read_column(c, bytes[places_[c].rows]);
    block_.hand_over(out);
    row_ += n;
    return true;
  }

  std::size_t size() const override { return there_; }
  std::string description() const override { return "NumPy t x y p"; }
  std::optional<Sensor> sensor() const override { return sensor_; }

 private:
  struct Place {
    const NpyArray::Field* field = nullptr;
    std::size_t rows = 0;  ///< number of the array
  };

  void open_archive() {
    std::vector<std::byte> archive(std::filesystem::file_size(path_));
    std::ifstream file(path_, std::ios::binary);
    file.read(reinterpret_cast<char*>(archive.data()),
              static_cast<std::streamsize>(archive.size()));
    if (!file) throw Error(ErrorKind::io, "cannot be read");
    std::vector<ZipMember> members = unzip(archive);
    rows_.reserve(members.size());
    for (ZipMember& member : members) {
      const std::string name = member.name.substr(0, member.name.rfind(".npy"));
      if (column_named(name) == 4 && members.size() > 1) continue;
      Rows& rows = rows_.emplace_back(std::move(member.bytes));
      if (rows.array().fields()[0].name.empty())
        set_place(column_named(name), {&rows.array().fields()[0], rows_.size() - 1});
      else add_fields(rows_.size() - 1, rows);
    }
  }

  void add_fields(std::size_t number, const Rows& rows) {
    for (const NpyArray::Field& field : rows.array().fields())
      set_place(column_named(field.name), {&field, number});
  }
  void set_place(std::size_t column, Place place) {
    if (column < 4 && !places_[column].field) places_[column] = place;
  }

  void settle_unit(const std::string& unit) {
    if (!unit.empty() && unit != "s" && unit != "us")
      throw Error(ErrorKind::usage, fmt::format("--time-unit: \"{}\", must be s or us", unit));
    if (unit.empty() && places_[0].field->kind == 'f')
      throw Error(ErrorKind::unsupported,
                  "times are real numbers of no known unit: pass --time-unit s or us");
    if (unit == "s") scale_ = 1e6;
  }

  void settle_length() {
    n_rows_ = rows_[places_[0].rows].array().rows();
    there_ = n_rows_;
    for (const Rows& rows : rows_) {
      if (rows.array().rows() != n_rows_)
        throw Error(ErrorKind::parse, "the arrays of events differ in length");
      there_ = std::min(there_, rows.there());
    }
  }

  void read_column(std::size_t column, std::span<const std::byte> rows) {
    const NpyArray::Field& field = *places_[column].field;
    const std::size_t row_bytes = rows_[places_[column].rows].array().row_bytes();
    const double scale = column == 0 ? scale_ : 1;
    if (field.kind != 'f' && scale == 1) {
      read_field(field, rows, row_bytes, block_.column(column));
      if (field.kind == 'u') block_.take_unsigned(column);
      return;
    }
    reals_.resize(EventRows::at_once);
    const auto reals = std::span(reals_).first(block_.size());
    read_field(field, rows, row_bytes, reals);
    block_.take_reals(column, reals, scale);
  }

  std::filesystem::path path_;
  std::optional<Sensor> sensor_;
  std::vector<Rows> rows_;
  std::array<Place, 4> places_;  ///< of t, x, y, p
  double scale_ = 1;
  std::uint64_t n_rows_ = 0, there_ = 0, row_ = 0;
  EventRows block_;
  std::vector<double> reals_;
};

}  // namespace

Format npy_format() {
  return {.name = "npy",
          .summary = "NumPy .npy and .npz with t, x, y and p",
          .extensions = {".npy", ".npz"},
          .matches =
              [](std::span<const std::byte> head) {
                return starts_with(head, npy_magic) || starts_with(head, npz_magic);
              },
          .open = [](const std::filesystem::path& path,
                     const ReadOptions& options) -> std::unique_ptr<Recording> {
            return std::make_unique<NpyRecording>(path, options);
          }};
}

}  // namespace ranvier::encoding
