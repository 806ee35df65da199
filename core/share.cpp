#include "core/share.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/comm/comm.h"
#include "core/draw.h"
#include "core/exchange.h"

namespace ranvier {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What this rank wants of itself, and what the others want of it if they want of it what it wants
/// of them: the neuron at the same place among theirs.
std::vector<Wanted> mirrored(const Layout& layout, int rank, const std::vector<Gid>& gids) {
  const Partition& partition = layout.partition;
  std::vector<std::vector<Slice>> own(partition.sizes.size());
  std::vector<std::int64_t> sizes(partition.sizes.size());
  for (const Slice& slice : partition.slices_of(rank)) {
    own[slice.population].push_back(slice);
    sizes[slice.population] += slice.size;
  }
  std::vector<Wanted> wanted;
  wanted.reserve(gids.size());
  for (std::size_t s = 0; s < gids.size(); ++s) {
    const int owner = partition.owner(gids[s]);
    const auto source = static_cast<std::uint32_t>(s);
    if (owner == rank) {
      wanted.push_back({gids[s], rank, source});
      continue;
    }
    const std::size_t p = partition.population_of(gids[s]);
    if (sizes[p] == 0) continue;
    auto place = static_cast<std::int64_t>(gids[s] - partition.first_gid[p]) % sizes[p];
    auto slice = own[p].begin();
    while (place >= slice->size) place -= (slice++)->size;
    wanted.push_back({slice->gid + static_cast<Gid>(place), owner, source});
  }
  return wanted;
}

/// The spikes of a window, each source's at the rate, on the grid.
class DrawnSpikes {
 public:
  DrawnSpikes(const Layout& layout, std::size_t n_sources, double rate)
      : dt_(layout.dt_ns),
        steps_(layout.window_steps),
        n_(n_sources),
        each_window_(static_cast<double>(n_sources) * rate * 1e-9 *
                     static_cast<double>(steps_ * dt_)) {}
  const std::vector<Incoming>& next(std::int64_t begin) {
    owed_ += each_window_;
    spikes_.clear();
    for (; owed_ >= 1 && n_ > 0; --owed_, ++drawn_) {
      const std::uint64_t word = hash_word(1, drawn_);
      spikes_.push_back(
          {static_cast<std::uint32_t>(below(word, n_)),
           begin + dt_ * (1 + static_cast<std::int64_t>(
                                  below(hash_word(word, 0), static_cast<std::uint64_t>(steps_))))});
    }
    return spikes_;
  }

 private:
  std::int64_t dt_, steps_;
  std::uint64_t n_, drawn_ = 0;
  double each_window_, owed_ = 0;
  std::vector<Incoming> spikes_;
};

/// Moves the chunks through whole windows. \returns seconds for a biological second, once the
/// calendars are full
double move(const Layout& layout, const ShareOptions& options, const Chunks& chunks,
            std::size_t n_sources, Workers& workers) {
  const std::int64_t length = layout.window_steps * layout.dt_ns;
  const std::int64_t full = layout.ring_steps / layout.window_steps + 1;
  const auto timed =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(options.span * 1e6) / length);
  DrawnSpikes spikes(layout, n_sources, options.rate);
  Clock::duration took{};
  for (std::int64_t k = 0; k < full + timed; ++k) {
    const Window window{Time{k * length}, Time{(k + 1) * length}};
    const std::vector<Incoming>& incoming = spikes.next((k - 1) * length);
    const auto begin = Clock::now();
    workers.phase(static_cast<int>(chunks.size()), [&](int c) {
      Chunk& chunk = *chunks[static_cast<std::size_t>(c)];
      if (k > 0) chunk.deliver(incoming, window.begin.count());
      chunk.advance(window);
      if (chunk.failure()) throw Error(*chunk.failure());
    });
    if (k >= full) took += Clock::now() - begin;
  }
  return std::chrono::duration<double>(took).count() / (static_cast<double>(timed * length) * 1e-9);
}

/// Messages and bytes of a window, from how many routes lead to each neighbour.
void expect_messages(const Chunks& chunks, double spikes_a_window, Share& share) {
  std::vector<std::int64_t> to(static_cast<std::size_t>(share.neighbours));
  for (const auto& chunk : chunks)
    chunk->routes().for_each([&](const Route& route) {
      if (route.neighbour != Route::here) ++to[static_cast<std::size_t>(route.neighbour)];
    });
  for (const std::int64_t n : to) {
    share.routes += n;
    share.messages += -std::expm1(-static_cast<double>(n) * spikes_a_window);
  }
  share.message_bytes = static_cast<double>(share.routes) * spikes_a_window * sizeof(SpikeMessage);
}

}  // namespace

double heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

Share build_share(const Layout& layout, const ShareOptions& options, Workers& workers) {
  Share share;
  const auto begin = Clock::now();
  const double heap = heap_bytes();
  Chunks chunks;
  for (int c = 0; c < layout.partition.chunks_per_rank; ++c)
    chunks.push_back(std::make_unique<Chunk>(layout, layout.partition.plan(options.rank, c)));
  share.bytes.neurons = heap_bytes() - heap;
  workers.parallel_for(static_cast<int>(chunks.size()),
                       [&](int c) { chunks[static_cast<std::size_t>(c)]->connect(); });
  std::int64_t largest = 0;
  for (const auto& chunk : chunks) largest = std::max(largest, chunk->largest_sum());
  for (const auto& chunk : chunks) chunk->set_wide_sums(layout.has_wide_sums(largest));
  {
    const std::vector<Gid> gids = number_sources(chunks);
    share.sources = static_cast<std::int64_t>(gids.size());
    share.neighbours = static_cast<std::int64_t>(
        set_routes(chunks, mirrored(layout, options.rank, gids), options.rank).size());
  }
  share.build_seconds = seconds_since(begin);
  share.compute_seconds =
      move(layout, options, chunks, static_cast<std::size_t>(share.sources), workers);

  const double window = static_cast<double>(layout.window_steps * layout.dt_ns) * 1e-9;
  share.windows = 1 / window;
  expect_messages(chunks, options.rate * window, share);
  for (const auto& chunk : chunks) {
    const ChunkBytes bytes = chunk->bytes_by_part();
    share.bytes.rows += static_cast<double>(bytes.rows);
    share.bytes.headers += static_cast<double>(bytes.headers);
    share.bytes.calendars += static_cast<double>(bytes.calendar);
    share.bytes.exchange += static_cast<double>(bytes.routes);
    share.synapses += chunk->synapses();
    for (const Slice& slice : chunk->plan().neurons) share.neurons += slice.size;
  }
  // Of a neighbour: a block and a message each way.
  const double block = message_block(layout.partition.ranks);
  share.bytes.exchange +=
      static_cast<double>(share.neighbours) * 2 * (block + sizeof(Bytes)) + 2 * share.message_bytes;
  return share;
}

double exchange_seconds(const Share& share, int ranks, const Wire& wire) {
  if (share.neighbours == 0) return 0;
  const double block = message_block(ranks), inside = block - sizeof(std::uint64_t);
  const auto neighbours = static_cast<double>(share.neighbours);
  const double more = std::max(0.0, share.message_bytes / neighbours - inside);
  const double messages = neighbours * (more > 0 ? 2 : 1);
  return share.windows *
         (wire.latency + wire.overhead * messages + neighbours * (block + more) / wire.bandwidth);
}

}  // namespace ranvier
