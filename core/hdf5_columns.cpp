#include "core/hdf5_columns.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "core/closing.h"
#include "core/deflate.h"
#include "core/error.h"

namespace ranvier::hdf5 {
namespace {

using Handle = Closing<hid_t, herr_t>;

std::string filter_name(H5Z_filter_t filter) {
  switch (filter) {
    case 32'000:
      return "LZF";
    case 32'001:
      return "Blosc";
    case 32'004:
      return "LZ4";
    case 32'008:
      return "bitshuffle";
    case 32'015:
      return "Zstandard";
    case 36'559:
      return "Prophesee's ECF";
    default:
      return "number " + std::to_string(filter);
  }
}

/// How chunks are packed, as far as this reader unpacks them itself.
enum class Packing { library, plain, gzip, shuffled_gzip };

Packing packing_of(hid_t properties, hid_t type) {
  if (H5Pget_layout(properties) != H5D_CHUNKED) return Packing::library;
  const H5T_class_t kind = H5Tget_class(type);
  const bool little = H5Tget_size(type) == 1 || H5Tget_order(type) == H5T_ORDER_LE;
  const bool standard =
      kind == H5T_INTEGER || kind == H5T_ENUM
          ? true
          : H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F64LE) > 0;
  if (!little || !standard || H5Tget_precision(type) != 8 * H5Tget_size(type))
    return Packing::library;
  std::vector<H5Z_filter_t> filters;
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0;
    std::size_t n = 0;
    filters.push_back(H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &n, nullptr, 0,
                                     nullptr, nullptr));
  }
  if (filters.empty()) return Packing::plain;
  if (filters == std::vector<H5Z_filter_t>{H5Z_FILTER_DEFLATE}) return Packing::gzip;
  if (filters == std::vector<H5Z_filter_t>{H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE})
    return Packing::shuffled_gzip;
  return Packing::library;
}

/// Undoes HDF5's shuffle: byte k of all elements stands together.
template <std::size_t size>
void unshuffle(const std::byte* from, std::byte* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < size; ++k) to[i * size + k] = from[k * n + i];
}

template <class Stored, class T>
void convert(const std::byte* from, std::span<T> to) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    Stored value;
    std::memcpy(&value, from + i * sizeof(Stored), sizeof(Stored));
    to[i] = static_cast<T>(value);
  }
}

}  // namespace

struct Column::Parts {
  std::string where;
  Handle file{-1, H5Fclose}, dataset{-1, H5Dclose}, type{-1, H5Tclose};
  Place place;
  std::uint64_t rows = 0;
  bool whole = false, is_signed = false;
  std::size_t element = 0;  ///< bytes
  Packing packing = Packing::library;
  std::uint64_t chunk_rows = 0, chunk = ~std::uint64_t{0};  ///< chunk: the one that is unpacked
  std::vector<std::byte> packed, shuffled, bytes;
  Inflater inflater;

  Parts(const std::filesystem::path& path, const Place& p)
      : where(path.string() + ": " + p.dataset),
        file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose),
        dataset(file < 0 ? -1 : H5Dopen2(file, p.dataset.c_str(), H5P_DEFAULT), H5Dclose),
        type(dataset < 0 ? -1 : member_type(H5Dget_type(dataset), p.member), H5Tclose),
        place(p) {
    require(file >= 0, "is no HDF5 file");
    require(dataset >= 0, "no such data set");
    require(type >= 0, ("no member " + p.member).c_str());
    read_shape();
    const H5T_class_t kind = H5Tget_class(type);
    whole = kind == H5T_INTEGER || kind == H5T_ENUM;
    require(whole || kind == H5T_FLOAT, "holds no numbers");
    element = H5Tget_size(type);
    const Handle base(kind == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type), H5Tclose);
    is_signed = whole && H5Tget_sign(base) == H5T_SGN_2;
    read_storage();
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::io, where + ": " + what);
  }
  void require(bool good, const char* what) const {
    if (!good) fail(what);
  }

  /// The type of a compound's member, or the type itself; takes `type` over.
  static hid_t member_type(hid_t type, const std::string& member) {
    if (member.empty()) return type;
    const Handle whole_type(type, H5Tclose);
    if (H5Tget_class(type) != H5T_COMPOUND) return -1;
    const int index = H5Tget_member_index(type, member.c_str());
    return index < 0 ? -1 : H5Tget_member_type(type, static_cast<unsigned>(index));
  }

  void read_shape() {
    const Handle space(H5Dget_space(dataset), H5Sclose);
    hsize_t axes[2] = {0, 1};
    const int rank = H5Sget_simple_extent_ndims(space);
    require(rank == (place.column ? 2 : 1),
            place.column ? "must have two axes" : "must have one axis");
    H5Sget_simple_extent_dims(space, axes, nullptr);
    require(!place.column || *place.column < axes[1], "has too few columns");
    rows = axes[0];
    const Handle stored(H5Dget_type(dataset), H5Tclose);
    hsize_t file_bytes = 0;
    H5Fget_filesize(file, &file_bytes);
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    const hsize_t most = H5Pget_nfilters(properties) > 0 ? 1032 * (file_bytes + 1024) : file_bytes;
    const hsize_t row_bytes = std::max<hsize_t>(1, axes[1] * H5Tget_size(stored));
    require(rows <= most / row_bytes, "claims more than the file can hold");
  }

  void read_storage() {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
      unsigned flags = 0;
      std::size_t n = 0;
      const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &n,
                                                 nullptr, 0, nullptr, nullptr);
      if (H5Zfilter_avail(filter) <= 0)
        throw Error(
            ErrorKind::unsupported,
            where + ": is packed by the filter " + filter_name(filter) +
                ", which this machine's HDF5 lacks (HDF5_PLUGIN_PATH names where plugins are)");
    }
    if (!place.member.empty() || place.column) return;
    packing = packing_of(properties, type);
    if (packing == Packing::library) return;
    hsize_t length = 0;
    H5Pget_chunk(properties, 1, &length);
    chunk_rows = length;
    hsize_t file_bytes = 0;
    H5Fget_filesize(file, &file_bytes);
    const std::uint64_t most = packing == Packing::plain ? file_bytes : 1032 * (file_bytes + 1024);
    if (chunk_rows == 0 || chunk_rows > most / element) packing = Packing::library;
  }

  /// Unpacks a chunk into `bytes`; false where only the library can.
  bool load(std::uint64_t index) {
    if (index == chunk) return true;
    const hsize_t offset = index * chunk_rows;
    hsize_t stored = 0;
    if (H5Dget_chunk_storage_size(dataset, &offset, &stored) < 0 || stored == 0) return false;
    const std::size_t size = chunk_rows * element;
    if (stored > size + size / 1000 + 1024) return false;
    packed.resize(stored);
    std::uint32_t skipped = 0;
    if (H5Dread_chunk(dataset, H5P_DEFAULT, &offset, &skipped, packed.data()) < 0 || skipped != 0)
      return false;
    bytes.resize(size);
    chunk = ~std::uint64_t{0};
    if (packing == Packing::plain) {
      if (stored != size) return false;
      bytes.swap(packed);
    } else {
      const bool shuffle = packing == Packing::shuffled_gzip && element > 1;
      if (shuffle) shuffled.resize(size);
      if (!inflater.zlib(packed, shuffle ? shuffled : bytes)) fail("is damaged");
      if (shuffle && !unshuffled()) return false;
    }
    chunk = index;
    return true;
  }

  bool unshuffled() {
    const std::size_t n = chunk_rows;
    if (element == 2) unshuffle<2>(shuffled.data(), bytes.data(), n);
    if (element == 4) unshuffle<4>(shuffled.data(), bytes.data(), n);
    if (element == 8) unshuffle<8>(shuffled.data(), bytes.data(), n);
    return element == 2 || element == 4 || element == 8;
  }

  template <class T>
  void convert_rows(std::uint64_t row, std::span<T> out) const {
    const std::byte* from = bytes.data() + row * element;
    if (!whole) return element == 4 ? convert<float>(from, out) : convert<double>(from, out);
    switch (element) {
      case 1:
        return is_signed ? convert<std::int8_t>(from, out) : convert<std::uint8_t>(from, out);
      case 2:
        return is_signed ? convert<std::int16_t>(from, out) : convert<std::uint16_t>(from, out);
      case 4:
        return is_signed ? convert<std::int32_t>(from, out) : convert<std::uint32_t>(from, out);
      default:
        return is_signed ? convert<std::int64_t>(from, out) : convert<std::uint64_t>(from, out);
    }
  }

  template <class T>
  void read(std::uint64_t first, std::span<T> out) {
    require(first <= rows && out.size() <= rows - first, "ends before the rows that are asked for");
    if (std::is_integral_v<T> && !whole) fail("holds no whole numbers");
    while (!out.empty()) {
      const std::uint64_t row = chunk_rows == 0 ? 0 : first % chunk_rows;
      std::size_t n = out.size();
      if (packing != Packing::library && load(first / chunk_rows)) {
        n = static_cast<std::size_t>(std::min<std::uint64_t>(n, chunk_rows - row));
        convert_rows(row, out.first(n));
      } else {
        read_by_library(first, out);
      }
      first += n;
      out = out.subspan(n);
    }
  }

  template <class T>
  void read_by_library(std::uint64_t first, std::span<T> out) {
    const hid_t native = !std::is_integral_v<T> ? H5T_NATIVE_DOUBLE
                         : is_signed            ? H5T_NATIVE_INT64
                                                : H5T_NATIVE_UINT64;
    const Handle as(place.member.empty() ? H5Tcopy(native) : H5Tcreate(H5T_COMPOUND, sizeof(T)),
                    H5Tclose);
    if (!place.member.empty()) H5Tinsert(as, place.member.c_str(), 0, native);
    const Handle space(H5Dget_space(dataset), H5Sclose);
    const hsize_t begin[2] = {first, place.column.value_or(0)};
    const hsize_t count[2] = {out.size(), 1};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, nullptr, count, nullptr);
    const Handle memory(H5Screate_simple(1, count, nullptr), H5Sclose);
    require(H5Dread(dataset, as, memory, space, H5P_DEFAULT, out.data()) >= 0, "is damaged");
  }
};

Column::Column(const std::filesystem::path& path, const Place& place) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  parts_ = std::make_unique<Parts>(path, place);
}
Column::~Column() = default;
Column::Column(Column&&) noexcept = default;
Column& Column::operator=(Column&&) noexcept = default;

std::uint64_t Column::size() const { return parts_->rows; }
bool Column::is_whole() const { return parts_->whole; }
bool Column::is_unsigned() const { return parts_->whole && !parts_->is_signed; }
void Column::read(std::uint64_t first, std::span<std::int64_t> out) { parts_->read(first, out); }
void Column::read(std::uint64_t first, std::span<double> out) { parts_->read(first, out); }

std::vector<std::int64_t> integer_attribute(const std::filesystem::path& path,
                                            const std::string& object, const std::string& name) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (file < 0 || H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT) <= 0)
    return {};
  const Handle attribute(
      H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  if (n < 1 || n > 64 || H5Tget_class(type) != H5T_INTEGER) return {};
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  if (H5Aread(attribute, H5T_NATIVE_INT64, values.data()) < 0) return {};
  return values;
}

struct ColumnWriter::Parts {
  struct Open {
    std::string name;
    Handle dataset;
    std::uint64_t rows = 0;
  };
  std::string path;
  hid_t file;
  std::vector<std::unique_ptr<Open>> columns;

  explicit Parts(const std::filesystem::path& p)
      : path(p.string()), file(H5Fcreate(p.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
    if (file < 0) throw Error(ErrorKind::io, path + ": cannot be made");
  }
  ~Parts() {
    columns.clear();
    if (file >= 0) H5Fclose(file);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  void require(bool good, const std::string& object) const {
    if (!good) throw Error(ErrorKind::io, path + ": " + object + ": cannot be written");
  }

  hid_t create(const std::string& name, hid_t type, hid_t space, hid_t properties) const {
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_obj_track_times(properties, 0);
    return H5Dcreate2(file, name.c_str(), type, space, links, properties, H5P_DEFAULT);
  }
};

ColumnWriter::ColumnWriter(const std::filesystem::path& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  parts_ = std::make_unique<Parts>(path);
}
ColumnWriter::~ColumnWriter() = default;

std::size_t ColumnWriter::add(const std::string& dataset, Type type) {
  const hid_t stored = type == Type::u8    ? H5T_STD_U8LE
                       : type == Type::u16 ? H5T_STD_U16LE
                       : type == Type::u64 ? H5T_STD_U64LE
                                           : H5T_STD_I64LE;
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t none = 0, any = H5S_UNLIMITED, piece = 16'384;
  H5Pset_chunk(properties, 1, &piece);
  if (type != Type::u8) H5Pset_shuffle(properties);
  H5Pset_deflate(properties, 4);
  const Handle space(H5Screate_simple(1, &none, &any), H5Sclose);
  const hid_t made = parts_->create(dataset, stored, space, properties);
  parts_->require(made >= 0, dataset);
  parts_->columns.push_back(
      std::unique_ptr<Parts::Open>(new Parts::Open{dataset, {made, H5Dclose}}));
  return parts_->columns.size() - 1;
}

void ColumnWriter::append(std::size_t column, std::span<const std::int64_t> values) {
  Parts::Open& c = *parts_->columns[column];
  const hsize_t begin = c.rows, count = values.size(), rows = begin + count;
  if (count == 0) return;
  parts_->require(H5Dset_extent(c.dataset, &rows) >= 0, c.name);
  const Handle space(H5Dget_space(c.dataset), H5Sclose);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, nullptr, &count, nullptr);
  const Handle memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
  parts_->require(
      H5Dwrite(c.dataset, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, values.data()) >= 0,
      c.name);
  c.rows = rows;
}

void ColumnWriter::remove(std::size_t column) {
  const std::string name = std::move(parts_->columns[column]->name);
  parts_->columns[column].reset();
  parts_->require(H5Ldelete(parts_->file, name.c_str(), H5P_DEFAULT) >= 0, name);
}

void ColumnWriter::scalar(const std::string& dataset, std::int64_t value) {
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle made(parts_->create(dataset, H5T_STD_I64LE, space, properties), H5Dclose);
  parts_->require(made >= 0, dataset);
  parts_->require(H5Dwrite(made, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0,
                  dataset);
}

void ColumnWriter::attribute(const std::string& object, const std::string& name,
                             const std::vector<std::int64_t>& values) {
  const hsize_t n = values.size();
  const Handle space(H5Screate_simple(1, &n, nullptr), H5Sclose);
  const Handle made(H5Acreate_by_name(parts_->file, object.c_str(), name.c_str(), H5T_STD_I64LE,
                                      space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                    H5Aclose);
  parts_->require(made >= 0 && H5Awrite(made, H5T_NATIVE_INT64, values.data()) >= 0, name);
}

void ColumnWriter::close() {
  parts_->columns.clear();
  parts_->require(H5Fclose(std::exchange(parts_->file, -1)) >= 0, "the file");
}

}  // namespace ranvier::hdf5
