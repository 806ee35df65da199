#include "core/layout_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/rule_variables.h"
#include "core/titles.h"

namespace ranvier {
namespace {

[[noreturn]] void refuse(const Projection& p, const std::string& what,
                         ErrorKind kind = ErrorKind::range) {
  throw Error(kind, fmt::format("projection \"{}\": {}", p.name, what));
}

const SynapseRule& find_rule(const Layout& layout, const Projection& p) {
  if (const SynapseRule* rule = layout.catalogue->find_rule(p.synapse)) return *rule;
  std::vector<std::string> known{"static"};
  for (const SynapseRule& rule : layout.catalogue->rules) known.push_back(rule.name);
  refuse(p, fmt::format("synapse \"{}\" is not known; accepted: {}{}", p.synapse,
                        fmt::join(known, ", "), did_you_mean(p.synapse, known)));
}

double one_value(const Projection& p, const SynapseRule& rule, std::size_t k, const Value& value,
                 ProjectionLayout& part) {
  const FieldInfo& field = rule.parameters[k];
  if (const double* x = std::get_if<double>(&value)) {
    if (!in_range(*x, field.range))
      refuse(p, fmt::format("{}: {} {}, {}", field.name, *x, field.unit, describe(field.range)));
    return *x;
  }
  if (std::find(rule.uniform.begin(), rule.uniform.end(), field.name) != rule.uniform.end())
    refuse(p, fmt::format("{}: must be one number for the whole projection", field.name));
  if (std::holds_alternative<DistanceFunction>(value))
    refuse(p, fmt::format("{}: a function of distance, must be a number, an array or a law",
                          field.name));
  part.varied.push_back(k);
  return field.default_value;
}

void read_parameters(const Projection& p, ProjectionLayout& part) {
  const SynapseRule& rule = *part.rule;
  std::vector<std::string> known;
  for (const FieldInfo& field : rule.parameters) known.push_back(field.name);
  for (const auto& [name, value] : p.parameters)
    if (find_field(rule.parameters, name) < 0)
      refuse(p, fmt::format("synapse \"{}\" has no parameter \"{}\"{}", rule.name, name,
                            did_you_mean(name, known)));
  for (std::size_t k = 0; k < rule.parameters.size(); ++k) {
    const auto given = p.parameters.find(rule.parameters[k].name);
    part.parameters.push_back(given == p.parameters.end()
                                  ? rule.parameters[k].default_value
                                  : one_value(p, rule, k, given->second, part));
  }
  for (const ChoiceInfo& choice : rule.choices) {
    const auto given = p.options.find(choice.name);
    const auto word = given == p.options.end()
                          ? choice.words.begin()
                          : std::find(choice.words.begin(), choice.words.end(), given->second);
    if (word == choice.words.end())
      refuse(p,
             fmt::format("{}: \"{}\", must be one of {}{}", choice.name, given->second,
                         fmt::join(choice.words, ", "), did_you_mean(given->second, choice.words)));
    part.parameters.push_back(static_cast<double>(word - choice.words.begin()));
  }
}

/// A fault among the values of a rule's parameters, or "".
std::string fault_of(const Layout& layout, const SynapseRule& rule,
                     std::span<const double> parameters) {
  constexpr double most_steps = 1e17;  // decays end after 50 time constants (core/decay.h)
  for (std::size_t k = 0; k < rule.parameters.size(); ++k)
    if (rule.parameters[k].unit == "ms" && parameters[k] > most_steps * layout.run.dt)
      return fmt::format("{}: {} ms, must be at most {:g} ms at dt {} ms", rule.parameters[k].name,
                         parameters[k], most_steps * layout.run.dt, layout.run.dt);
  return rule.check(parameters);
}

}  // namespace

void lay_out_rule(Layout& layout, const Projection& p, ProjectionLayout& part) {
  part.rule = &find_rule(layout, p);
  if (layout.populations[part.target].event)
    refuse(p,
           fmt::format("synapse \"{}\" needs a clocked target; the neurons of \"{}\" are moved by "
                       "events (advance)",
                       p.synapse, p.target),
           ErrorKind::unsupported);
  read_parameters(p, part);
  // Parameters of each synapse's own are checked together when it is made.
  if (part.varied.empty())
    if (const std::string fault = fault_of(layout, *part.rule, part.parameters); !fault.empty())
      refuse(p, fault);
  layout.has_rules = true;
  if (part.rule->post_time < 0) return;
  const double tau = part.parameters[static_cast<std::size_t>(part.rule->post_time)];
  for (part.history = 0; part.history < layout.histories.size(); ++part.history)
    if (layout.histories[part.history].population == part.target &&
        layout.histories[part.history].tau == tau)
      return;
  layout.histories.push_back({part.target, tau});
}

void check_together(const Layout& layout, std::size_t projection, std::uint32_t source,
                    std::uint32_t target, std::span<const double> own) {
  const ProjectionLayout& part = layout.projections[projection];
  std::vector<double> all = part.parameters;
  for (std::size_t k = 0; k < part.varied.size(); ++k) all[part.varied[k]] = own[k];
  if (const std::string fault = fault_of(layout, *part.rule, all); !fault.empty())
    refuse(layout.network->projections[projection],
           fmt::format("synapse from {} to {}: {}", source, target, fault));
}

void shorten_window(Layout& layout) {
  for (const ProjectionLayout& part : layout.projections) {
    if (!part.rule || part.rule->dendritic < 0) continue;
    const double fraction = part.parameters[static_cast<std::size_t>(part.rule->dendritic)];
    if (fraction >= 0.5) continue;
    const std::uint32_t d = part.estimate.min_delay;
    const std::int64_t dendritic = (d - delay_parts(d, fraction).lag) / 2;
    layout.window_steps = std::min(layout.window_steps, std::max<std::int64_t>(1, 2 * dendritic));
  }
}

std::vector<Report> synapse_reports(const Layout& layout, std::size_t number) {
  const Probe& probe = layout.network->probes[number];
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::range, title_of(probe, number) + ": " + what);
  };
  const std::size_t i = layout.network->find_projection(probe.projection);
  const Projection& p = layout.network->projections[i];
  const ProjectionLayout& part = layout.projections[i];
  if (!part.rule) refuse("its synapses are static: their weights do not change");
  const NeuronModel& model = *layout.populations[part.target].model;
  Report report{p.name, "", "", {}, probe.interval, true};
  const auto n_targets = static_cast<std::uint64_t>(layout.partition.sizes[part.target]);
  const auto rows = make_rows(*layout.network, i, layout.run, {0, n_targets}, part.estimate.values);
  std::vector<Synapse> drawn;
  for (std::uint32_t source = 0; source < layout.partition.sizes[part.source]; ++source) {
    drawn.clear();
    rows->append(source, drawn);
    for (const Synapse& s : drawn) {
      report.sources.push_back(source);
      report.targets.push_back(s.target);
    }
  }
  for (std::size_t k = 0; k < report.sources.size(); ++k)
    report.neurons.push_back(static_cast<std::int64_t>(k));
  std::vector<Report> reports;
  for (const std::string& variable : probe.variables) {
    if (&variable == &probe.variables.back()) reports.push_back(std::move(report));
    else reports.push_back(report);
    reports.back().variable = variable;
    if (variable == "weight") {
      reports.back().unit = model.receptors[part.receptor].unit;
      continue;
    }
    const auto place = find_variable(*part.rule, !part.varied.empty(), variable);
    if (!place) {
      std::vector<std::string> known = variable_names(*part.rule);
      known.insert(known.begin(), "weight");
      refuse(fmt::format("variable \"{}\" is not one of synapse \"{}\"{}", variable,
                         part.rule->name, did_you_mean(variable, known)));
    }
    reports.back().unit = place->text->unit;
  }
  return reports;
}

double largest_weight(const ProjectionLayout& part) {
  if (!part.rule || part.estimate.max_abs_weight > 0) return part.estimate.max_abs_weight;
  return part.rule->full_weight(part.parameters);
}

}  // namespace ranvier
