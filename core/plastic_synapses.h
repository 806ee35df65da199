// A chunk's synapses with a state of their own: their tables, the spikes of their targets, and the
// calendar of what they deliver. A source's spike is taken up when its window is delivered: what
// the targets have fired by then is known, and no arrival is due yet (core/layout.cpp shortens the
// window where the axonal part of a delay asks for it). Tested by
// tests/property/test_plasticity.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/layout.h"
#include "core/partition.h"
#include "core/plasticity.h"

namespace ranvier {

/// The state of one projection's synapses, the same for every split.
struct PlasticState {
  /// Sorted by source, then target (in a KernelState the other way round), those of one pair as
  /// they were drawn.
  std::vector<std::int64_t> sources, targets;
  /// [n, 2 + SynapseWidths::synapse]: the weight, the weight with postsynaptic spikes taken in, the
  /// rule's variables.
  std::vector<double> synapses;
  std::vector<double> rows;     ///< [rows, 1 + SynapseWidths::row]: the source, its state; sorted
  std::vector<double> waiting;  ///< [n, SynapseWidths::waiting], sorted
  std::vector<std::uint32_t> delays{};  ///< [n] steps; not needed by load()
};

/// Spikes of a population's neurons that rules may still ask for, under one time constant.
struct HistoryState {
  std::vector<std::int64_t> neurons, steps;  ///< sorted
  std::vector<double> traces;
};

/// What is due at a neuron in a later step, summed.
struct ArrivalState {
  std::int64_t step, receptor;
  Gid gid;
  std::int64_t weight;  ///< quanta
  friend auto operator<=>(const ArrivalState&, const ArrivalState&) = default;
};

/// A rule's parameter (position in its table) of every synapse of a projection, by source, those of
/// one source in the order in which the connector draws them.
std::vector<double> synapse_parameter(const Layout& layout, std::size_t projection,
                                      std::size_t parameter);

/// See above.
class PlasticSynapses {
 public:
  PlasticSynapses(const Layout& layout, const ChunkPlan& plan);

  /// Draws them all. Sources with any are listed in rising gid order.
  void connect();
  /// Draws them again, as those of `before` were drawn, whose sources' numbers go on; its synapses
  /// are given up first.
  void connect_as(PlasticSynapses&& before);
  std::vector<Gid> sources() const;
  /// `gids`, rising: of the chunk's sources, static ones included; `numbers`: the rank's.
  void number_sources(std::span<const Gid> gids, std::span<const std::uint32_t> numbers,
                      std::size_t n_sources);

  /// A neuron of the chunk fired; `slice`: of the plan's neurons.
  void fired(std::uint32_t slice, std::uint32_t neuron, std::int64_t step) {
    for (const std::size_t h : histories_of_[slice]) histories_[h]->history.add(neuron, step);
  }
  /// Takes up a window's spikes ({source: the rank's number, time: ns}); the targets' own are known
  /// up to `now` (ns).
  /// \returns number of synapses reached
  template <class Spikes>
  std::int64_t deliver(const Spikes& spikes, std::int64_t now) {
    due_.clear();
    for (const auto& spike : spikes)
      if (spike.time > ignored_until_) enter(spike.source, spike.time);
    return deliver_due(now);
  }
  std::span<const PlasticCalendar::Lane> lanes() const { return calendar_.lanes(); }
  /// f(target in the lane's slice, weight: quanta) for what is due in a step, which is forgotten.
  template <class F>
  void take_arrivals(std::int64_t step, std::size_t lane, F&& f) {
    calendar_.for_each(step, lane, f);
    calendar_.clear(step, lane);
  }

  std::int64_t synapses() const;
  std::size_t bytes() const;

  /// Appends the columns of a report of weights that lie in this chunk, and what they are now.
  void sample(std::size_t report, std::vector<std::uint32_t>& columns,
              std::vector<double>& values) const;

  // Looking and changing; `projection` as the network numbers them. Every chunk hands out or takes
  // its own part.
  /// Appends this chunk's part, sorted by source, then target.
  void save(std::size_t projection, PlasticState& state) const;
  /// Synapses and sources that the state does not have stay as they are; whether it has all.
  bool load(std::size_t projection, const PlasticState& state);
  /// Adds a hash of every synapse and its source's traces to two sums (modulo 2^64).
  void add_digest(std::array<std::uint64_t, 2>& sums) const {
    for (const Table& table : tables_) table.synapses->add_digest(table.projection, sums);
  }
  void save_history(std::size_t index, HistoryState& state) const;
  void load_history(std::size_t index, const HistoryState& state);
  void save_arrivals(std::int64_t now, std::vector<ArrivalState>& out);
  void load_arrivals(std::span<const ArrivalState> arrivals, std::int64_t now);
  /// Sets the weights alone: `state.synapses` has one number a synapse.
  void set_weights(std::size_t projection, const PlasticState& state);

 private:
  struct Table {
    std::size_t projection;
    Slice slice;
    std::unique_ptr<SynapseTable> synapses;
    std::vector<double> given;  ///< weights as set by the user where storage rounds them; or empty
  };
  struct Probe {
    std::size_t report;
    std::size_t table;
    std::vector<std::uint32_t> columns, rows, places;  ///< a column: where its synapse lies
  };
  struct History {
    History(const Slice& of, std::size_t number, const Layout& layout)
        : slice(of), index(number), history(of.size, layout.histories[number].tau, layout.run.dt) {}
    Slice slice;
    std::size_t index;  ///< in layout.histories
    SpikeHistory history;
  };
  struct Place {
    std::uint32_t table, row;
  };
  struct Due {
    std::int64_t step;
    Place place;
  };

  void enter(std::uint32_t source, std::int64_t time);
  std::int64_t deliver_due(std::int64_t now);
  void catch_up(std::int64_t step);
  void connect_table(Table& table);
  void connect_probes();
  std::unique_ptr<Rows> rows_of(const Table& table) const;
  SynapseWidths widths_of(std::size_t projection) const;
  template <class F>
  void for_each(const Table& table, F&& f) const;
  template <class F>
  void match(const Table& table, std::span<const std::int64_t> sources,
             std::span<const std::int64_t> targets, F&& f) const;
  static void set_weight(Table& table, std::uint32_t row, std::uint32_t i, std::size_t number,
                         double weight, double drawn);

  const Layout* layout_;
  std::vector<Slice> slices_;  ///< of neurons
  std::vector<std::unique_ptr<History>> histories_;
  std::vector<std::vector<std::size_t>> histories_of_;  ///< a slice of the plan's neurons
  std::vector<Table> tables_;
  std::vector<Probe> probes_;
  std::vector<std::uint32_t> begin_;  ///< a source of the rank, and one past the last
  std::vector<Place> places_;
  std::vector<Due> due_;
  PlasticCalendar calendar_;
  std::int64_t ignored_until_ = -1;
  std::int64_t catch_up_every_ = 0, next_catch_up_ = 0;  ///< steps
};

}  // namespace ranvier
