// The synapses with a state of their own, gathered from all chunks and ranks and handed back: one
// form for every split. Tested by tests/property/test_plasticity.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "core/error.h"
#include "core/kernel.h"

namespace ranvier {
namespace {

/// Every rank's list, one after the other.
template <class T>
std::vector<T> gather(Comm& comm, const std::vector<T>& mine) {
  if (comm.size() == 1) return mine;
  Bytes bytes;
  append_all(bytes, std::span<const T>(mine));
  std::vector<T> all;
  for (const Bytes& part : comm.all_gather(bytes)) {
    const std::vector<T> values = take_all<T>(part);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// Rows of `width` numbers in the order of `order`.
template <class T>
std::vector<T> arranged(const std::vector<T>& values, std::size_t width,
                        const std::vector<std::size_t>& order) {
  std::vector<T> result;
  result.reserve(order.size() * width);
  for (const std::size_t k : order)
    result.insert(result.end(), values.begin() + static_cast<std::ptrdiff_t>(k * width),
                  values.begin() + static_cast<std::ptrdiff_t>((k + 1) * width));
  return result;
}

template <class Less>
std::vector<std::size_t> sorted_order(std::size_t n, Less&& less) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), less);
  return order;
}

/// Rows of `width` numbers, sorted, each once: what belongs to a source is the same in every chunk.
std::vector<double> distinct_rows(const std::vector<double>& values, std::size_t width) {
  std::vector<std::vector<double>> rows;
  for (std::size_t at = 0; at < values.size(); at += width)
    rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(at),
                      values.begin() + static_cast<std::ptrdiff_t>(at + width));
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::vector<double> result;
  for (const auto& row : rows) result.insert(result.end(), row.begin(), row.end());
  return result;
}

/// Rows of `width` numbers, the first of them a source's index, at the ranks that hold the sources:
/// sorted, each once. Collective.
std::vector<double> at_owners(Comm& comm, const Partition& partition, Gid first,
                              const std::vector<double>& rows, std::size_t width) {
  std::vector<Bytes> to_rank(static_cast<std::size_t>(comm.size()));
  for (std::size_t at = 0; at < rows.size(); at += width)
    append_all(
        to_rank[static_cast<std::size_t>(partition.owner(first + static_cast<Gid>(rows[at])))],
        std::span<const double>(rows).subspan(at, width));
  std::vector<double> mine;
  for (const Bytes& bytes : comm.all_to_all(std::move(to_rank))) {
    const std::vector<double> part = take_all<double>(bytes);
    mine.insert(mine.end(), part.begin(), part.end());
  }
  return distinct_rows(mine, width);
}

HistoryState sorted(const HistoryState& all) {
  const auto order = sorted_order(all.neurons.size(), [&all](std::size_t a, std::size_t b) {
    return std::tie(all.neurons[a], all.steps[a]) < std::tie(all.neurons[b], all.steps[b]);
  });
  return {arranged(all.neurons, 1, order), arranged(all.steps, 1, order),
          arranged(all.traces, 1, order)};
}

/// Synapses in the order in which chunks take them.
PlasticState by_source_and_target(const PlasticState& all) {
  const std::size_t n = all.sources.size();
  const auto order = sorted_order(n, [&all](std::size_t a, std::size_t b) {
    return std::tie(all.sources[a], all.targets[a]) < std::tie(all.sources[b], all.targets[b]);
  });
  return {arranged(all.sources, 1, order),
          arranged(all.targets, 1, order),
          arranged(all.synapses, n == 0 ? 0 : all.synapses.size() / n, order),
          all.rows,
          all.waiting,
          all.delays.empty() ? all.delays : arranged(all.delays, 1, order)};
}

/// What is due at one neuron in one step, in one sum.
std::vector<ArrivalState> summed(std::vector<ArrivalState> arrivals) {
  std::sort(arrivals.begin(), arrivals.end(), [](const ArrivalState& a, const ArrivalState& b) {
    return std::tie(a.gid, a.step, a.receptor) < std::tie(b.gid, b.step, b.receptor);
  });
  std::size_t n = 0;
  for (const ArrivalState& a : arrivals) {
    const bool same = n > 0 && std::tie(arrivals[n - 1].step, arrivals[n - 1].receptor,
                                        arrivals[n - 1].gid) == std::tie(a.step, a.receptor, a.gid);
    if (same) arrivals[n - 1].weight += a.weight;
    else arrivals[n++] = a;
  }
  arrivals.resize(n);
  return arrivals;
}

}  // namespace

PlasticState Kernel::plastic(std::size_t projection) {
  PlasticState mine;
  for (const auto& chunk : chunks_) chunk->plastic()->save(projection, mine);
  PlasticState all = by_source_and_target({gather(*comm_, mine.sources),
                                           gather(*comm_, mine.targets),
                                           gather(*comm_, mine.synapses),
                                           {},
                                           {},
                                           gather(*comm_, mine.delays)});
  const SynapseWidths widths = layout_->projections[projection].rule->widths(
      !layout_->projections[projection].varied.empty());
  all.rows = distinct_rows(gather(*comm_, mine.rows), 1 + widths.row);
  all.waiting = distinct_rows(gather(*comm_, mine.waiting), widths.waiting);
  return all;
}

HistoryState Kernel::history(std::size_t history) {
  HistoryState mine;
  for (const auto& chunk : chunks_) chunk->plastic()->save_history(history, mine);
  return sorted(
      {gather(*comm_, mine.neurons), gather(*comm_, mine.steps), gather(*comm_, mine.traces)});
}

PlasticState Kernel::plastic_share(std::size_t projection) {
  PlasticState mine;
  for (const auto& chunk : chunks_) chunk->plastic()->save(projection, mine);
  const ProjectionLayout& part = layout_->projections[projection];
  const SynapseWidths widths = part.rule->widths(!part.varied.empty());
  const Gid first = layout_->partition.first_gid[part.source];
  const auto order = sorted_order(mine.targets.size(), [&mine](std::size_t a, std::size_t b) {
    return std::tie(mine.targets[a], mine.sources[a]) < std::tie(mine.targets[b], mine.sources[b]);
  });
  return {arranged(mine.sources, 1, order), arranged(mine.targets, 1, order),
          arranged(mine.synapses, 2 + widths.synapse, order),
          at_owners(*comm_, layout_->partition, first, mine.rows, 1 + widths.row),
          at_owners(*comm_, layout_->partition, first, mine.waiting, widths.waiting)};
}

void Kernel::set_weights(std::size_t projection, const PlasticState& state) {
  for (const auto& chunk : chunks_) chunk->plastic()->set_weights(projection, state);
}

void Kernel::set_plastic(std::size_t projection, PlasticState state) {
  state.waiting.clear();
  for (const auto& chunk : chunks_) chunk->plastic()->load(projection, state);
}

bool Kernel::samples_weights_now() const {
  return std::any_of(layout_->record.reports.begin(), layout_->record.reports.end(),
                     [this](const Report& r) {
                       return r.of_projection && now_ % from_ms(r.interval).count() == 0;
                     });
}

void Kernel::sample_weights(Recorder& recorder) {
  for (std::size_t r = 0; r < layout_->record.reports.size(); ++r) {
    const Report& report = layout_->record.reports[r];
    if (report.of_projection && now_ % from_ms(report.interval).count() == 0)
      sample_weights(r, recorder);
  }
}

void Kernel::sample_weights(std::size_t report, Recorder& recorder) {
  const std::int64_t frame = now_ / from_ms(layout_->record.reports[report].interval).count();
  for (const auto& chunk : chunks_) {
    std::vector<std::uint32_t> columns;
    std::vector<double> values;
    chunk->plastic()->sample(report, columns, values);
    if (!columns.empty()) recorder.sample(report, frame, columns, values);
  }
}

void Kernel::save_plastic(KernelState& state) {
  state.plastic.resize(layout_->projections.size());
  for (std::size_t p = 0; p < layout_->projections.size(); ++p)
    if (layout_->projections[p].rule) state.plastic[p] = plastic_share(p);
  for (std::size_t h = 0; h < layout_->histories.size(); ++h) {
    HistoryState mine;
    for (const auto& chunk : chunks_) chunk->plastic()->save_history(h, mine);
    state.histories.push_back(sorted(mine));
  }
  std::vector<ArrivalState> arrivals;
  for (const auto& chunk : chunks_) chunk->plastic()->save_arrivals(now_, arrivals);
  state.arrivals = summed(std::move(arrivals));
}

// Sums of a hash a synapse, so that nothing has to be gathered: whoever holds it, and in whatever
// order, the sums are the same.
std::vector<std::int64_t> Kernel::digest_plastic() {
  std::array<std::uint64_t, 2> sums{};
  for (const auto& chunk : chunks_) chunk->plastic()->add_digest(sums);
  // Sums modulo 2^64 travel in halves, which no number of ranks overflows.
  std::vector<std::int64_t> halves;
  for (const std::uint64_t sum : sums) {
    halves.push_back(static_cast<std::int64_t>(sum & 0xFFFFFFFF));
    halves.push_back(static_cast<std::int64_t>(sum >> 32));
  }
  comm_->sum(halves);
  std::vector<std::int64_t> result;
  for (std::size_t k = 0; k < halves.size(); k += 2)
    result.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(halves[k]) +
                                               (static_cast<std::uint64_t>(halves[k + 1]) << 32)));
  return result;
}

void Kernel::load_plastic(const KernelState& state) {
  if (state.plastic.size() != layout_->projections.size() ||
      state.histories.size() != layout_->histories.size())
    throw Error(ErrorKind::parse, "the saved state is of other synapses");
  for (std::size_t p = 0; p < layout_->projections.size(); ++p) {
    if (!layout_->projections[p].rule) continue;
    const PlasticState by_source = by_source_and_target(state.plastic[p]);
    for (const auto& chunk : chunks_)
      if (!chunk->plastic()->load(p, by_source))
        throw Error(ErrorKind::parse,
                    fmt::format("the saved state lacks synapses of projection \"{}\"",
                                layout_->network->projections[p].name));
  }
  for (const auto& chunk : chunks_) {
    for (std::size_t h = 0; h < layout_->histories.size(); ++h)
      chunk->plastic()->load_history(h, state.histories[h]);
    chunk->plastic()->load_arrivals(state.arrivals, now_);
  }
}

}  // namespace ranvier
