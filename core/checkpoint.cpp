#include "core/checkpoint.h"

#include "core/error.h"
#include "core/hdf5.h"
#include "core/raw_file.h"

namespace ranvier {

namespace {

/// Numbers of all `intervals`, one field at a time.
template <class T>
std::vector<T> field(const std::vector<IntervalCount>& intervals, T IntervalCount::*member) {
  std::vector<T> values;
  values.reserve(intervals.size());
  for (const IntervalCount& i : intervals) values.push_back(i.*member);
  return values;
}

void write_intervals(hdf5::File& file, const std::vector<IntervalCount>& intervals) {
  file.write("/intervals/gid", field(intervals, &IntervalCount::gid));
  file.write("/intervals/spikes", field(intervals, &IntervalCount::spikes));
  file.write("/intervals/last_ns", field(intervals, &IntervalCount::last));
  file.write("/intervals/sum_ms", field(intervals, &IntervalCount::sum));
  file.write("/intervals/squares_ms2", field(intervals, &IntervalCount::squares));
}

std::vector<IntervalCount> read_intervals(const hdf5::File& file, const std::string& path) {
  const std::vector<std::int64_t> gids = file.read_integers("/intervals/gid"),
                                  spikes = file.read_integers("/intervals/spikes"),
                                  last = file.read_integers("/intervals/last_ns");
  const std::vector<double> sum = file.read_doubles("/intervals/sum_ms"),
                            squares = file.read_doubles("/intervals/squares_ms2");
  for (const std::size_t n : {spikes.size(), last.size(), sum.size(), squares.size()})
    if (n != gids.size())
      throw Error(ErrorKind::parse, path + ": /intervals: columns differ in length");
  std::vector<IntervalCount> intervals;
  for (std::size_t i = 0; i < gids.size(); ++i)
    intervals.push_back({static_cast<Gid>(gids[i]), spikes[i], last[i], sum[i], squares[i]});
  return intervals;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint,
                      const std::string& fingerprint) {
  const KernelState& state = checkpoint.kernel;
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
    write_intervals(file, checkpoint.intervals);
    file.close();
  }
  RawFile::edit(aside).sync();
  std::error_code failed;
  std::filesystem::rename(aside, path, failed);
  if (failed)
    throw Error(ErrorKind::io, path.string() + ": cannot be written: " + failed.message());
}

Checkpoint read_checkpoint(const std::filesystem::path& path, const std::string& fingerprint) {
  const hdf5::File file = hdf5::File::open(path);
  if (file.text_attribute("/", "fingerprint") != fingerprint)
    throw Error(
        ErrorKind::range,
        path.string() + ": belongs to another network, seed, dt or storage than this run's");
  Checkpoint checkpoint;
  KernelState& state = checkpoint.kernel;
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
  checkpoint.intervals = read_intervals(file, path.string());
  return checkpoint;
}

}  // namespace ranvier
