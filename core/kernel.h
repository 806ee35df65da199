// Kernel: moves a network through biological time, window by window.
//
// Let A(k), X(k), D(k) be advance, exchange and deliver of window k. A(k) precedes X(k) precedes
// D(k) precedes A(k+1), chunk by chunk: a worker delivers to its chunk and advances it in one go
// (and a run ends with a delivery). While messages travel, a rank records and delivers its own
// spikes. A window is no longer than the least synaptic delay, so a spike
// of window k arrives in window k+1 at the earliest, and D(k) comes in time. Windows end at
// multiples of the least delay and wherever else someone has to look (the end of a slice, a change
// of an event-driven neuron's current): a shorter window changes nothing.
//
// Why the split into ranks and chunks cannot be seen: what a neuron receives at one time is an
// integer sum; its next state is a function of its own state, that sum, and random numbers of
// (seed, object, number, time). At one instant: all arrivals are summed, then the neuron's own
// spike, then probes look.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/chunk.h"
#include "core/comm/comm.h"
#include "core/exchange.h"
#include "core/layout.h"
#include "core/parallel.h"
#include "core/record.h"

namespace ranvier {

/// Counts summed over all ranks.
struct KernelTotals {
  std::int64_t neurons = 0, synapses = 0, spikes = 0, synaptic_events = 0;
  std::int64_t synapse_bytes = 0;
  std::vector<std::int64_t> spikes_of;  ///< a population
};

/// Variables of the neurons [first, first + size) of a population, neuron by neuron.
struct StatePiece {
  std::size_t population = 0;
  std::int64_t first = 0, size = 0;
  std::vector<double> values;
};

/// One of the numbers that say where in its train a source stands (SpikeSource::save).
struct SourceValue {
  Gid gid;
  std::int64_t value;
};

/// A rank's share of a kernel's dynamic state: what belongs to its neurons and sources. All shares
/// together are the same for every split (core/checkpoint.h writes them).
struct KernelState {
  std::int64_t now = 0;                  ///< ns
  std::vector<StatePiece> states;        ///< by population and first
  std::vector<RecordedSpike> in_flight;  ///< that may still arrive somewhere, by gid, then time
  /// Of synapses that a change of the network has taken away, by target.
  std::vector<PendingArrival> handed_over;
  std::vector<SourceValue> sources;       ///< by gid
  std::vector<DriveState> drives;         ///< by gid, then stimulus
  std::vector<RecordedSpike> injections;  ///< that are still to be sent, by gid, then time
  std::vector<std::int64_t> spikes_of;    ///< a population, of all ranks
  std::int64_t synaptic_events = 0;       ///< of all ranks
  /// A projection; empty ones of static synapses. Synapses onto this rank's neurons, by target,
  /// then source; rows and waiting spikes of this rank's sources.
  std::vector<PlasticState> plastic;
  std::vector<HistoryState> histories;  ///< those of the layout
  /// From synapses with a state of their own, by gid, step and receptor.
  std::vector<ArrivalState> arrivals;
};

/// This rank's part of a network in motion; see above.
class Kernel {
 public:
  /// Builds the network's share of this rank. Collective. Throws Error(capacity) together on all
  /// ranks.
  Kernel(const Layout& layout, Comm& comm, Workers& workers);

  /// Goes back to time 0, as newly built, for another run: static synapses stay as they were drawn,
  /// those with a state of their own are drawn again, sources open their inputs anew. Collective.
  /// Throws what a source's input makes it throw, on all ranks together; the kernel stays then.
  void restart();

  /// Moves to `until` (ns, >= now). `keep_going(now)` is asked on every rank about every 10 ms of
  /// biological time and may end the run by returning false on any rank: then all ranks stop
  /// together. Returns whether `until` was reached. Collective. Throws Error(range) when clocked
  /// populations exist and `until` is no multiple of dt, when a neuron would fire at one instant
  /// for ever, or when a state variable is not finite any more (looked at where a run ends, every
  /// 100 ms at most), Error(capacity) when a source sent more than max_spikes_a_step, and what
  /// `keep_going` throws (the other ranks an Error); what else fails on one of several ranks ends
  /// them all (or_abort).
  bool run(std::int64_t until, Recorder& recorder,
           const std::function<bool(std::int64_t)>& keep_going);

  std::int64_t now() const { return now_; }
  /// From here on, profile() counts.
  void switch_profile_on();
  /// This rank's.
  Profile profile() const;
  /// Summed over ranks. Collective.
  KernelTotals totals();
  /// SHA-256 of the final state in gid order, the same on all ranks. Collective.
  std::string state_digest();
  /// This rank's share of the state. Collective.
  KernelState save();
  /// Goes on from a state saved on any split. Collective; `state` has to hold what this rank's
  /// share does, and rows of all sources of its synapses; it may hold more. Throws Error(parse)
  /// where it does not.
  void load(const KernelState& state);

  // Between two slices of a run (core/kernel_change.cpp). The network that the layout points to
  // holds a change before the kernel is told of it, on every rank alike.
  /// State variable (position in the model's table) of all neurons of a population at now(), the
  /// same on every rank. Collective.
  std::vector<double> state(std::size_t population, int variable);
  /// Sets it for `neurons` (indices in the population), `values` one each.
  void set_state(std::size_t population, int variable, std::span<const std::int64_t> neurons,
                 std::span<const double> values);
  /// `neurons`, rising: those whose parameters (or spike times) are others now. Collective. Throws
  /// what SpikeSource::check_change does on all ranks together, and changes nothing then.
  void change_parameters(std::size_t population, std::span<const std::int64_t> neurons);
  /// Another rate, current or span of time of a stimulus. Collective. Throws Error(range) on all
  /// ranks together, and changes nothing then.
  void change_stimulus(std::size_t stimulus);
  /// Goes on in the place of `before`, whose populations come first in this network and have the
  /// same models and sizes; what is on its way arrives as it was sent. Synapses with a state of
  /// their own keep it in a projection of the same name, populations and rule. New reports begin
  /// now, into `recorder`. Collective. Throws Error(unsupported). (core/kernel_rebuild.cpp)
  void take_over(Kernel& before, Recorder& recorder);
  /// The synapses of a projection with a rule, whole on every rank. Collective.
  PlasticState plastic(std::size_t projection);
  /// Sets their weights; `state` as from plastic(), but one number a synapse.
  void set_weights(std::size_t projection, const PlasticState& state);
  /// Sets all that they have; `state` as from plastic(). Spikes that wait for postsynaptic ones go
  /// on as they were.
  void set_plastic(std::size_t projection, PlasticState state);
  /// Spikes that sources emit beside their own, all later than now().
  void inject(std::span<const RecordedSpike> spikes);

 private:
  void connect();
  void number_sources();
  void choose_width_of_sums();
  std::int64_t next_end(std::int64_t until) const;
  std::exception_ptr move_to(std::int64_t until, Recorder& recorder,
                             const std::function<bool(std::int64_t)>& keep_going);
  bool may_go_on(const std::function<bool(std::int64_t)>& keep_going, std::exception_ptr& failure);
  bool has_overrun() const;
  [[noreturn]] void refuse_overrun();
  bool has_failure() const;
  void refuse_failure();
  void require_finite();
  void window(std::int64_t end, Recorder& recorder);
  void start_exchange(std::int64_t begin);
  void finish_exchange(std::int64_t begin);
  void deliver(std::int64_t now);
  void hand_over_samples(Recorder& recorder);
  bool samples_weights_now() const;
  void sample_weights(Recorder& recorder);
  void sample_weights(std::size_t report, Recorder& recorder);
  void take_over_plastic(Kernel& before);
  std::int64_t oldest_in_flight() const;
  std::size_t values_a_neuron(std::size_t population) const;
  struct Neurons {  ///< of a population
    std::size_t population;
    std::int64_t begin, end;
  };
  /// The states of neurons [begin, end) of its population, which are in slice `s` of the chunk.
  StatePiece piece_of(const Chunk& chunk, std::size_t s, std::int64_t begin,
                      std::int64_t end) const;
  std::vector<StatePiece> states() const;
  void load_states(const std::vector<StatePiece>& states);
  void save_plastic(KernelState& state);
  PlasticState plastic_share(std::size_t projection);
  HistoryState history(std::size_t history);
  std::vector<std::int64_t> digest_plastic();
  void load_share(const KernelState& state);
  void load_plastic(const KernelState& state);

  const Layout* layout_;
  Comm* comm_;
  Workers* workers_;
  Chunks chunks_;
  std::vector<Incoming> incoming_;  ///< of the last window: delivered when the next one begins
  std::vector<Bytes> messages_;     ///< to the neighbours, until they have arrived
  std::vector<std::int64_t> spikes_before_;  ///< a population: of the state that was loaded
  std::int64_t synaptic_events_before_ = 0;
  Profile profile_;
  std::int64_t now_ = 0;
  std::int64_t finite_at_ = -1;  ///< when all of the state was seen to be so; -1: not yet
  bool started_ = false;
};

}  // namespace ranvier
