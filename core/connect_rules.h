// What the families of connection rules share: who may be paired, and the values of a pair's
// synapse.
#pragma once
#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "core/connect.h"
#include "core/connect_values.h"
#include "core/draw.h"
#include "core/error.h"
#include "core/rng.h"

namespace ranvier {

/// A projection being drawn, restricted to targets [begin, end).
struct Drawing {
  const Network* network;
  const Projection* projection;
  const Population* sources;
  const Population* targets;
  std::uint64_t n_sources, n_targets, begin, end;
  std::uint64_t block;  ///< targets of a logical block (targets_of_block)
  bool no_self;         ///< same population and self-connections forbidden
  RandomKey key;

  std::shared_ptr<const SynapseValues> values;
  PlacedValues placing;

  double distance(std::uint64_t source, std::uint64_t target) const {
    return values->distance(source, target);
  }
  /// The synapse of a pair. `h`: its own random word; `given`: its position in weight and delay
  /// arrays.
  Synapse synapse(std::uint64_t source, std::uint64_t target, std::uint64_t h,
                  std::size_t given) const {
    return values->make(source, target, h, given);
  }
};

/// A rule's three forms of a row from the one that it defines,
///   template <class F> void each(source, F&& f) const   f(target, word, given) for each synapse
template <class Rule, class Base = Rows>
class RowsOf : public Base {
 public:
  explicit RowsOf(const Drawing& drawing) : d_(drawing) {}
  void append(std::uint64_t source, std::vector<Synapse>& out) const final {
    if (d_.end > std::uint64_t{1} << 32)
      throw Error(ErrorKind::capacity,
                  fmt::format("projection \"{}\": synapses can be read of up to 4294967296 targets",
                              d_.projection->name));
    rule().each(source, [&](std::uint64_t target, std::uint64_t word, std::size_t given) {
      out.push_back(d_.synapse(source, target, word, given));
    });
  }
  void append_given(std::uint64_t source, std::vector<std::size_t>& out) const final {
    rule().each(source,
                [&out](std::uint64_t, std::uint64_t, std::size_t given) { out.push_back(given); });
  }
  void place(std::uint64_t source, RowBuffer<CompactPlaced>& out) const final { put(source, out); }
  void place(std::uint64_t source, RowBuffer<ExactPlaced>& out) const final { put(source, out); }

 protected:
  Drawing d_;

 private:
  const Rule& rule() const { return static_cast<const Rule&>(*this); }
  template <class P>
  void put(std::uint64_t source, RowBuffer<P>& out) const {
    rule().each(source, [&](std::uint64_t target, std::uint64_t word, std::size_t given) {
      d_.placing.put(out.add(), source, target, word, given);
    });
  }
};

/// The function at a distance (um), clipped to its bounds.
double apply(const DistanceFunction& f, double distance);

/// Throws Error(range), which begins with `field`, for one that is not finite between some two of
/// these, or has no positions to measure.
void check_function(const DistanceFunction& f, const char* field, const Population& source,
                    const Population& target);

std::unique_ptr<Rows> make_pair_rows(
    const Drawing& drawing);  ///< all_to_all, one_to_one, list, small_world, distance, probability
std::unique_ptr<Rows> make_number_rows(
    const Drawing& drawing);  ///< fixed in-degree, out-degree, total number

}  // namespace ranvier
