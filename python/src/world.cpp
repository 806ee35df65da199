#include "world.h"

#include <pybind11/pybind11.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace ranvier::python {

namespace py = pybind11;
namespace fs = std::filesystem;

Comm& world() {
  static std::unique_ptr<Comm> comm;
  if (!comm) {
    comm = make_world_comm();
    py::module_::import("atexit").attr("register")(py::cpp_function([] { comm.reset(); }));
  }
  return *comm;
}

void require_new(const fs::path& path, bool overwrite) {
  if (fs::exists(path) && !overwrite)
    throw Error(ErrorKind::io,
                path.string() + ": exists already; give another name, or overwrite=True");
}

void write_once(const fs::path& path, const std::function<void()>& write) {
  Comm& comm = world();
  const std::string name = fs::absolute(path).lexically_normal().string();
  Bytes mine;
  append_all(mine, std::span<const char>(name));
  const std::vector<Bytes> names = comm.all_gather(mine);
  const bool is_first = std::find(names.begin(), names.end(), mine) - names.begin() == comm.rank();
  agree_on(comm, [&] {
    if (is_first) write();
  });
}

}  // namespace ranvier::python
