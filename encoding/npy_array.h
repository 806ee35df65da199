// One array of NumPy's .npy format, plain or structured: "\x93NUMPY", version, the
// length of a header, the header (a Python dictionary: descr, fortran_order, shape), then the rows.
// Source: NumPy's description of the format (numpy.lib.format). Tested by
// tests/unit/encoding/test_array_files.py.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ranvier::encoding {

/// How many rows an array has and how they are laid out, as its head says.
class NpyArray {
 public:
  struct Field {
    std::string name{};      ///< empty: the array is plain
    char kind = 'u';         ///< i, u, b (boolean) or f
    std::size_t size = 1;    ///< bytes
    std::size_t offset = 0;  ///< in a row
  };

  /// Parses the start of an array. Throws Error(parse | unsupported) that says what is wrong or not
  /// read.
  explicit NpyArray(std::span<const std::byte> head);

  const std::vector<Field>& fields() const { return fields_; }
  /// Elements of all axes together, in row-major order.
  std::uint64_t rows() const { return rows_; }
  std::size_t axes() const { return axes_; }
  std::size_t row_bytes() const { return row_bytes_; }
  std::size_t data_offset() const { return data_offset_; }

 private:
  void parse_shape(std::string_view text);
  void parse_descr(std::string_view text);
  void add_field(std::string_view name, std::string_view type);

  std::vector<Field> fields_;
  std::uint64_t rows_ = 1;
  std::size_t axes_ = 0, row_bytes_ = 0, data_offset_ = 0;
};

/// Values of a field in rows of bytes; reals only as doubles.
void read_field(const NpyArray::Field& field, std::span<const std::byte> rows,
                std::size_t row_bytes, std::span<std::int64_t> out);
void read_field(const NpyArray::Field& field, std::span<const std::byte> rows,
                std::size_t row_bytes, std::span<double> out);

}  // namespace ranvier::encoding
