// Measures of spike trains (encoding/measures) as python/ranvier/measures.py calls them; the
// interpreter is free meanwhile.
#include "encoding/measures/counts.h"
#include "encoding/measures/distances.h"
#include "encoding/measures/intervals.h"

#include <cmath>

#include "convert.h"
#include "core/error.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;
using encoding::bins_of;

SpikeTrains trains_from(const Doubles& times, const Indices& begin) {
  SpikeTrains trains{{begin.data(), begin.data() + begin.size()},
                     {times.data(), times.data() + times.size()}};
  for (std::size_t i = 0; i < trains.size(); ++i)
    for (std::size_t k = 0; k < trains[i].size(); ++k) {
      const bool is_finite = std::isfinite(trains[i][k]);
      if (is_finite && (k == 0 || trains[i][k] >= trains[i][k - 1])) continue;
      throw Error(ErrorKind::range,
                  "train " + std::to_string(i) + ": spike " + std::to_string(k) +
                      (is_finite ? " comes before the one before it; times must rise"
                                 : " is at no finite time"));
    }
  return trains;
}

py::array_t<double> matrix_from(std::vector<double>&& values, const SpikeTrains& trains) {
  const auto n = static_cast<py::ssize_t>(trains.size());
  return array_from(std::move(values), {n, n});
}

/// f(trains) with the interpreter free.
template <class F>
auto freely(const F& f) {
  const py::gil_scoped_release free;
  return f();
}

template <double (*measure)(std::span<const double>)>
py::array_t<double> of_each(const SpikeTrains& trains) {
  return array_from(freely([&] { return encoding::of_each(trains, measure); }));
}

void bind_matrices(py::module_& module) {
  module.def("covariances", [](const SpikeTrains& t, double begin, double end, double bin) {
    return matrix_from(freely([&] { return encoding::covariances(t, bins_of(begin, end, bin)); }),
                       t);
  });
  module.def("correlations", [](const SpikeTrains& t, double begin, double end, double bin) {
    return matrix_from(freely([&] { return encoding::correlations(t, bins_of(begin, end, bin)); }),
                       t);
  });
  module.def("van_rossum_distances", [](const SpikeTrains& t, double tau) {
    return matrix_from(freely([&] { return encoding::van_rossum_distances(t, tau); }), t);
  });
  module.def("victor_purpura_distances", [](const SpikeTrains& t, double cost) {
    return matrix_from(freely([&] { return encoding::victor_purpura_distances(t, cost); }), t);
  });
  module.def("isi_distances", [](const SpikeTrains& t, double begin, double end) {
    return matrix_from(freely([&] { return encoding::isi_distances(t, begin, end); }), t);
  });
  module.def("spike_distances", [](const SpikeTrains& t, double begin, double end) {
    return matrix_from(freely([&] { return encoding::spike_distances(t, begin, end); }), t);
  });
}

}  // namespace

void bind_measures(py::module_& module) {
  py::class_<SpikeTrains>(module, "Trains").def(py::init(&trains_from));
  module.def("cv", &of_each<encoding::cv>);
  module.def("cv2", &of_each<encoding::cv2>);
  module.def("lv", &of_each<encoding::lv>);
  module.def("interval_histogram", [](const SpikeTrains& t, double bin, std::size_t n) {
    return array_from(encoding::interval_histogram(t, bin, n));
  });
  module.def("rates", [](const SpikeTrains& t, double begin, double end) {
    return array_from(encoding::rates(t, begin, end));
  });
  module.def("psth", [](const SpikeTrains& t, double begin, double end, double bin) {
    return array_from(encoding::psth(t, bins_of(begin, end, bin)));
  });
  module.def("fano_factor", &encoding::fano_factor);
  bind_matrices(module);
}

}  // namespace ranvier::python
