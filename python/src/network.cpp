// ranvier._core.Network: app/network_builder.h, with parts given as Python values.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "app/catalogue.h"
#include "app/document.h"
#include "app/prepare.h"
#include "conversion/nir.h"
#include "conversion/sonata_write.h"
#include "convert.h"
#include "core/network.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;
using app::NetworkBuilder;

py::list populations_of(const NetworkBuilder& builder) {
  py::list list;
  for (const Population& p : builder.network().populations)
    list.append(py::make_tuple(p.name, p.model, p.size));
  return list;
}

py::list projections_of(const NetworkBuilder& builder) {
  py::list list;
  for (const Projection& p : builder.network().projections)
    list.append(py::make_tuple(p.name, p.source, p.target));
  return list;
}

py::tuple connections_of(const NetworkBuilder& builder, std::size_t projection) {
  app::Connections all;
  {
    const py::gil_scoped_release free;
    all = builder.connections(projection);
  }
  return py::make_tuple(array_from(std::move(all.sources)), array_from(std::move(all.targets)),
                        array_from(std::move(all.weights)), array_from(std::move(all.delays)));
}

py::list stimuli_of(const NetworkBuilder& builder) {
  py::list list;
  for (const Stimulus& s : builder.network().stimuli) list.append(py::make_tuple(s.name, s.target));
  return list;
}

py::array_t<double> positions_of(const NetworkBuilder& builder, std::size_t p) {
  std::vector<double> flat;
  for (const Position& x : builder.network().populations.at(p).positions)
    flat.insert(flat.end(), x.begin(), x.end());
  const auto n = static_cast<py::ssize_t>(flat.size() / 3);
  return array_from(std::move(flat), {n, 3});
}

}  // namespace

void bind_network(py::module_& module) {
  module.def("fault_of_interval", &fault_of_interval);
  py::class_<NetworkBuilder>(module, "Network")
      .def(py::init([](const py::dict& run) { return NetworkBuilder(part_from(run)); }))
      .def_static("load",
                  [](const std::filesystem::path& path) {
                    return NetworkBuilder(app::load_document(path, {&app::catalogue(), {}}));
                  })
      .def_static("parse",
                  [](const std::string& text, const std::filesystem::path& folder) {
                    return NetworkBuilder(
                        app::parse_document(text, "document", folder, {&app::catalogue(), {}}));
                  })
      .def("add_population", [](NetworkBuilder& b, const std::string& name,
                                const py::dict& d) { return b.add_population(name, part_from(d)); })
      .def("add_projection",
           [](NetworkBuilder& b, const py::dict& d) { return b.add_projection(part_from(d)); })
      .def("add_stimulus",
           [](NetworkBuilder& b, const py::dict& d) { return b.add_stimulus(part_from(d)); })
      .def("add_probe",
           [](NetworkBuilder& b, const py::dict& d) { return b.add_probe(part_from(d)); })
      .def("populations", &populations_of)
      .def("projections", &projections_of)
      .def("stimuli", &stimuli_of)
      .def("positions", &positions_of)
      .def("connections", &connections_of)
      .def("settings",
           [](const NetworkBuilder& b) {
             const RunSettings& run = b.document().run;
             return py::make_tuple(run.dt, run.seed, run.duration);
           })
      .def("to_json", [](const NetworkBuilder& b) { return app::to_json(b.document()); })
      .def("save",
           [](const NetworkBuilder& b, const std::filesystem::path& path, bool overwrite) {
             app::save_document(b.document(), path, overwrite ? std::optional(true) : std::nullopt);
           })
      .def("save_sonata",
           [](const NetworkBuilder& b, const std::filesystem::path& folder) {
             app::with_name_of(b.document(), [&] {
               conversion::save_sonata(b.network(), b.document().run, folder);
             });
           })
      .def("save_nir", [](const NetworkBuilder& b, const std::filesystem::path& path) {
        app::with_name_of(b.document(), [&] {
          conversion::write_nir(conversion::from_network(b.network(), b.document().run), path);
        });
      });
}

}  // namespace ranvier::python
