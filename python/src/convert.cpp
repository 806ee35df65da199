#include "convert.h"

#include <string>

#include "core/error.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;

Json number_from(py::handle value) {
  if (!py::isinstance<py::int_>(value)) return value.cast<double>();
  int overflow = 0;
  const long long whole = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0) return static_cast<std::int64_t>(whole);
  const unsigned long long large = PyLong_AsUnsignedLongLong(value.ptr());
  if (!PyErr_Occurred()) return static_cast<std::uint64_t>(large);
  PyErr_Clear();
  return value.cast<double>();  // out of range for what takes whole numbers, a number for the rest
}

struct Converter {
  std::vector<app::MemoryArray>& arrays;

  Json operator()(py::handle value) const {
    if (value.is_none()) return {};
    if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
    if (py::isinstance<py::str>(value)) return value.cast<std::string>();
    if (py::isinstance<py::int_>(value) || py::isinstance<py::float_>(value))
      return number_from(value);
    if (py::isinstance<py::dict>(value)) return object(py::reinterpret_borrow<py::dict>(value));
    if (is_quantity(py::type::of(value)))
      throw Error(ErrorKind::usage,
                  "has a unit of its own, must be a plain number in Ranvier's unit");
    if (py::isinstance<py::array>(value)) return array(py::reinterpret_borrow<py::array>(value));
    if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
      Json::Array list;
      for (const py::handle item : value) list.push_back((*this)(item));
      return list;
    }
    if (py::isinstance(value, py::module_::import("numpy").attr("bool_")))
      return value.cast<bool>();
    if (PyIndex_Check(value.ptr()))
      return number_from(py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr())));
    if (PyNumber_Check(value.ptr())) return value.cast<double>();
    throw Error(ErrorKind::usage,
                "a " + py::type::of(value).attr("__name__").cast<std::string>() +
                    ", must be a number, a text, a list, a dict or a NumPy array");
  }

  Json object(const py::dict& given) const {
    Json made = Json::object();
    for (const auto& [key, item] : given) {
      const auto name = py::str(key).cast<std::string>();
      try {
        made.set(name, (*this)(item));
      } catch (const Error& error) {  // the way to the value, from the inside out
        throw Error(error.kind(), name + ": " + error.what());
      }
    }
    return made;
  }

  Json array(const py::array& given) const {
    const char kind = given.dtype().kind();
    if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b')
      throw Error(ErrorKind::usage, "an array of " + py::str(given.dtype()).cast<std::string>() +
                                        ", must hold numbers");
    const auto values = py::cast<Doubles>(given);
    if (values.ndim() == 0) return *values.data();
    if (values.ndim() > 2)
      throw Error(ErrorKind::range, "an array of " + std::to_string(values.ndim()) +
                                        " dimensions, must have one or two");
    const auto columns = values.ndim() == 2 ? values.shape(1) : 1;
    arrays.push_back(
        {std::make_shared<std::vector<double>>(values.data(), values.data() + values.size()),
         static_cast<std::size_t>(columns)});
    return Json::object({{"memory", static_cast<std::int64_t>(arrays.size() - 1)}});
  }
};

}  // namespace

bool is_quantity(const py::type& kind) {
  for (const py::handle base : kind.attr("__mro__"))
    if (base.attr("__name__").cast<std::string>() == "Quantity") return true;
  return false;
}

app::Part part_from(py::handle value) {
  app::Part part;
  part.json = Converter{part.arrays}(value);
  return part;
}

}  // namespace ranvier::python
