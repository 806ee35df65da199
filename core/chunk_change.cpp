// Looking at a chunk and changing it between two slices of a run. A change counts from the instant
// where the kernel stands: an event-driven neuron that it reaches is moved there, others are left
// where they were last moved, so that their bits stay.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <typeinfo>
#include <utility>

#include "core/chunk.h"
#include "core/error.h"
#include "core/titles.h"

namespace ranvier {

double Chunk::state_at(std::size_t slice, std::uint32_t i, int variable, Time now) const {
  const Part& part = parts_[slice];
  return part.clocked ? part.clocked->state(variable, i) : part.event->state(variable, i, now);
}

void Chunk::set_state(std::size_t slice, std::uint32_t i, int variable, double value, Time now) {
  Part& part = parts_[slice];
  part.looked_at = false;
  if (part.clocked) return part.clocked->set_state(variable, i, value);
  std::vector<double> state;
  full_state(slice, i, now, state);
  state[static_cast<std::size_t>(variable)] = value;
  place_state(slice, i, state, now);
}

void Chunk::full_state(std::size_t slice, std::uint32_t i, Time now,
                       std::vector<double>& out) const {
  const Part& part = parts_[slice];
  if (part.clocked) return save_state(slice, i, out);
  std::int64_t moved = 0;
  part.event->save(i, out, moved);
  for (std::size_t k = 0; k + 1 < out.size(); ++k)
    out[k] = part.event->state(static_cast<int>(k), i, now);
}

void Chunk::place_state(std::size_t slice, std::uint32_t i, std::span<const double> state,
                        Time now) {
  Part& part = parts_[slice];
  if (part.clocked) return load_state(slice, i, state);
  part.looked_at = false;
  part.event->place(i, state, now);
  part.injected[i] = state.back();
}

void Chunk::check_change(std::size_t population) const {
  for (std::size_t k = 0; k < sources_.size(); ++k)
    if (plan_.sources[k].population == population)
      sources_[k]->check_change(layout_->network->populations[population]);
  for (const Part& part : parts_)
    if (part.slice.population == population)
      check_drawn(*layout_->populations[population].model,
                  layout_->network->populations[population], spec_of(part.slice));
}

void Chunk::change_parameters(std::size_t population, std::span<const std::int64_t> neurons,
                              Time now) {
  for (std::size_t k = 0; k < sources_.size(); ++k)
    if (plan_.sources[k].population == population)
      sources_[k]->change(layout_->network->populations[population], now);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    Part& part = parts_[p];
    if (part.slice.population != population) continue;
    const NeuronModel& model = *layout_->populations[population].model;
    const SliceSpec spec = spec_of(part.slice);
    if (part.clocked) {
      auto changed = model.make_clocked(spec);
      for (std::uint32_t i = 0; i < part.slice.size; ++i)
        for (int v = 0; v < static_cast<int>(model.state.size()); ++v)
          changed->set_state(v, i, part.clocked->state(v, i));
      part.clocked = std::move(changed);
      continue;
    }
    auto changed = model.make_event(spec);
    // Those that are not reached stay where they were last moved, unless the slice takes another
    // form.
    const EventSlice &before = *part.event, &after = *changed;
    const bool same_form = typeid(before) == typeid(after);
    std::vector<double> state;
    std::int64_t moved = 0;
    for (std::uint32_t i = 0; i < part.slice.size; ++i) {
      part.event->save(i, state, moved);
      if (same_form && !std::binary_search(neurons.begin(), neurons.end(), part.slice.first + i)) {
        changed->load(i, state, moved);
        continue;
      }
      for (std::size_t v = 0; v + 1 < state.size(); ++v)
        state[v] = part.event->state(static_cast<int>(v), i, now);
      changed->place(i, state, now);
    }
    separate(part.mover, p);
    part.event = std::move(changed);
    part.looked_at = false;
  }
  joined_ = false;
}

void Chunk::prepare_stimulus(std::size_t stimulus, Time now) {
  replacements_.clear();
  const Network& network = *layout_->network;
  const Stimulus& changed = network.stimuli[stimulus];
  const bool poisson = changed.type == Stimulus::Type::poisson;
  std::size_t place = 0;  // among the target's stimuli of this kind
  for (std::size_t i = 0; i < stimulus; ++i)
    place += network.stimuli[i].target == changed.target &&
             (network.stimuli[i].type == Stimulus::Type::poisson) == poisson;
  const std::size_t target = network.find(changed.target);
  for (Part& part : parts_) {
    if (part.slice.population != target) continue;
    const Slice& slice = part.slice;
    const std::int64_t size = network.populations[target].size;
    if (!poisson) {
      replacements_.push_back(
          {&part, place,
           CurrentDrive(changed, stimulus, layout_->run, slice.first, slice.size, size)});
      continue;
    }
    PoissonDrive next(changed, stimulus, layout_->run, slice.first, slice.size, size);
    next.go_on_from(part.poisson[place].drive, now);
    replacements_.push_back({&part, place, std::move(next)});
  }
}

void Chunk::change_stimulus() {
  for (Replacement& r : replacements_) {
    if (PoissonDrive* drive = std::get_if<PoissonDrive>(&r.drive))
      r.part->poisson[r.place].drive = std::move(*drive);
    else r.part->currents.replace(r.place, std::move(std::get<CurrentDrive>(r.drive)));
  }
  replacements_.clear();
}

void Chunk::save_drives(std::vector<DriveState>& out) const {
  for (const Part& part : parts_)
    for (const Poisson& p : part.poisson)
      for (std::size_t i = 0; i < p.drive.next().size(); ++i)
        if (const PoissonDrive::Next& next = p.drive.next()[i]; next.drawn > 0)
          out.push_back({part.slice.gid + i, static_cast<std::int64_t>(p.stimulus), next.time,
                         static_cast<std::int64_t>(next.drawn)});
}

std::optional<std::vector<PoissonDrive::Next>> Chunk::trains_of(
    const Slice& slice, const Poisson& poisson, std::span<const DriveState> drives) {
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  std::vector<PoissonDrive::Next> next(slice.size, {never, 0});
  for (std::uint32_t i = 0; i < slice.size; ++i) {
    if (!poisson.drive.has_train(i)) continue;
    const DriveState first{slice.gid + i, static_cast<std::int64_t>(poisson.stimulus), 0, 0};
    const auto found = std::lower_bound(drives.begin(), drives.end(), first);
    if (found == drives.end() || found->gid != first.gid || found->stimulus != first.stimulus)
      return std::nullopt;
    next[i] = {found->time, static_cast<std::uint64_t>(found->drawn)};
  }
  return next;
}

void Chunk::load_drives(std::span<const DriveState> drives) {
  if (drives.empty()) return;
  for (Part& part : parts_) {
    if (!part.event) continue;
    for (Poisson& p : part.poisson) {
      auto next = trains_of(part.slice, p, drives);
      if (!next)
        throw Error(ErrorKind::parse,
                    fmt::format("the saved state lacks a neuron's train of {}",
                                title_of_stimulus(*layout_->network, p.stimulus)));
      p.drive.set_next(std::move(*next));
    }
  }
}

void Chunk::inject(std::span<const Emitted> spikes) {
  injected_.insert(injected_.end(), spikes.begin(), spikes.end());
  std::sort(injected_.begin(), injected_.end(), [](const Emitted& a, const Emitted& b) {
    return a.time != b.time ? a.time > b.time : a.local > b.local;
  });
}

// Behind a source's own spikes, so all are put in order: a source's have to rise.
void Chunk::emit_injected(Window window) {
  const std::size_t own = emitted_.size();
  while (!injected_.empty() && injected_.back().time <= window.end.count()) {
    emitted_.push_back(injected_.back());
    injected_.pop_back();
  }
  if (emitted_.size() > own)
    std::stable_sort(emitted_.begin(), emitted_.end(),
                     [](const Emitted& a, const Emitted& b) { return a.time < b.time; });
}

std::optional<Emitted> Chunk::emission(const RecordedSpike& spike) const {
  for (std::size_t k = 0; k < plan_.neurons.size() + plan_.sources.size(); ++k) {
    const Slice& s = slice(k);
    if (spike.gid < s.gid || spike.gid >= s.gid + s.size) continue;
    return Emitted{spike.time, s.local + static_cast<std::uint32_t>(spike.gid - s.gid),
                   static_cast<std::uint32_t>(k)};
  }
  return std::nullopt;
}

}  // namespace ranvier
