#include "core/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/drive.h"
#include "core/error.h"
#include "core/layout_rules.h"
#include "core/titles.h"

namespace ranvier {
namespace {

constexpr double compact_from = 1e7;  // expected synapses: below, state and weights are exact

std::vector<std::string> source_names(const Catalogue& catalogue) {
  std::vector<std::string> names = catalogue.neurons.names();
  for (const SourceModel& source : catalogue.sources) names.push_back(source.name);
  return names;
}

const Method* chosen_method(const NeuronModel& model, const Population& p) {
  const Method* method = find_method(model, p.method);
  std::vector<std::string> known;
  for (const Method& m : model.methods) known.emplace_back(m.name);
  if (!method && !p.method.empty())
    throw Error(ErrorKind::range,
                fmt::format("population \"{}\": method \"{}\" is not one of model "
                            "\"{}\" ({}){}",
                            p.name, p.method, model.name, fmt::join(known, ", "),
                            did_you_mean(p.method, known)));
  if (method && method->scheme == Scheme::adaptive && p.precision == Precision::single_)
    throw Error(ErrorKind::range,
                fmt::format("population \"{}\": method \"{}\" computes in double precision; "
                            "precision must be \"double\" or \"auto\"",
                            p.name, method->name));
  return method;
}

void lay_out_populations(Layout& layout) {
  for (const Population& p : layout.network->populations) {
    PopulationLayout part;
    part.model = layout.catalogue->neurons.find(p.model);
    part.source = layout.catalogue->find_source(p.model);
    if (!part.model && !part.source)
      throw Error(ErrorKind::range,
                  fmt::format("population \"{}\": unknown model \"{}\"{}", p.name, p.model,
                              did_you_mean(p.model, source_names(*layout.catalogue))));
    if (part.model) {
      part.event = p.advance == Advance::event;
      if (part.event && !part.model->make_event)
        throw Error(ErrorKind::unsupported,
                    fmt::format("population \"{}\": model \"{}\" has no event-driven form; advance "
                                "must be \"clocked\"",
                                p.name, p.model));
      part.method = chosen_method(*part.model, p);
      part.quantum.assign(part.model->receptors.size(), 0.0);
      (part.event ? layout.has_event : layout.has_clocked) = true;
    }
    layout.populations.push_back(std::move(part));
  }
}

std::uint32_t find_receptor(const NeuronModel& model, const std::string& name, bool negative,
                            const std::string& where) {
  if (name.empty()) return negative && model.receptors.size() > 1 ? 1 : 0;
  std::vector<std::string> known;
  for (std::size_t r = 0; r < model.receptors.size(); ++r) {
    if (name == model.receptors[r].name) return static_cast<std::uint32_t>(r);
    known.emplace_back(model.receptors[r].name);
  }
  throw Error(ErrorKind::range, fmt::format("{}: receptor \"{}\" is not one of model \"{}\"{}",
                                            where, name, model.name, did_you_mean(name, known)));
}

/// The sign that picks a receptor where none is named: of a law its middle, of an array its first
/// element, of a function of distance its value where it is nearest.
bool is_negative(const Value& weight) {
  using Kind = Distribution::Kind;
  if (const double* w = std::get_if<double>(&weight)) return *w < 0;
  if (const Distribution* d = std::get_if<Distribution>(&weight)) {
    const bool below_zero = d->high < 0 || (d->high == 0 && d->low < 0);
    return below_zero || (d->kind == Kind::normal && d->a < 0) ||
           (d->kind == Kind::uniform && d->a + d->b < 0);
  }
  if (const Array* a = std::get_if<Array>(&weight)) return !(*a)->empty() && (**a)[0] < 0;
  const auto& f = std::get<DistanceFunction>(weight);
  return std::clamp(f.a, f.low, f.high) < 0;
}

void lay_out_projections(Layout& layout) {
  const Network& network = *layout.network;
  layout.projections_from.resize(network.populations.size());
  std::uint32_t least = 0, most = 1;
  for (std::size_t i = 0; i < network.projections.size(); ++i) {
    const Projection& p = network.projections[i];
    ProjectionLayout part;
    part.source = network.find(p.source);
    part.target = network.find(p.target);
    const std::string where = fmt::format("projection \"{}\"", p.name);
    const NeuronModel* model = layout.populations[part.target].model;
    if (!model)
      throw Error(ErrorKind::range,
                  fmt::format("{}: target \"{}\" is a spike source, which receives nothing", where,
                              p.target));
    part.receptor = find_receptor(*model, p.receptor, is_negative(p.weight), where);
    part.estimate = estimate(network, i, layout.run.dt);
    require_conductance(
        model->receptors[part.receptor],
        least_weight(p.weight, network.populations[part.source], network.populations[part.target]),
        where);
    if (p.synapse != "static") lay_out_rule(layout, p, part);
    part.procedural = p.connector.procedural;
    layout.has_procedural = layout.has_procedural || part.procedural;
    if (part.procedural && layout.populations[part.target].event)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: procedural: needs a clocked target; the neurons of \"{}\" are "
                              "moved by events (advance)",
                              where, p.target));
    if (part.estimate.max_delay > max_delay_steps)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: delay: {} ms, must be at most {} ms at dt {} ms", where,
                              part.estimate.max_delay * layout.run.dt,
                              max_delay_steps * layout.run.dt, layout.run.dt));
    layout.expected_synapses += part.estimate.synapses;
    layout.rounded_delays += part.estimate.rounded_delays;
    least = least == 0 ? part.estimate.min_delay : std::min(least, part.estimate.min_delay);
    most = std::max(most, part.estimate.max_delay);
    layout.projections_from[part.source].push_back(i);
    layout.projections.push_back(part);
  }
  // Without projections a window of about a millisecond keeps progress and Ctrl-C lively.
  const auto longest = std::max<std::int64_t>(1, 10'000'000 / layout.dt_ns);
  layout.window_steps = least == 0 ? std::max<std::int64_t>(1, 1'000'000 / layout.dt_ns)
                                   : std::min<std::int64_t>(least, longest);
  shorten_window(layout);
  layout.ring_steps = static_cast<std::int64_t>(most) + layout.window_steps + 1;
}

void lay_out_stimuli(Layout& layout) {
  const Network& network = *layout.network;
  layout.stimulus_receptor.resize(network.stimuli.size());
  for (std::size_t i = 0; i < network.stimuli.size(); ++i) {
    const Stimulus& s = network.stimuli[i];
    const std::string where = title_of(s, i);
    PopulationLayout& target = layout.populations[network.find(s.target)];
    if (!target.model)
      throw Error(ErrorKind::range,
                  fmt::format("{}: the target is a spike source, which receives nothing", where));
    if (s.type == Stimulus::Type::poisson) {
      layout.stimulus_receptor[i] = find_receptor(*target.model, s.receptor, s.weight < 0, where);
      require_conductance(target.model->receptors[layout.stimulus_receptor[i]], s.weight, where);
    }
    if (!target.event) continue;
    if (s.type == Stimulus::Type::noise || s.type == Stimulus::Type::ac)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{}: noise and ac currents need a clocked population; advance of "
                              "\"{}\" must be \"clocked\", not \"event\"",
                              where, s.target));
    if (s.type != Stimulus::Type::poisson)
      for (const double ms : change_times(s)) layout.cuts.push_back(from_ms(ms).count());
  }
  std::sort(layout.cuts.begin(), layout.cuts.end());
  layout.cuts.erase(std::unique(layout.cuts.begin(), layout.cuts.end()), layout.cuts.end());
}

// Neurons whose receptors decay alike need one current and one sum a step: less state to move. Only
// compact storage does so (rounding differs), and only where nobody looks at the currents.
bool receptors_alike(const Network& network, const Population& p, const PopulationLayout& chosen) {
  if (chosen.event || chosen.model->alike_parameters.empty()) return false;
  double first = 0;
  for (std::size_t k = 0; k < chosen.model->alike_parameters.size(); ++k) {
    const std::string& name = chosen.model->alike_parameters[k];
    const int field = find_field(chosen.model->parameters, name);
    double value = chosen.model->parameters[static_cast<std::size_t>(field)].default_value;
    if (const auto given = p.parameters.find(name); given != p.parameters.end()) {
      const double* number = std::get_if<double>(&given->second);
      if (!number) return false;
      value = *number;
    }
    if (k > 0 && value != first) return false;
    first = value;
  }
  const auto is_plain = [](const std::string& variable) {
    return variable == "v" || variable == "spikes";
  };
  for (const auto& [name, value] : p.initial)
    if (!is_plain(name)) return false;
  return std::all_of(network.probes.begin(), network.probes.end(), [&](const Probe& probe) {
    return probe.population != p.name ||
           std::all_of(probe.variables.begin(), probe.variables.end(), is_plain);
  });
}

// Neurons that go on from another layout keep their currents apart where they were apart there.
void merge_receptors(Layout& layout, const Layout* before) {
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    PopulationLayout& chosen = layout.populations[p];
    chosen.receptors_alike =
        layout.compact && chosen.model &&
        (!before || p >= before->populations.size() || before->populations[p].receptors_alike) &&
        receptors_alike(*layout.network, layout.network->populations[p], chosen);
    if (chosen.receptors_alike) chosen.quantum.resize(1);
  }
  for (ProjectionLayout& projection : layout.projections)
    if (layout.populations[projection.target].receptors_alike) projection.receptor = 0;
  for (std::size_t i = 0; i < layout.network->stimuli.size(); ++i)
    if (layout.populations[layout.network->find(layout.network->stimuli[i].target)].receptors_alike)
      layout.stimulus_receptor[i] = 0;
}

/// A weight that a user gave must not vanish beside a much larger one of the same receptor.
void require_kept(double weight, double quantum, bool compact, const std::string& where) {
  weight = std::fabs(weight);
  if (weight == 0 || weight >= quantum / 2) return;
  throw Error(
      ErrorKind::range,
      fmt::format("{}: weight: {}, would be kept as 0: the receptor's largest weight sets "
                  "steps of {:.3g}{}",
                  where, weight, quantum, compact ? "; storage \"exact\" has finer ones" : ""));
}

// A receptor takes one quantum: a 32,767th of its largest weight (compact), or 2^-42 of the power
// of two above it (exact).
void choose_quanta(Layout& layout) {
  const Network& network = *layout.network;
  auto widen = [&](std::size_t population, std::uint32_t receptor, double weight) {
    double& largest = layout.populations[population].quantum[receptor];
    largest = std::max(largest, std::fabs(weight));
  };
  for (const ProjectionLayout& p : layout.projections)
    widen(p.target, p.receptor, largest_weight(p));
  for (std::size_t i = 0; i < network.stimuli.size(); ++i)
    if (network.stimuli[i].type == Stimulus::Type::poisson)
      widen(network.find(network.stimuli[i].target), layout.stimulus_receptor[i],
            network.stimuli[i].weight);
  for (PopulationLayout& p : layout.populations)
    for (double& q : p.quantum) {
      if (q == 0) q = 1;
      q = layout.compact && !p.event ? q / 32'767 : std::ldexp(1.0, std::ilogb(q) + 1 - 42);
      q = std::max(q, std::numeric_limits<double>::min());
    }
}

void find_kinds(Layout& layout) {
  if (!layout.compact) return;
  std::vector<GroupKind> kinds;
  for (std::size_t i = 0; i < layout.projections.size(); ++i) {
    const ProjectionLayout& p = layout.projections[i];
    const PopulationLayout& target = layout.populations[p.target];
    if (p.rule || p.procedural || target.event) continue;
    const auto* weight = std::get_if<double>(&layout.network->projections[i].weight);
    if (!weight) return;
    const GroupKind kind{
        static_cast<std::uint16_t>(p.receptor),
        static_cast<std::int16_t>(std::llrint(*weight * (1.0 / target.quantum[p.receptor])))};
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    if (kinds.size() > max_kinds) return;
  }
  layout.kinds = std::move(kinds);
}

void require_kept_weights(const Layout& layout) {
  const Network& network = *layout.network;
  for (std::size_t i = 0; i < layout.projections.size(); ++i) {
    const ProjectionLayout& p = layout.projections[i];
    require_kept(p.rule ? 0 : p.estimate.max_abs_weight,
                 layout.populations[p.target].quantum[p.receptor], layout.compact,
                 fmt::format("projection \"{}\"", network.projections[i].name));
  }
  for (std::size_t i = 0; i < network.stimuli.size(); ++i) {
    const Stimulus& s = network.stimuli[i];
    if (s.type != Stimulus::Type::poisson) continue;
    require_kept(s.weight,
                 layout.populations[network.find(s.target)].quantum[layout.stimulus_receptor[i]],
                 layout.compact, title_of(s, i));
  }
}

/// Their numbers lie in every rank's memory.
void require_recordable(const std::string& probe, const std::string& variable,
                        std::int64_t neurons) {
  constexpr std::int64_t most = std::int64_t{1} << 28;
  if (neurons > most)
    throw Error(ErrorKind::capacity,
                fmt::format("{}: {} of all {} neurons, of at most {} can be recorded; name some "
                            "(neurons)",
                            probe, variable, neurons, most));
}

void lay_out_record(Layout& layout) {
  const Network& network = *layout.network;
  layout.record.duration = layout.run.duration;
  const bool all_spikes = std::all_of(network.probes.begin(), network.probes.end(),
                                      [](const Probe& probe) { return !probe.projection.empty(); });
  for (std::size_t p = 0; p < network.populations.size(); ++p)
    layout.record.populations.push_back({network.populations[p].name, layout.partition.first_gid[p],
                                         network.populations[p].size,
                                         all_spikes && layout.populations[p].model != nullptr});
  for (std::size_t i = 0; i < network.probes.size(); ++i) {
    const Probe& probe = network.probes[i];
    if (!probe.projection.empty()) {
      for (Report& report : synapse_reports(layout, i))
        layout.record.reports.push_back(std::move(report));
      continue;
    }
    const std::size_t p = network.find(probe.population);
    for (const std::string& variable : probe.variables) {
      if (variable == "spikes") {
        layout.record.populations[p].spikes = true;
        continue;
      }
      const NeuronModel* model = layout.populations[p].model;
      const int field = model ? find_field(model->state, variable) : -1;
      if (field < 0) {
        std::vector<std::string> known{"spikes"};
        if (model)
          for (const FieldInfo& f : model->state) known.push_back(f.name);
        throw Error(
            ErrorKind::range,
            fmt::format("{}: variable \"{}\" is not one of model \"{}\"{}", title_of(probe, i),
                        variable, network.populations[p].model, did_you_mean(variable, known)));
      }
      Report report{probe.population, variable, model->state[static_cast<std::size_t>(field)].unit,
                    probe.neurons, probe.interval > 0 ? probe.interval : layout.run.dt};
      if (report.neurons.empty()) {
        require_recordable(title_of(probe, i), variable, network.populations[p].size);
        report.neurons.resize(static_cast<std::size_t>(network.populations[p].size));
        std::iota(report.neurons.begin(), report.neurons.end(), std::int64_t{0});
      }
      layout.record.reports.push_back(std::move(report));
    }
  }
}

/// Targets are numbered in 16 bits by the records of compact storage, which clocked targets have,
/// and by synapses with a state of their own.
void divide(Layout& layout, const LayoutOptions& options) {
  std::vector<PopulationKind> kinds;
  for (const PopulationLayout& p : layout.populations)
    kinds.push_back(p.model           ? PopulationKind::neurons
                    : p.source->whole ? PopulationKind::whole_source
                                      : PopulationKind::split_source);
  layout.partition = make_partition(
      *layout.network, kinds, options.ranks, options.workers,
      (layout.compact && layout.has_clocked) || layout.has_rules ? narrow_chunk : wide_chunk);
}

}  // namespace

bool is_conductance(const Receptor& receptor) { return std::string_view(receptor.unit) == "uS"; }

void require_conductance(const Receptor& receptor, double weight, const std::string& where) {
  if (is_conductance(receptor) && weight < 0)
    throw Error(ErrorKind::range, fmt::format("{}: weight: {} uS, must be >= 0", where, weight));
}

Layout make_layout(const Network& network, const RunSettings& run, const Catalogue& catalogue,
                   const LayoutOptions& options) {
  check(network, run);
  Layout layout;
  layout.network = &network;
  layout.run = run;
  layout.catalogue = &catalogue;
  layout.plain = options.plain;
  layout.dt_ns = from_ms(run.dt).count();
  lay_out_populations(layout);
  lay_out_projections(layout);
  lay_out_stimuli(layout);
  const bool large = layout.expected_synapses >= compact_from;
  layout.compact = run.storage == Storage::compact || (run.storage == Storage::automatic && large);
  divide(layout, options);
  for (std::size_t p = 0; p < layout.populations.size(); ++p) {
    const Precision precision = network.populations[p].precision;
    layout.populations[p].single_precision =
        precision == Precision::single_ || (precision == Precision::automatic && layout.compact);
    const Method* method = layout.populations[p].method;
    if (method && method->scheme == Scheme::adaptive)
      layout.populations[p].single_precision = false;
  }
  merge_receptors(layout, options.before);
  choose_quanta(layout);
  require_kept_weights(layout);
  find_kinds(layout);
  lay_out_record(layout);
  return layout;
}

}  // namespace ranvier
