// Synapses with a state of their own: what a rule is, as the kernel and the documents see it.
//
// A rule is one file, learning/rules/NAME.cpp (docs/how-to/add-a-learning-rule.md), that declares
//
//   summary, source            for `info rules` and the docs
//   Parameters, parameters     defaults and the table: name, unit, range, meaning
//   choices (optional)         parameters that are one of several words
//   check(Parameters)          a fault between parameters, or ""
//   Constants, derive(Parameters, Decays&)
//   Trace, trace               what is a function of the source's own spikes: kept once a source;
//                              from time 0 until its first spike as it was initially, or was set
//   decay(Trace&, Constants, steps), arrive(Trace&, Constants)
//                              the trace up to a presynaptic spike, and what the spike adds
//   Synapse, synapse (opt.)    variables of a synapse beside its weight
//   post_time, dendritic (opt.)  the parameters that hold the time constant of the trace of
//                              postsynaptic spikes and the dendritic part of the delay: a rule
//                              without them does not see postsynaptic spikes
//   on_post(w, Trace, Constants, steps)      the weight after a postsynaptic spike
//   on_pre(w, Synapse&, PreSpike, Constants) changes the weight at a presynaptic spike and returns
//                              what the target receives, in the weight's unit
//
// When: a spike of the source at t reaches the synapse after the axonal part of the delay d, a
// postsynaptic spike after the dendritic part f d. At each arrival of the source's spike the
// postsynaptic spikes that have reached the synapse since the last one are taken in order
// (on_post), then on_pre is called with the trace of those that came strictly before. So a weight
// changes at presynaptic spikes alone, and pairs at one instant count for neither; with f = 1 this
// is NEST's definition (Morrison, Diesmann & Gerstner 2008). All times are steps of dt.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/decay.h"
#include "core/neuron_model.h"
#include "core/prefetch.h"
#include "core/rng.h"
#include "core/spike_history.h"
#include "core/table.h"

namespace ranvier {

/// The streams of random numbers that synapses have, beside those of core/rng.h.
namespace synapse_stream {
inline constexpr auto events = static_cast<Stream>(101);      ///< of stochastic rules
inline constexpr auto parameters = static_cast<Stream>(102);  ///< drawn for each synapse
}  // namespace synapse_stream

/// A parameter that is one of several words; the member holds the number of the word.
template <class Struct>
struct Choice {
  const char* name;
  double Struct::*member;
  std::vector<const char*> words;
  const char* meaning;
};

/// The same as other parts see it.
struct ChoiceInfo {
  std::string name;
  std::vector<std::string> words;  ///< the first is the default
  std::string meaning;
};

/// A variable of a rule's state.
struct RuleVariable {
  const char* name;
  const char* unit;
  const char* meaning;
  Range range = Range::any;  ///< what it may be set to; any: it cannot be set
};

/// Random numbers of one synapse at one presynaptic spike: uniform in [0, 1).
class Draws {
 public:
  explicit Draws(std::uint64_t key) : key_(key) {}
  double next() { return to_uniform(hash_word(key_, n_++)); }

 private:
  std::uint64_t key_;
  std::uint64_t n_ = 0;
};

/// What a rule is told at a presynaptic spike.
template <class Trace>
struct PreSpike {
  const Trace& trace;   ///< of the source, this spike included
  double post_trace;    ///< of the target, of spikes strictly before the arrival
  std::int64_t step;    ///< of the spike
  mutable Draws draws;  ///< of a stochastic rule
};

/// One synapse of a row on its way into a table.
struct NewSynapse {
  std::uint32_t target;  ///< in the slice
  std::uint32_t delay;   ///< steps
  std::uint32_t pair;    ///< the how-manieth of its source and target
  double weight;
  std::size_t values;  ///< where its own parameters begin in the row's list of them
};

/// A weight in quanta as a whole number. What lies beyond 2^62 quanta, or is none (a rule without
/// bounds that has run away), counts as 2^62.
inline std::int64_t to_quanta(double weight) {
  constexpr double most = 0x1p62;
  if (std::fabs(weight) < most) return static_cast<std::int64_t>(std::rint(weight));
  return static_cast<std::int64_t>(weight < 0 ? -most : most);
}

/// What a spike gives to a neuron of a slice in a later step, in 8 bytes: these lists are long.
class PlasticArrival {
 public:
  static bool holds(std::int64_t weight) {
    constexpr std::int64_t limit = std::int64_t{1} << 47;
    return weight >= -limit && weight < limit;
  }

  PlasticArrival() = default;
  /// \param weight  quanta, such as it holds
  /// \param target  in the slice, below 65,536
  PlasticArrival(std::int64_t weight, std::uint32_t target) : word_(weight * 65536 + target) {}
  std::int64_t weight() const { return word_ >> 16; }
  std::uint32_t target() const { return static_cast<std::uint32_t>(word_ & 0xFFFF); }

 private:
  std::int64_t word_ = 0;
};

/// Arrivals by step and lane.
class PlasticCalendar {
 public:
  /// A receptor of a slice of a chunk's neurons, which arrivals go to.
  struct Lane {
    std::uint32_t slice, local;  ///< of the plan's neurons; its first one's number in the chunk
    std::uint32_t receptor;
    friend bool operator==(const Lane&, const Lane&) = default;
  };
  /// The number of a lane, a new one where it is not known.
  std::size_t lane(const Lane& wanted) {
    const auto found = std::find(lanes_.begin(), lanes_.end(), wanted);
    if (found != lanes_.end()) return static_cast<std::size_t>(found - lanes_.begin());
    lanes_.push_back(wanted);
    return lanes_.size() - 1;
  }
  std::span<const Lane> lanes() const { return lanes_; }
  /// After the last lane was named.
  void resize(std::size_t steps) {
    steps_ = steps;
    ring_.resize(steps * lanes_.size());
  }
  /// Such as a PlasticArrival holds.
  void add(std::int64_t step, std::size_t lane, std::span<const PlasticArrival> arrivals) {
    std::vector<PlasticArrival>& all = at(step, lane).arrivals;
    all.insert(all.end(), arrivals.begin(), arrivals.end());
    // What is written next was last read long ago: without this, stores wait for it (measured).
    const auto* next = reinterpret_cast<const std::byte*>(all.data() + all.size());
    for (std::size_t line = 0; line < arrivals.size_bytes(); line += 64)
      prefetch_to_write(next + line);
  }
  /// Any weight.
  void add(std::int64_t step, std::size_t lane, std::int64_t weight, std::uint32_t target) {
    Due& due = at(step, lane);
    if (PlasticArrival::holds(weight)) due.arrivals.emplace_back(weight, target);
    else due.large.push_back({weight, target});
  }
  /// f(target, weight: quanta) for what is due.
  template <class F>
  void for_each(std::int64_t step, std::size_t lane, F&& f) const {
    const Due& due = ring_[index(step, lane)];
    for (const PlasticArrival a : due.arrivals) f(a.target(), a.weight());
    for (const Large& l : due.large) f(l.target, l.weight);
  }
  void clear(std::int64_t step, std::size_t lane) {
    at(step, lane).arrivals.clear();
    at(step, lane).large.clear();
  }
  /// Steps.
  std::size_t size() const { return steps_; }
  std::size_t bytes() const {
    std::size_t bytes = ring_.size() * sizeof(Due);
    for (const Due& due : ring_)
      bytes +=
          due.arrivals.capacity() * sizeof(PlasticArrival) + due.large.capacity() * sizeof(Large);
    return bytes;
  }

 private:
  struct Large {
    std::int64_t weight;
    std::uint32_t target;
  };
  struct Due {
    std::vector<PlasticArrival> arrivals;
    std::vector<Large> large;  ///< of weights that those do not hold: few, if any
  };
  std::size_t index(std::int64_t step, std::size_t lane) const {
    return static_cast<std::size_t>(step) % steps_ * lanes_.size() + lane;
  }
  Due& at(std::int64_t step, std::size_t lane) { return ring_[index(step, lane)]; }

  std::size_t steps_ = 0;
  std::vector<Lane> lanes_;
  std::vector<Due> ring_;
};

/// What a table is made from.
struct SynapseTableSpec {
  std::vector<double> parameters;   ///< one a parameter of the table, then one a choice
  std::vector<std::size_t> varied;  ///< parameters that every synapse has its own value of
  double dt = 0.1;                  ///< ms
  bool single_precision = false;    ///< of weights
  RandomKey random{};               ///< of a stochastic rule
  SpikeHistory* history = nullptr;  ///< of the targets, where the rule sees them
  std::size_t lane = 0;             ///< of the calendar: the targets' receptor
  std::uint64_t first_target = 0;   ///< the slice's first neuron, in its population
  double quantum = 1;
  std::int64_t max_delay = 1;  ///< steps, of the whole projection
};

/// The synapses of one projection in one chunk, row by row.
class SynapseTable {
 public:
  virtual ~SynapseTable() = default;
  /// Appends a row of `source` (index in its population). Rows are numbered in that order.
  /// \param values  own parameters, the spec's `varied` of each synapse
  virtual std::uint32_t append_row(std::uint32_t source, std::span<const NewSynapse> row,
                                   std::span<const double> values) = 0;
  /// A spike of the row's source; `now`: up to here the targets' spikes are known. Spikes of a row
  /// come in rising order. What its targets receive is entered in the calendar.
  virtual void spike(std::uint32_t row, std::int64_t step, std::int64_t now,
                     PlasticCalendar& out) = 0;
  /// Hints that a spike of that row comes next.
  virtual void fetch(std::uint32_t row) const = 0;
  /// Takes up what had to wait for the targets' spikes up to `now`.
  virtual void settle(std::int64_t now, PlasticCalendar& out) = 0;
  /// Lets the rows that have had no spike since step `since` take in the postsynaptic spikes so
  /// far, so that those need not be remembered. Their weights are seen as before until their next
  /// spike: nobody can tell. `now`: as above.
  virtual void catch_up(std::int64_t since, std::int64_t now) = 0;

  virtual std::size_t rows() const = 0;
  virtual std::size_t synapses_of(std::uint32_t row) const = 0;
  virtual std::int64_t synapses() const = 0;
  virtual std::uint32_t source(std::uint32_t row) const = 0;
  virtual std::size_t bytes() const = 0;

  /// Adds a hash of every synapse and its source's traces to two sums (modulo 2^64): the same
  /// whoever holds it, and where.
  virtual void add_digest(std::uint64_t key, std::array<std::uint64_t, 2>& sums) const = 0;

  // A row's synapses lie in the order of (delay, target), equal ones in the order of appending.
  // What is saved has the rule's SynapseWidths.
  /// As it was left by the last presynaptic spike.
  virtual double weight(std::uint32_t row, std::size_t i) const = 0;
  /// With the postsynaptic spikes that it was let to take in since.
  virtual double next_weight(std::uint32_t row, std::size_t i) const = 0;
  /// Sets the latter, after set_weight.
  virtual void set_next_weight(std::uint32_t row, std::size_t i, double weight) = 0;
  virtual void set_weight(std::uint32_t row, std::size_t i, double weight) = 0;
  /// Whether the stored weight is what `weight` is rounded to.
  virtual bool holds(std::uint32_t row, std::size_t i, double weight) const = 0;
  /// The own value of a parameter of `varied`, by position there.
  virtual double own_value(std::uint32_t row, std::size_t i, std::size_t varied) const = 0;
  virtual void save_synapse(std::uint32_t row, std::size_t i, double* out) const = 0;
  virtual void load_synapse(std::uint32_t row, std::size_t i, const double* in) = 0;
  virtual void save_row(std::uint32_t row, double* out) const = 0;
  virtual void load_row(std::uint32_t row, const double* in) = 0;
  virtual void save_waiting(std::vector<double>& out) const = 0;
  virtual void load_waiting(std::span<const double> in) = 0;
};

/// Numbers of what a checkpoint holds.
struct SynapseWidths {
  std::size_t synapse;  ///< variables of a synapse beside its weight
  std::size_t row;      ///< of a source: last spike, taken in up to, number of spikes, traces
  std::size_t waiting;  ///< of spikes that wait at one source and delay
};

/// A rule as the kernel, the documents and the docs see it.
struct SynapseRule {
  std::string name;
  std::string summary;
  std::string source;
  std::vector<FieldInfo> parameters;
  std::vector<ChoiceInfo> choices;
  std::vector<std::string> uniform;   ///< parameters that are one number for the whole projection
  std::vector<RuleVariable> trace;    ///< variables of a source's trace
  std::vector<RuleVariable> synapse;  ///< variables of a synapse beside its weight
  bool stochastic = false;
  int post_time = -1;  ///< position of the time constant of the postsynaptic trace; -1: sees none
  int dendritic = -1;  ///< position of the dendritic fraction of the delay
  /// A fault between parameters (as in SynapseTableSpec), or "".
  std::string (*check)(std::span<const double> parameters) = nullptr;
  /// The weight that the receptor's quantum is made for where all weights begin at 0.
  double (*full_weight)(std::span<const double> parameters) = nullptr;
  SynapseWidths (*widths)(bool varied) = nullptr;
  /// Bytes of a synapse.
  std::size_t (*bytes)(bool single_precision, std::size_t varied) = nullptr;
  std::unique_ptr<SynapseTable> (*make)(const SynapseTableSpec&) = nullptr;
};

/// The rest of a delay of `delay` steps that is axonal, less its dendritic part: a postsynaptic
/// spike at t_p and a presynaptic one at t meet at the synapse where t_p = t + lag.
struct DelayParts {
  std::int64_t lag;
  bool at_soma;  ///< the dendritic part is nothing: a postsynaptic spike comes after an arrival
                 ///< of its instant
};
/// \param fraction  of the delay that is dendritic; that part is rounded to whole steps
inline DelayParts delay_parts(std::uint32_t delay, double fraction) {
  const std::int64_t d = delay;
  if (fraction == 1) return {-d, false};
  const auto dendritic = static_cast<std::int64_t>(std::floor(fraction * delay + 0.5));
  return {d - 2 * dendritic, dendritic == 0};
}

}  // namespace ranvier
