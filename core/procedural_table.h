// ProceduralTable: a chunk's synapses that are not kept. A source's row is drawn again, with the
// bits that it had before, whenever the source sends a spike (procedural connectivity: Knight &
// Nowotny 2021, Nature Computational Science 1, 136-142), and added at once into the sums of the
// steps in which it is due.
//
// Memory is that of the sources, and of a sum a neuron, receptor and step of the largest delay,
// whatever number of synapses there are and however many of them spike; the price is the drawing:
// docs/decisions/procedural-projections.md. Sums are integer sums, so their order does not matter
// and the spikes are those of stored rows (tests/property/test_procedural.cpp).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "core/connect.h"
#include "core/neuron_model.h"
#include "core/placed.h"

namespace ranvier {

/// See above. PlacedSynapse: CompactPlaced or ExactPlaced, as the chunk's stored rows have it.
template <class PlacedSynapse>
class ProceduralTable {
 public:
  /// Draws the row of a source for the first time. `place`: of the source among the chunk's,
  /// rising; `rows`: of the projections from its population. The synapses are valid until the next
  /// call.
  std::span<const PlacedSynapse> add_row(std::uint32_t place, std::uint64_t source,
                                         std::span<const std::unique_ptr<Rows>> rows);
  /// Keeps the rows that the last sources were drawn from.
  void close_population(std::vector<std::unique_ptr<Rows>> rows);
  /// `now_at`: where each of the places has gone.
  void move_places(std::span<const std::uint32_t> now_at);
  /// `numbers`: the rank's number of a place; `n_sources` of them in all.
  void number_sources(std::span<const std::uint32_t> numbers, std::size_t n_sources);

  /// Room for what is due: more steps than the largest delay has, `receptors` sums of `neurons` in
  /// each. Nothing is due then.
  void make_calendar(std::int64_t steps, std::size_t receptors, std::uint32_t neurons);
  /// Whether sums have 64 bits instead of 32; what is due stays due.
  void set_wide_sums(bool wide);

  /// Draws the row of a source (the rank's number) that sent a spike in `step`, and adds what is
  /// due after step `after`. Returns the row's number of synapses.
  std::int64_t deliver(std::uint32_t source, std::int64_t step, std::int64_t after);
  /// Adds what is due in a step into the receptors' sums.
  template <class Sum>
  void drain(std::int64_t step, const std::array<Sum*, max_receptors>& sums) const;
  /// Forgets it.
  void forget(std::int64_t step);

  std::int64_t synapses() const { return synapses_; }
  /// Of what finds and draws a row.
  std::size_t header_bytes() const;
  std::size_t calendar_bytes() const;

 private:
  struct Source {
    std::uint64_t index;       ///< in its population
    std::uint32_t population;  ///< in rows_
    std::uint32_t place;
  };
  std::size_t slot(std::int64_t step) const { return static_cast<std::size_t>(step) % steps_; }

  std::vector<std::vector<std::unique_ptr<Rows>>> rows_;  ///< a population of sources
  std::vector<Source> sources_;
  std::vector<std::uint32_t> source_of_;  ///< by the rank's numbers, or no_row
  std::size_t steps_ = 0, receptors_ = 0, neurons_ = 0;
  /// [step, receptor, neuron]
  std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>> due_;
  RowBuffer<PlacedSynapse> drawn_;
  std::int64_t synapses_ = 0;
};

extern template class ProceduralTable<CompactPlaced>;
extern template class ProceduralTable<ExactPlaced>;

}  // namespace ranvier
