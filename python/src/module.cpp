// ranvier._core: the bindings. Each is one line over the C++ name; what needs more lives in C++ or
// in python/ranvier.
#include "generated/version.h"
#include "neurons/catalogue.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

PYBIND11_MODULE(_core, module) {
  module.doc() = "C++ core of Ranvier";
  module.attr("__version__") = ranvier::version;
  module.def(
      "neuron_models", [] { return ranvier::neurons::make_catalogue().names(); },
      "Names of the neuron models of this build, sorted.");
}
