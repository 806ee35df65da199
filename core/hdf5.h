// A thin face of HDF5: what Ranvier's files need, with every failure an Error that names the file
// and the object. The only header and source that know the library. Object times are off, so that
// equal content gives equal bytes. Tested by tests/unit/core/test_hdf5.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ranvier::hdf5 {

/// An open file; objects are named by their path inside it ("/nodes/v1/node_type_id").
class File {
 public:
  /// Opens for reading. Throws Error(io).
  static File open(const std::filesystem::path& path);
  /// Creates, or empties, for writing. Throws Error(io).
  static File create(const std::filesystem::path& path);
  ~File();
  /// Writes what is still in memory and closes the file, as the destructor does without a word.
  /// Throws Error(io): what was written is not whole.
  void close();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  bool exists(const std::string& object) const;
  /// Names of the members of a group, sorted.
  std::vector<std::string> members(const std::string& group) const;
  bool is_group(const std::string& object) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;
  /// Lengths of a data set's axes.
  std::vector<std::uint64_t> shape(const std::string& dataset) const;

  /// Whole data sets of any rank, row by row, converted by HDF5; `at most` elements are accepted
  /// (Error(capacity)). Throws Error(io) when there is no such data set, it holds something else
  /// (whole numbers are not made of fractions), or it claims more than the file can hold.
  std::vector<double> read_doubles(const std::string& dataset,
                                   std::uint64_t at_most = std::uint64_t{1} << 32) const;
  std::vector<std::int64_t> read_integers(const std::string& dataset,
                                          std::uint64_t at_most = std::uint64_t{1} << 32) const;
  std::vector<std::string> read_strings(const std::string& dataset) const;
  /// Part of a data set of one axis, from element `first` on. Throws Error(io), also where it ends
  /// before.
  void read_part(const std::string& dataset, std::uint64_t first, std::span<double> out) const;
  void read_part(const std::string& dataset, std::uint64_t first,
                 std::span<std::int64_t> out) const;
  /// What a data set holds; false for groups and where there is none.
  bool holds_texts(const std::string& dataset) const;
  bool holds_integers(const std::string& dataset) const;

  void make_group(const std::string& group);
  /// Makes `object` stand for the object `target` of another file, named from this file's folder.
  void link(const std::string& object, const std::string& file, const std::string& target);
  void write(const std::string& dataset, const std::vector<double>& values);
  void write(const std::string& dataset, const std::vector<std::int64_t>& values);
  void write(const std::string& dataset, const std::vector<std::uint64_t>& values);
  void write(const std::string& dataset, const std::vector<std::uint32_t>& values);
  /// The same with axes; the shape {} makes a scalar. Texts have any length, in UTF-8.
  void write(const std::string& dataset, const std::vector<double>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& dataset, const std::vector<std::int64_t>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& dataset, const std::vector<std::string>& texts,
             const std::vector<std::uint64_t>& shape);
  void set_attribute(const std::string& object, const std::string& name, const std::string& text);
  void set_attribute(const std::string& object, const std::string& name,
                     const std::vector<std::uint32_t>& values);
  /// SONATA's attribute `sorting` of spikes: an enumeration none, by_id, by_time.
  void set_sorting_by_time(const std::string& group);

  /// Data sets of the given shape whose numbers are written by others, into the file itself: where
  /// they belong, in bytes from the file's begin, as soon as it is closed. Throws Error(io).
  std::uint64_t reserve_doubles(const std::string& dataset,
                                const std::vector<std::uint64_t>& shape);
  std::uint64_t reserve_floats(const std::string& dataset, const std::vector<std::uint64_t>& shape);
  /// 64 bits, unsigned.
  std::uint64_t reserve_integers(const std::string& dataset,
                                 const std::vector<std::uint64_t>& shape);
  std::uint64_t reserve_signed_integers(const std::string& dataset,
                                        const std::vector<std::uint64_t>& shape);

 private:
  struct Handle;
  std::uint64_t checked_size(const std::string& dataset, std::uint64_t at_most) const;
  explicit File(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace ranvier::hdf5
