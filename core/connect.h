// The connections of one projection, drawn row by row from counter-based random numbers.
//
// The synapses of one source in a range of targets are a function of (seed, projection, source,
// targets) alone: whoever owns targets [begin, end) asks for just those, and the union over any cut
// of the target population is the same network. A row can be drawn again at any time with the same
// bits, except for fixed_indegree, which is drawn by target. Tested by
// tests/unit/core/test_connect.cpp and tests/statistical/test_degrees.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/network.h"
#include "core/placed.h"

namespace ranvier {

/// One synapse of a row. `target`: index in the target population; `delay`: whole steps of dt,
/// >= 1.
struct Synapse {
  std::uint32_t target;
  std::uint32_t delay;
  double weight;
};

/// Columns of a table whose rows lie one behind the other, and where each source's next synapse
/// goes.
struct ColumnsBySource {
  std::span<std::uint64_t> next;
  std::uint32_t* targets;  ///< local numbers in the chunk
  std::uint16_t* delays;   ///< steps, or null: not kept
  std::int64_t* weights;   ///< quanta, or null: not kept
};

class RowsByTarget;

/// The rows of one projection restricted to a range of targets.
class Rows {
 public:
  virtual ~Rows() = default;
  /// Appends the synapses of `source` (index in the source population) whose target lies in the
  /// range. Same answer every time. Thread-safe: may be called from several threads at once. Throws
  /// Error(capacity) where the range ends beyond 2^32.
  virtual void append(std::uint64_t source, std::vector<Synapse>& out) const = 0;
  /// The positions that those synapses have in arrays of one value a connection.
  virtual void append_given(std::uint64_t source, std::vector<std::size_t>& out) const = 0;
  /// The same row as it lies in a chunk, by the placement of make_rows.
  virtual void place(std::uint64_t source, RowBuffer<CompactPlaced>& out) const = 0;
  virtual void place(std::uint64_t source, RowBuffer<ExactPlaced>& out) const = 0;
  /// The first source from `from` on that may have synapses in the range, or any number that no
  /// source has: who walks the sources by it is done in a time that grows with the synapses in the
  /// range, not with the network, where the rule is drawn by target.
  virtual std::uint64_t next_source(std::uint64_t from) const { return from; }
  /// What is kept for drawing, in bytes.
  virtual std::size_t bytes() const { return 0; }

  /// The same where the rule is drawn target by target, else null.
  virtual const RowsByTarget* by_target() const { return nullptr; }
};

/// Rows of a rule that is drawn target by target: they are cheaper all at once.
class RowsByTarget : public Rows {
 public:
  const RowsByTarget* by_target() const final { return this; }
  /// Adds the number of its synapses to every source's count.
  virtual void count(std::span<std::uint32_t> of_source) const = 0;
  /// Puts every synapse where its source's next one goes.
  virtual void scatter(const ColumnsBySource& columns) const = 0;
};

class SynapseValues;

/// What is known of a projection before it is built.
struct ProjectionEstimate {
  double synapses = 0;  ///< expected number in all
  double max_abs_weight =
      0;  ///< an upper bound of |weight| (from the law's clipping, or its 1 - 2^-53 quantile)
  std::uint32_t min_delay = 1;  ///< lower and upper bound of the delays in steps
  std::uint32_t max_delay = 1;
  std::int64_t rounded_delays =
      0;  ///< given delays (one value or arrays) that were no multiple of dt
  std::shared_ptr<const SynapseValues> values;  ///< weights and delays made ready for drawing
};

/// Checks the projection against the network (sizes, arrays' lengths, positions present, dt) and
/// estimates it. Throws Error(range) whose message starts with "projection \"NAME\": ".
ProjectionEstimate estimate(const Network& network, std::size_t projection, double dt);

/// The least weight that a projection of these populations can give, exactly where weights are
/// given and by the law's lowest quantile in use where they are drawn. Throws Error(range) for a
/// law that misses its bounds.
double least_weight(const Value& weight, const Population& source, const Population& target);

/// Targets of a logical block: a source's partners in it are drawn together, whoever needs one of
/// them. 1,024, or as many times two as leave a source one partner in it on average. Part of the
/// contract of bits.
std::uint64_t targets_of_block(const Connector& connector, std::uint64_t n_sources,
                               std::uint64_t n_targets);

/// The targets [begin, end) of a projection, and how they lie in their chunk.
struct TargetRange {
  std::uint64_t begin, end;
  Placement placement{};
};
/// Whether a rule's pairs are drawn target by target, and so held until all rows of their source
/// population are made.
bool is_gathered(const Connector& connector);
/// Whether a source's row can be drawn again at any time for little: what `procedural` needs.
bool draws_by_source(const Connector& connector);
/// The rows of `projection` with targets in the range. `values`: of its estimate. Throws as
/// `estimate` does.
std::unique_ptr<Rows> make_rows(const Network& network, std::size_t projection,
                                const RunSettings& run, const TargetRange& range,
                                std::shared_ptr<const SynapseValues> values = nullptr);

/// `n` values of a Value for the elements [first, first + n) of an object of `size` elements
/// (parameters, initial states): the i-th depends on (key, i) alone. Throws Error(range) when an
/// array's length is not `size` or for a DistanceFunction.
struct ValueRange {
  std::int64_t first, n, size;
};
std::vector<double> evaluate(const Value& value, ValueRange range, struct RandomKey key);

}  // namespace ranvier
