#include "core/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <tuple>

#include "core/bit_rows.h"
#include "core/chunk.h"
#include "core/comm/comm.h"
#include "core/connect_rules.h"
#include "core/connect_values.h"
#include "core/draw.h"
#include "core/error.h"
#include "core/target_table.h"
#include "core/titles.h"

namespace ranvier {
namespace {

constexpr double per_rank = 60e6;      // program, libraries, MPI
constexpr double per_group = 4;        // a group's entry
constexpr double per_event_group = 8;  // the same of event-driven targets
// A source that a rank knows has a number in every chunk there, by which it finds its rows.
constexpr double per_way = 4;         // to a row of clocked targets
constexpr double per_event_way = 16;  // to one of event-driven targets, or the row's only group
constexpr double per_row = 16;        // the row's own entry, of clocked targets
constexpr double counted = 32;        // a recorded neuron (app/interval_recorder.h)
constexpr double mean_rate = 10e-3;   // spikes of a neuron in a millisecond

/// How many of `n` boxes are not empty, on average, when `balls` fall into them.
double occupied(double n, double balls) { return n > 0 ? -n * std::expm1(-balls / n) : 0; }

/// Of all routes those of sources that have several (core/routes.h), where each rank has targets of
/// a source or has not, whatever the others have.
double listed_routes(double routes, double sources, double ranks) {
  const double of_a_rank = std::min(1.0, routes / std::max(1.0, sources * ranks));
  return routes * (1 - std::pow(1 - of_a_rank, ranks - 1));
}

/// Groups of equal delay that a row of so many synapses has, on average.
double groups_per_row(const ProjectionLayout& p, double synapses) {
  const double delays = p.estimate.max_delay - p.estimate.min_delay + 1;
  return std::max(1.0, occupied(delays > 20 ? 0.6 * delays : delays, synapses));
}

/// All static projections of a source onto clocked, or event-driven, neurons share its rows: the
/// synapses of those that are stored.
double synapses_in_rows(const Layout& layout, std::size_t source, bool event) {
  double sum = 0;
  for (const std::size_t i : layout.projections_from[source]) {
    const ProjectionLayout& p = layout.projections[i];
    if (!p.rule && !p.procedural && layout.populations[p.target].event == event)
      sum += p.estimate.synapses;
  }
  return sum;
}

/// Pairs of a source of a projection and a rank that has targets of it, which the projection shares
/// with the others from there.
double known_sources(const Layout& layout, const ProjectionLayout& p) {
  double synapses = 0;
  for (const std::size_t i : layout.projections_from[p.source])
    synapses += layout.projections[i].estimate.synapses;
  return occupied(static_cast<double>(layout.partition.sizes[p.source]) * layout.partition.ranks,
                  synapses) *
         p.estimate.synapses / std::max(1.0, synapses);
}

/// What the synapses of a projection onto event-driven neurons share, so that those of a source are
/// one group (core/event_table.h).
auto event_kind(const Layout& layout, std::size_t projection, const EventTable::Form& form) {
  const ProjectionLayout& p = layout.projections[projection];
  const double weight = form.weights
                            ? 0
                            : std::get<double>(layout.network->projections[projection].weight) /
                                  layout.populations[p.target].quantum[p.receptor];
  return std::tuple(p.receptor, form.delays ? 0u : p.estimate.min_delay, weight);
}

/// Whether each source keeps its only group itself, so that the tables of event-driven targets keep
/// none.
bool rows_are_groups(const Layout& layout, const EventTable::Form& form) {
  for (const std::vector<std::size_t>& from : layout.projections_from) {
    std::optional<std::size_t> first;
    for (const std::size_t i : from) {
      if (!layout.populations[layout.projections[i].target].event) continue;
      if (!first) first = i;
      if (event_kind(layout, i, form) != event_kind(layout, *first, form)) return false;
    }
  }
  return true;
}

/// Groups of the synapses of a projection onto event-driven neurons, which it shares with those
/// projections from its source that are of its kind.
double event_groups(const Layout& layout, std::size_t projection, const EventTable::Form& form) {
  const ProjectionLayout& p = layout.projections[projection];
  const auto kind = event_kind(layout, projection, form);
  double alike = 0;
  for (const std::size_t i : layout.projections_from[p.source])
    if (layout.populations[layout.projections[i].target].event &&
        event_kind(layout, i, form) == kind)
      alike += layout.projections[i].estimate.synapses;
  const double rows =
      static_cast<double>(layout.partition.sizes[p.source]) * layout.partition.parts();
  return alike > 0 ? occupied(rows, alike) * p.estimate.synapses / alike : 0;
}

/// Bytes in the calendar of what a spike of each of its sources makes of a projection's synapses.
double due_bytes(bool event, const EventTable::Form& form, double synapses, double groups) {
  if (!event) return groups * sizeof(DueGroup);
  return form.delays ? synapses * sizeof(Arrival) : groups * sizeof(DueEvents);
}

/// What finds and draws the rows of a projection that stores none.
double procedural_bytes(const Layout& layout, std::size_t projection) {
  constexpr double entry = 20;  // a source's in a chunk
  const ProjectionLayout& p = layout.projections[projection];
  const auto sources = static_cast<double>(layout.partition.sizes[p.source]),
             targets = static_cast<double>(layout.partition.sizes[p.target]),
             from = static_cast<double>(layout.projections_from[p.source].size());
  const double chunks = layout.partition.parts();
  double bytes = occupied(sources * chunks, p.estimate.synapses) * entry / from;
  const Connector& connector = layout.network->projections[projection].connector;
  if (connector.rule == Connector::Rule::fixed_total_number)  // a count a source and block
    bytes += 4 * sources *
             (std::ceil(targets / static_cast<double>(targets_of_block(
                                      connector, static_cast<std::uint64_t>(sources),
                                      static_cast<std::uint64_t>(targets)))) +
              chunks);
  return bytes;
}

/// A group that is kept as bits (core/bit_rows.h).
double bit_row_bytes(const Layout& layout) {
  double neurons = 0;
  for (std::size_t p = 0; p < layout.populations.size(); ++p)
    if (layout.populations[p].model) neurons += static_cast<double>(layout.partition.sizes[p]);
  const double in_chunk = neurons / layout.partition.parts();
  return 2 * layout.kinds.size() <= max_kinds
             ? 8.0 * static_cast<double>(bit_row_words(static_cast<std::size_t>(in_chunk)))
             : std::numeric_limits<double>::infinity();
}

/// Pairs that are drawn by target are held until all rows of their source population are made
/// (core/connect_numbers.cpp): the most of them at a time.
double gathered_bytes(const Layout& layout) {
  double most = 0;
  for (const std::vector<std::size_t>& from : layout.projections_from) {
    double together = 0;
    for (const std::size_t i : from) {
      const ProjectionLayout& p = layout.projections[i];
      if (!is_gathered(layout.network->projections[i].connector) ||
          layout.populations[p.target].event)
        continue;
      const double pairs = p.estimate.synapses * (p.estimate.values->are_drawn() ? 12 : 4);
      if (p.rule) most = std::max(most, pairs);
      else together += pairs;
    }
    most = std::max(most, together);
  }
  return most;
}

/// Spikes of a source in a second, on average; 0 where its model has no rate.
double mean_rate_of(const PopulationLayout& layout, const Population& population) {
  const int field = layout.source ? find_field(layout.source->parameters, "rate") : -1;
  if (field < 0) return 0;
  const auto given = population.parameters.find("rate");
  if (given == population.parameters.end())
    return layout.source->parameters[static_cast<std::size_t>(field)].default_value;
  if (const double* hz = std::get_if<double>(&given->second)) return *hz;
  double sum = 0;
  if (const Array* all = std::get_if<Array>(&given->second)) {
    for (const double hz : **all) sum += hz;
    return sum / std::max(1.0, static_cast<double>((*all)->size()));
  }
  constexpr int parts = 64;
  const Law law(std::get<Distribution>(given->second));
  for (int i = 0; i < parts; ++i) sum += law.quantile((i + 0.5) / parts);
  return sum / parts;
}

/// ms: a window and the longest delay, of which spikes are held; of a short run, less.
double span_of_spikes(const Layout& layout) {
  return std::min(static_cast<double>(layout.ring_steps) * layout.run.dt, layout.run.duration);
}

/// Spikes of a window are made and sent together, and those on their way are held in calendars:
/// what the sources of a population with such a rate take, bytes a rank.
double bytes_of_spikes(const Layout& layout, std::size_t population, double hz) {
  const double a_spike = layout.has_event ? 200 : 120;  // measured: 80 to 120, with events 160
  return a_spike * hz * span_of_spikes(layout) * 1e-3 *
         static_cast<double>(layout.partition.sizes[population]) / layout.partition.ranks;
}

/// Throws Error(capacity) that names the population whose sources send most and the rate that fits.
void require_room_for_spikes(const Layout& layout, double available) {
  double all = 0, most = 0, rate = 0;
  std::size_t busiest = 0;
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    const double hz = mean_rate_of(layout.populations[p], layout.network->populations[p]);
    const double bytes = bytes_of_spikes(layout, p, hz);
    all += bytes;
    if (bytes <= most) continue;
    most = bytes, rate = hz, busiest = p;
  }
  if (all <= available) return;
  throw Error(
      ErrorKind::capacity,
      fmt::format(
          "population \"{}\": rate: {:g} Hz, must be at most about {:.2g} Hz: the spikes of "
          "{} sources in {:g} ms (a window and the longest delay, or the run) take about "
          "{:.0f} MB a rank, {:.0f} MB are available",
          layout.network->populations[busiest].name, rate, rate * available / all,
          layout.partition.sizes[busiest], span_of_spikes(layout), most * 1e-6, available * 1e-6));
}

}  // namespace

double Plan::total() const {
  double sum = calendar_bytes + exchange_bytes + recorder_bytes + building_bytes + fixed_bytes;
  for (const PlanPart& p : populations) sum += p.bytes;
  for (const PlanPart& p : projections) sum += p.bytes;
  return sum;
}

Plan make_plan(const Layout& layout) {
  Plan plan;
  const double sum_bytes = layout.compact ? 4 : 8;
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    const PopulationLayout& l = layout.populations[p];
    const auto n = static_cast<double>(layout.partition.sizes[p]);
    double bytes = 24;  // a source: its next spike
    if (l.model) {
      const auto state = static_cast<double>(l.model->state.size()),
                 receptors = static_cast<double>(l.model->receptors.size());
      constexpr double line = 64;  // of memory, one or more a neuron (core/event_lines.h)
      bytes = l.event ? line * std::ceil((8 * state + 24) / line)
                      : (l.single_precision ? 4 : 8) * state + sum_bytes * receptors + 8;
      if (!layout.network->populations[p].parameters.empty()) {
        const bool varied = std::any_of(
            layout.network->populations[p].parameters.begin(),
            layout.network->populations[p].parameters.end(),
            [](const auto& given) { return !std::holds_alternative<double>(given.second); });
        if (varied) bytes += 8 * static_cast<double>(l.model->parameters.size());
      }
      if (layout.has_procedural)  // core/procedural_table.h
        plan.calendar_bytes += n * static_cast<double>(layout.ring_steps) *
                               static_cast<double>(l.quantum.size()) * sum_bytes;
    }
    plan.exchange_bytes += sizeof(Route) * n;  // its only one, or where they are
    if (layout.record.populations[p].spikes) plan.recorder_bytes += counted * n;
    plan.populations.push_back({layout.network->populations[p].name, n, n * bytes});
  }
  const EventTable::Form form = form_of_events(layout);
  const double event_group = rows_are_groups(layout, form) ? 0 : per_event_group;
  const double chunks = layout.partition.parts(), ranks = layout.partition.ranks;
  const double ways = layout.partition.chunks_per_rank *
                      ((layout.has_clocked ? per_way : 0) + (layout.has_event ? per_event_way : 0));
  std::vector<double> routes_from(layout.populations.size());  // pairs of source and rank
  for (std::size_t i = 0; i < layout.projections.size(); ++i) {
    const ProjectionLayout& p = layout.projections[i];
    const bool event = layout.populations[p.target].event;
    const Projection& given = layout.network->projections[i];
    const double known = known_sources(layout, p);
    routes_from[p.source] += known;
    if (p.procedural) {
      const double bytes = procedural_bytes(layout, i);
      plan.projections.push_back({given.name, p.estimate.synapses, bytes, bytes});
      continue;
    }
    const double event_record = 4 + (form.delays ? 2 : 0) + (form.weights ? 8 : 0);
    double record = event                  ? event_record
                    : !layout.compact      ? sizeof(ExactRecord)
                    : layout.kinds.empty() ? sizeof(CompactRecord)
                                           : sizeof(TargetRecord);
    if (p.rule) record = static_cast<double>(p.rule->bytes(layout.compact, p.varied.size()));
    const auto sources = static_cast<double>(layout.partition.sizes[p.source]);
    const double of_source =
        p.rule ? p.estimate.synapses : synapses_in_rows(layout, p.source, event);
    const double share = p.estimate.synapses / std::max(1.0, of_source);
    const double rows = std::max(1.0, occupied(sources * chunks, of_source));
    const double groups_a_row = groups_per_row(p, of_source / rows);
    const double groups = event ? event_groups(layout, i, form) : rows * groups_a_row * share;
    const double unit = layout.kinds.empty() ? CompactRecord::unit : TargetRecord::unit;
    const double in_group = of_source / rows / groups_a_row;
    double padding = !event && layout.compact && !p.rule
                         ? groups * record * std::max((unit - 1) / 2, unit - in_group)
                         : 0;
    const double bits = bit_row_bytes(layout);
    if (!event && !p.rule && !layout.kinds.empty() && in_group * record > bits) {
      record = bits / in_group;
      const double second = in_group * in_group / (16 * bits);  // synapses of a pair
      padding = given.connector.multiple_connections
                    ? groups * sizeof(TargetRecord) * (second + (unit - 1) / 2)
                    : 0;
    }
    const double headers = known * ways + (event || p.rule ? 0 : rows * share * per_row);
    plan.projections.push_back({layout.network->projections[i].name, p.estimate.synapses,
                                p.estimate.synapses * record + padding +
                                    groups * (event ? event_group : per_group) + headers,
                                headers});
    plan.calendar_bytes += due_bytes(event, form, p.estimate.synapses, groups) * mean_rate *
                           static_cast<double>(layout.ring_steps) * layout.run.dt;
  }
  double routes = 0, listed = 0;
  for (std::size_t p = 0; p < routes_from.size(); ++p) {
    routes += routes_from[p];
    listed += listed_routes(routes_from[p], static_cast<double>(layout.partition.sizes[p]), ranks);
  }
  const double neighbours = occupied(ranks - 1, routes / ranks);
  plan.exchange_bytes +=
      sizeof(Route) * listed +
      ranks * neighbours * 2 * (message_block(layout.partition.ranks) + sizeof(Bytes));
  plan.building_bytes = gathered_bytes(layout);
  plan.fixed_bytes = per_rank * ranks;
  return plan;
}

double available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  double kilobytes = 0;
  for (std::string line; std::getline(file, line);)
    if (line.rfind("MemAvailable:", 0) == 0) kilobytes = std::atof(line.c_str() + 13);
  return kilobytes * 1024;
}

std::string plan_table(const Layout& layout, const Plan& plan, double available) {
  std::string text = fmt::format("{:<28} {:>14} {:>12}\n", "population", "neurons", "MB");
  for (const PlanPart& p : plan.populations)
    text += fmt::format("{:<28} {:>14.0f} {:>12.2f}\n", p.name, p.count, p.bytes * 1e-6);
  text += fmt::format("\n{:<28} {:>14} {:>12}\n", "projection", "synapses", "MB");
  for (const PlanPart& p : plan.projections)
    text += fmt::format("{:<28} {:>14.0f} {:>12.2f}\n", p.name, p.count, p.bytes * 1e-6);
  text += fmt::format(
      "\nstorage {}, window {} ms, calendar of {} steps ({:.2f} MB at 10 Hz), exchange {:.2f} MB, "
      "recorder {:.2f} MB, while it is built {:.2f} MB, program {:.0f} MB\n",
      layout.compact ? "compact" : "exact",
      static_cast<double>(layout.window_steps) * layout.run.dt, layout.ring_steps,
      plan.calendar_bytes * 1e-6, plan.exchange_bytes * 1e-6, plan.recorder_bytes * 1e-6,
      plan.building_bytes * 1e-6, plan.fixed_bytes * 1e-6);
  for (std::size_t p = 0; p < layout.populations.size(); ++p)
    if (layout.populations[p].model)
      text += fmt::format("  {}: {}, {} precision\n", layout.network->populations[p].name,
                          layout.network->populations[p].advance == Advance::automatic
                              ? "clocked or event (auto: settled when it runs)"
                          : layout.populations[p].event ? "event"
                                                        : "clocked",
                          layout.populations[p].event || !layout.populations[p].single_precision
                              ? "double"
                              : "single");
  const double each = plan.total() / layout.partition.ranks;
  text += fmt::format("total {:.1f} MB on {}, {:.1f} MB each\n", plan.total() * 1e-6,
                      count_of(layout.partition.ranks, "rank"), each * 1e-6);
  if (available > 0)
    text += fmt::format(
        "this machine can give {:.0f} MB: the network takes {} of its size\n", available * 1e-6,
        count_of(std::ceil((plan.total() - plan.fixed_bytes) / std::max(1.0, available - per_rank)),
                 "rank"));
  return text;
}

void require_memory(const Layout& layout, double available) {
  const Plan plan = make_plan(layout);
  const double each = plan.total() / layout.partition.ranks;
  if (available <= 0) return;
  if (each <= available) return require_room_for_spikes(layout, available - each);
  std::vector<PlanPart> parts = plan.populations;
  parts.insert(parts.end(), plan.projections.begin(), plan.projections.end());
  std::sort(parts.begin(), parts.end(),
            [](const PlanPart& a, const PlanPart& b) { return a.bytes > b.bytes; });
  std::string largest;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, parts.size()); ++i)
    largest +=
        fmt::format("{}{} {:.0f} MB", i == 0 ? "" : ", ", parts[i].name, parts[i].bytes * 1e-6);
  throw Error(ErrorKind::capacity,
              fmt::format("the network needs about {:.0f} MB a rank, {:.0f} MB are available "
                          "(largest: {}); {:.0f} ranks of this size "
                          "would hold it; see 'ranvier plan'",
                          each * 1e-6, available * 1e-6, largest,
                          std::ceil((plan.total() - plan.fixed_bytes) /
                                    std::max(1.0, available - per_rank))));
}

}  // namespace ranvier
