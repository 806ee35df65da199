// A kernel that takes another's place between two slices of a run: its network has further
// populations, other projections, stimuli or probes. Neurons and sources go on from where they
// stand; what is on its way arrives when and as strong as it was sent, for a spike in flight left
// its synapse before the change (docs/decisions/changes-between-slices.md). Synapses with a state
// of their own keep it where their projection stays. Everything travels by gid, so that the two may
// be split differently. Tested by tests/unit/app/test_rebuild.cpp.
#include <fmt/core.h>

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

/// Whether population p goes on with the parameters that it had: its neurons' raw states then mean
/// the same.
bool same_parameters(const Network& now, const Network& before, std::size_t p) {
  return p < before.populations.size() &&
         std::ranges::equal(now.populations[p].parameters, before.populations[p].parameters,
                            [](const auto& a, const auto& b) {
                              return a.first == b.first && same_values(a.second, b.second);
                            });
}

/// The projection of `before` that goes on as projection `p` of `now`: of the same name,
/// populations and rule. None: -1.
std::ptrdiff_t same_projection(const Layout& now, std::size_t p, const Layout& before) {
  const Projection& wanted = now.network->projections[p];
  for (std::size_t k = 0; k < before.projections.size(); ++k) {
    const Projection& other = before.network->projections[k];
    if (other.name == wanted.name && other.source == wanted.source &&
        other.target == wanted.target && before.projections[k].rule == now.projections[p].rule)
      return static_cast<std::ptrdiff_t>(k);
  }
  return -1;
}

/// The same state where the rule's parameters have become, or are no longer, those of each synapse:
/// its traces are then the synapse's own, else those of its source.
PlasticState with_own_traces(PlasticState state, const SynapseRule& rule, bool own) {
  const SynapseWidths alike = rule.widths(false), varied = rule.widths(true);
  const std::size_t n_traces = varied.synapse - alike.synapse, before_traces = alike.row - n_traces;
  const std::size_t old_width = 2 + (own ? alike : varied).synapse, row_width = 1 + alike.row;
  std::vector<double> synapses;
  std::size_t row = 0;
  for (std::size_t i = 0; i < state.sources.size(); ++i) {
    while (state.rows[row] < static_cast<double>(state.sources[i])) row += row_width;
    const auto traces = state.rows.begin() + static_cast<std::ptrdiff_t>(row + 1 + before_traces);
    const auto synapse = state.synapses.begin() + static_cast<std::ptrdiff_t>(i * old_width);
    synapses.insert(synapses.end(), synapse,
                    synapse + static_cast<std::ptrdiff_t>(2 + alike.synapse));
    const auto own_traces = synapse + static_cast<std::ptrdiff_t>(2 + alike.synapse);
    if (own)
      synapses.insert(synapses.end(), traces, traces + static_cast<std::ptrdiff_t>(n_traces));
    else std::copy_n(own_traces, n_traces, traces);
  }
  state.synapses = std::move(synapses);
  return state;
}

/// The history that a rule goes on with; where the time constant is another, its traces as they
/// stand.
HistoryState same_history(const HistoryLayout& wanted, const Layout& before,
                          const std::vector<HistoryState>& histories) {
  const HistoryState* found = nullptr;
  for (std::size_t h = 0; h < before.histories.size(); ++h) {
    if (before.histories[h].population != wanted.population) continue;
    if (!found || before.histories[h].tau == wanted.tau) found = &histories[h];
  }
  return found ? *found : HistoryState{};
}

}  // namespace

void Kernel::take_over(Kernel& before, Recorder& recorder) {
  const Time now{now_ = before.now_};
  std::vector<bool> same(layout_->populations.size());
  for (std::size_t p = 0; p < same.size(); ++p)
    same[p] = same_parameters(*layout_->network, *before.layout_->network, p);
  std::vector<StateEntry> states;
  std::vector<SourceEntry> sources;
  std::vector<PendingArrival> arrivals;
  std::vector<RecordedSpike> injections;
  std::vector<DriveState> drives;
  std::vector<double> state;
  std::vector<std::int64_t> source;
  for (const auto& chunk : before.chunks_) {
    const ChunkPlan& plan = chunk->plan();
    for (std::size_t s = 0; s < plan.neurons.size(); ++s)
      for (std::uint32_t i = 0; i < plan.neurons[s].size; ++i) {
        if (same[plan.neurons[s].population]) chunk->save_state(s, i, state);
        else chunk->full_state(s, i, now, state);
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
    chunk->save_drives(drives);
  }
  const Partition& partition = layout_->partition;
  const auto gid_of = [](const auto& entry) { return entry.gid; };
  const auto state_of = by_gid(to_owners(*comm_, partition, states, gid_of));
  const auto source_of = by_gid(to_owners(*comm_, partition, sources, gid_of));
  arrivals = to_owners(*comm_, partition, arrivals, [](const auto& a) { return a.target; });
  inject(to_owners(*comm_, partition, injections, gid_of));
  drives = to_owners(*comm_, partition, drives, gid_of);
  std::sort(drives.begin(), drives.end());
  const auto take = [&](Chunk& chunk) {
    const ChunkPlan& plan = chunk.plan();
    for (std::size_t s = 0; s < plan.neurons.size(); ++s)
      for (std::uint32_t i = 0; i < plan.neurons[s].size; ++i)
        if (const auto found = state_of.find(plan.neurons[s].gid + i); found != state_of.end()) {
          if (same[plan.neurons[s].population]) chunk.load_state(s, i, found->second);
          else chunk.place_state(s, i, found->second, now);
        }
    if (now_ > 0) chunk.restart_at(now);
    chunk.take_drives(drives, *before.layout_->network, now);
    for (std::size_t s = 0; s < plan.sources.size(); ++s) {
      const std::size_t p = plan.sources[s].population;
      bool goes_on = false;
      for (std::uint32_t i = 0; i < plan.sources[s].size; ++i) {
        const auto found = source_of.find(plan.sources[s].gid + i);
        if (found == source_of.end()) continue;
        // It stands where its parameters of before have brought it; then they change.
        if (!goes_on) chunk.source(s).change(before.layout_->network->populations[p], now);
        chunk.source(s).load(i, found->second);
        goes_on = true;
      }
      if (goes_on) chunk.source(s).change(layout_->network->populations[p], now);
    }
    chunk.enter(arrivals);
  };
  agree_on(*comm_, [&] {  // what can be read once only cannot go on
    for (const auto& chunk : chunks_) take(*chunk);
  });
  choose_width_of_sums();
  if (layout_->has_rules) take_over_plastic(before);
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
    if (report.of_projection) {
      if (now_ % from_ms(report.interval).count() == 0) sample_weights(r, recorder);
      continue;
    }
    for (const auto& chunk : chunks_) chunk->sample_first(r, now);
    hand_over_samples(recorder);
  }
}

void Kernel::take_over_plastic(Kernel& before) {
  const Layout& known = *before.layout_;
  for (std::size_t p = 0; p < layout_->projections.size(); ++p) {
    const SynapseRule* rule = layout_->projections[p].rule;
    const std::ptrdiff_t k = rule ? same_projection(*layout_, p, known) : -1;
    if (k < 0) continue;
    PlasticState state = before.plastic(static_cast<std::size_t>(k));
    const bool own = !layout_->projections[p].varied.empty();
    const bool had_own = !known.projections[static_cast<std::size_t>(k)].varied.empty();
    if (!state.waiting.empty()) {
      const PlasticState mine = plastic(p);
      if (own != had_own || mine.sources != state.sources || mine.targets != state.targets ||
          mine.delays != state.delays)
        throw Error(ErrorKind::unsupported,
                    fmt::format("projection \"{}\": connections and delays cannot change while "
                                "spikes wait for postsynaptic ones (dendritic_delay_fraction < "
                                "0.5); change them later",
                                layout_->network->projections[p].name))
            .set_agreed();
    }
    if (own != had_own) state = with_own_traces(std::move(state), *rule, own);
    for (const auto& chunk : chunks_) chunk->plastic()->load(p, state);
  }
  std::vector<HistoryState> histories;
  for (std::size_t h = 0; h < known.histories.size(); ++h) histories.push_back(before.history(h));
  for (std::size_t h = 0; h < layout_->histories.size(); ++h) {
    const HistoryState state = same_history(layout_->histories[h], known, histories);
    for (const auto& chunk : chunks_) chunk->plastic()->load_history(h, state);
  }
  // Arrivals travel with the others.
  for (const auto& chunk : chunks_) chunk->plastic()->load_arrivals({}, now_);
}

}  // namespace ranvier
