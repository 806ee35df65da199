#include "core/plastic_synapses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/draw.h"
#include "core/layout_rules.h"
#include "core/rule_variables.h"

namespace ranvier {
namespace {

/// The number under which a projection's synapses are drawn.
std::uint64_t stream_of(const Layout& layout, std::size_t projection) {
  return static_cast<std::uint64_t>(layout.network->projections[projection].stream.value_or(
      static_cast<std::int64_t>(projection)));
}

/// The values that each synapse of a row has of the parameters that vary.
class OwnValues {
 public:
  OwnValues(const Layout& layout, std::size_t projection, const std::vector<std::size_t>& of) {
    const Projection& p = layout.network->projections[projection];
    const SynapseRule& rule = *layout.projections[projection].rule;
    for (const std::size_t k : of) {
      const auto given = p.parameters.find(rule.parameters[k].name);
      if (given == p.parameters.end()) continue;  // the same for all
      values_.push_back(&given->second);
      keys_.push_back(derive_key(layout.run.seed, synapse_stream::parameters,
                                 stream_of(layout, projection), k));
    }
  }
  bool any() const { return !values_.empty(); }
  /// Appends those of one synapse; `given`: its position in arrays.
  void append(std::uint32_t source, std::uint64_t target, std::uint32_t pair, std::size_t given,
              std::vector<double>& out) const {
    for (std::size_t k = 0; k < values_.size(); ++k) {
      if (const Array* array = std::get_if<Array>(values_[k])) out.push_back((**array)[given]);
      else
        out.push_back(draw(std::get<Distribution>(*values_[k]),
                           random_bits(keys_[k], std::uint64_t{source} << 32 | target, pair)));
    }
  }

 private:
  std::vector<const Value*> values_;
  std::vector<RandomKey> keys_;
};

/// The row's positions in the order of their targets, those of one target as they were drawn.
std::vector<std::uint32_t> by_target(const std::vector<Synapse>& row) {
  std::vector<std::uint32_t> order(row.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&row](std::uint32_t a, std::uint32_t b) {
    return row[a].target < row[b].target;
  });
  return order;
}

/// Numbers the synapses of one pair: `pairs[k]` of the k-th drawn one.
void number_pairs(const std::vector<Synapse>& row, std::vector<std::uint32_t>& pairs) {
  const std::vector<std::uint32_t> order = by_target(row);
  pairs.assign(row.size(), 0);
  for (std::size_t k = 1; k < order.size(); ++k)
    if (row[order[k]].target == row[order[k - 1]].target) pairs[order[k]] = pairs[order[k - 1]] + 1;
}

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

PlasticSynapses::PlasticSynapses(const Layout& layout, const ChunkPlan& plan)
    : layout_(&layout), slices_(plan.neurons), histories_of_(plan.neurons.size()) {
  for (std::uint32_t s = 0; s < plan.neurons.size(); ++s)
    for (std::size_t h = 0; h < layout.histories.size(); ++h) {
      if (layout.histories[h].population != plan.neurons[s].population) continue;
      histories_of_[s].push_back(histories_.size());
      histories_.push_back(std::make_unique<History>(plan.neurons[s], h, layout));
    }
  for (std::size_t i = 0; i < layout.projections.size(); ++i) {
    const ProjectionLayout& p = layout.projections[i];
    if (!p.rule) continue;
    for (std::uint32_t s = 0; s < plan.neurons.size(); ++s) {
      const Slice& slice = plan.neurons[s];
      if (slice.population != p.target) continue;
      SynapseTableSpec spec;
      spec.parameters = p.parameters;
      spec.varied = p.varied;
      spec.dt = layout.run.dt;
      spec.single_precision = layout.compact;
      spec.random = derive_key(layout.run.seed, synapse_stream::events, stream_of(layout, i));
      for (const std::size_t h : histories_of_[s])
        if (p.rule->post_time >= 0 && histories_[h]->index == p.history)
          spec.history = &histories_[h]->history;
      spec.lane = calendar_.lane({s, slice.local, static_cast<std::uint32_t>(p.receptor)});
      spec.first_target = static_cast<std::uint64_t>(slice.first);
      spec.max_delay = p.estimate.max_delay;
      spec.quantum = layout.populations[p.target].quantum[p.receptor];
      tables_.push_back({i, slice, p.rule->make(spec), {}});
    }
  }
  calendar_.resize(static_cast<std::size_t>(layout.ring_steps));
  // Twice that many steps stay within the short ones of SpikeHistory.
  constexpr std::int64_t ten_seconds = 10'000'000'000, most = std::int64_t{1} << 28;
  catch_up_every_ = std::max(std::min(ten_seconds / layout.dt_ns, most), 4 * layout.ring_steps);
  next_catch_up_ = catch_up_every_;
}

std::unique_ptr<Rows> PlasticSynapses::rows_of(const Table& table) const {
  const auto first = static_cast<std::uint64_t>(table.slice.first);
  return make_rows(*layout_->network, table.projection, layout_->run,
                   {first, first + table.slice.size},
                   layout_->projections[table.projection].estimate.values);
}

void PlasticSynapses::connect() {
  for (Table& table : tables_) connect_table(table);
  connect_probes();
}

void PlasticSynapses::connect_as(PlasticSynapses&& before) {
  begin_ = std::move(before.begin_);
  places_ = std::move(before.places_);
  before.tables_.clear();
  connect();
}

void PlasticSynapses::connect_probes() {
  const auto& reports = layout_->record.reports;
  for (std::size_t r = 0; r < reports.size(); ++r) {
    if (!reports[r].of_projection) continue;
    const std::vector<std::int64_t>&sources = reports[r].sources, &targets = reports[r].targets;
    std::vector<std::uint32_t> order(sources.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(sources[a], targets[a], reports[r].neurons[a]) <
             std::tie(sources[b], targets[b], reports[r].neurons[b]);
    });
    std::vector<std::int64_t> by_source(order.size()), by_target_too(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
      by_source[k] = sources[order[k]];
      by_target_too[k] = targets[order[k]];
    }
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      if (layout_->network->projections[tables_[t].projection].name != reports[r].population)
        continue;
      Probe& probe = probes_.emplace_back(Probe{r, t, {}, {}, {}});
      for (auto* of : {&probe.columns, &probe.rows, &probe.places})
        of->reserve(static_cast<std::size_t>(tables_[t].synapses->synapses()));
      match(tables_[t], by_source, by_target_too,
            [&](std::uint32_t row, std::uint32_t i, std::size_t, const Synapse&, std::size_t at) {
              probe.columns.push_back(order[at]);
              probe.rows.push_back(row);
              probe.places.push_back(i);
            });
    }
  }
}

void PlasticSynapses::sample(std::size_t report, std::vector<std::uint32_t>& columns,
                             std::vector<double>& values) const {
  for (const Probe& probe : probes_) {
    if (probe.report != report) continue;
    columns.insert(columns.end(), probe.columns.begin(), probe.columns.end());
    const Table& table = tables_[probe.table];
    const std::string& variable = layout_->record.reports[report].variable;
    if (variable == "weight") {
      for (std::size_t k = 0; k < probe.columns.size(); ++k)
        values.push_back(table.synapses->weight(probe.rows[k], probe.places[k]));
      continue;
    }
    const ProjectionLayout& p = layout_->projections[table.projection];
    append_variable(*table.synapses, *find_variable(*p.rule, !p.varied.empty(), variable),
                    widths_of(table.projection), probe.rows, probe.places, values);
  }
}

void PlasticSynapses::connect_table(Table& table) {
  const ProjectionLayout& p = layout_->projections[table.projection];
  const auto rows = rows_of(table);
  const OwnValues own(*layout_, table.projection, p.varied);
  const auto first_target = static_cast<std::uint32_t>(table.slice.first);
  std::vector<Synapse> drawn;
  std::vector<std::size_t> given;
  std::vector<NewSynapse> row;
  std::vector<double> values;
  std::vector<std::uint32_t> pairs;
  const auto n = static_cast<std::uint64_t>(layout_->partition.sizes[p.source]);
  for (std::uint64_t at = rows->next_source(0); at < n; at = rows->next_source(at + 1)) {
    const auto source = static_cast<std::uint32_t>(at);
    drawn.clear();
    rows->append(source, drawn);
    if (drawn.empty()) continue;
    given.clear();
    values.clear();
    row.clear();
    if (own.any()) rows->append_given(source, given);
    number_pairs(drawn, pairs);
    for (const Synapse& s : drawn)
      row.push_back({s.target - first_target, s.delay, pairs[row.size()], s.weight, 0});
    for (std::size_t k = 0; own.any() && k < row.size(); ++k) {
      row[k].values = values.size();
      own.append(source, drawn[k].target, row[k].pair, given[k], values);
      check_together(*layout_, table.projection, source, drawn[k].target,
                     std::span(values).subspan(row[k].values));
    }
    table.synapses->append_row(source, row, values);
  }
}

std::vector<double> synapse_parameter(const Layout& layout, std::size_t projection,
                                      std::size_t parameter) {
  const ProjectionLayout& part = layout.projections[projection];
  const bool varies =
      std::find(part.varied.begin(), part.varied.end(), parameter) != part.varied.end();
  const auto n_targets = static_cast<std::uint64_t>(layout.partition.sizes[part.target]);
  const auto rows =
      make_rows(*layout.network, projection, layout.run, {0, n_targets}, part.estimate.values);
  const OwnValues own(layout, projection, {parameter});
  std::vector<double> all;
  std::vector<Synapse> drawn;
  std::vector<std::size_t> given;
  std::vector<std::uint32_t> pairs;
  for (std::uint32_t source = 0; source < layout.partition.sizes[part.source]; ++source) {
    drawn.clear();
    given.clear();
    rows->append(source, drawn);
    if (!varies) {
      all.resize(all.size() + drawn.size(), part.parameters[parameter]);
      continue;
    }
    rows->append_given(source, given);
    number_pairs(drawn, pairs);
    for (std::size_t k = 0; k < drawn.size(); ++k)
      own.append(source, drawn[k].target, pairs[k], given[k], all);
  }
  return all;
}

std::vector<Gid> PlasticSynapses::sources() const {
  std::vector<Gid> gids;
  for (const Table& table : tables_) {
    const Gid first = layout_->partition.first_gid[layout_->projections[table.projection].source];
    for (std::uint32_t r = 0; r < table.synapses->rows(); ++r)
      gids.push_back(first + table.synapses->source(r));
  }
  std::sort(gids.begin(), gids.end());
  gids.erase(std::unique(gids.begin(), gids.end()), gids.end());
  return gids;
}

void PlasticSynapses::number_sources(std::span<const Gid> gids,
                                     std::span<const std::uint32_t> numbers,
                                     std::size_t n_sources) {
  struct Entry {
    std::uint32_t source;
    Place place;
  };
  std::vector<Entry> entries;
  for (std::uint32_t t = 0; t < tables_.size(); ++t) {
    const Gid first =
        layout_->partition.first_gid[layout_->projections[tables_[t].projection].source];
    for (std::uint32_t r = 0; r < tables_[t].synapses->rows(); ++r) {
      const auto gid =
          std::lower_bound(gids.begin(), gids.end(), first + tables_[t].synapses->source(r));
      entries.push_back({numbers[static_cast<std::size_t>(gid - gids.begin())], {t, r}});
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.source < b.source; });
  begin_.assign(n_sources + 1, 0);
  for (const Entry& e : entries) ++begin_[e.source + std::size_t{1}];
  for (std::size_t s = 0; s < n_sources; ++s) begin_[s + 1] += begin_[s];
  for (const Entry& e : entries) places_.push_back(e.place);
}

void PlasticSynapses::enter(std::uint32_t source, std::int64_t time) {
  const std::int64_t step = (time + layout_->dt_ns - 1) / layout_->dt_ns;
  for (std::uint32_t k = begin_[source]; k < begin_[source + std::size_t{1}]; ++k)
    due_.push_back({step, places_[k]});
}

// In the order of time, since a row's traces go on from spike to spike; what belongs to different
// rows may come in any order.
std::int64_t PlasticSynapses::deliver_due(std::int64_t now) {
  const std::int64_t step = now / layout_->dt_ns;
  for (const Table& table : tables_) table.synapses->settle(step, calendar_);
  for (; next_catch_up_ <= step; next_catch_up_ += catch_up_every_) catch_up(next_catch_up_);
  std::stable_sort(due_.begin(), due_.end(),
                   [](const Due& a, const Due& b) { return a.step < b.step; });
  std::int64_t reached = 0;
  for (std::size_t k = 0; k < due_.size(); ++k) {
    if (k + 1 < due_.size())
      tables_[due_[k + 1].place.table].synapses->fetch(due_[k + 1].place.row);
    SynapseTable& table = *tables_[due_[k].place.table].synapses;
    table.spike(due_[k].place.row, due_[k].step, step, calendar_);
    reached += static_cast<std::int64_t>(table.synapses_of(due_[k].place.row));
  }
  return reached;
}

// At fixed times, so that the state is the same whatever the windows: rows that have been silent
// for long take in what their targets have fired, and then nobody asks for it any more.
void PlasticSynapses::catch_up(std::int64_t step) {
  const std::int64_t since = step - catch_up_every_;
  for (const Table& table : tables_) table.synapses->catch_up(since, step);
  for (const auto& h : histories_) h->history.forget_before(since - layout_->ring_steps);
}

std::int64_t PlasticSynapses::synapses() const {
  std::int64_t n = 0;
  for (const Table& table : tables_) n += table.synapses->synapses();
  return n;
}

std::size_t PlasticSynapses::bytes() const {
  std::size_t bytes =
      places_.size() * sizeof(Place) + begin_.size() * sizeof(begin_[0]) + calendar_.bytes();
  for (const Table& table : tables_)
    bytes += table.synapses->bytes() + table.given.capacity() * sizeof(double);
  for (const auto& h : histories_) bytes += h->history.bytes();
  return bytes;
}

// f(row, i, drawn synapse) for every synapse by source, then target, those of one pair as drawn;
// `i`: where it lies in its row.
template <class F>
void PlasticSynapses::for_each(const Table& table, F&& f) const {
  const auto rows = rows_of(table);
  std::vector<Synapse> drawn;
  std::vector<std::uint32_t> stored, place;
  for (std::uint32_t r = 0; r < table.synapses->rows(); ++r) {
    drawn.clear();
    rows->append(table.synapses->source(r), drawn);
    stored = by_target(drawn);
    const std::vector<std::uint32_t> order = stored;
    std::stable_sort(stored.begin(), stored.end(), [&drawn](std::uint32_t a, std::uint32_t b) {
      return drawn[a].delay < drawn[b].delay;
    });
    place.resize(stored.size());
    for (std::uint32_t i = 0; i < stored.size(); ++i) place[stored[i]] = i;
    for (const std::uint32_t k : order) f(r, place[k], drawn[k]);
  }
}

SynapseWidths PlasticSynapses::widths_of(std::size_t projection) const {
  const ProjectionLayout& p = layout_->projections[projection];
  return p.rule->widths(!p.varied.empty());
}

void PlasticSynapses::save(std::size_t projection, PlasticState& state) const {
  for (const Table& table : tables_) {
    if (table.projection != projection) continue;
    const SynapseTable& synapses = *table.synapses;
    const SynapseWidths widths = widths_of(projection);
    std::vector<double> own(widths.synapse), of_row(widths.row);
    for (std::uint32_t r = 0; r < synapses.rows(); ++r) {
      synapses.save_row(r, of_row.data());
      state.rows.push_back(static_cast<double>(synapses.source(r)));
      state.rows.insert(state.rows.end(), of_row.begin(), of_row.end());
    }
    std::size_t number = 0;  // of the row's first synapse
    std::uint32_t row = 0;
    for_each(table, [&](std::uint32_t r, std::uint32_t i, const Synapse& s) {
      for (; row < r; ++row) number += synapses.synapses_of(row);
      state.sources.push_back(synapses.source(r));
      state.targets.push_back(s.target);
      state.delays.push_back(s.delay);
      double weight = synapses.weight(r, i);
      // What was given reads back as given, whatever storage rounds it to, until it has changed.
      if (synapses.holds(r, i, s.weight)) weight = s.weight;
      if (!table.given.empty() && synapses.holds(r, i, table.given[number + i]))
        weight = table.given[number + i];
      state.synapses.push_back(weight);
      state.synapses.push_back(synapses.next_weight(r, i));
      synapses.save_synapse(r, i, own.data());
      state.synapses.insert(state.synapses.end(), own.begin(), own.end());
    });
    synapses.save_waiting(state.waiting);
  }
}

void PlasticSynapses::set_weight(Table& table, std::uint32_t row, std::uint32_t i,
                                 std::size_t number, double weight, double drawn) {
  table.synapses->set_weight(row, i, weight);
  const bool exact = table.synapses->weight(row, i) == weight || weight == drawn;
  if (exact && table.given.empty()) return;
  if (table.given.empty())
    table.given.assign(static_cast<std::size_t>(table.synapses->synapses()), none);
  table.given[number + i] = weight;
}

// f(row, i, number of the row's first synapse, drawn synapse, position in the lists) for every
// synapse of the table that the lists hold, sorted by source, then target, those of one pair as
// drawn.
template <class F>
void PlasticSynapses::match(const Table& table, std::span<const std::int64_t> sources,
                            std::span<const std::int64_t> targets, F&& f) const {
  const SynapseTable& synapses = *table.synapses;
  std::size_t number = 0, at = 0;
  std::uint32_t row = 0;
  for_each(table, [&](std::uint32_t r, std::uint32_t i, const Synapse& s) {
    for (; row < r; ++row) number += synapses.synapses_of(row);
    const std::pair here{std::int64_t{synapses.source(r)}, std::int64_t{s.target}};
    while (at < sources.size() && std::pair{sources[at], targets[at]} < here) ++at;
    if (at < sources.size() && std::pair{sources[at], targets[at]} == here)
      f(r, i, number, s, at++);
  });
}

void PlasticSynapses::set_weights(std::size_t projection, const PlasticState& state) {
  for (Table& table : tables_)
    if (table.projection == projection)
      match(table, state.sources, state.targets,
            [&](std::uint32_t r, std::uint32_t i, std::size_t number, const Synapse& s,
                std::size_t at) { set_weight(table, r, i, number, state.synapses[at], s.weight); });
}

bool PlasticSynapses::load(std::size_t projection, const PlasticState& state) {
  bool complete = true;
  for (Table& table : tables_) {
    if (table.projection != projection) continue;
    SynapseTable& synapses = *table.synapses;
    const SynapseWidths widths = widths_of(projection);
    const std::size_t width = 2 + widths.synapse, row_width = 1 + widths.row;
    std::int64_t matched = 0;
    match(table, state.sources, state.targets,
          [&](std::uint32_t r, std::uint32_t i, std::size_t number, const Synapse& s,
              std::size_t at) {
            const double* values = state.synapses.data() + at * width;
            set_weight(table, r, i, number, values[0], s.weight);
            synapses.set_next_weight(r, i, values[1]);
            synapses.load_synapse(r, i, values + 2);
            ++matched;
          });
    std::size_t at = 0;
    for (std::uint32_t r = 0; r < synapses.rows(); ++r) {
      const auto source = static_cast<double>(synapses.source(r));
      while (at < state.rows.size() && state.rows[at] < source) at += row_width;
      if (at < state.rows.size() && state.rows[at] == source)
        synapses.load_row(r, state.rows.data() + at + 1);
      else complete = false;
    }
    complete = complete && matched == synapses.synapses();
    synapses.load_waiting(state.waiting);
  }
  return complete;
}

void PlasticSynapses::save_history(std::size_t index, HistoryState& state) const {
  for (const auto& h : histories_) {
    if (h->index != index) continue;
    for (std::uint32_t i = 0; i < h->slice.size; ++i)
      for (const SpikeHistory::Entry& e : h->history.of(i)) {
        state.neurons.push_back(h->slice.first + i);
        state.steps.push_back(e.step);
        state.traces.push_back(e.trace);
      }
  }
}

void PlasticSynapses::load_history(std::size_t index, const HistoryState& state) {
  for (const auto& h : histories_) {
    if (h->index != index) continue;
    const std::int64_t end = h->slice.first + h->slice.size;
    std::vector<std::vector<SpikeHistory::Entry>> entries(h->slice.size);
    for (std::size_t k = 0; k < state.neurons.size(); ++k)
      if (state.neurons[k] >= h->slice.first && state.neurons[k] < end)
        entries[static_cast<std::size_t>(state.neurons[k] - h->slice.first)].push_back(
            {state.steps[k], state.traces[k]});
    for (std::uint32_t i = 0; i < h->slice.size; ++i) h->history.load(i, std::move(entries[i]));
  }
}

void PlasticSynapses::save_arrivals(std::int64_t now, std::vector<ArrivalState>& out) {
  const std::int64_t step = now / layout_->dt_ns;
  for (std::int64_t s = step + 1; s < step + static_cast<std::int64_t>(calendar_.size()); ++s)
    for (std::size_t lane = 0; lane < lanes().size(); ++lane)
      calendar_.for_each(s, lane, [&](std::uint32_t target, std::int64_t weight) {
        out.push_back(
            {s, lanes()[lane].receptor, slices_[lanes()[lane].slice].gid + target, weight});
      });
}

void PlasticSynapses::load_arrivals(std::span<const ArrivalState> arrivals, std::int64_t now) {
  ignored_until_ = now;
  next_catch_up_ = (now / layout_->dt_ns / catch_up_every_ + 1) * catch_up_every_;
  for (const ArrivalState& a : arrivals)
    for (std::size_t lane = 0; lane < lanes().size(); ++lane) {
      const Slice& slice = slices_[lanes()[lane].slice];
      if (a.receptor == lanes()[lane].receptor && a.gid >= slice.gid &&
          a.gid < slice.gid + slice.size)
        calendar_.add(a.step, lane, a.weight, static_cast<std::uint32_t>(a.gid - slice.gid));
    }
}

}  // namespace ranvier
