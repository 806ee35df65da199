// Building a chunk. Moving it: core/chunk_advance.cpp.
#include "core/chunk.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/error.h"

namespace ranvier {
namespace {

std::vector<std::vector<double>> columns(const std::vector<FieldInfo>& fields,
                                         const std::map<std::string, Value>& given,
                                         const Slice& slice, std::int64_t size,
                                         const RandomKey& key) {
  std::vector<std::vector<double>> result(fields.size());
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const auto found = given.find(fields[k].name);
    if (found == given.end()) continue;
    if (const double* x = std::get_if<double>(&found->second)) result[k] = {*x};
    else
      result[k] = evaluate(found->second, {slice.first, slice.size, size},
                           derive_key(key.value, Stream::parameter, k));
  }
  return result;
}

}  // namespace

void check_drawn(const NeuronModel& model, const Population& population, const SliceSpec& spec) {
  const auto& given = population.parameters;
  if (!model.check || std::none_of(given.begin(), given.end(), [](const auto& p) {
        return std::holds_alternative<Distribution>(p.second);
      }))
    return;
  std::vector<double> row(model.parameters.size());
  for (std::uint32_t i = 0; i < spec.size; ++i) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::vector<double>& column = spec.parameters[k];
      row[k] =
          column.empty() ? model.parameters[k].default_value : column[column.size() == 1 ? 0 : i];
    }
    if (const std::string fault = model.check(row); !fault.empty())
      throw Error(ErrorKind::range, fmt::format("population \"{}\": neuron {}, as drawn: {}",
                                                population.name, spec.first + i, fault));
  }
}

Chunk::Chunk(const Layout& layout, ChunkPlan plan) : layout_(&layout), plan_(std::move(plan)) {
  const bool compact = layout.compact && layout.has_clocked;
  if ((compact || layout.has_rules) && plan_.n_neurons > narrow_chunk)
    throw Error(
        ErrorKind::capacity,
        fmt::format("a chunk would hold {} neurons (whole groups of {} counted), {} {}: use "
                    "more threads or ranks{}",
                    plan_.n_neurons, slice_padding,
                    layout.has_rules ? "plastic synapses number" : "compact storage numbers",
                    narrow_chunk, layout.has_rules ? "" : ", or storage \"exact\""));
  for (const Slice& slice : plan_.neurons) make_part(slice);
  join_neighbours();
  for (const Slice& slice : plan_.sources) {
    const Population& population = layout.network->populations[slice.population];
    sources_.push_back(layout.populations[slice.population].source->make(
        {&population, slice.first, slice.size,
         derive_key(layout.run.seed, Stream::source, slice.population)}));
  }
  spikes_of_.resize(layout.populations.size());
  first_burst_ = has_events_ ? 0 : plan_.n_neurons;
  if (layout.may_narrow_sums()) bursts_.resize(plan_.n_local - first_burst_, -1);
  if (layout.has_rules) plastic_ = std::make_unique<PlasticSynapses>(layout, plan_);
  make_reports();
}

SliceSpec Chunk::spec_of(const Slice& slice) const {
  const Population& population = layout_->network->populations[slice.population];
  const PopulationLayout& chosen = layout_->populations[slice.population];
  SliceSpec spec;
  spec.first = slice.first;
  spec.size = slice.size;
  spec.dt = layout_->run.dt;
  spec.single_precision = chosen.single_precision;
  spec.receptors_alike = chosen.receptors_alike;
  spec.plain = layout_->plain;
  if (chosen.method) spec.scheme = chosen.method->scheme;
  spec.random = derive_key(layout_->run.seed, Stream::escape_noise, slice.population);
  spec.parameters = columns(chosen.model->parameters, population.parameters, slice, population.size,
                            derive_key(layout_->run.seed, Stream::parameter, slice.population));
  for (const FieldInfo& field : chosen.model->parameters) {
    const auto given = population.parameters.find(field.name);
    spec.by_neuron.push_back(given != population.parameters.end() &&
                             !std::holds_alternative<double>(given->second));
  }
  spec.initial = columns(chosen.model->state, population.initial, slice, population.size,
                         derive_key(layout_->run.seed, Stream::initial_state, slice.population));
  return spec;
}

void Chunk::make_part(const Slice& slice) {
  const Population& population = layout_->network->populations[slice.population];
  const PopulationLayout& chosen = layout_->populations[slice.population];
  const SliceSpec spec = spec_of(slice);
  check_drawn(*chosen.model, population, spec);
  Part part;
  part.slice = slice;
  part.quantum = chosen.quantum;
  if (chosen.event && !has_events_) first_event_part_ = parts_.size();
  if (chosen.event) part.event = chosen.model->make_event(spec);
  else part.clocked = chosen.model->make_clocked(spec);
  has_events_ = has_events_ || chosen.event;
  for (std::size_t i = 0; i < layout_->network->stimuli.size(); ++i) {
    const Stimulus& s = layout_->network->stimuli[i];
    if (s.target != population.name) continue;
    if (s.type == Stimulus::Type::poisson) {
      const std::uint32_t receptor = layout_->stimulus_receptor[i];
      part.poisson.push_back(
          {i, PoissonDrive(s, i, layout_->run, slice.first, slice.size, population.size), receptor,
           std::llround(s.weight / chosen.quantum[receptor])});
    } else {
      part.currents.add(CurrentDrive(s, i, layout_->run, slice.first, slice.size, population.size));
    }
  }
  if (part.event) part.injected.resize(slice.size);
  parts_.push_back(std::move(part));
  move_alone(parts_.size() - 1);
}

void Chunk::move_alone(std::size_t part) {
  Part& p = parts_[part];
  p.mover = part;
  p.n_moved = p.slice.size;
  if (p.event) p.arrivals = ArrivalList(p.n_moved);
}

/// Populations whose neurons can be moved as one are, where they lie side by side: a row of
/// synapses then is one row for all of them. But for those with a Poisson stimulus beside those
/// without: where some arrivals come one by one, rows are written out one by one, too.
void Chunk::join_neighbours() {
  for (std::size_t k = 1; k < parts_.size(); ++k) {
    Part &part = parts_[k], &mover = parts_[parts_[k - 1].mover];
    const bool alone = part.mover == k && part.n_moved == part.slice.size;
    if (!part.event || !mover.event || !alone || part.quantum != mover.quantum ||
        part.poisson.empty() != mover.poisson.empty())
      continue;
    const std::uint32_t distance = part.slice.local - mover.slice.local;
    if (!part.event->join(*mover.event, distance)) continue;
    part.mover = mover.mover;
    mover.n_moved = distance + part.slice.size;
    mover.arrivals = ArrivalList(mover.n_moved);
  }
  joined_ = true;
}

/// Slices of their own for all parts that one slice moves, but for one that gets another.
void Chunk::separate(std::size_t mover, std::size_t changed) {
  for (std::size_t k = mover; k < parts_.size() && parts_[k].mover == mover; ++k) {
    Part& part = parts_[k];
    if (k != changed) {
      auto own = layout_->populations[part.slice.population].model->make_event(spec_of(part.slice));
      std::vector<double> state;
      std::int64_t moved = 0;
      for (std::uint32_t i = 0; i < part.slice.size; ++i) {
        part.event->save(i, state, moved);
        own->load(i, state, moved);
      }
      part.event = std::move(own);
    }
    move_alone(k);
  }
}

void Chunk::make_reports() {
  const auto& reports = layout_->record.reports;
  report_parts_.resize(reports.size());
  for (std::size_t r = 0; r < reports.size(); ++r) {
    if (reports[r].of_projection) continue;  // core/plastic_synapses.h
    ReportPart& mine = report_parts_[r];
    mine.every = static_cast<std::int64_t>(std::nearbyint(reports[r].interval / layout_->run.dt));
    const std::size_t p = layout_->network->find(reports[r].population);
    mine.variable = find_field(layout_->populations[p].model->state, reports[r].variable);
    for (std::size_t k = 0; k < parts_.size(); ++k) {
      const Slice& slice = parts_[k].slice;
      if (slice.population != p) continue;
      mine.part = k;
      for (std::size_t c = 0; c < reports[r].neurons.size(); ++c) {
        const std::int64_t i = reports[r].neurons[c] - slice.first;
        if (i < 0 || i >= static_cast<std::int64_t>(slice.size)) continue;
        mine.columns.push_back(static_cast<std::uint32_t>(c));
        mine.neurons.push_back(static_cast<std::uint32_t>(i));
      }
    }
  }
}

// A projection with targets here: its rows, and the slice that they lead to.
struct Chunk::Feed {
  std::unique_ptr<Rows> rows;
  const Part* part;
  std::size_t projection;
};

std::vector<Chunk::Feed> Chunk::feeds_of(std::size_t source, bool procedural) const {
  std::vector<Feed> feeds;
  for (const std::size_t i : layout_->projections_from[source]) {
    const ProjectionLayout& projection = layout_->projections[i];
    if (projection.rule || projection.procedural != procedural) continue;
    for (const Part& part : parts_) {
      if (part.slice.population != projection.target) continue;
      const auto begin = static_cast<std::uint64_t>(part.slice.first);
      const Placement placement{part.slice.local, static_cast<std::uint16_t>(projection.receptor),
                                part.quantum[projection.receptor]};
      feeds.push_back(
          {make_rows(*layout_->network, i, layout_->run,
                     {begin, begin + part.slice.size, placement}, projection.estimate.values),
           &part, i});
    }
  }
  return feeds;
}

void Chunk::connect() {
  const bool has_place_for_padding = plan_.n_neurons + TargetRecord::unit <= narrow_chunk;
  if (!layout_->compact) table_.emplace<TargetTable<ExactRecord>>();
  else if (!layout_->kinds.empty() && has_place_for_padding)
    table_.emplace<TargetTable<TargetRecord>>(layout_->kinds,
                                              static_cast<std::uint16_t>(plan_.n_neurons));
  if (!layout_->compact) procedural_.emplace<ProceduralTable<ExactPlaced>>();
  std::visit([this](auto& table) { connect_into(table); }, table_);
  if (!plastic_) return;
  plastic_->connect();
  list_plastic_sources();
}

// Sources with plastic synapses alone have no static rows. They take places among the others.
void Chunk::list_plastic_sources() {
  const std::vector<Gid> fixed = std::move(row_gids_), plastic = plastic_->sources();
  const auto places = std::move(rows_);
  row_gids_.clear();
  rows_.clear();
  std::set_union(fixed.begin(), fixed.end(), plastic.begin(), plastic.end(),
                 std::back_inserter(row_gids_));
  std::vector<std::uint32_t> now_at;
  for (const Gid gid : row_gids_) {
    const std::size_t k = now_at.size();
    const bool has_fixed = k < fixed.size() && fixed[k] == gid;
    if (has_fixed) now_at.push_back(static_cast<std::uint32_t>(rows_.size()));
    rows_.push_back(has_fixed ? places[k] : std::pair{no_row, no_row});
  }
  std::visit([&now_at](auto& table) { table.move_places(now_at); }, procedural_);
}

EventTable::Form form_of_events(const Layout& layout) {
  EventTable::Form form;
  for (std::size_t i = 0; i < layout.projections.size(); ++i) {
    if (!layout.populations[layout.projections[i].target].event) continue;
    const Projection& p = layout.network->projections[i];
    form.weights = form.weights || !std::holds_alternative<double>(p.weight);
    form.delays = form.delays || !std::holds_alternative<double>(p.delay);
  }
  return form;
}

// Its columns have a place for every source: worth it where most have synapses here.
bool Chunk::is_drawn_at_once(std::size_t source, const std::vector<Feed>& feeds) const {
  double synapses = 0;
  for (const Feed& feed : feeds) {
    if (!feed.part->event || !feed.rows->by_target()) return false;
    const ProjectionLayout& p = layout_->projections[feed.projection];
    synapses += p.estimate.synapses * feed.part->slice.size /
                static_cast<double>(layout_->partition.sizes[p.target]);
  }
  return static_cast<double>(layout_->partition.sizes[source]) < 2 * synapses;
}

// All rows of a source population at once: counted, then filled in.
void Chunk::connect_by_target(std::size_t source, const std::vector<Feed>& feeds) {
  const auto n = static_cast<std::size_t>(layout_->network->populations[source].size);
  const EventTable::Form form = event_.form();
  std::vector<EventTable::Kind> kinds;
  std::vector<std::size_t> kind_of;
  std::vector<std::vector<std::uint32_t>> counts;
  for (const Feed& feed : feeds) {
    const ProjectionLayout& p = layout_->projections[feed.projection];
    const Value& weight = layout_->network->projections[feed.projection].weight;
    const double per_quantum = 1.0 / feed.part->quantum[p.receptor];
    const EventTable::Kind kind{
        form.weights ? 0 : std::llrint(std::get<double>(weight) * per_quantum),
        static_cast<std::uint16_t>(form.delays ? 0 : p.estimate.min_delay),
        static_cast<std::uint16_t>(p.receptor)};
    const auto found = std::find(kinds.begin(), kinds.end(), kind);
    kind_of.push_back(static_cast<std::size_t>(found - kinds.begin()));
    if (found == kinds.end()) {
      kinds.push_back(kind);
      counts.emplace_back(n);
    }
    feed.rows->by_target()->count(counts[kind_of.back()]);
  }
  const auto n_parts = static_cast<std::uint32_t>(parts_.size());
  for (EventTable::Kind& kind : kinds) kind.first_part = n_parts;
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    EventTable::Kind& kind = kinds[kind_of[f]];
    kind.first_part =
        std::min(kind.first_part, static_cast<std::uint32_t>(feeds[f].part - parts_.data()));
  }
  rows_.reserve(rows_.size() + n);
  row_gids_.reserve(row_gids_.size() + n);
  std::vector<std::uint32_t> rows;
  const std::size_t first = event_.groups();
  auto next = event_.append_rows(kinds, counts, rows);
  for (std::size_t f = 0; f < feeds.size(); ++f)
    feeds[f].rows->by_target()->scatter({next[kind_of[f]], event_.targets(),
                                         form.delays ? event_.delays() : nullptr,
                                         form.weights ? event_.weights() : nullptr});
  event_.sort_groups(first);
  for (std::size_t i = 0; i < n; ++i) {
    if (rows[i] == no_row) continue;
    rows_.push_back({no_row, rows[i]});
    row_gids_.push_back(layout_->partition.first_gid[source] + static_cast<Gid>(i));
  }
}

template <class Record>
void Chunk::connect_into(TargetTable<Record>& table) {
  RowBuffer<typename Record::PlacedSynapse> clocked;
  RowBuffer<ExactPlaced> event;
  auto& procedural = std::get<ProceduralTable<typename Record::PlacedSynapse>>(procedural_);
  event_.set_form(form_of_events(*layout_));
  if (layout_->may_narrow_sums()) fan_in_.resize(plan_.n_neurons);
  for (std::size_t p = 0; p < layout_->populations.size(); ++p) {
    const std::vector<Feed> feeds = feeds_of(p, false);
    std::vector<Feed> drawn_again = feeds_of(p, true);
    if (feeds.empty() && drawn_again.empty()) continue;
    if (drawn_again.empty() && is_drawn_at_once(p, feeds)) {
      connect_by_target(p, feeds);
      continue;
    }
    const bool is_clocked = layout_->populations[p].model && !layout_->populations[p].event;
    const std::int64_t most = is_clocked ? 1 : max_spikes_a_step;
    std::vector<std::unique_ptr<Rows>> kept;
    for (Feed& feed : drawn_again) kept.push_back(std::move(feed.rows));
    const auto next = [&feeds, &kept](std::uint64_t from) {
      std::uint64_t least = ~std::uint64_t{0};
      for (const Feed& feed : feeds) least = std::min(least, feed.rows->next_source(from));
      for (const auto& rows : kept) least = std::min(least, rows->next_source(from));
      return least;
    };
    const auto n = static_cast<std::uint64_t>(layout_->network->populations[p].size);
    for (std::uint64_t i = next(0); i < n; i = next(i + 1)) {
      clocked.clear();
      event.clear();
      for (const Feed& feed : feeds)
        if (feed.part->event) feed.rows->place(i, event);
        else feed.rows->place(i, clocked);
      const auto drawn = procedural.add_row(static_cast<std::uint32_t>(rows_.size()), i, kept);
      if (clocked.empty() && event.empty() && drawn.empty()) continue;
      if (layout_->may_narrow_sums())
        for (const auto row : {clocked.row(), drawn})
          for (const auto& s : row) fan_in_.add(s.receptor, s.target, s.weight * most);
      rows_.push_back({clocked.empty() ? no_row : table.append_row(clocked.row()),
                       event.empty() ? no_row : event_.append_row(event.row())});
      row_gids_.push_back(layout_->partition.first_gid[p] + static_cast<Gid>(i));
    }
    if (!kept.empty()) procedural.close_population(std::move(kept));
  }
}

void Chunk::FanIn::resize(std::uint32_t n_neurons) {
  for (auto& sums : sums_) sums.resize(n_neurons / 8 + 1);
}

std::int64_t Chunk::FanIn::largest() const {
  std::int64_t largest = 0;
  for (const auto& sums : sums_)
    for (const std::int64_t sum : sums) largest = std::max(largest, sum);
  return largest;
}

// Synapses as they were drawn, drives as they stand, and what was handed over, whenever it is due.
std::int64_t Chunk::largest_sum() const {
  if (!layout_->may_narrow_sums()) return 0;
  FanIn all = fan_in_;
  for (const Part& part : parts_) {
    if (part.event) continue;
    for (const Poisson& p : part.poisson)
      for (std::uint32_t i = 0; i < part.slice.size; ++i)
        all.add(p.receptor, part.slice.local + i, p.weight * p.drive.largest(i));
  }
  constexpr std::int64_t wide = std::int64_t{1} << 32;  // more says no more, and might overflow
  for (const LateArrival& a : late_)
    all.add(a.receptor, a.target, std::clamp(a.weight, -wide, wide));
  return all.largest();
}

void Chunk::number_sources(std::span<const std::uint32_t> numbers, std::size_t n_sources) {
  const auto is_clocked = [](const Part& part) { return !part.event; };
  if (std::any_of(parts_.begin(), parts_.end(), is_clocked)) {
    clocked_row_of_.assign(n_sources, no_row);
    for (std::size_t i = 0; i < numbers.size(); ++i) clocked_row_of_[numbers[i]] = rows_[i].first;
  }
  if (has_events_) {
    event_row_of_.assign(n_sources, {});
    for (std::size_t i = 0; i < numbers.size(); ++i)
      event_row_of_[numbers[i]] = event_.row(rows_[i].second);
    event_.forget_single_groups();
  }
  rows_ = decltype(rows_)();  // {} would keep the memory
  std::visit([](auto& table) { table.shrink_to_fit(); }, table_);
  if (layout_->has_procedural)
    std::visit([&](auto& table) { table.number_sources(numbers, n_sources); }, procedural_);
  if (plastic_) plastic_->number_sources(row_gids_, numbers, n_sources);
  row_gids_ = decltype(row_gids_)();
  make_calendar();
}

void Chunk::take_synapses(Chunk& before) {
  table_ = std::move(before.table_);
  event_ = std::move(before.event_);
  procedural_ = std::move(before.procedural_);
  clocked_row_of_ = std::move(before.clocked_row_of_);
  event_row_of_ = std::move(before.event_row_of_);
  fan_in_ = std::move(before.fan_in_);
  routes_ = std::move(before.routes_);
  if (plastic_) plastic_->connect_as(std::move(*before.plastic_));
  make_calendar();
}

void Chunk::make_calendar() {
  ring_.resize(static_cast<std::size_t>(layout_->ring_steps));
  if (layout_->has_procedural)
    std::visit(
        [this](auto& table) {
          table.make_calendar(layout_->ring_steps, receptors_in_use(), plan_.n_neurons);
        },
        procedural_);
  if (!has_events_) return;
  event_ring_.resize(static_cast<std::size_t>(layout_->ring_steps) + 1);
  lone_ring_.resize(event_ring_.size());
}

std::size_t Chunk::receptors_in_use() const {
  std::size_t receptors = 0;
  for (const Part& part : parts_) receptors = std::max(receptors, part.quantum.size());
  return receptors;
}

void Chunk::set_wide_sums(bool wide) {
  wide_ = wide;
  if (layout_->has_procedural)
    std::visit([wide](auto& table) { table.set_wide_sums(wide); }, procedural_);
  for (std::size_t r = 0; r < receptors_in_use(); ++r) {
    const std::size_t n = plan_.n_neurons + TargetRecord::unit;  // and what padding reaches
    if (wide) sums64_[r].resize(n);
    else sums32_[r].resize(n);
  }
}

void Chunk::set_routes(Routes routes) { routes_ = std::move(routes); }

ChunkBytes Chunk::bytes_by_part() const {
  ChunkBytes bytes;
  std::visit(
      [&bytes](const auto& table) {
        bytes.headers += table.header_bytes();
        bytes.rows += table.bytes() - table.header_bytes();
      },
      table_);
  bytes.rows += event_.bytes();
  const auto add_procedural = [&bytes](const auto& table) {
    bytes.headers += table.header_bytes();
    bytes.calendar += table.calendar_bytes();
  };
  std::visit(add_procedural, procedural_);
  bytes.headers += clocked_row_of_.capacity() * sizeof(clocked_row_of_[0]) +
                   event_row_of_.capacity() * sizeof(event_row_of_[0]) +
                   row_gids_.capacity() * sizeof(Gid);
  if (plastic_) bytes.rows += plastic_->bytes();
  for (const Bucket& bucket : ring_)
    for (const auto& groups : bucket) bytes.calendar += groups.capacity() * sizeof(DueGroup);
  bytes.calendar += ring_.size() * sizeof(Bucket) + event_ring_.bytes() + lone_ring_.bytes();
  bytes.routes = routes_.bytes();
  return bytes;
}

}  // namespace ranvier
