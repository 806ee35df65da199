#include "core/kernel.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/bytes.h"

namespace ranvier {
Kernel::Kernel(const Layout& layout, Comm& comm, Workers& workers)
    : layout_(&layout), comm_(&comm), workers_(&workers) {
  spikes_before_.resize(layout.populations.size());
  agree_on(comm, [this] { connect(); });
  or_abort(comm, [this] {
    number_sources();
    choose_width_of_sums();
  });
}

void Kernel::choose_width_of_sums() {
  std::int64_t largest = 0;
  for (const auto& chunk : chunks_) largest = std::max(largest, chunk->largest_sum());
  comm_->max({&largest, 1});
  for (const auto& chunk : chunks_) chunk->set_wide_sums(layout_->has_wide_sums(largest));
}

void Kernel::connect() {
  const int n = layout_->partition.chunks_per_rank;
  chunks_.resize(static_cast<std::size_t>(n));
  workers_->parallel_for(n, [this](int c) {
    auto chunk = std::make_unique<Chunk>(*layout_, layout_->partition.plan(comm_->rank(), c));
    chunk->connect();
    chunks_[static_cast<std::size_t>(c)] = std::move(chunk);
  });
}

void Kernel::number_sources() {
  struct Subscription {
    Gid gid;
    std::uint64_t source;
  };
  std::vector<Bytes> to_owner(static_cast<std::size_t>(comm_->size()));
  const std::vector<Gid> gids = ranvier::number_sources(chunks_);
  for (std::size_t s = 0; s < gids.size(); ++s)
    append(to_owner[static_cast<std::size_t>(layout_->partition.owner(gids[s]))],
           Subscription{gids[s], s});
  const std::vector<Bytes> from = comm_->all_to_all(std::move(to_owner));
  std::vector<Wanted> wanted;
  for (std::size_t r = 0; r < from.size(); ++r)
    for (std::size_t i = 0; i < from[r].size() / sizeof(Subscription); ++i) {
      const auto s = take<Subscription>(from[r], i);
      wanted.push_back({s.gid, static_cast<std::int32_t>(r), static_cast<std::uint32_t>(s.source)});
    }
  const std::vector<int> neighbours = set_routes(chunks_, std::move(wanted), comm_->rank());
  comm_->set_neighbours(neighbours);
  messages_.assign(neighbours.size(), {});
}

void Kernel::restart() {
  std::vector<std::unique_ptr<Chunk>> fresh;
  agree_on(*comm_, [&] {
    for (const auto& chunk : chunks_)
      fresh.push_back(std::make_unique<Chunk>(*layout_, chunk->plan()));
  });
  or_abort(*comm_, [&] {
    workers_->parallel_for(static_cast<int>(chunks_.size()), [&](int k) {
      const auto c = static_cast<std::size_t>(k);
      fresh[c]->take_synapses(*chunks_[c]);
    });
  });
  chunks_ = std::move(fresh);
  incoming_.clear();
  std::fill(spikes_before_.begin(), spikes_before_.end(), 0);
  synaptic_events_before_ = 0;
  now_ = 0;
  finite_at_ = -1;
  started_ = false;
  choose_width_of_sums();
}

std::int64_t Kernel::next_end(std::int64_t until) const {
  const std::int64_t length = layout_->window_steps * layout_->dt_ns;
  std::int64_t end = std::min(until, (now_ / length + 1) * length);
  const auto cut = std::upper_bound(layout_->cuts.begin(), layout_->cuts.end(), now_);
  if (cut != layout_->cuts.end()) end = std::min(end, *cut);
  for (const Report& report : layout_->record.reports)
    // Event-driven neurons and weights are looked at only at a window's end.
    if (layout_->has_event || report.of_projection) {
      const std::int64_t every = from_ms(report.interval).count();
      end = std::min(end, (now_ / every + 1) * every);
    }
  return end;
}

bool Kernel::run(std::int64_t until, Recorder& recorder,
                 const std::function<bool(std::int64_t)>& keep_going) {
  if (layout_->has_clocked && until % layout_->dt_ns != 0)
    throw Error(
        ErrorKind::range,
        fmt::format(
            "run until {} ms: must be a multiple of dt ({} ms), since clocked populations exist",
            to_ms(Time{until}), layout_->run.dt))
        .set_agreed();
  std::exception_ptr failure;
  or_abort(*comm_, [&] {
    try {
      failure = move_to(until, recorder, keep_going);
    } catch (...) {
      recorder.fail();
      throw;
    }
  });
  if (failure) std::rethrow_exception(failure);
  return now_ >= until;
}

std::exception_ptr Kernel::move_to(std::int64_t until, Recorder& recorder,
                                   const std::function<bool(std::int64_t)>& keep_going) {
  constexpr std::int64_t ask_every = 10'000'000, flush_every = 100'000'000;  // ns
  const std::int64_t from = now_;
  std::exception_ptr failure;
  if (!started_) {
    for (const auto& chunk : chunks_) chunk->sample_start();
    hand_over_samples(recorder);
    if (samples_weights_now()) sample_weights(recorder);
    started_ = true;
  }
  while (now_ < until) {
    const std::int64_t begin = now_;
    window(next_end(until), recorder);
    if (samples_weights_now()) {
      deliver(now_);
      sample_weights(recorder);
    }
    if (begin / flush_every != now_ / flush_every) {
      recorder.flush(now_);
      for (const auto& chunk : chunks_) chunk->in_flight(oldest_in_flight());
      require_finite();
    }
    if (begin / ask_every == now_ / ask_every || now_ >= until) continue;
    if (!may_go_on(keep_going, failure)) break;
  }
  if (layout_->may_narrow_sums() || layout_->has_event) {
    std::array<std::int64_t, 2> faults{has_overrun(), has_failure()};
    comm_->max(faults);
    if (faults[0] != 0) refuse_overrun();
    if (faults[1] != 0) refuse_failure();
  }
  deliver(now_);
  // In a closed loop a run may be one step: not each of those looks.
  if (finite_at_ < 0 || now_ - from >= ask_every || now_ - finite_at_ >= flush_every)
    require_finite();
  return failure;
}

bool Kernel::may_go_on(const std::function<bool(std::int64_t)>& keep_going,
                       std::exception_ptr& failure) {
  bool stop = false;
  try {
    stop = !keep_going(now_);
  } catch (...) {
    failure = std::current_exception();
  }
  std::array<std::int64_t, 4> answers{stop, failure != nullptr, has_overrun(), has_failure()};
  comm_->max(answers);
  if (answers[2] != 0) refuse_overrun();
  if (answers[3] != 0) refuse_failure();
  if (answers[1] != 0 && !failure)
    failure = std::make_exception_ptr(
        Error(ErrorKind::internal, "the run was ended by what failed on another rank")
            .set_agreed());
  return answers[0] == 0 && !failure;
}

bool Kernel::has_overrun() const {
  return std::any_of(chunks_.begin(), chunks_.end(),
                     [](const auto& chunk) { return chunk->overrun().has_value(); });
}

// The first in time, then gid, so that every split tells of the same one.
void Kernel::refuse_overrun() {
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  RecordedSpike first{none, 0};
  for (const auto& chunk : chunks_)
    if (chunk->overrun()) first = std::min(first, *chunk->overrun());
  const auto least = [this](std::int64_t value) {
    value = -value;
    comm_->max({&value, 1});
    return -value;
  };
  const std::int64_t time = least(first.time), dt = layout_->dt_ns;
  const auto gid =
      static_cast<Gid>(least(first.time == time ? static_cast<std::int64_t>(first.gid) : none));
  const std::size_t p = layout_->partition.population_of(gid);
  throw Error(
      ErrorKind::capacity,
      fmt::format("population \"{}\": {} sent more than {} spikes in the step of dt that "
                  "ends at {} ms, which storage \"compact\" does not hold; storage "
                  "\"exact\" does",
                  layout_->network->populations[p].name, gid - layout_->partition.first_gid[p],
                  max_spikes_a_step, to_ms(Time{(time + dt - 1) / dt * dt})))
      .set_agreed();
}

bool Kernel::has_failure() const {
  return std::any_of(chunks_.begin(), chunks_.end(),
                     [](const auto& chunk) { return chunk->failure().has_value(); });
}

void Kernel::refuse_failure() {
  const auto first = std::find_if(chunks_.begin(), chunks_.end(),
                                  [](const auto& chunk) { return chunk->failure().has_value(); });
  comm_->agree(first == chunks_.end() ? std::nullopt : (*first)->failure());
}

// The first by gid, so that every split tells of the same one.
void Kernel::require_finite() {
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max(), variables = 256;
  std::vector<std::int64_t> found(chunks_.size(), none);
  workers_->phase(static_cast<int>(chunks_.size()), [&](int c) {
    const auto at = static_cast<std::size_t>(c);
    if (const auto first = chunks_[at]->not_finite())
      found[at] = static_cast<std::int64_t>(first->gid) * variables +
                  static_cast<std::int64_t>(first->variable);
  });
  std::int64_t first = -*std::min_element(found.begin(), found.end());
  comm_->max({&first, 1});
  finite_at_ = now_;
  if (first == -none) return;
  const auto gid = static_cast<Gid>(-first / variables);
  const std::size_t p = layout_->partition.population_of(gid);
  throw Error(
      ErrorKind::range,
      fmt::format(
          "population \"{}\": {} of neuron {} is not finite any more at {} ms: a "
          "parameter, weight or input is beyond what can be computed with",
          layout_->network->populations[p].name,
          layout_->populations[p].model->state[static_cast<std::size_t>(-first % variables)].name,
          gid - layout_->partition.first_gid[p], to_ms(Time{now_})))
      .set_agreed();
}

void Kernel::window(std::int64_t end, Recorder& recorder) {
  const Window w{Time{now_}, Time{end}};
  auto lap = [last = PhaseClock::now()](std::int64_t& total) mutable {
    const std::int64_t t = PhaseClock::now();
    total += t - last;
    last = t;
  };
  workers_->phase(static_cast<int>(chunks_.size()), [&](int c) {
    Chunk& chunk = *chunks_[static_cast<std::size_t>(c)];
    chunk.deliver(incoming_, w.begin.count());
    chunk.advance(w);
    recorder.count(chunk.outbox().recorded);
    chunk.clock().lap(Phase::post);
  });
  lap(profile_.parallel);
  // While messages travel: records, and this rank's own spikes.
  start_exchange(now_);
  lap(profile_.exchange);
  for (const auto& chunk : chunks_) recorder.spikes(chunk->outbox().recorded);
  hand_over_samples(recorder);
  lap(profile_.record);
  if (comm_->size() > 1) {
    deliver(end);
    lap(profile_.parallel);
    finish_exchange(now_);
    lap(profile_.exchange);
  }
  ++profile_.windows;
  now_ = end;
}

void Kernel::start_exchange(std::int64_t begin) {
  incoming_.clear();
  for (const auto& chunk : chunks_)
    incoming_.insert(incoming_.end(), chunk->outbox().here.begin(), chunk->outbox().here.end());
  if (comm_->size() == 1) return;
  for (Bytes& message : messages_) message.clear();
  for (const auto& chunk : chunks_)
    for (const Outbox::Remote& r : chunk->outbox().elsewhere)
      append(messages_[static_cast<std::size_t>(r.neighbour)],
             SpikeMessage{r.spike.source, static_cast<std::uint32_t>(r.spike.time - begin)});
  for (const Bytes& message : messages_) {
    profile_.messages += message.empty() ? 0 : 1;
    profile_.message_bytes += static_cast<std::int64_t>(message.size());
  }
  comm_->start_exchange(messages_);
}

void Kernel::finish_exchange(std::int64_t begin) {
  for (const Bytes& bytes : comm_->finish_exchange())
    for (std::size_t i = 0; i < bytes.size() / sizeof(SpikeMessage); ++i) {
      const auto m = take<SpikeMessage>(bytes, i);
      incoming_.push_back({m.source, begin + m.after});
    }
}

void Kernel::deliver(std::int64_t now) {
  workers_->phase(static_cast<int>(chunks_.size()),
                  [&](int c) { chunks_[static_cast<std::size_t>(c)]->deliver(incoming_, now); });
  incoming_.clear();
}

void Kernel::hand_over_samples(Recorder& recorder) {
  for (const auto& chunk : chunks_)
    for (const SampleBlock& block : chunk->samples())
      recorder.sample(block.report, block.frame, chunk->columns_of(block.report), block.values);
}

std::int64_t Kernel::oldest_in_flight() const {
  return now_ - layout_->ring_steps * layout_->dt_ns;
}

void Kernel::switch_profile_on() {
  profile_ = {};
  for (const auto& chunk : chunks_) chunk->clock().switch_on();
}

Profile Kernel::profile() const {
  Profile profile = profile_;
  for (const auto& chunk : chunks_) profile.chunks.push_back(chunk->clock().times());
  return profile;
}

KernelTotals Kernel::totals() {
  std::vector<std::int64_t> sums(5);
  for (const auto& chunk : chunks_) {
    for (const Slice& slice : chunk->plan().neurons) sums[0] += slice.size;
    sums[1] += chunk->synapses();
    sums[2] += chunk->synaptic_events();
    sums[3] += static_cast<std::int64_t>(chunk->bytes());
  }
  sums[2] += synaptic_events_before_;
  sums.insert(sums.end(), spikes_before_.begin(), spikes_before_.end());
  for (const auto& chunk : chunks_)
    for (std::size_t p = 0; p < spikes_before_.size(); ++p) sums[5 + p] += chunk->spikes_of()[p];
  comm_->sum(sums);
  KernelTotals totals;
  totals.neurons = sums[0];
  totals.synapses = sums[1];
  totals.synaptic_events = sums[2];
  totals.synapse_bytes = sums[3];
  totals.spikes_of.assign(sums.begin() + 5, sums.end());
  for (const std::int64_t n : totals.spikes_of) totals.spikes += n;
  return totals;
}

}  // namespace ranvier
