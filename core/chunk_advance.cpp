// Moving a chunk: drain what is due, step the clocked slices on the grid, move the event-driven
// ones through their arrivals.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/chunk.h"
#include "core/prefetch.h"

namespace ranvier {
namespace {

/// Adds an arrival, in parts where its weight is more than one has room for (62 bits).
void add_in_parts(ArrivalList& list, const LateArrival& late, std::uint32_t target,
                  std::int64_t begin) {
  constexpr std::int64_t room = std::int64_t{1} << 60;
  std::int64_t left = late.weight;
  for (; std::abs(left) > room; left -= left < 0 ? -room : room)
    list.add({target, late.time - begin, late.receptor, left < 0 ? -room : room});
  list.add({target, late.time - begin, late.receptor, left});
}

}  // namespace

void Chunk::advance(Window window) {
  emitted_.clear();
  samples_.clear();
  const std::int64_t dt = layout_->dt_ns;
  clock_.begin();
  if (has_events_ && !failure_) advance_events(window);
  clock_.lap(Phase::events);
  for (std::int64_t step = window.begin.count() / dt + 1; step * dt <= window.end.count(); ++step) {
    drain(step);
    clock_.lap(Phase::drain);
    step_parts(step);
    sample(step * dt);
    clock_.lap(Phase::sample);
  }
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    firings_.clear();
    sources_[k]->spikes(window, firings_);
    const auto slice = static_cast<std::uint32_t>(plan_.neurons.size() + k);
    for (const Firing& f : firings_)
      emitted_.push_back({f.time, plan_.sources[k].local + f.neuron, slice});
  }
  if (!injected_.empty()) emit_injected(window);
  post();
  clock_.lap(Phase::post);
}

void Chunk::post() {
  outbox_.recorded.clear();
  outbox_.here.clear();
  outbox_.elsewhere.clear();
  for (std::size_t k = 0; k < emitted_.size(); ++k) {
    constexpr std::size_t ahead = 24;
    if (k + 2 * ahead < emitted_.size()) routes_.prefetch_first(emitted_[k + 2 * ahead].local);
    if (k + ahead < emitted_.size()) routes_.prefetch_listed(emitted_[k + ahead].local);
    const Emitted& e = emitted_[k];
    const Slice& from = slice(e.slice);
    const RecordedSpike spike{e.time, from.gid + (e.local - from.local)};
    ++spikes_of_[from.population];
    if (layout_->record.populations[from.population].spikes) outbox_.recorded.push_back(spike);
    post_to_targets(spike, e.local);
  }
}

void Chunk::post_to_targets(const RecordedSpike& spike, std::uint32_t local) {
  const auto routes = routes_.of(local);
  if (routes.empty() || is_one_too_many(spike, local)) return;
  in_flight_.push_back(spike);
  for (const Route& route : routes)
    if (route.neighbour == Route::here) outbox_.here.push_back({route.source, spike.time});
    else outbox_.elsewhere.push_back({route.neighbour, {route.source, spike.time}});
}

// Spikes of one source come in rising time.
bool Chunk::is_one_too_many(const RecordedSpike& spike, std::uint32_t local) {
  if (bursts_.empty() || local < first_burst_) return false;
  std::int64_t& burst = bursts_[local - first_burst_];
  const std::int64_t step = (spike.time + layout_->dt_ns - 1) / layout_->dt_ns;
  if (burst >> 8 != step) {
    burst = step << 8;
    return false;
  }
  if ((burst & 255) + 1 < max_spikes_a_step) {
    ++burst;
    return false;
  }
  if (!overrun_ || spike < *overrun_) overrun_ = spike;
  return true;
}

std::span<const RecordedSpike> Chunk::in_flight(std::int64_t oldest) {
  std::erase_if(in_flight_, [oldest](const RecordedSpike& s) { return s.time < oldest; });
  return in_flight_;
}

void Chunk::launch(std::span<const RecordedSpike> spikes) {
  outbox_ = {};
  for (const RecordedSpike& spike : spikes)
    if (const auto emitted = emission(spike)) post_to_targets(spike, emitted->local);
}

void Chunk::drain(std::int64_t step) {
  Bucket& bucket = ring_[static_cast<std::size_t>(step % layout_->ring_steps)];
  std::visit(
      [&]<class Record>(const TargetTable<Record>& table) {
        if constexpr (!std::is_same_v<Record, ExactRecord>)
          if (!wide_) return table.drain(bucket, units_, pointers(sums32_));
        table.drain(bucket, units_, pointers(sums64_));
      },
      table_);
  for (std::vector<DueGroup>& groups : bucket) groups.clear();
  if (layout_->has_procedural) drain_procedural(step);
  if (plastic_) drain_plastic(step);
  if (!late_.empty()) add_late(step);
}

void Chunk::drain_procedural(std::int64_t step) {
  std::visit(
      [this, step]<class Placed>(ProceduralTable<Placed>& table) {
        if (wide_) table.drain(step, pointers(sums64_));
        else if constexpr (std::is_same_v<Placed, CompactPlaced>)
          table.drain(step, pointers(sums32_));
        table.forget(step);
      },
      procedural_);
}

void Chunk::drain_plastic(std::int64_t step) {
  for (std::size_t lane = 0; lane < plastic_->lanes().size(); ++lane) {
    const PlasticCalendar::Lane& to = plastic_->lanes()[lane];
    std::int64_t* sums = sums64_[to.receptor].data() + to.local;
    plastic_->take_arrivals(
        step, lane, [sums](std::uint32_t target, std::int64_t weight) { sums[target] += weight; });
  }
}

void Chunk::step_parts(std::int64_t step) {
  for (Part& part : parts_) {
    if (!part.clocked) continue;
    const std::uint32_t at = part.slice.local;
    for (Poisson& p : part.poisson) {
      if (wide_) p.drive.add(step, p.weight, sums64_[p.receptor].data() + at);
      else p.drive.add(step, p.weight, sums32_[p.receptor].data() + at);
    }
    ClockedSlice::Step s;
    s.number = step;
    for (std::size_t r = 0; r < part.quantum.size(); ++r) {
      if (wide_) s.sums64[r] = sums64_[r].data() + at;
      else s.sums32[r] = sums32_[r].data() + at;
      s.quantum[r] = part.quantum[r];
    }
    if (!part.currents.drives().empty()) {
      s.same_current = !part.currents.make(step, padded(part.slice.size));
      s.current = part.currents.sum();
    }
    clock_.lap(Phase::drive);
    fired_.clear();
    s.fired = &fired_;
    part.clocked->step(s);
    const auto number = static_cast<std::uint32_t>(&part - parts_.data());
    for (const std::uint32_t i : fired_)
      emitted_.push_back({step * layout_->dt_ns, at + i, number});
    if (plastic_)
      for (const std::uint32_t i : fired_) plastic_->fired(number, i, step);
    clock_.lap(Phase::update);
  }
}

void Chunk::advance_events(Window window) {
  if (!joined_) join_neighbours();
  const bool changes =
      std::binary_search(layout_->cuts.begin(), layout_->cuts.end(), window.begin.count());
  collect_arrivals(window);
  for (Part& part : parts_)
    if (part.event && changes) change_currents(part, window.begin);
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    Part& mover = parts_[k];
    if (!mover.event || mover.mover != k) continue;
    firings_.clear();
    try {
      mover.event->advance_through(window, mover.arrivals, mover.quantum, firings_);
    } catch (const EndlessFiring& endless) {
      return refuse(endless, mover);
    }
    hand_on(mover.arrivals);
    if (mover.arrivals.size() > 0 || !firings_.empty())
      for (std::size_t p = k; p < parts_.size() && parts_[p].mover == k; ++p)
        parts_[p].looked_at = false;
    // A neuron that is above its threshold at the beginning, as it was set, fires just after it: a
    // spike at the beginning would belong to the window before.
    const std::int64_t first = window.begin.count() + 1;
    for (const Firing& f : firings_) {
      const std::uint32_t local = mover.slice.local + f.neuron;
      const auto number = static_cast<std::uint32_t>(&part_of(local) - parts_.data());
      emitted_.push_back({std::max(f.time, first), local, number});
    }
  }
}

void Chunk::refuse(const EndlessFiring& endless, const Part& mover) {
  const Slice& slice = part_of(mover.slice.local + endless.neuron).slice;
  failure_.emplace(
      ErrorKind::range,
      fmt::format(
          "population \"{}\": neuron {} fires at {} ms again and again: a parameter, weight "
          "or input is beyond what can be computed with; tau_refrac > 0 ends it",
          layout_->network->populations[slice.population].name,
          slice.first + (mover.slice.local + endless.neuron - slice.local), to_ms(endless.at)));
}

// `injected` is summed as the slice sums its current: a saved state holds that one alone.
void Chunk::change_currents(Part& part, Time at) {
  for (std::uint32_t i = 0; i < part.slice.size; ++i) {
    double now = 0;
    for (const CurrentDrive& drive : part.currents.drives()) now += drive.at(i, to_ms(at));
    // Where the first change was rounded, a second one puts it right.
    for (int k = 0; k < 2 && part.injected[i] != now; ++k) {
      const double change = now - part.injected[i];
      part.event->change_current(at, i, change);
      part.injected[i] += change;
    }
  }
  part.looked_at = false;
}

/// Takes what is due up to `end` (ns) out of the calendar; returns how many synapses that are.
std::size_t Chunk::take_due_events(std::int64_t begin, std::int64_t end) {
  const std::int64_t dt = layout_->dt_ns, span = static_cast<std::int64_t>(event_ring_.size());
  due_events_.clear();
  std::size_t synapses = 0;
  for (std::int64_t step = begin / dt; step <= (end + dt - 1) / dt; ++step) {
    auto& bucket = event_ring_[static_cast<std::size_t>(step % span)];
    std::size_t kept = 0;
    for (const DueEvents& due : bucket) {
      if (due.time > end) {
        bucket[kept++] = due;
        continue;
      }
      due_events_.push_back(due);
      synapses += due.group.count;
    }
    const std::size_t held = bucket.size();
    bucket.resize(kept);
    event_ring_.settle(bucket, held);
  }
  // Where rows are long, sorting them is cheaper than sorting what they hold.
  constexpr std::size_t long_row = 8;
  if (due_events_.size() * long_row <= synapses && synapses > 0)
    due_order_.sort(due_events_, begin, end);
  return synapses;
}

/// As take_due_events; what is taken is handed to the parts that hold the targets.
std::size_t Chunk::take_lone_events(std::int64_t begin, std::int64_t end) {
  const std::int64_t dt = layout_->dt_ns, span = static_cast<std::int64_t>(lone_ring_.size());
  std::size_t taken = 0;
  for (std::int64_t step = begin / dt; step <= (end + dt - 1) / dt; ++step) {
    auto& bucket = lone_ring_[static_cast<std::size_t>(step % span)];
    const std::int64_t from = (step - 1) * dt;
    const auto last = from + dt <= end
                          ? bucket.end()
                          : std::partition(bucket.begin(), bucket.end(),
                                           [&](const Arrival& a) { return from + a.after <= end; });
    for (auto a = bucket.begin(); a != last;) {
      Part& mover = mover_of(a->target);
      const std::uint32_t first = mover.slice.local;
      for (; a != last && a->target - first < mover.n_moved; ++a) {
        a->target -= first;
        a->after = static_cast<std::uint32_t>(from + a->after - begin);
        mover.arrivals.add(*a);
      }
    }
    const std::size_t held = bucket.size();
    taken += static_cast<std::size_t>(last - bucket.begin());
    bucket.erase(bucket.begin(), last);
    lone_ring_.settle(bucket, held);
  }
  return taken;
}

void Chunk::collect_arrivals(Window window) {
  const std::int64_t begin = window.begin.count(), end = window.end.count();
  for (Part& part : parts_) part.arrivals.clear();
  std::size_t n = take_due_events(begin, end);
  for (const DueEvents& due : due_events_) add_row(due, begin);
  n += take_lone_events(begin, end);
  for (; !late_events_.empty() && late_events_.back().time <= end; late_events_.pop_back(), ++n) {
    const LateArrival& late = late_events_.back();
    Part& mover = mover_of(late.target);
    add_in_parts(mover.arrivals, late, late.target - mover.slice.local, begin);
  }
  synaptic_events_ += static_cast<std::int64_t>(n);
  for (Part& part : parts_) {
    if (!part.event) continue;
    Part& mover = parts_[part.mover];
    const std::uint32_t distance = part.slice.local - mover.slice.local;
    for (Poisson& p : part.poisson) {
      drive_arrivals_.clear();
      p.drive.arrivals(window, drive_arrivals_);
      for (const auto& [time, i] : drive_arrivals_)
        mover.arrivals.add({distance + i, time - begin, p.receptor, p.weight});
    }
  }
}

/// A group goes to the first part that may hold some of its targets; which of them are behind that
/// part is seen there, where they have come from afar.
void Chunk::add_row(const DueEvents& due, std::int64_t begin) {
  const EventTable::Kind& kind = event_.kind(due.group);
  const std::size_t first_part = std::max<std::size_t>(kind.first_part, first_event_part_);
  Part& mover = parts_[parts_[first_part].mover];
  const std::uint64_t first = EventTable::first(due.group);
  mover.arrivals.add(ArrivalRow{{event_.targets() + first, due.group.count},
                                mover.slice.local,
                                static_cast<std::uint32_t>(due.time - begin),
                                kind.receptor,
                                kind.weight,
                                event_.form().weights ? event_.weights() + first : nullptr});
}

/// What a part has found behind its own goes to the parts that hold it.
void Chunk::hand_on(const ArrivalList& walked) {
  for (const ArrivalList::Rest& rest : walked.rests()) {
    Part& next = mover_of(rest.first);
    ArrivalRow row = rest.row;
    row.base = next.slice.local;
    next.arrivals.add_rest(row, walked);
  }
}

/// The part that holds a local neuron.
Chunk::Part& Chunk::part_of(std::uint32_t local) {
  return *std::prev(
      std::upper_bound(parts_.begin(), parts_.end(), local,
                       [](std::uint32_t l, const Part& part) { return l < part.slice.local; }));
}

// A spike is due a whole number of steps after the end of the step it falls in (clocked targets),
// or its delay after its own time (event-driven targets).
void Chunk::deliver(std::span<const Incoming> spikes, std::int64_t now) {
  clock_.begin();
  const std::int64_t dt = layout_->dt_ns;
  due_rows_.clear();
  if (!clocked_row_of_.empty())
    for (const Incoming& spike : spikes)
      if (const std::uint32_t row = clocked_row_of_[spike.source]; row != no_row)
        due_rows_.push_back({row, (spike.time + dt - 1) / dt});
  if (!event_row_of_.empty()) deliver_events(spikes, now);
  synaptic_events_ += std::visit(
      [&](const auto& table) { return table.enter(due_rows_, now / dt, ring_); }, table_);
  if (layout_->has_procedural)
    for (const Incoming& spike : spikes)
      synaptic_events_ += std::visit(
          [&](auto& table) {
            return table.deliver(spike.source, (spike.time + dt - 1) / dt, now / dt);
          },
          procedural_);
  if (plastic_) synaptic_events_ += plastic_->deliver(spikes, now);
  clock_.lap(Phase::deliver);
}

void Chunk::deliver_events(std::span<const Incoming> spikes, std::int64_t now) {
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    const auto row_ahead = [&](std::size_t ahead) -> const EventTable::Row* {
      return i + ahead < spikes.size() ? &event_row_of_[spikes[i + ahead].source] : nullptr;
    };
    // Rows lie all over memory: fetched step by step.
    if (const auto* row = row_ahead(40)) prefetch(row);
    if (const auto* row = row_ahead(20)) event_.prefetch_groups(*row);
    if (event_.form().delays)
      if (const auto* row = row_ahead(3)) event_.prefetch_synapses(*row);
    const EventTable::Row& row = event_row_of_[spikes[i].source];
    if (!row.empty()) deliver_event(row, spikes[i].time, now);
  }
}

// A spike's synapses arrive at one time of their steps, for delays are whole steps.
void Chunk::deliver_event(const EventTable::Row& row, std::int64_t fired, std::int64_t now) {
  const std::int64_t dt = layout_->dt_ns, span = static_cast<std::int64_t>(event_ring_.size());
  const std::int64_t step = (fired + dt - 1) / dt, after = fired - (step - 1) * dt;
  const auto slot = static_cast<std::size_t>(step % span), slots = event_ring_.size();
  const auto bucket = [&](auto& ring, std::size_t delay) -> auto& {
    return ring[slot + delay < slots ? slot + delay : slot + delay - slots];
  };
  event_.for_each_group(row, [&](const EventTable::Group& group) {
    const EventTable::Kind& kind = event_.kind(group);
    if (!event_.form().delays) {
      const std::int64_t time = fired + kind.delay * dt;
      if (time > now) bucket(event_ring_, kind.delay).push_back({time, group});
      return;
    }
    const std::uint64_t first = EventTable::first(group);
    const std::uint32_t* const target = event_.targets() + first;
    const std::uint16_t* const delay = event_.delays() + first;
    const std::int64_t* const weight = event_.form().weights ? event_.weights() + first : nullptr;
    for (std::uint32_t s = 0; s < group.count; ++s)
      if (fired + delay[s] * dt > now)
        bucket(lone_ring_, delay[s])
            .push_back({target[s], after, kind.receptor, weight ? weight[s] : kind.weight});
  });
}

void Chunk::sample_start() {
  samples_.clear();
  sample(0);
}

void Chunk::sample(std::int64_t time) {
  for (std::size_t r = 0; r < report_parts_.size(); ++r) sample_report(r, time);
}

void Chunk::sample_report(std::size_t r, std::int64_t time) {
  const std::int64_t step = time / layout_->dt_ns;
  const ReportPart& report = report_parts_[r];
  if (report.neurons.empty() || step % report.every != 0) return;
  const Part& part = parts_[report.part];
  SampleBlock block{r, step / report.every, {}};
  for (const std::uint32_t i : report.neurons)
    block.values.push_back(part.clocked ? part.clocked->state(report.variable, i)
                                        : part.event->state(report.variable, i, Time{time}));
  samples_.push_back(std::move(block));
}

void Chunk::save_state(std::size_t slice, std::uint32_t i, std::vector<double>& out) const {
  const Part& part = parts_[slice];
  if (part.event) {
    std::int64_t moved = 0;
    part.event->save(i, out, moved);
    out.push_back(saved_time(moved));
    return;
  }
  const std::size_t n = layout_->populations[part.slice.population].model->state.size();
  out.resize(n);
  for (std::size_t k = 0; k < n; ++k) out[k] = part.clocked->state(static_cast<int>(k), i);
}

void Chunk::load_state(std::size_t slice, std::uint32_t i, std::span<const double> in) {
  Part& part = parts_[slice];
  part.looked_at = false;
  if (part.event) {
    part.event->load(i, in.first(in.size() - 1), time_from_saved(in.back()));
    part.injected[i] = in[in.size() - 2];
    return;
  }
  for (std::size_t k = 0; k < in.size(); ++k)
    part.clocked->set_state(static_cast<int>(k), i, in[k]);
}

// Event-driven neurons that nothing has reached are as they were: a silent million costs nothing.
std::optional<Chunk::Variable> Chunk::not_finite() {
  std::optional<Variable> first;
  std::vector<double> values;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    Part& part = parts_[p];
    if (part.looked_at) continue;
    const std::size_t n = layout_->populations[part.slice.population].model->state.size();
    std::uint32_t i = 0, end = part.slice.size;
    if (part.event) {
      const auto found = part.event->first_not_finite(0, end);
      part.looked_at = !found;
      i = found.value_or(end);
      end = found ? i + 1 : end;
    }
    for (; i < end; ++i) {
      save_state(p, i, values);
      for (std::size_t k = 0; k < n; ++k) {
        if (std::isfinite(values[k])) continue;
        const Variable here{part.slice.gid + i, k};
        if (!first || here < *first) first = here;
      }
    }
  }
  return first;
}

void Chunk::restart_at(Time at) {
  for (const auto& source : sources_) source->restart_at(at);
  for (Part& part : parts_)
    for (Poisson& p : part.poisson) p.drive.restart_at(at);
}

}  // namespace ranvier
