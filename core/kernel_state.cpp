// A kernel's state: saved, hashed, gone on from. Every rank has its share, and none holds the
// whole. Tested by tests/property/test_checkpoint_state.cpp.
#include <algorithm>
#include <iterator>
#include <map>

#include "core/bytes.h"
#include "core/error.h"
#include "core/kernel.h"
#include "core/sha256.h"

namespace ranvier {

std::size_t Kernel::values_a_neuron(std::size_t population) const {
  const PopulationLayout& chosen = layout_->populations[population];
  return chosen.model->state.size() + (chosen.event ? 2 : 0);
}

namespace {

bool by_gid_and_time(const RecordedSpike& a, const RecordedSpike& b) {
  return a.gid != b.gid ? a.gid < b.gid : a.time < b.time;
}

/// f(chunk, slice number, index in the slice, gid) for every source of this rank.
template <class Chunks, class F>
void each_source(const Chunks& chunks, F&& f) {
  for (const auto& chunk : chunks)
    for (std::size_t s = 0; s < chunk->plan().sources.size(); ++s) {
      const Slice& slice = chunk->plan().sources[s];
      for (std::uint32_t i = 0; i < slice.size; ++i) f(*chunk, s, i, slice.gid + i);
    }
}

}  // namespace

StatePiece Kernel::piece_of(const Chunk& chunk, std::size_t s, std::int64_t begin,
                            std::int64_t end) const {
  const Slice& slice = chunk.plan().neurons[s];
  StatePiece piece{slice.population, begin, end - begin, {}};
  piece.values.reserve(static_cast<std::size_t>(piece.size) * values_a_neuron(slice.population));
  std::vector<double> values;
  for (std::int64_t n = begin; n < end; ++n) {
    chunk.save_state(s, static_cast<std::uint32_t>(n - slice.first), values);
    piece.values.insert(piece.values.end(), values.begin(), values.end());
  }
  return piece;
}

std::vector<StatePiece> Kernel::states() const {
  std::vector<std::vector<StatePiece>> of_chunk(chunks_.size());
  workers_->phase(static_cast<int>(chunks_.size()), [&](int c) {
    const auto at = static_cast<std::size_t>(c);
    const std::vector<Slice>& slices = chunks_[at]->plan().neurons;
    for (std::size_t s = 0; s < slices.size(); ++s)
      of_chunk[at].push_back(
          piece_of(*chunks_[at], s, slices[s].first, slices[s].first + slices[s].size));
  });
  std::vector<StatePiece> pieces;
  for (auto& some : of_chunk)
    pieces.insert(pieces.end(), std::make_move_iterator(some.begin()),
                  std::make_move_iterator(some.end()));
  std::sort(pieces.begin(), pieces.end(), [](const StatePiece& a, const StatePiece& b) {
    return a.population != b.population ? a.population < b.population : a.first < b.first;
  });
  return pieces;
}

KernelState Kernel::save() {
  KernelState state;
  state.now = now_;
  state.states = states();
  for (const auto& chunk : chunks_) {
    const auto flying = chunk->in_flight(oldest_in_flight());
    state.in_flight.insert(state.in_flight.end(), flying.begin(), flying.end());
  }
  std::sort(state.in_flight.begin(), state.in_flight.end(), by_gid_and_time);
  for (const auto& chunk : chunks_) chunk->entered(state.handed_over);
  std::sort(state.handed_over.begin(), state.handed_over.end(),
            [](const PendingArrival& a, const PendingArrival& b) {
              return a.target != b.target ? a.target < b.target : a < b;
            });
  std::vector<std::int64_t> values;
  each_source(chunks_, [&](Chunk& chunk, std::size_t s, std::uint32_t i, Gid gid) {
    values.clear();
    chunk.source(s).save(i, values);
    for (const std::int64_t value : values) state.sources.push_back({gid, value});
  });
  std::stable_sort(state.sources.begin(), state.sources.end(),
                   [](const SourceValue& a, const SourceValue& b) { return a.gid < b.gid; });
  for (const auto& chunk : chunks_) chunk->save_drives(state.drives);
  std::sort(state.drives.begin(), state.drives.end());
  for (const auto& chunk : chunks_) chunk->pending_injections(state.injections);
  std::sort(state.injections.begin(), state.injections.end(), by_gid_and_time);
  const KernelTotals counts = totals();
  state.spikes_of = counts.spikes_of;
  state.synaptic_events = counts.synaptic_events;
  if (layout_->has_rules) save_plastic(state);
  return state;
}

// Rank 0 hashes the values in the order of neurons, and is handed them a block of neurons at a
// time; each rank gathers what it has of the next one meanwhile.
std::string Kernel::state_digest() {
  constexpr std::int64_t block_values = std::int64_t{1} << 18;
  std::vector<Neurons> blocks;
  for (std::size_t p = 0; p < layout_->populations.size(); ++p) {
    if (!layout_->populations[p].model) continue;
    const std::int64_t size = layout_->partition.sizes[p],
                       length = std::max<std::int64_t>(
                           1, block_values / static_cast<std::int64_t>(values_a_neuron(p)));
    for (std::int64_t begin = 0; begin < size; begin += length)
      blocks.push_back({p, begin, std::min(size, begin + length)});
  }
  Sha256 sha;
  std::vector<StatePiece> mine, next;
  const auto gather = [&](std::size_t b) {
    next.clear();
    if (b == blocks.size()) return;
    for (const auto& chunk : chunks_)
      for (std::size_t s = 0; s < chunk->plan().neurons.size(); ++s) {
        const Slice& slice = chunk->plan().neurons[s];
        const std::int64_t begin = std::max(blocks[b].begin, slice.first),
                           end = std::min(blocks[b].end, slice.first + slice.size);
        if (slice.population == blocks[b].population && begin < end)
          next.push_back(piece_of(*chunk, s, begin, end));
      }
  };
  gather(0);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    mine.swap(next);
    std::vector<Bytes> to_rank(static_cast<std::size_t>(comm_->size()));
    std::map<std::int64_t, std::span<const std::byte>> values;  // by their first neuron
    for (const StatePiece& piece : mine) {
      if (comm_->rank() == 0) {
        values.emplace(piece.first, std::as_bytes(std::span(piece.values)));
      } else {
        append(to_rank[0], piece.first);
        append(to_rank[0], piece.size);
        append_all(to_rank[0], std::span<const double>(piece.values));
      }
    }
    const auto each = static_cast<std::int64_t>(values_a_neuron(blocks[b].population));
    const std::vector<Bytes> from_rank = comm_->all_to_all(std::move(to_rank));
    for (const Bytes& bytes : from_rank)
      for (std::size_t at = 0; at < bytes.size() / sizeof(double);) {
        const auto first = take<std::int64_t>(bytes, at), n = take<std::int64_t>(bytes, at + 1);
        const auto count = static_cast<std::size_t>(n * each);
        values.emplace(first,
                       std::span(bytes).subspan((at + 2) * sizeof(double), count * sizeof(double)));
        at += 2 + count;
      }
    workers_->phase(2, [&](int i) {
      if (i == 1) return gather(b + 1);
      for (const auto& [first, some] : values) sha.add(some.data(), some.size());
    });
  }
  if (layout_->has_rules) {
    const std::vector<std::int64_t> synapses = digest_plastic();
    sha.add(synapses.data(), synapses.size() * sizeof(std::int64_t));
  }
  Bytes text;
  if (comm_->rank() == 0)
    for (const char c : sha.hex()) text.push_back(static_cast<std::byte>(c));
  const Bytes first = comm_->all_gather(text)[0];
  return {reinterpret_cast<const char*>(first.data()), first.size()};
}

void Kernel::load_states(const std::vector<StatePiece>& states) {
  for (const auto& chunk : chunks_)
    for (std::size_t s = 0; s < chunk->plan().neurons.size(); ++s) {
      const Slice& slice = chunk->plan().neurons[s];
      const std::size_t each = values_a_neuron(slice.population);
      for (std::uint32_t i = 0; i < slice.size; ++i) {
        const std::int64_t neuron = slice.first + i;
        const auto above = std::upper_bound(
            states.begin(), states.end(), neuron, [&](std::int64_t n, const StatePiece& piece) {
              return piece.population != slice.population ? slice.population < piece.population
                                                          : n < piece.first;
            });
        const StatePiece* piece = above == states.begin() ? nullptr : &*std::prev(above);
        if (!piece || piece->population != slice.population ||
            neuron >= piece->first + piece->size ||
            piece->values.size() != static_cast<std::size_t>(piece->size) * each)
          throw Error(ErrorKind::parse, "the saved state lacks neurons of population \"" +
                                            layout_->network->populations[slice.population].name +
                                            "\"");
        chunk->load_state(
            s, i,
            std::span(piece->values)
                .subspan(static_cast<std::size_t>(neuron - piece->first) * each, each));
      }
    }
}

void Kernel::load(const KernelState& state) {
  or_abort(*comm_, [&] { load_share(state); });
}

void Kernel::load_share(const KernelState& state) {
  now_ = state.now;
  started_ = true;
  load_states(state.states);
  for (const auto& chunk : chunks_) {
    chunk->restart_at(Time{now_});
    chunk->load_drives(state.drives);
    chunk->enter(state.handed_over);
  }
  std::vector<std::int64_t> values, own;
  each_source(chunks_, [&](Chunk& chunk, std::size_t s, std::uint32_t i, Gid gid) {
    values.clear();
    own.clear();
    const auto first = std::lower_bound(state.sources.begin(), state.sources.end(), gid,
                                        [](const SourceValue& v, Gid g) { return v.gid < g; });
    for (auto v = first; v != state.sources.end() && v->gid == gid; ++v) values.push_back(v->value);
    chunk.source(s).save(i, own);
    if (values.size() != own.size())
      throw Error(ErrorKind::parse,
                  "the saved state has not as many numbers of a source of population \"" +
                      layout_->network->populations[chunk.plan().sources[s].population].name +
                      "\" as it takes");
    if (!values.empty()) chunk.source(s).load(i, values);
  });
  inject(state.injections);
  choose_width_of_sums();
  if (layout_->has_rules) load_plastic(state);
  if (comm_->rank() == 0) {
    spikes_before_ = state.spikes_of;
    synaptic_events_before_ = state.synaptic_events;
  }
  // Spikes in flight leave their sources again, a second's worth at a time (the range of a
  // message's time).
  constexpr std::int64_t second = 1'000'000'000;
  for (std::int64_t begin = oldest_in_flight(); begin <= now_; begin += second) {
    std::vector<RecordedSpike> spikes;
    std::copy_if(
        state.in_flight.begin(), state.in_flight.end(), std::back_inserter(spikes),
        [begin](const RecordedSpike& s) { return s.time >= begin && s.time < begin + second; });
    for (const auto& chunk : chunks_) chunk->launch(spikes);
    start_exchange(begin);
    deliver(now_);
    if (comm_->size() == 1) continue;
    finish_exchange(begin);
    deliver(now_);
  }
  // What is in flight was counted before it was saved; entering it again is no event.
  for (const auto& chunk : chunks_) synaptic_events_before_ -= chunk->synaptic_events();
}

}  // namespace ranvier
