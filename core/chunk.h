// Chunk: what one worker moves. It holds slices of all populations, the synapses whose targets they
// are, and the calendar of what is due. Chunks share nothing; spikes come in through deliver() and
// go out through outbox().
#pragma once
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "core/aligned.h"
#include "core/arrivals.h"
#include "core/clocked_slice.h"
#include "core/drive.h"
#include "core/due_order.h"
#include "core/error.h"
#include "core/event_ring.h"
#include "core/event_table.h"
#include "core/layout.h"
#include "core/partition.h"
#include "core/plastic_synapses.h"
#include "core/procedural_table.h"
#include "core/profile.h"
#include "core/record.h"
#include "core/routes.h"
#include "core/source.h"
#include "core/target_table.h"

namespace ranvier {

/// A spike of a neuron or source of the chunk.
struct Emitted {
  std::int64_t time;    ///< ns
  std::uint32_t local;  ///< number in the chunk
  std::uint32_t slice;  ///< position in the plan: neurons' slices, then sources'
};

/// A spike on its way to this rank's targets. `source`: number of the row on this rank.
struct Incoming {
  std::uint32_t source;
  std::int64_t time;  ///< ns
};

/// What is on its way to a neuron: sent already, so that no change of the network reaches it.
struct PendingArrival {
  std::int64_t time;  ///< ns
  Gid target;
  std::uint32_t receptor;
  double weight;  ///< in the receptor's unit
  friend auto operator<=>(const PendingArrival&, const PendingArrival&) = default;
};

/// Where the Poisson train of a stimulus into an event-driven neuron stands.
struct DriveState {
  Gid gid;
  std::int64_t stimulus;  ///< in the network's list
  std::int64_t time;      ///< ns, of its next arrival
  std::int64_t drawn;     ///< arrivals so far and this one
  friend auto operator<=>(const DriveState&, const DriveState&) = default;
};

/// A PendingArrival in the chunk: `target` is the local number, `weight` in quanta.
struct LateArrival {
  std::int64_t time;
  std::uint32_t target;
  std::uint32_t receptor;
  std::int64_t weight;
};

/// What a chunk's window sends out.
struct Outbox {
  std::vector<RecordedSpike> recorded;  ///< of populations whose spikes are recorded
  std::vector<Incoming> here;           ///< to this rank's own targets
  struct Remote {
    std::int32_t neighbour;
    Incoming spike;
  };
  std::vector<Remote> elsewhere;
};

/// Bytes of what a chunk holds besides its neurons.
struct ChunkBytes {
  std::size_t rows = 0;      ///< synapses, and groups of equal delay
  std::size_t headers = 0;   ///< what finds a source's row
  std::size_t calendar = 0;  ///< what is due, and room for more
  std::size_t routes = 0;    ///< who wants its spikes
};

/// One frame's part of a report.
struct SampleBlock {
  std::size_t report;
  std::int64_t frame;
  std::vector<double> values;  ///< for columns_of(report)
};

/// Throws Error(range) where parameters that laws gave a neuron of the slice contradict each other.
void check_drawn(const NeuronModel& model, const Population& population, const SliceSpec& spec);

/// A column where some projection onto event-driven neurons gives its synapses values of their own.
EventTable::Form form_of_events(const Layout& layout);

/// One worker's share of the network; see above.
class Chunk {
 public:
  Chunk(const Layout& layout, ChunkPlan plan);

  /// Draws the chunk's synapses. Sources with any are listed in rising gid order.
  void connect();
  const std::vector<Gid>& sources_with_rows() const { return row_gids_; }
  /// `numbers[i]`: the rank's number of sources_with_rows()[i]; `n_sources` of them in all.
  void number_sources(std::span<const std::uint32_t> numbers, std::size_t n_sources);
  /// An upper bound of the sum that can meet in one step, in quanta: decides the width of the sums.
  std::int64_t largest_sum() const;
  void set_wide_sums(bool wide);

  /// Takes the static synapses of the chunk whose place this one takes, their numbers and its
  /// routes, instead of connect(), number_sources() and set_routes(). `before` is empty then.
  void take_synapses(Chunk& before);

  /// Where this chunk's spikes go.
  void set_routes(Routes routes);
  const Routes& routes() const { return routes_; }

  /// Moves everything through (begin, end]; what fired is in outbox(), samples in samples().
  void advance(Window window);
  /// Takes in spikes whose arrivals are later than `now`.
  void deliver(std::span<const Incoming> spikes, std::int64_t now);

  const Outbox& outbox() const { return outbox_; }
  /// The first spike, by time and gid, that was beyond max_spikes_a_step; it was sent to nobody.
  const std::optional<RecordedSpike>& overrun() const { return overrun_; }
  /// Why event-driven neurons here cannot be moved any further, if so: they stay where they are.
  const std::optional<Error>& failure() const { return failure_; }
  PhaseClock& clock() { return clock_; }
  /// Spikes of this chunk that may still arrive somewhere; those before `oldest` are forgotten.
  std::span<const RecordedSpike> in_flight(std::int64_t oldest);
  /// Takes in spikes that were in flight in a saved state: remembered, and posted in outbox().
  void launch(std::span<const RecordedSpike> spikes);
  /// Spikes so far, a population.
  const std::vector<std::int64_t>& spikes_of() const { return spikes_of_; }
  const std::vector<SampleBlock>& samples() const { return samples_; }
  const std::vector<std::uint32_t>& columns_of(std::size_t report) const {
    return report_parts_[report].columns;
  }
  /// Samples everything at time 0.
  void sample_start();

  const ChunkPlan& plan() const { return plan_; }
  /// The slice of a number in the plan's order: neurons, then sources.
  const Slice& slice(std::size_t i) const {
    const std::size_t n = plan_.neurons.size();
    return i < n ? plan_.neurons[i] : plan_.sources[i - n];
  }
  std::int64_t synapses() const {
    return std::visit([](const auto& table) { return table.synapses(); }, table_) +
           std::visit([](const auto& table) { return table.synapses(); }, procedural_) +
           event_.synapses() + (plastic_ ? plastic_->synapses() : 0);
  }
  std::int64_t synaptic_events() const { return synaptic_events_; }
  /// The synapses with a state of their own, or null where the network has none.
  PlasticSynapses* plastic() const { return plastic_.get(); }
  std::size_t bytes() const {
    const ChunkBytes all = bytes_by_part();
    return all.rows + all.headers + all.calendar;
  }
  ChunkBytes bytes_by_part() const;

  /// The state of neuron `i` of slice `slice` (position in plan().neurons) for digests and
  /// checkpoints.
  void save_state(std::size_t slice, std::uint32_t i, std::vector<double>& out) const;
  void load_state(std::size_t slice, std::uint32_t i, std::span<const double> in);
  /// The same as state variables seen at `now` and the injected current, which neurons of other
  /// parameters can be put into.
  void full_state(std::size_t slice, std::uint32_t i, Time now, std::vector<double>& out) const;
  void place_state(std::size_t slice, std::uint32_t i, std::span<const double> state, Time now);
  /// A state variable of a neuron.
  struct Variable {
    Gid gid;
    std::size_t variable;
    friend auto operator<=>(const Variable&, const Variable&) = default;
  };
  /// The first one, by gid, that is infinite or not a number.
  std::optional<Variable> not_finite();
  /// Sources and drives go on from `at`, as after a run from 0 to there.
  void restart_at(Time at);
  /// The trains into event-driven neurons, appended.
  void save_drives(std::vector<DriveState>& out) const;
  /// Goes on with them; `drives` by gid, then stimulus, other chunks' among them. Throws
  /// Error(parse) where a neuron's is missing.
  void load_drives(std::span<const DriveState> drives);

  // Between two slices of a run (core/chunk_change.cpp); `slice` as above, `now`: where the kernel
  // stands.
  double state_at(std::size_t slice, std::uint32_t i, int variable, Time now) const;
  void set_state(std::size_t slice, std::uint32_t i, int variable, double value, Time now);
  /// The network holds new parameters of a population: throws where neurons or sources here cannot
  /// have them.
  void check_change(std::size_t population) const;
  /// `neurons` (rising indices in the population) have other ones.
  void change_parameters(std::size_t population, std::span<const std::int64_t> neurons, Time now);
  /// The network holds another form of a stimulus, of the same type, target and neurons: what takes
  /// its place is made ready (throws Error(range), and nothing has changed then), and put there.
  void prepare_stimulus(std::size_t stimulus, Time now);
  void change_stimulus();
  /// Spikes that this chunk's sources will emit beside their own, later than `now`.
  void inject(std::span<const Emitted> spikes);
  // A network that takes another's place between two slices (core/chunk_rebuild.cpp).
  /// What is to arrive here after `now`, appended.
  void pending(Time now, std::vector<PendingArrival>& out);
  /// Arrivals besides those that its synapses deliver. Throws Error(range) where no sum holds them.
  void enter(std::span<const PendingArrival> arrivals);
  /// Those of them that are still to come, appended.
  void entered(std::vector<PendingArrival>& out) const;
  /// Trains into event-driven neurons go on at `now` from `drives` (as load_drives() has them) if
  /// `before`, whose they are, has a Poisson stimulus of this number on the same neurons, and of
  /// the same course of rates if any.
  void take_drives(std::span<const DriveState> drives, const Network& before, Time now);
  /// Spikes that injection still has to send.
  void pending_injections(std::vector<RecordedSpike>& out) const;
  SpikeSource& source(std::size_t i) { return *sources_[i]; }
  /// Samples report `report` alone, at `now`.
  void sample_first(std::size_t report, Time now);

  /// A spike as this chunk numbers its neurons and sources, or none where its gid is another's.
  std::optional<Emitted> emission(const RecordedSpike& spike) const;

 private:
  struct Poisson {
    std::size_t stimulus;
    PoissonDrive drive;
    std::uint32_t receptor;
    std::int64_t weight;
  };
  struct Part {  ///< a slice and what moves it
    Slice slice;
    std::unique_ptr<ClockedSlice> clocked;
    std::unique_ptr<EventSlice> event;
    std::vector<Poisson> poisson;
    Currents currents;
    /// Event-driven: number of the part whose slice moves this one, too (its own, if none), and how
    /// many local numbers from its own first on a part's slice moves.
    std::size_t mover = 0;
    std::uint32_t n_moved = 0;
    ArrivalList arrivals;          ///< event-driven: of the window, at all that its slice moves
    std::vector<double> injected;  ///< event-driven: nA as last changed
    bool looked_at = false;        ///< event-driven: nobody moved since not_finite() saw them
    std::vector<double> quantum;   ///< a receptor
  };
  /// The largest sums of synapses that can meet in one step, as an upper bound: eight neighbours
  /// share a counter, so that the counters stay in the cache while a network is built.
  class FanIn {
   public:
    void resize(std::uint32_t n_neurons);
    void add(std::uint32_t receptor, std::uint32_t target, std::int64_t weight) {
      sums_[receptor][target / 8] += std::abs(weight);
    }
    std::int64_t largest() const;

   private:
    std::array<std::vector<std::int64_t>, max_receptors> sums_;
  };
  /// A stimulus that takes the place of another.
  struct Replacement {
    Part* part;
    std::size_t place;  ///< among the part's drives of its kind
    std::variant<PoissonDrive, CurrentDrive> drive;
  };
  struct ReportPart {
    std::vector<std::uint32_t> columns;  ///< of the report
    std::vector<std::uint32_t> neurons;  ///< in the slice
    std::size_t part = 0;
    int variable = 0;
    std::int64_t every = 1;  ///< steps
  };

  /// Where the drive's trains into the slice stand; none where a neuron's is missing.
  static std::optional<std::vector<PoissonDrive::Next>> trains_of(
      const Slice& slice, const Poisson& poisson, std::span<const DriveState> drives);
  void make_part(const Slice& slice);
  SliceSpec spec_of(const Slice& slice) const;
  void emit_injected(Window window);
  void make_reports();
  void make_calendar();
  std::size_t receptors_in_use() const;
  struct Feed;
  std::vector<Feed> feeds_of(std::size_t source, bool procedural) const;
  bool is_drawn_at_once(std::size_t source, const std::vector<Feed>& feeds) const;
  void connect_by_target(std::size_t source, const std::vector<Feed>& feeds);
  template <class Record>
  void connect_into(TargetTable<Record>& table);
  void list_plastic_sources();
  void drain(std::int64_t step);
  void drain_procedural(std::int64_t step);
  void drain_plastic(std::int64_t step);
  void step_parts(std::int64_t step);
  void post();
  void post_to_targets(const RecordedSpike& spike, std::uint32_t local);
  bool is_one_too_many(const RecordedSpike& spike, std::uint32_t local);
  void advance_events(Window window);
  std::size_t take_due_events(std::int64_t begin, std::int64_t end);
  std::size_t take_lone_events(std::int64_t begin, std::int64_t end);
  void collect_arrivals(Window window);
  void add_row(const DueEvents& due, std::int64_t begin);
  void hand_on(const ArrivalList& walked);
  Part& part_of(std::uint32_t local);
  Part& mover_of(std::uint32_t local) { return parts_[part_of(local).mover]; }
  void join_neighbours();
  void move_alone(std::size_t part);
  void separate(std::size_t mover, std::size_t changed);
  void refuse(const EndlessFiring& endless, const Part& mover);
  void change_currents(Part& part, Time at);
  void deliver_events(std::span<const Incoming> spikes, std::int64_t now);
  void deliver_event(const EventTable::Row& row, std::int64_t fired, std::int64_t now);
  void sample(std::int64_t time);
  void sample_report(std::size_t report, std::int64_t time);
  PendingArrival pending_of(const LateArrival& arrival) const;
  void add_late(std::int64_t step);

  const Layout* layout_;
  ChunkPlan plan_;
  std::vector<Part> parts_;
  std::vector<std::unique_ptr<SpikeSource>> sources_;
  std::variant<TargetTable<CompactRecord>, TargetTable<TargetRecord>, TargetTable<ExactRecord>>
      table_;
  std::variant<ProceduralTable<CompactPlaced>, ProceduralTable<ExactPlaced>> procedural_;
  EventTable event_;
  std::unique_ptr<PlasticSynapses> plastic_;
  std::vector<Gid> row_gids_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      rows_;  ///< (clocked row, event row) of row_gids_
  /// The same by the rank's numbers; empty where the chunk has no such neurons.
  AlignedVector<std::uint32_t> clocked_row_of_;
  AlignedVector<EventTable::Row> event_row_of_;
  std::array<AlignedVector<std::int32_t>, max_receptors> sums32_;
  std::array<AlignedVector<std::int64_t>, max_receptors> sums64_;
  bool wide_ = false;
  bool has_events_ = false;
  /// Where has_events_.
  std::size_t first_event_part_ = 0;
  /// Neighbours are, where they can be: not anew after each of thousands of changes.
  bool joined_ = false;
  FanIn fan_in_;  ///< of clocked targets where sums may be narrow
  std::int64_t synaptic_events_ = 0;
  std::vector<Bucket> ring_;
  std::vector<DueRow> due_rows_;
  std::vector<std::uint32_t> units_;
  EventRing<DueEvents> event_ring_;    ///< by the step in which they arrive
  std::vector<DueEvents> due_events_;  ///< of the window
  DueOrder due_order_;
  /// Where each synapse has a delay of its own: the same, targets by local number, times from the
  /// step's begin.
  EventRing<Arrival> lone_ring_;
  PhaseClock clock_;
  Routes routes_;
  std::vector<Emitted> emitted_;
  Outbox outbox_;
  std::vector<RecordedSpike> in_flight_;
  /// Of local numbers from first_burst_ on: the step in which it sent last (above the lowest 8
  /// bits), and how many more than one. Empty where sums are wide.
  std::vector<std::int64_t> bursts_;
  std::uint32_t first_burst_ = 0;
  std::optional<RecordedSpike> overrun_;
  std::optional<Error> failure_;
  std::vector<std::int64_t> spikes_of_;
  std::vector<Emitted> injected_;                ///< by falling time
  std::vector<LateArrival> late_, late_events_;  ///< of enter(), by falling time
  std::vector<SampleBlock> samples_;
  std::vector<ReportPart> report_parts_;
  std::vector<Replacement> replacements_;
  std::vector<std::uint32_t> fired_;
  std::vector<Firing> firings_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> drive_arrivals_;
};

}  // namespace ranvier
