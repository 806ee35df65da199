// Chunk: what one worker moves. It holds slices of all populations, the synapses whose targets they
// are, and the calendar of what is due. Chunks share nothing; spikes come in through deliver() and
// go out through emitted().
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/clocked_slice.h"
#include "core/drive.h"
#include "core/layout.h"
#include "core/partition.h"
#include "core/source.h"
#include "core/target_table.h"

namespace ranvier {

struct Emitted {
  std::int64_t time;    ///< ns
  std::uint32_t local;  ///< number in the chunk
};

/// A spike on its way to this rank's targets. `source`: number of the row on this rank.
struct Incoming {
  std::uint32_t source;
  std::int64_t time;  ///< ns
};

/// One frame's part of a report.
struct SampleBlock {
  std::size_t report;
  std::int64_t frame;
  std::vector<double> values;  ///< for columns_of(report)
};

class Chunk {
 public:
  Chunk(const Layout& layout, ChunkPlan plan);

  /// Draws the chunk's synapses. Sources with any are listed in rising gid order.
  void connect();
  const std::vector<Gid>& sources_with_rows() const { return row_gids_; }
  /// `numbers[i]`: the rank's number of sources_with_rows()[i]; `n_sources` of them in all.
  void number_sources(std::span<const std::uint32_t> numbers, std::size_t n_sources);
  /// The largest sum that can meet in one step, in quanta: decides the width of the sums.
  std::int64_t largest_sum() const { return largest_sum_; }
  void set_wide_sums(bool wide);

  /// Moves everything through (begin, end]; what fired is in emitted(), samples in samples().
  void advance(Window window);
  /// Takes in spikes whose arrivals are later than `now`.
  void deliver(std::span<const Incoming> spikes, std::int64_t now);

  const std::vector<Emitted>& emitted() const { return emitted_; }
  const std::vector<SampleBlock>& samples() const { return samples_; }
  const std::vector<std::uint32_t>& columns_of(std::size_t report) const {
    return report_parts_[report].columns;
  }
  /// Samples everything at time 0.
  void sample_start();

  const ChunkPlan& plan() const { return plan_; }
  Gid gid(std::uint32_t local) const;
  std::int64_t synapses() const {
    return compact_.synapses() + exact_.synapses() + event_.synapses();
  }
  std::int64_t synaptic_events() const { return synaptic_events_; }
  std::size_t bytes() const;

  /// The state of neuron `i` of slice `slice` (position in plan().neurons) for digests and
  /// checkpoints.
  void save_state(std::size_t slice, std::uint32_t i, std::vector<double>& out) const;
  void load_state(std::size_t slice, std::uint32_t i, std::span<const double> in);
  /// Sources and drives go on from `at`, as after a run from 0 to there.
  void restart_at(Time at);

 private:
  struct Poisson {
    PoissonDrive drive;
    std::uint32_t receptor;
    std::int64_t weight;
  };
  struct Part {  ///< a slice and what moves it
    Slice slice;
    std::unique_ptr<ClockedSlice> clocked;
    std::unique_ptr<EventSlice> event;
    std::vector<Poisson> poisson;
    std::vector<CurrentDrive> currents;
    AlignedVector<double> current;  ///< nA of the step
    std::vector<double> injected;   ///< event-driven: nA as last changed
    std::vector<double> quantum;    ///< a receptor
  };
  struct ReportPart {
    std::vector<std::uint32_t> columns;  ///< of the report
    std::vector<std::uint32_t> neurons;  ///< in the slice
    std::size_t part = 0;
    int variable = 0;
    std::int64_t every = 1;  ///< steps, or ns when event-driven
  };
  struct EventGroup {
    std::int64_t time;
    const ExactRecord* first;
    std::uint32_t count;
    std::uint32_t receptor;
  };

  void make_part(const Slice& slice);
  void make_reports();
  void append_rows(Gid gid, std::vector<PlacedSynapse>& clocked, std::vector<PlacedSynapse>& event);
  void drain(std::int64_t step);
  void step_parts(std::int64_t step);
  void advance_events(Window window);
  void take_arrivals(Part& part, Window window);
  void deliver_event(std::uint32_t row, std::int64_t fired, std::int64_t now);
  void sample(std::int64_t time);

  const Layout* layout_;
  ChunkPlan plan_;
  std::vector<Part> parts_;
  std::vector<std::unique_ptr<SpikeSource>> sources_;
  TargetTable<CompactRecord> compact_;
  TargetTable<ExactRecord> exact_;
  TargetTable<ExactRecord> event_;
  std::vector<Gid> row_gids_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      rows_;  ///< (clocked row, event row) of row_gids_
  std::vector<std::pair<std::uint32_t, std::uint32_t>> row_of_;  ///< the same by the rank's numbers
  std::array<AlignedVector<std::int32_t>, max_receptors> sums32_;
  std::array<AlignedVector<std::int64_t>, max_receptors> sums64_;
  bool wide_ = false;
  bool has_events_ = false;
  std::int64_t largest_sum_ = 0;
  std::int64_t synaptic_events_ = 0;
  std::vector<Bucket> ring_;
  std::vector<DueRow> due_rows_;
  std::vector<std::uint32_t> units_;
  std::vector<std::vector<EventGroup>> event_ring_;
  std::vector<Emitted> emitted_;
  std::vector<SampleBlock> samples_;
  std::vector<ReportPart> report_parts_;
  std::vector<std::uint32_t> fired_;
  std::vector<Firing> firings_;
  std::vector<Arrival> arrivals_;  ///< of all event-driven parts, by local number
  std::vector<Arrival> part_arrivals_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> drive_arrivals_;
};

}  // namespace ranvier
