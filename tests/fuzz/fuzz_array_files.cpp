// Any bytes as a file of a whole-file format (NumPy): the reader takes them or says Error, and
// reads no more events than the bytes hold. HDF5 is left out: its library is not proof against
// hostile files.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "encoding/event_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ranvier::encoding;
  static const int memory = memfd_create("recording", 0);
  if (ftruncate(memory, 0) != 0 || pwrite(memory, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(memory);
  for (const Format& format : formats()) {
    if (!format.open || format.name == "hdf5") continue;
    std::size_t n = 0;
    try {
      const auto recording = format.open(path, {.time_unit = "us"});
      EventBuffer events;
      for (bool more = true; more; n += events.size()) {
        events.clear();
        more = recording->read(events);
      }
    } catch (const ranvier::Error&) {
    }
    if (n > 1032 * (size + 1024)) std::abort();
  }
  return 0;
}
