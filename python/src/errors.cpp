// ranvier::Error becomes the class of ranvier.errors for its kind, with the same text.
#include "convert.h"

#include "core/error.h"

namespace ranvier::python {

void bind_errors(pybind11::module_&) {
  namespace py = pybind11;
  py::register_exception_translator([](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const Error& error) {
      const py::object classes = py::module_::import("ranvier.errors").attr("BY_KIND");
      const py::object of_kind = classes[py::int_(static_cast<int>(error.kind()))];
      PyErr_SetString(of_kind.ptr(), error.what());
    }
  });
}

}  // namespace ranvier::python
