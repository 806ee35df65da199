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

// Parts of a network without such synapses are not written at all.
void write_plastic(hdf5::File& file, const KernelState& state) {
  if (state.plastic.empty()) return;
  file.write("/plastic/parts",
             std::vector<std::int64_t>{static_cast<std::int64_t>(state.plastic.size()),
                                       static_cast<std::int64_t>(state.histories.size())});
  for (std::size_t p = 0; p < state.plastic.size(); ++p) {
    const std::string group = "/plastic/projections/" + std::to_string(p);
    file.write(group + "/source", state.plastic[p].sources);
    file.write(group + "/target", state.plastic[p].targets);
    file.write(group + "/synapses", state.plastic[p].synapses);
    file.write(group + "/rows", state.plastic[p].rows);
    file.write(group + "/waiting", state.plastic[p].waiting);
  }
  for (std::size_t h = 0; h < state.histories.size(); ++h) {
    const std::string group = "/plastic/histories/" + std::to_string(h);
    file.write(group + "/neuron", state.histories[h].neurons);
    file.write(group + "/step", state.histories[h].steps);
    file.write(group + "/trace", state.histories[h].traces);
  }
  std::vector<std::int64_t> steps, receptors, weights;
  std::vector<std::uint64_t> gids;
  for (const ArrivalState& a : state.arrivals) {
    steps.push_back(a.step);
    receptors.push_back(a.receptor);
    gids.push_back(a.gid);
    weights.push_back(a.weight);
  }
  file.write("/plastic/arrivals/step", steps);
  file.write("/plastic/arrivals/receptor", receptors);
  file.write("/plastic/arrivals/gid", gids);
  file.write("/plastic/arrivals/quanta", weights);
}

void read_plastic(const hdf5::File& file, KernelState& state) {
  if (!file.exists("/plastic/parts")) return;
  const std::vector<std::int64_t> parts = file.read_integers("/plastic/parts");
  for (std::int64_t p = 0; p < parts.at(0); ++p) {
    const std::string group = "/plastic/projections/" + std::to_string(p);
    state.plastic.push_back(
        {file.read_integers(group + "/source"), file.read_integers(group + "/target"),
         file.read_doubles(group + "/synapses"), file.read_doubles(group + "/rows"),
         file.read_doubles(group + "/waiting")});
  }
  for (std::int64_t h = 0; h < parts.at(1); ++h) {
    const std::string group = "/plastic/histories/" + std::to_string(h);
    state.histories.push_back({file.read_integers(group + "/neuron"),
                               file.read_integers(group + "/step"),
                               file.read_doubles(group + "/trace")});
  }
  const std::vector<std::int64_t> steps = file.read_integers("/plastic/arrivals/step"),
                                  receptors = file.read_integers("/plastic/arrivals/receptor"),
                                  gids = file.read_integers("/plastic/arrivals/gid"),
                                  weights = file.read_integers("/plastic/arrivals/quanta");
  for (std::size_t i = 0; i < steps.size(); ++i)
    state.arrivals.push_back(
        {steps[i], receptors.at(i), static_cast<Gid>(gids.at(i)), weights.at(i)});
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
    write_plastic(file, state);
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
  read_plastic(file, state);
  return checkpoint;
}

}  // namespace ranvier
