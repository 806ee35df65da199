// ranvier._core: recordings of event cameras. Events are NumPy structured arrays over the kernel's
// own 16 bytes an event (t, x, y, p); blocks leave without a copy.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "convert.h"
#include "encoding/event_arrays.h"
#include "encoding/event_file.h"
#include "encoding/event_writer.h"
#include "encoding/filter_chain.h"
#include "encoding/time_slices.h"

namespace ranvier::python {
namespace {

namespace py = pybind11;
using encoding::DvsEvent;
using encoding::EventBuffer;
using encoding::EventReader;
using encoding::Sensor;
using Size = std::optional<std::pair<std::uint32_t, std::uint32_t>>;  // width, height
using Events = py::array_t<DvsEvent, py::array::c_style>;

std::optional<Sensor> sensor_from(const Size& size) {
  if (!size) return std::nullopt;
  return Sensor{size->first, size->second};
}

Size size_from(const std::optional<Sensor>& sensor) {
  if (!sensor) return std::nullopt;
  return std::pair(sensor->width, sensor->height);
}

/// An array that owns the buffer's events.
Events array_from(EventBuffer&& buffer) {
  auto owned = std::make_unique<EventBuffer>(std::move(buffer));
  const auto n = static_cast<py::ssize_t>(owned->size());
  const DvsEvent* data = owned->data();
  const py::capsule owner(owned.release(), [](void* p) { delete static_cast<EventBuffer*>(p); });
  return Events({n}, data, owner);
}

EventBuffer buffer_from(const Events& events) {
  EventBuffer buffer;
  DvsEvent* out = buffer.claim(static_cast<std::size_t>(events.size()));
  for (const DvsEvent& e : span_of(events)) encoding::put(out++, e.t, e.x, e.y, e.on);
  buffer.commit(static_cast<std::size_t>(events.size()));
  return buffer;
}

/// A recording by blocks or by slices of time.
class Reader {
 public:
  Reader(const std::filesystem::path& path, const encoding::ReadOptions& options)
      : file_(path, options) {}

  bool read(EventBuffer& block) {
    block.reserve(room_);
    const bool more = file_.read(block);
    room_ = std::max(room_, block.capacity());
    return more;
  }
  bool next_slice(EventBuffer& slice, std::int64_t width) {
    if (!slices_) slices_.emplace(file_, width);
    return slices_->next(slice);
  }
  const EventReader& file() const { return file_; }
  EventReader& file() { return file_; }

 private:
  EventReader file_;
  std::size_t room_ = 0;  ///< events that a block has asked for so far
  std::optional<encoding::TimeSlices> slices_;
};

/// The events that `read` gives, without the interpreter's lock; None at the end.
template <class Read>
std::optional<Events> events_of(Read read) {
  EventBuffer events;
  bool more = false;
  {
    const py::gil_scoped_release free;
    more = read(events);
  }
  if (!more) return std::nullopt;
  return array_from(std::move(events));
}

void bind_reader(py::module_& module) {
  py::class_<Reader>(module, "EventReader")
      .def(py::init([](const std::filesystem::path& path, const std::string& format,
                       const Size& sensor, bool flip, const std::string& columns,
                       const std::string& time_unit, const std::vector<std::string>& filters) {
        return std::make_unique<Reader>(
            path,
            encoding::ReadOptions{format, sensor_from(sensor), flip, columns, time_unit, filters});
      }))
      .def("read", [](Reader& r) { return events_of([&r](EventBuffer& b) { return r.read(b); }); })
      .def("read_slice",
           [](Reader& r, std::int64_t width) {
             return events_of([&r, width](EventBuffer& b) { return r.next_slice(b, width); });
           })
      .def("read_all",
           [](Reader& r) {
             return *events_of([&r](EventBuffer& b) {
               r.file().read_all(b);
               return true;
             });
           })
      .def("format", [](const Reader& r) { return r.file().format().name; })
      .def("description", [](const Reader& r) { return r.file().description(); })
      .def("sensor", [](const Reader& r) { return size_from(r.file().sensor()); })
      .def("notes", [](const Reader& r) { return r.file().notes(); });
}

void bind_writer(py::module_& module) {
  using encoding::EventWriter;
  py::class_<EventWriter>(module, "EventWriter")
      .def(py::init([](const std::filesystem::path& path, const std::string& format,
                       const Size& sensor, const std::string& compression) {
        return std::make_unique<EventWriter>(
            path, encoding::output_format(path, format),
            encoding::WriteOptions{sensor_from(sensor), compression});
      }))
      .def("write", [](EventWriter& w, const Events& events) { w.write(span_of(events)); })
      .def("finish", [](EventWriter& w) {
        w.finish();
        w.publish();
      });
}

/// Filters at work on blocks; the sensor is that behind them.
struct Filters {
  Filters(const std::vector<std::string>& texts, const Size& size)
      : chain(texts), sensor(chain.start(sensor_from(size))) {}
  Events apply(const Events& events) {
    EventBuffer buffer = buffer_from(events);
    buffer.cut(chain.apply(buffer.events()));
    return array_from(std::move(buffer));
  }

  encoding::FilterChain chain;
  std::optional<Sensor> sensor;
};

py::list described_filters() {
  py::list list;
  for (const encoding::Filter& filter : encoding::filters()) {
    py::list parameters;
    for (const encoding::FilterParameter& p : filter.parameters)
      parameters.append(py::make_tuple(p.name, p.standard, encoding::accepted(p), p.meaning));
    list.append(py::make_tuple(filter.name, filter.summary, parameters));
  }
  return list;
}

py::list described_formats() {
  py::list list;
  for (const encoding::Format& f : encoding::formats())
    list.append(py::make_tuple(f.name, f.summary, f.extensions, f.encoder || f.create));
  return list;
}

/// An array of the given shape that owns the values.
template <class T>
py::array_t<T> shaped(std::vector<T>&& values, std::initializer_list<std::size_t> lengths) {
  std::vector<py::ssize_t> shape;
  for (const std::size_t length : lengths) shape.push_back(static_cast<py::ssize_t>(length));
  return ranvier::python::array_from(std::move(values), std::move(shape));
}

void bind_arrays(py::module_& module) {
  module.def("event_frames", [](const Events& events, const Size& size, const Indices& begins,
                                const Indices& ends) {
    const Sensor s = *sensor_from(size);
    return shaped(encoding::event_frames(span_of(events), s, span_of(begins), span_of(ends)),
                  {span_of(begins).size(), 2, s.height, s.width});
  });
  module.def("voxel_grid", [](const Events& events, const Size& size, std::int64_t n_bins) {
    const Sensor s = *sensor_from(size);
    return shaped(encoding::voxel_grid(span_of(events), s, n_bins),
                  {static_cast<std::size_t>(n_bins), s.height, s.width});
  });
  module.def("time_surfaces", [](const Events& events, const Size& size, const Indices& times,
                                 const Indices& ends, double tau) {
    const Sensor s = *sensor_from(size);
    return shaped(encoding::time_surfaces(span_of(events), s, span_of(times), span_of(ends), tau),
                  {span_of(times).size(), 2, s.height, s.width});
  });
  module.def(
      "hots_surfaces", [](const Events& events, const Size& size, std::int64_t radius, double tau) {
        const auto side = static_cast<std::size_t>(2 * radius + 1);
        return shaped(encoding::hots_surfaces(span_of(events), *sensor_from(size), radius, tau),
                      {span_of(events).size(), 2, side, side});
      });
}

}  // namespace

void bind_events(py::module_& module) {
  PYBIND11_NUMPY_DTYPE_EX(DvsEvent, t, "t", x, "x", y, "y", on, "p");
  module.attr("event_dtype") = py::dtype::of<DvsEvent>();
  bind_reader(module);
  bind_writer(module);
  py::class_<Filters>(module, "EventFilters")
      .def(py::init<const std::vector<std::string>&, const Size&>())
      .def("apply", &Filters::apply)
      .def("is_over", [](const Filters& f) { return f.chain.is_over(); })
      .def("sensor", [](const Filters& f) { return size_from(f.sensor); });
  module.def("event_filters", &described_filters);
  module.def("event_formats", &described_formats);
  bind_arrays(module);
}

}  // namespace ranvier::python
