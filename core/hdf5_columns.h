// Long columns of numbers in HDF5 files, read row by row in order, and written: event recordings.
// Chunks of plain integers or reals behind no filter, gzip, or shuffle and gzip are read as bytes
// and unpacked by libdeflate; anything else goes through the library. One of the two sources that
// know HDF5. Tested by tests/unit/encoding/test_array_files.py.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ranvier::hdf5 {

/// A data set with one axis, a column of one with two, or a member of one of compounds.
class Column {
 public:
  struct Place {
    std::string dataset{};
    std::string member{};                   ///< of a compound; empty: none
    std::optional<std::uint64_t> column{};  ///< of two axes
  };
  /// Throws Error(io) where there is no such column of numbers or it claims more than the file can
  /// hold, Error(unsupported) that names a filter which this machine's HDF5 lacks.
  Column(const std::filesystem::path& path, const Place& place);
  ~Column();
  Column(Column&&) noexcept;
  Column& operator=(Column&&) noexcept;

  std::uint64_t size() const;
  /// Whether it holds whole numbers (booleans and enumerations too).
  bool is_whole() const;
  /// Whether those have no sign.
  bool is_unsigned() const;

  /// Rows [first, first + out.size()). Whole numbers as they are, unsigned ones from 2^63 on as the
  /// negative ones of their bits; throws Error(io) when damaged,
  /// beyond the end, or, read as integers, no whole numbers.
  void read(std::uint64_t first, std::span<std::int64_t> out);
  void read(std::uint64_t first, std::span<double> out);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Numbers of an attribute; empty where there is none.
std::vector<std::int64_t> integer_attribute(const std::filesystem::path& path,
                                            const std::string& object, const std::string& name);

/// Writes columns side by side, in chunks behind shuffle and gzip (level 4).
class ColumnWriter {
 public:
  /// Throws Error(io).
  explicit ColumnWriter(const std::filesystem::path& path);
  ~ColumnWriter();
  ColumnWriter(const ColumnWriter&) = delete;
  ColumnWriter& operator=(const ColumnWriter&) = delete;

  /// Adds a column of unsigned integers of 1, 2 or 8 bytes, or signed ones of 8; groups are made.
  /// Returns its number.
  enum class Type { u8, u16, u64, i64 };
  std::size_t add(const std::string& dataset, Type type);
  /// Appends values, converted; they have to fit the type. Throws Error(io).
  void append(std::size_t column, std::span<const std::int64_t> values);
  /// Takes a column out of the file again; nothing more may be appended to it. Throws Error(io).
  void remove(std::size_t column);
  /// A single number.
  void scalar(const std::string& dataset, std::int64_t value);
  void attribute(const std::string& object, const std::string& name,
                 const std::vector<std::int64_t>& values);
  /// Closes the file. Throws Error(io).
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ranvier::hdf5
