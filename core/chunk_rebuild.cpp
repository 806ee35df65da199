// What a chunk hands to the chunks of the network that takes its place, and takes from those before
// it: arrivals that are on their way, Poisson trains, injections to come, first samples of new
// reports.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/chunk.h"
#include "core/error.h"

namespace ranvier {

void Chunk::pending(Time now, std::vector<PendingArrival>& out) {
  const std::int64_t dt = layout_->dt_ns, first = now.count() / dt + 1;
  std::array<std::vector<std::int64_t>, max_receptors> sums;
  for (auto& of_receptor : sums) of_receptor.resize(plan_.n_neurons + TargetRecord::unit);
  for (std::int64_t step = first; step < first + layout_->ring_steps; ++step) {
    const Bucket& bucket = ring_[static_cast<std::size_t>(step % layout_->ring_steps)];
    const auto is_empty = [](const auto& groups) { return groups.empty(); };
    if (!layout_->has_procedural && std::all_of(bucket.begin(), bucket.end(), is_empty)) continue;
    std::visit([&](const auto& table) { table.drain(bucket, units_, pointers(sums)); }, table_);
    if (layout_->has_procedural)
      std::visit([&](const auto& table) { table.drain(step, pointers(sums)); }, procedural_);
    for (const Part& part : parts_) {
      if (!part.clocked) continue;
      for (std::uint32_t i = 0; i < part.slice.size; ++i)
        for (std::uint32_t r = 0; r < part.quantum.size(); ++r)
          if (const std::int64_t sum = std::exchange(sums[r][part.slice.local + i], 0))
            out.push_back(
                {step * dt, part.slice.gid + i, r, static_cast<double>(sum) * part.quantum[r]});
    }
  }
  for (const auto& bucket : event_ring_)
    for (const DueEvents& due : bucket) {
      const EventTable::Kind& kind = event_.kind(due.group);
      const std::uint64_t begin = EventTable::first(due.group), end = begin + due.group.count;
      for (std::uint64_t k = begin; k < end; ++k)
        out.push_back(pending_of({due.time, event_.targets()[k], kind.receptor,
                                  event_.form().weights ? event_.weights()[k] : kind.weight}));
    }
  const auto span = static_cast<std::int64_t>(lone_ring_.size());
  for (std::int64_t step = first; step < first + span; ++step)
    for (const Arrival& a : lone_ring_[static_cast<std::size_t>(step % span)])
      out.push_back(pending_of({(step - 1) * dt + a.after, a.target, a.receptor(), a.weight()}));
  entered(out);
  if (!plastic_) return;
  std::vector<ArrivalState> plastic;
  plastic_->save_arrivals(now.count(), plastic);
  for (const ArrivalState& a : plastic)
    for (const Part& part : parts_)
      if (a.gid >= part.slice.gid && a.gid < part.slice.gid + part.slice.size) {
        const auto receptor = static_cast<std::uint32_t>(a.receptor);
        out.push_back(
            {a.step * dt, a.gid, receptor, static_cast<double>(a.weight) * part.quantum[receptor]});
      }
}

PendingArrival Chunk::pending_of(const LateArrival& a) const {
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&a](const Part& p) {
    return a.target >= p.slice.local && a.target < p.slice.local + p.slice.size;
  });
  return {a.time, part->slice.gid + (a.target - part->slice.local), a.receptor,
          static_cast<double>(a.weight) * part->quantum[a.receptor]};
}

void Chunk::entered(std::vector<PendingArrival>& out) const {
  for (const auto* late : {&late_, &late_events_})
    for (const LateArrival& a : *late) out.push_back(pending_of(a));
}

// What meets at one instant is summed in 64 bits, beside what the synapses of this network send.
void Chunk::enter(std::span<const PendingArrival> arrivals) {
  const auto require_room = [this](const Part& part, std::uint32_t receptor, double quanta) {
    constexpr double most = 0x1p62;
    if (quanta <= most) return;  // false for NaN
    const Receptor& of = layout_->populations[part.slice.population].model->receptors[receptor];
    throw Error(
        ErrorKind::range,
        fmt::format("population \"{}\": {} {} on its way to \"{}\" of a neuron, more than the "
                    "{} that can meet there beside the weights that the network has now",
                    layout_->network->populations[part.slice.population].name,
                    quanta * part.quantum[receptor], of.unit, of.name,
                    most * part.quantum[receptor]));
  };
  for (const PendingArrival& a : arrivals)
    for (const Part& part : parts_) {
      if (a.target < part.slice.gid || a.target >= part.slice.gid + part.slice.size) continue;
      const double quanta = a.weight / part.quantum[a.receptor];
      require_room(part, a.receptor, std::fabs(quanta));
      const auto target = part.slice.local + static_cast<std::uint32_t>(a.target - part.slice.gid);
      (part.event ? late_events_ : late_)
          .push_back({a.time, target, a.receptor, std::llround(quanta)});
    }
  for (auto* late : {&late_, &late_events_}) {
    std::sort(late->begin(), late->end(), [](const LateArrival& a, const LateArrival& b) {
      return std::tie(a.time, a.target, a.receptor, a.weight) >
             std::tie(b.time, b.target, b.receptor, b.weight);
    });
    double sum = 0;
    const LateArrival* before = nullptr;
    for (const LateArrival& a : *late) {
      if (before && std::tie(before->time, before->target, before->receptor) !=
                        std::tie(a.time, a.target, a.receptor))
        sum = 0;
      sum += std::fabs(static_cast<double>(a.weight));
      require_room(part_of(a.target), a.receptor, sum);
      before = &a;
    }
  }
}

void Chunk::add_late(std::int64_t step) {
  for (; !late_.empty() && late_.back().time <= step * layout_->dt_ns; late_.pop_back()) {
    const LateArrival& a = late_.back();
    if (wide_) sums64_[a.receptor][a.target] += a.weight;
    else sums32_[a.receptor][a.target] += static_cast<std::int32_t>(a.weight);
  }
}

void Chunk::take_drives(std::span<const DriveState> drives, const Network& before, Time now) {
  for (Part& part : parts_) {
    if (!part.event) continue;
    const Slice& slice = part.slice;
    for (Poisson& p : part.poisson) {
      if (p.stimulus >= before.stimuli.size()) continue;
      const Stimulus& was = before.stimuli[p.stimulus];
      const Stimulus& is = layout_->network->stimuli[p.stimulus];
      if (was.type != is.type || was.target != is.target || was.neurons != is.neurons ||
          was.times != is.times || was.values != is.values)
        continue;
      auto next = trains_of(slice, p, drives);
      if (!next) continue;  // nothing has run
      PoissonDrive drive(was, p.stimulus, layout_->run, slice.first, slice.size,
                         layout_->network->populations[slice.population].size);
      drive.set_next(std::move(*next));
      p.drive.go_on_from(drive, now);
    }
  }
}

void Chunk::pending_injections(std::vector<RecordedSpike>& out) const {
  for (const Emitted& e : injected_) {
    const Slice& from = slice(e.slice);
    out.push_back({e.time, from.gid + (e.local - from.local)});
  }
}

void Chunk::sample_first(std::size_t report, Time now) {
  samples_.clear();
  sample_report(report, now.count());
}

}  // namespace ranvier
