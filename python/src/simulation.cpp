// ranvier._core.Simulation: app/simulation.h. The interpreter is free while the network is built
// and moved; between stretches of about 10 ms of biological time signals are looked at, so that
// Ctrl-C ends the slice in order.
#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "app/simulation.h"
#include "convert.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;
using app::Simulation;

/// The ranks of this interpreter: joined on first use, left at exit, before MPI itself ends.
std::unique_ptr<Comm>& world() {
  static std::unique_ptr<Comm> comm;
  if (!comm) {
    comm = make_world_comm();
    py::module_::import("atexit").attr("register")(py::cpp_function([] { comm.reset(); }));
  }
  return comm;
}

py::list spikes_from(RecordedSlice& slice, const RecordPlan& plan) {
  py::list list;
  for (std::size_t p = 0; p < plan.populations.size(); ++p) {
    if (!plan.populations[p].spikes) continue;
    RecordedSlice::Spikes& s = slice.spikes[p];
    list.append(py::make_tuple(plan.populations[p].name, array_from(std::move(s.times)),
                               array_from(std::move(s.neurons))));
  }
  return list;
}

py::list reports_from(RecordedSlice& slice, const RecordPlan& plan) {
  py::list list;
  for (std::size_t r = 0; r < plan.reports.size(); ++r) {
    const Report& report = plan.reports[r];
    RecordedSlice::Frames& f = slice.reports[r];
    const auto columns = static_cast<py::ssize_t>(report.neurons.size());
    list.append(py::make_tuple(
        report.population, report.variable, report.unit, report.interval, f.first,
        array_from(std::vector<std::int64_t>(report.neurons)),
        array_from(std::move(f.values), {static_cast<py::ssize_t>(f.count), columns})));
  }
  return list;
}

/// (reached, spikes, reports); an exception of a signal's handler or of `progress` is raised once
/// the slice has ended in order.
py::tuple run(Simulation& simulation, double ms, const std::optional<py::function>& progress) {
  std::unique_ptr<py::error_already_set> raised;
  const auto keep_going = [&](double now) {
    const py::gil_scoped_acquire held;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (progress) (*progress)(now);
      return true;
    } catch (const py::error_already_set& error) {
      raised = std::make_unique<py::error_already_set>(error);
      return false;
    }
  };
  RecordedSlice slice;
  {
    const py::gil_scoped_release free;
    slice = simulation.run(ms, keep_going);
  }
  const py::object failure = raised ? raised->value() : py::none();
  return py::make_tuple(!simulation.ended_early(), spikes_from(slice, simulation.record_plan()),
                        reports_from(slice, simulation.record_plan()), failure);
}

py::tuple totals(Simulation& simulation) {
  const KernelTotals t = simulation.totals();
  return py::make_tuple(t.neurons, t.synapses, t.spikes, t.synaptic_events);
}

void add_changes(py::class_<Simulation>& type) {
  type.def("state", [](Simulation& s, std::size_t p,
                       const std::string& name) { return array_from(s.state(p, name)); })
      .def("parameter", [](const Simulation& s, std::size_t p,
                           const std::string& name) { return array_from(s.parameter(p, name)); })
      .def("set_state",
           [](Simulation& s, std::size_t p, const std::string& name, const Indices& neurons,
              const Doubles& values) { s.set_state(p, name, span_of(neurons), span_of(values)); })
      .def("set_parameter",
           [](Simulation& s, std::size_t p, const std::string& name, const Indices& neurons,
              const Doubles& values) {
             s.set_parameter(p, name, span_of(neurons), span_of(values));
           })
      .def("set_spike_times", &Simulation::set_spike_times)
      .def("inject", [](Simulation& s, std::size_t p, const Indices& neurons,
                        const Doubles& times) { s.inject(p, span_of(neurons), span_of(times)); })
      .def("current",
           [](const Simulation& s, std::size_t i, std::int64_t neuron, const Doubles& times) {
             return array_from(s.current(i, neuron, span_of(times)));
           })
      .def("synapse_values",
           [](Simulation& s, std::size_t p, const std::string& name) {
             return array_from(s.synapse_values(p, name));
           })
      .def("set_synapse_values",
           [](Simulation& s, std::size_t p, const std::string& name, const Indices& synapses,
              const Doubles& values) {
             s.set_synapse_values(p, name, span_of(synapses), span_of(values));
           })
      .def("change_stimulus", [](Simulation& s, std::size_t i, const py::dict& changes) {
        s.change_stimulus(i, part_from(changes));
      });
}

template <Simulation::Ending ending>
void closing(Simulation& simulation) {
  simulation.close(ending);
}

}  // namespace

void bind_simulation(py::module_& module) {
  const py::call_guard<py::gil_scoped_release> unlocked;
  py::class_<Simulation> type(module, "Simulation");
  type.def(
          py::init([](const app::NetworkBuilder& network, int threads,
                      const std::filesystem::path& output, bool overwrite,
                      const std::filesystem::path& resume, const std::optional<double>& first_run) {
            Comm& comm = *world();
            const py::gil_scoped_release free;
            return std::make_unique<Simulation>(
                network.document(),
                app::SimulationOptions{threads, output, overwrite, resume, first_run}, comm);
          }))
      .def("run", &run)
      .def("require_can_run", &Simulation::require_can_run)
      .def("rebuild",
           [](Simulation& s, const app::NetworkBuilder& network) {
             const py::gil_scoped_release free;
             s.rebuild(network.document());
           })
      .def("save", &Simulation::save, py::call_guard<py::gil_scoped_release>())
      .def("network", [](const Simulation& s) { return app::NetworkBuilder(s.document()); })
      .def("close", closing<Simulation::Ending::as_meant>, unlocked)
      .def("close_early", closing<Simulation::Ending::early>, unlocked)
      .def("close_failed", closing<Simulation::Ending::failed>, unlocked)
      .def("is_closed", &Simulation::is_closed)
      .def("now", &Simulation::now)
      .def("totals", &totals)
      .def("state_digest", &Simulation::state_digest);
  add_changes(type);
  module.def("rank", [] { return world()->rank(); });
  module.def("ranks", [] { return world()->size(); });
}

}  // namespace ranvier::python
