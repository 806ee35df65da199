#include "core/checkpoint.h"

#include "core/error.h"
#include "core/hdf5.h"

namespace ranvier {

void write_checkpoint(const std::filesystem::path& path, const KernelState& state,
                      const std::string& fingerprint) {
  const std::filesystem::path aside = path.string() + ".new";
  {
    hdf5::File file = hdf5::File::create(aside);
    file.set_attribute("/", "fingerprint", fingerprint);
    file.write("/now_ns", std::vector<std::int64_t>{state.now});
    file.write("/spikes_of", state.spikes_of);
    file.write("/synaptic_events", std::vector<std::int64_t>{state.synaptic_events});
    for (std::size_t p = 0; p < state.states.size(); ++p)
      file.write("/states/" + std::to_string(p), state.states[p]);
    std::vector<std::int64_t> times;
    std::vector<std::uint64_t> gids;
    for (const RecordedSpike& s : state.in_flight) {
      times.push_back(s.time);
      gids.push_back(s.gid);
    }
    file.write("/in_flight/time_ns", times);
    file.write("/in_flight/gid", gids);
  }
  std::error_code failed;
  std::filesystem::rename(aside, path, failed);
  if (failed)
    throw Error(ErrorKind::io, path.string() + ": cannot be written: " + failed.message());
}

KernelState read_checkpoint(const std::filesystem::path& path, const std::string& fingerprint) {
  const hdf5::File file = hdf5::File::open(path);
  if (file.text_attribute("/", "fingerprint") != fingerprint)
    throw Error(
        ErrorKind::range,
        path.string() + ": belongs to another network, seed, dt or storage than this run's");
  KernelState state;
  const auto one = [&](const char* name) {
    const std::vector<std::int64_t> values = file.read_integers(name);
    if (values.size() != 1)
      throw Error(ErrorKind::parse, path.string() + ": " + name + ": must hold one value");
    return values[0];
  };
  state.now = one("/now_ns");
  state.synaptic_events = one("/synaptic_events");
  state.spikes_of = file.read_integers("/spikes_of");
  for (std::size_t p = 0; p < state.spikes_of.size(); ++p)
    state.states.push_back(file.read_doubles("/states/" + std::to_string(p)));
  const std::vector<std::int64_t> times = file.read_integers("/in_flight/time_ns"),
                                  gids = file.read_integers("/in_flight/gid");
  if (times.size() != gids.size())
    throw Error(ErrorKind::parse, path.string() + ": /in_flight: time_ns and gid differ in length");
  for (std::size_t i = 0; i < times.size(); ++i)
    state.in_flight.push_back({times[i], static_cast<Gid>(gids[i])});
  return state;
}

}  // namespace ranvier
