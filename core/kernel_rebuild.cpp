// A kernel that takes another's place between two slices of a run: its network has further
// populations, other projections, stimuli or probes. Neurons and sources go on from where they
// stand; what is on its way arrives when and as strong as it was sent, for a spike in flight left
// its synapse before the change (docs/decisions/changes-between-slices.md). Everything travels by
// gid, so that the two may be split differently. Tested by tests/unit/app/test_rebuild.cpp.
#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/kernel.h"

namespace ranvier {
namespace {

/// One number of a neuron's or a source's state.
struct StateEntry {
  Gid gid;
  double value;
};
struct SourceEntry {
  Gid gid;
  std::int64_t value;
};

/// Sends every entry to the rank that holds its gid, as the new partition says.
template <class Entry, class GidOf>
std::vector<Entry> to_owners(Comm& comm, const Partition& partition,
                             const std::vector<Entry>& entries, const GidOf& gid_of) {
  std::vector<Bytes> to_rank(static_cast<std::size_t>(comm.size()));
  for (const Entry& entry : entries)
    append(to_rank[static_cast<std::size_t>(partition.owner(gid_of(entry)))], entry);
  std::vector<Entry> mine;
  for (const Bytes& bytes : comm.all_to_all(std::move(to_rank))) {
    const auto part = take_all<Entry>(bytes);
    mine.insert(mine.end(), part.begin(), part.end());
  }
  return mine;
}

template <class Entry>
auto by_gid(const std::vector<Entry>& entries) {
  std::map<Gid, std::vector<decltype(Entry::value)>> values;
  for (const Entry& entry : entries) values[entry.gid].push_back(entry.value);
  return values;
}

bool is_same(const Report& a, const Report& b) {
  return a.population == b.population && a.variable == b.variable && a.neurons == b.neurons &&
         a.interval == b.interval;
}

}  // namespace

void Kernel::take_over(Kernel& before, Recorder& recorder) {
  if (before.started_ && (layout_->has_rules || before.layout_->has_rules))
    throw Error(
        ErrorKind::unsupported,
        "populations, projections and probes of a network with plastic or dynamic synapses "
        "are added before its first run; between slices weights, parameters and stimuli can "
        "be changed")
        .set_agreed();
  const Time now{now_ = before.now_};
  std::vector<StateEntry> states;
  std::vector<SourceEntry> sources;
  std::vector<PendingArrival> arrivals;
  std::vector<RecordedSpike> injections;
  std::vector<double> state;
  std::vector<std::int64_t> source;
  for (const auto& chunk : before.chunks_) {
    const ChunkPlan& plan = chunk->plan();
    for (std::size_t s = 0; s < plan.neurons.size(); ++s)
      for (std::uint32_t i = 0; i < plan.neurons[s].size; ++i) {
        chunk->save_state(s, i, state);
        for (const double value : state) states.push_back({plan.neurons[s].gid + i, value});
      }
    for (std::size_t s = 0; s < plan.sources.size(); ++s)
      for (std::uint32_t i = 0; i < plan.sources[s].size; ++i) {
        source.clear();
        chunk->source(s).save(i, source);
        for (const std::int64_t value : source) sources.push_back({plan.sources[s].gid + i, value});
      }
    chunk->pending(now, arrivals);
    chunk->pending_injections(injections);
  }
  const Partition& partition = layout_->partition;
  const auto gid_of = [](const auto& entry) { return entry.gid; };
  const auto state_of = by_gid(to_owners(*comm_, partition, states, gid_of));
  const auto source_of = by_gid(to_owners(*comm_, partition, sources, gid_of));
  arrivals = to_owners(*comm_, partition, arrivals, [](const auto& a) { return a.target; });
  inject(to_owners(*comm_, partition, injections, gid_of));
  const auto take = [&](Chunk& chunk) {
    const ChunkPlan& plan = chunk.plan();
    for (std::size_t s = 0; s < plan.neurons.size(); ++s)
      for (std::uint32_t i = 0; i < plan.neurons[s].size; ++i)
        if (const auto found = state_of.find(plan.neurons[s].gid + i); found != state_of.end())
          chunk.load_state(s, i, found->second);
    if (now_ > 0) chunk.restart_at(now);
    for (std::size_t s = 0; s < plan.sources.size(); ++s)
      for (std::uint32_t i = 0; i < plan.sources[s].size; ++i)
        if (const auto found = source_of.find(plan.sources[s].gid + i); found != source_of.end())
          chunk.source(s).load(i, found->second);
    chunk.enter(arrivals);
  };
  agree_on(*comm_, [&] {  // what can be read once only cannot go on
    for (const auto& chunk : chunks_) take(*chunk);
  });
  choose_width_of_sums();
  const KernelTotals totals = before.totals();
  if (comm_->rank() == 0) {
    std::copy(totals.spikes_of.begin(), totals.spikes_of.end(), spikes_before_.begin());
    synaptic_events_before_ = totals.synaptic_events;
  }
  started_ = before.started_;
  if (!started_) return;
  const auto& known = before.layout_->record.reports;
  for (std::size_t r = 0; r < layout_->record.reports.size(); ++r) {
    const Report& report = layout_->record.reports[r];
    if (std::any_of(known.begin(), known.end(),
                    [&](const Report& other) { return is_same(report, other); }))
      continue;
    for (const auto& chunk : chunks_) chunk->sample_first(r, now);
    hand_over_samples(recorder);
  }
}

}  // namespace ranvier
