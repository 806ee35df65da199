// Sizes come from the file and are checked before memory is taken for them: a data set may not
// claim more than the file can hold (deflate packs at most 1032 to 1). The library itself is not
// proof against hostile files.
#include "core/hdf5.h"

#include <hdf5.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/closing.h"
#include "core/error.h"

namespace ranvier::hdf5 {
namespace {

using Id = Closing<hid_t, herr_t>;

}  // namespace

struct File::Handle {
  Handle(const std::filesystem::path& p, hid_t file) : path(p.string()), id(file) {}
  ~Handle() {
    if (id >= 0) H5Fclose(id);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[noreturn]] void fail(const std::string& object, const std::string& what) const {
    throw Error(ErrorKind::io, path + ": " + object + ": " + what);
  }
  void require(bool good, const std::string& object, const char* what) const {
    if (!good) fail(object, what);
  }

  std::string path;
  hid_t id;
};

namespace {

/// Messages are ours alone. And the library shall do nothing at the program's end: files are closed
/// by then, but for those that could not be written, on which it would crash.
void prepare_library() {
  H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::unique_ptr<hid_t> opened(hid_t file, const std::filesystem::path& path, const char* what) {
  if (file < 0) throw Error(ErrorKind::io, path.string() + ": " + what);
  return std::make_unique<hid_t>(file);
}

Id link_properties() {
  Id properties(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(properties, 1);
  return {H5Pcopy(properties), H5Pclose};
}

Id dataset_properties() {
  Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, 0);
  return {H5Pcopy(properties), H5Pclose};
}

}  // namespace

File::File(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

File File::open(const std::filesystem::path& path) {
  prepare_library();
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown))
    throw Error(ErrorKind::io, path.string() + ": no such file");
  const auto id = opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path,
                         "is no HDF5 file, or is damaged");
  return File(std::make_unique<Handle>(path, *id));
}

File File::create(const std::filesystem::path& path) {
  prepare_library();
  const auto id = opened(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), path,
                         "cannot be created");
  return File(std::make_unique<Handle>(path, *id));
}

void File::close() {
  if (H5Fclose(std::exchange(handle_->id, -1)) < 0)
    throw Error(ErrorKind::io, handle_->path + ": cannot be written (is the disk full?)");
}

bool File::exists(const std::string& object) const {
  if (object == "/") return true;
  for (std::size_t end = object.find('/', 1);;
       end = object.find('/', end + 1)) {  // every group on the way has to be there
    if (H5Lexists(handle_->id, object.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

std::vector<std::string> File::members(const std::string& group) const {
  const Id g(H5Gopen2(handle_->id, group.c_str(), H5P_DEFAULT), H5Gclose);
  handle_->require(g.valid(), group, "no such group");
  std::vector<std::string> names;
  hsize_t n = 0;
  H5Gget_num_objs(g, &n);
  for (hsize_t i = 0; i < n; ++i) {
    const ssize_t length =
        H5Lget_name_by_idx(g, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    handle_->require(length >= 0, group, "a member's name cannot be read");
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    H5Lget_name_by_idx(g, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(),
                       H5P_DEFAULT);
    name.pop_back();
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool File::is_group(const std::string& object) const {
  if (!exists(object)) return false;
  const Id o(H5Oopen(handle_->id, object.c_str(), H5P_DEFAULT), H5Oclose);
  return o.valid() && H5Iget_type(o) == H5I_GROUP;
}

bool File::has_attribute(const std::string& object, const std::string& name) const {
  return exists(object) &&
         H5Aexists_by_name(handle_->id, object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::string File::text_attribute(const std::string& object, const std::string& name) const {
  const Id a(H5Aopen_by_name(handle_->id, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose);
  handle_->require(a.valid(), object, ("no attribute " + name).c_str());
  const Id type(H5Aget_type(a), H5Tclose);
  const Id space(H5Aget_space(a), H5Sclose);
  handle_->require(H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1,
                   object, ("attribute " + name + " is not one text").c_str());
  if (H5Tis_variable_str(type) > 0) {
    char* text = nullptr;
    handle_->require(H5Aread(a, type, &text) >= 0 && text, object,
                     ("attribute " + name + " cannot be read").c_str());
    std::string result = text;
    H5free_memory(text);
    return result;
  }
  std::string result(H5Tget_size(type), '\0');
  handle_->require(H5Aread(a, type, result.data()) >= 0, object,
                   ("attribute " + name + " cannot be read").c_str());
  return result.substr(0, result.find('\0'));
}

std::vector<std::uint64_t> File::shape(const std::string& dataset) const {
  handle_->require(exists(dataset), dataset, "no such data set");
  const Id d(H5Dopen2(handle_->id, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  handle_->require(d.valid(), dataset, "is no data set");
  const Id space(H5Dget_space(d), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space);
  handle_->require(rank >= 0, dataset, "has no simple shape");
  std::vector<hsize_t> axes(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space, axes.data(), nullptr);
  return {axes.begin(), axes.end()};
}

namespace {

std::uint64_t elements(const std::vector<std::uint64_t>& shape) {
  std::uint64_t n = 1;
  for (const std::uint64_t axis : shape) {
    if (axis != 0 && n > (std::uint64_t{1} << 60) / axis) return std::uint64_t{1} << 60;
    n *= axis;
  }
  return n;
}

/// Whether the file can hold n elements of the stored type.
bool is_plausible(hid_t file, hid_t dataset, hid_t stored, std::uint64_t n) {
  hsize_t file_bytes = 0;
  H5Fget_filesize(file, &file_bytes);
  const Id properties(H5Dget_create_plist(dataset), H5Pclose);
  const std::uint64_t most =
      H5Pget_nfilters(properties) > 0 ? 1032 * (file_bytes + 1024) : file_bytes;
  return n <= most / std::max<std::size_t>(1, H5Tget_size(stored));
}

/// Why the numbers of a data set are none of type T, or nullptr.
template <class T>
const char* wrong_kind(hid_t dataset) {
  const Id stored(H5Dget_type(dataset), H5Tclose);
  const H5T_class_t kind = H5Tget_class(stored);
  const bool whole = kind == H5T_INTEGER || kind == H5T_ENUM;
  if (whole || (kind == H5T_FLOAT && !std::is_integral_v<T>)) return nullptr;
  return std::is_integral_v<T> ? "holds no whole numbers" : "holds no numbers";
}

/// Numbers [first, first + out.size()) of a data set of one axis.
template <class T>
const char* read_slab(hid_t file, const std::string& dataset,
                      const std::vector<std::uint64_t>& shape, std::uint64_t first,
                      std::span<T> out, hid_t type) {
  if (shape.size() != 1 || out.size() > shape[0] || first > shape[0] - out.size())
    return "is shorter than it must be";
  const Id d(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (const char* wrong = wrong_kind<T>(d)) return wrong;
  if (out.empty()) return nullptr;
  const hsize_t begin = first, n = out.size();
  const Id all(H5Dget_space(d), H5Sclose), memory(H5Screate_simple(1, &n, nullptr), H5Sclose);
  H5Sselect_hyperslab(all, H5S_SELECT_SET, &begin, nullptr, &n, nullptr);
  return H5Dread(d, type, memory, all, H5P_DEFAULT, out.data()) >= 0 ? nullptr : "is damaged";
}

/// All numbers of a data set, into the room of as many.
template <class T>
const char* read_numbers(hid_t file, const std::string& dataset, std::vector<T>& values,
                         hid_t type) {
  const Id d(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (const char* wrong = wrong_kind<T>(d)) return wrong;
  if (values.empty()) return nullptr;
  const Id all(H5Dget_space(d), H5Sclose);
  if (H5Sget_simple_extent_npoints(all) != static_cast<hssize_t>(values.size())) return "is empty";
  return H5Dread(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0 ? nullptr
                                                                             : "is damaged";
}

}  // namespace

std::uint64_t File::checked_size(const std::string& dataset, std::uint64_t at_most) const {
  const std::uint64_t n = elements(shape(dataset));
  if (n > at_most)
    throw Error(ErrorKind::capacity, handle_->path + ": " + dataset + ": " + std::to_string(n) +
                                         " elements, at most " + std::to_string(at_most) +
                                         " are accepted");
  const Id d(H5Dopen2(handle_->id, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  const Id stored(H5Dget_type(d), H5Tclose);
  handle_->require(is_plausible(handle_->id, d, stored, n), dataset,
                   "claims more than the file can hold");
  return n;
}

std::vector<double> File::read_doubles(const std::string& dataset, std::uint64_t at_most) const {
  std::vector<double> values(checked_size(dataset, at_most));
  if (const char* wrong = read_numbers(handle_->id, dataset, values, H5T_NATIVE_DOUBLE))
    handle_->fail(dataset, wrong);
  return values;
}

std::vector<std::int64_t> File::read_integers(const std::string& dataset,
                                              std::uint64_t at_most) const {
  std::vector<std::int64_t> values(checked_size(dataset, at_most));
  if (const char* wrong = read_numbers(handle_->id, dataset, values, H5T_NATIVE_INT64))
    handle_->fail(dataset, wrong);
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  if (std::find(values.begin(), values.end(), most) == values.end()) return values;
  std::vector<std::uint64_t> unclipped(values.size());  // the library gives `most` for what is more
  read_numbers(handle_->id, dataset, unclipped, H5T_NATIVE_UINT64);
  for (const std::uint64_t value : unclipped)
    if (value > std::uint64_t{most})
      handle_->fail(dataset, std::to_string(value) + ", must be below 2^63");
  return values;
}

void File::read_part(const std::string& dataset, std::uint64_t first, std::span<double> out) const {
  if (const char* wrong =
          read_slab(handle_->id, dataset, shape(dataset), first, out, H5T_NATIVE_DOUBLE))
    handle_->fail(dataset, wrong);
}

void File::read_part(const std::string& dataset, std::uint64_t first,
                     std::span<std::int64_t> out) const {
  if (const char* wrong =
          read_slab(handle_->id, dataset, shape(dataset), first, out, H5T_NATIVE_INT64))
    handle_->fail(dataset, wrong);
}

std::vector<std::string> File::read_strings(const std::string& dataset) const {
  const std::uint64_t n = checked_size(dataset, std::uint64_t{1} << 24);
  const Id d(H5Dopen2(handle_->id, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  const Id stored(H5Dget_type(d), H5Tclose);
  handle_->require(H5Tget_class(stored) == H5T_STRING, dataset, "holds no strings");
  std::vector<std::string> result;
  if (H5Tis_variable_str(stored) > 0) {
    std::vector<char*> raw(n);
    handle_->require(H5Dread(d, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) >= 0, dataset,
                     "cannot be read");
    for (char* text : raw) {
      result.emplace_back(text ? text : "");
      H5free_memory(text);
    }
    return result;
  }
  const std::size_t size = H5Tget_size(stored);
  std::string raw(size * n, '\0');
  handle_->require(H5Dread(d, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) >= 0, dataset,
                   "cannot be read");
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::string text = raw.substr(i * size, size);
    result.push_back(text.substr(0, text.find('\0')));
  }
  return result;
}

namespace {

std::optional<H5T_class_t> class_of(hid_t file, const std::string& dataset) {
  const Id d(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (!d.valid()) return {};
  const Id stored(H5Dget_type(d), H5Tclose);
  return H5Tget_class(stored);
}

}  // namespace

bool File::holds_texts(const std::string& dataset) const {
  return exists(dataset) && class_of(handle_->id, dataset) == H5T_STRING;
}

bool File::holds_integers(const std::string& dataset) const {
  return exists(dataset) && class_of(handle_->id, dataset) == H5T_INTEGER;
}

void File::make_group(const std::string& group) {
  const Id properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, 0);
  const Id g(H5Gcreate2(handle_->id, group.c_str(), link_properties(), properties, H5P_DEFAULT),
             H5Gclose);
  handle_->require(g.valid(), group, "cannot be created");
}

namespace {

template <class T>
bool write_shaped(hid_t file, const std::string& dataset, const std::vector<T>& values, hid_t type,
                  const std::vector<std::uint64_t>& shape) {
  const std::vector<hsize_t> axes(shape.begin(), shape.end());
  const Id space(axes.empty()
                     ? H5Screate(H5S_SCALAR)
                     : H5Screate_simple(static_cast<int>(axes.size()), axes.data(), nullptr),
                 H5Sclose);
  const Id d(H5Dcreate2(file, dataset.c_str(), type, space, link_properties(), dataset_properties(),
                        H5P_DEFAULT),
             H5Dclose);
  return d.valid() &&
         (values.empty() || H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
}

template <class T>
bool write_all(hid_t file, const std::string& dataset, const std::vector<T>& values, hid_t type) {
  return write_shaped(file, dataset, values, type, {values.size()});
}

/// Room for numbers in one piece: allocated, neither filled nor written.
std::optional<std::uint64_t> reserve(hid_t file, const std::string& dataset, hid_t type,
                                     const std::vector<std::uint64_t>& shape) {
  const std::vector<hsize_t> axes(shape.begin(), shape.end());
  const Id space(H5Screate_simple(static_cast<int>(axes.size()), axes.data(), nullptr), H5Sclose);
  const Id properties = dataset_properties();
  H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
  const Id d(
      H5Dcreate2(file, dataset.c_str(), type, space, link_properties(), properties, H5P_DEFAULT),
      H5Dclose);
  if (!d.valid()) return {};
  if (elements(shape) == 0) return 0;
  const haddr_t place = H5Dget_offset(d);
  if (place == HADDR_UNDEF) return {};
  return place;
}

}  // namespace

void File::link(const std::string& object, const std::string& file, const std::string& target) {
  const herr_t made = H5Lcreate_external(file.c_str(), target.c_str(), handle_->id, object.c_str(),
                                         link_properties(), H5P_DEFAULT);
  handle_->require(made >= 0, object, "cannot be created");
}

void File::write(const std::string& dataset, const std::vector<double>& values) {
  handle_->require(write_all(handle_->id, dataset, values, H5T_NATIVE_DOUBLE), dataset,
                   "cannot be written");
}
void File::write(const std::string& dataset, const std::vector<std::int64_t>& values) {
  handle_->require(write_all(handle_->id, dataset, values, H5T_NATIVE_INT64), dataset,
                   "cannot be written");
}
void File::write(const std::string& dataset, const std::vector<std::uint64_t>& values) {
  handle_->require(write_all(handle_->id, dataset, values, H5T_NATIVE_UINT64), dataset,
                   "cannot be written");
}
void File::write(const std::string& dataset, const std::vector<std::uint32_t>& values) {
  handle_->require(write_all(handle_->id, dataset, values, H5T_NATIVE_UINT32), dataset,
                   "cannot be written");
}

void File::write(const std::string& dataset, const std::vector<double>& values,
                 const std::vector<std::uint64_t>& shape) {
  RANVIER_ASSERT(elements(shape) == values.size(), "as many values as the shape has elements");
  handle_->require(write_shaped(handle_->id, dataset, values, H5T_NATIVE_DOUBLE, shape), dataset,
                   "cannot be written");
}
void File::write(const std::string& dataset, const std::vector<std::int64_t>& values,
                 const std::vector<std::uint64_t>& shape) {
  RANVIER_ASSERT(elements(shape) == values.size(), "as many values as the shape has elements");
  handle_->require(write_shaped(handle_->id, dataset, values, H5T_NATIVE_INT64, shape), dataset,
                   "cannot be written");
}
void File::write(const std::string& dataset, const std::vector<std::string>& texts,
                 const std::vector<std::uint64_t>& shape) {
  RANVIER_ASSERT(elements(shape) == texts.size(), "as many texts as the shape has elements");
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  std::vector<const char*> raw;
  for (const std::string& text : texts) raw.push_back(text.c_str());
  handle_->require(write_shaped(handle_->id, dataset, raw, type, shape), dataset,
                   "cannot be written");
}

void File::set_attribute(const std::string& object, const std::string& name,
                         const std::string& text) {
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, std::max<std::size_t>(1, text.size()));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id a(H5Acreate_by_name(handle_->id, object.c_str(), name.c_str(), type, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose);
  handle_->require(a.valid() && H5Awrite(a, type, text.c_str()) >= 0, object,
                   "an attribute cannot be written");
}

void File::set_attribute(const std::string& object, const std::string& name,
                         const std::vector<std::uint32_t>& values) {
  const hsize_t n = values.size();
  const Id space(n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr), H5Sclose);
  const Id a(H5Acreate_by_name(handle_->id, object.c_str(), name.c_str(), H5T_NATIVE_UINT32, space,
                               H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose);
  handle_->require(a.valid() && H5Awrite(a, H5T_NATIVE_UINT32, values.data()) >= 0, object,
                   "an attribute cannot be written");
}

void File::set_sorting_by_time(const std::string& group) {
  const Id type(H5Tenum_create(H5T_NATIVE_UINT8), H5Tclose);
  std::uint8_t value = 0;
  for (const char* name : {"none", "by_id", "by_time"}) {
    H5Tenum_insert(type, name, &value);
    ++value;
  }
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id a(H5Acreate_by_name(handle_->id, group.c_str(), "sorting", type, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose);
  const std::uint8_t by_time = 2;
  handle_->require(a.valid() && H5Awrite(a, type, &by_time) >= 0, group,
                   "an attribute cannot be written");
}

std::uint64_t File::reserve_doubles(const std::string& dataset,
                                    const std::vector<std::uint64_t>& shape) {
  const auto place = reserve(handle_->id, dataset, H5T_NATIVE_DOUBLE, shape);
  handle_->require(place.has_value(), dataset, "cannot be created");
  return *place;
}
std::uint64_t File::reserve_floats(const std::string& dataset,
                                   const std::vector<std::uint64_t>& shape) {
  const auto place = reserve(handle_->id, dataset, H5T_NATIVE_FLOAT, shape);
  handle_->require(place.has_value(), dataset, "cannot be created");
  return *place;
}
std::uint64_t File::reserve_integers(const std::string& dataset,
                                     const std::vector<std::uint64_t>& shape) {
  const auto place = reserve(handle_->id, dataset, H5T_NATIVE_UINT64, shape);
  handle_->require(place.has_value(), dataset, "cannot be created");
  return *place;
}
std::uint64_t File::reserve_signed_integers(const std::string& dataset,
                                            const std::vector<std::uint64_t>& shape) {
  const auto place = reserve(handle_->id, dataset, H5T_NATIVE_INT64, shape);
  handle_->require(place.has_value(), dataset, "cannot be created");
  return *place;
}

}  // namespace ranvier::hdf5
