// Python values to the kernel's and back. NumPy arrays arrive by reference into a Part and leave
// without a copy: the array owns the vector that C++ filled.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <utility>
#include <vector>

#include "app/network_builder.h"

namespace ranvier::python {

/// Dicts, lists, numbers, texts, None as Json; NumPy arrays of one or two dimensions as
/// {"memory": i} with the values in `arrays`. Throws Error(parse) naming the type of what has no
/// counterpart.
app::Part part_from(pybind11::handle value);

/// Whether it is the type of numbers of Brian2, quantities, pint or astropy, whose unit may be
/// another than the one that is asked for.
bool is_quantity(const pybind11::type& kind);

/// An array that owns `values`; `shape` row-major, read only where `is_constant`.
template <class T>
pybind11::array_t<T> array_from(std::vector<T>&& values, std::vector<pybind11::ssize_t> shape) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  const T* data = owned->data();
  const pybind11::capsule owner(owned.release(),
                                [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return pybind11::array_t<T>(std::move(shape), data, owner);
}

template <class T>
pybind11::array_t<T> array_from(std::vector<T>&& values) {
  const auto n = static_cast<pybind11::ssize_t>(values.size());
  return array_from(std::move(values), {n});
}

using Doubles = pybind11::array_t<double, pybind11::array::c_style | pybind11::array::forcecast>;
using Indices =
    pybind11::array_t<std::int64_t, pybind11::array::c_style | pybind11::array::forcecast>;

template <class A>
auto span_of(const A& array) {
  return std::span(array.data(), static_cast<std::size_t>(array.size()));
}

/// A table as (name, unit, default, range, meaning) a field.
pybind11::list fields_of(const std::vector<FieldInfo>& fields);

void bind_encoding(pybind11::module_& module);
void bind_errors(pybind11::module_& module);
void bind_events(pybind11::module_& module);
void bind_measures(pybind11::module_& module);
void bind_models(pybind11::module_& module);
void bind_network(pybind11::module_& module);
void bind_simulation(pybind11::module_& module);

}  // namespace ranvier::python
