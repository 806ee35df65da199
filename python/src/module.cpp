// ranvier._core: the bindings. Each is one line over the C++ name; what needs more lives in C++ or
// in python/ranvier, where the public names and their docstrings are.
#include "convert.h"
#include "core/time.h"
#include "generated/version.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "C++ core of Ranvier";
  module.attr("__version__") = ranvier::version;
  module.attr("max_ms") = ranvier::max_ms;
  module.def("is_quantity", &ranvier::python::is_quantity);
  ranvier::python::bind_errors(module);
  ranvier::python::bind_encoding(module);
  ranvier::python::bind_events(module);
  ranvier::python::bind_measures(module);
  ranvier::python::bind_models(module);
  ranvier::python::bind_network(module);
  ranvier::python::bind_simulation(module);
}
