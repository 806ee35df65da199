// Codes (encoding/codes.h) as python/ranvier/encoding.py calls them: values are [n_samples,
// n_steps, n_channels], times (window, gap, dt) in ms.
#include <pybind11/stl.h>

#include "convert.h"
#include "encoding/codes.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;
using encoding::Code;
using encoding::CodeSettings;
using Parameters = std::map<std::string, double>;
using Times = std::array<double, 3>;

CodeSettings settings_of(const std::string& code, const Parameters& parameters, const Times& times,
                         std::size_t n_steps, std::size_t n_channels) {
  return {code, parameters, {n_channels, n_steps, times[0], times[2]}, times[1]};
}

py::tuple encode(const Doubles& values, const std::string& code, const Parameters& parameters,
                 const Times& times, std::uint64_t seed) {
  const CodeSettings settings =
      settings_of(code, parameters, times, static_cast<std::size_t>(values.shape(1)),
                  static_cast<std::size_t>(values.shape(2)));
  encoding::EncodedSpikes spikes;
  {
    const py::gil_scoped_release free;
    spikes = encoding::encode_samples(settings, span_of(values), seed);
  }
  return py::make_tuple(array_from(std::move(spikes.times)),
                        array_from(std::move(spikes.channels)));
}

py::array_t<double> decode(const std::pair<Doubles, Indices>& spikes, const std::string& code,
                           const Parameters& parameters, const Times& times,
                           const std::array<py::ssize_t, 3>& shape) {
  const CodeSettings settings =
      settings_of(code, parameters, times, static_cast<std::size_t>(shape[1]),
                  static_cast<std::size_t>(shape[2]));
  std::vector<double> values;
  {
    const py::gil_scoped_release free;
    values = encoding::decode_samples(settings, span_of(spikes.first), span_of(spikes.second),
                                      static_cast<std::size_t>(shape[0]));
  }
  return array_from(std::move(values), {shape[0], shape[1], shape[2]});
}

py::dict describe_code(const std::string& name) {
  static constexpr const char* inputs[] = {"value", "signal", "positive_signal"};
  const Code& code = encoding::code_named(name);
  py::dict d;
  d["summary"] = code.summary;
  d["source"] = code.source;
  d["error"] = code.error;
  d["input"] = inputs[static_cast<std::size_t>(code.input)];
  d["parameters"] = fields_of(code.parameters);
  return d;
}

std::vector<std::string> code_names() {
  std::vector<std::string> names;
  for (const Code& code : encoding::codes()) names.push_back(code.name);
  return names;
}

}  // namespace

void bind_encoding(py::module_& module) {
  module.def("codes", &code_names);
  module.def("describe_code", &describe_code);
  module.def("encode", &encode);
  module.def("decode", &decode);
  module.def("outputs_a_channel", [](const std::string& code, const Parameters& parameters) {
    return encoding::outputs_a_channel({code, parameters});
  });
  module.def("reconstruct", [](const SpikeTrains& trains, double tau, double dt, std::size_t n) {
    return array_from(encoding::reconstruct(trains, tau, dt, n),
                      {static_cast<py::ssize_t>(n), static_cast<py::ssize_t>(trains.size())});
  });
}

}  // namespace ranvier::python
