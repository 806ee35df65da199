#include "conversion/sonata_nest.h"

#include "core/error.h"

#include <fmt/core.h>

#include <cmath>

namespace ranvier::conversion {
namespace {

using Values = std::map<std::string, double>;

/// One parameter's way: its name in NEST, in Ranvier, and the factor between the units.
struct Name {
  const char* nest;
  const char* ranvier;
  double per_thousand;  ///< Ranvier's value is NEST's divided by this
};

constexpr Name membrane[] = {{"E_L", "v_rest", 1},       {"C_m", "cm", 1000},
                             {"t_ref", "tau_refrac", 1}, {"I_e", "i_offset", 1000},
                             {"V_reset", "v_reset", 1},  {"V_th", "v_thresh", 1}};
constexpr Name synapses[] = {{"tau_syn_ex", "tau_syn_E", 1}, {"tau_syn_in", "tau_syn_I", 1}};
constexpr Name reversals[] = {{"E_ex", "e_rev_E", 1}, {"E_in", "e_rev_I", 1}};
constexpr Name adaptive[] = {{"a", "a", 1},
                             {"b", "b", 1000},
                             {"Delta_T", "delta_T", 1},
                             {"tau_w", "tau_w", 1},
                             {"V_peak", "v_spike", 1}};
constexpr Name two_variables[] = {
    {"a", "a", 1}, {"b", "b", 1}, {"c", "c", 1}, {"d", "d", 1}, {"I_e", "i_offset", 1000}};

const std::vector<NestModel>& models() {
  static const Values current = {{"V_m", -70}, {"E_L", -70},  {"C_m", 250},     {"tau_m", 10},
                                 {"t_ref", 2}, {"V_th", -55}, {"V_reset", -70}, {"I_e", 0}};
  static const Values conductance = {{"V_m", -70},     {"E_L", -70},        {"C_m", 250},
                                     {"g_L", 16.6667}, {"t_ref", 2},        {"V_th", -55},
                                     {"V_reset", -60}, {"I_e", 0},          {"E_ex", 0},
                                     {"E_in", -85},    {"tau_syn_ex", 0.2}, {"tau_syn_in", 2}};
  static const Values adex = {
      {"V_m", -70.6},      {"E_L", -70.6},    {"C_m", 281}, {"g_L", 30}, {"t_ref", 0},
      {"V_th", -50.4},     {"V_reset", -60},  {"I_e", 0},   {"E_ex", 0}, {"E_in", -85},
      {"tau_syn_ex", 0.2}, {"tau_syn_in", 2}, {"a", 4},     {"b", 80.5}, {"Delta_T", 2},
      {"tau_w", 144},      {"V_peak", 0}};
  static const Values izhikevich = {{"V_m", -65}, {"U_m", -13}, {"a", 0.02}, {"b", 0.2},
                                    {"c", -65},   {"d", 8},     {"I_e", 0},  {"V_th", 30}};
  static const auto with_synapses = [](Values values) {
    values.insert({{"tau_syn_ex", 2}, {"tau_syn_in", 2}});
    return values;
  };
  static const std::vector<NestModel> all = {
      {"iaf_psc_alpha", "if_curr_alpha", NestWeight::current, with_synapses(current)},
      {"iaf_psc_exp", "if_curr_exp", NestWeight::current, with_synapses(current)},
      {"iaf_psc_delta", "if_curr_delta", NestWeight::jump, current},
      {"iaf_cond_exp", "if_cond_exp", NestWeight::conductance, conductance},
      {"iaf_cond_alpha", "if_cond_alpha", NestWeight::conductance, conductance},
      {"aeif_cond_exp", "eif_cond_exp_isfa_ista", NestWeight::conductance, adex},
      {"izhikevich", "izhikevich", NestWeight::jump, izhikevich}};
  return all;
}

template <std::size_t n>
void rename(const Name (&names)[n], const Values& nest, Values& out) {
  for (const Name& name : names) out[name.ranvier] = nest.at(name.nest) / name.per_thousand;
}

}  // namespace

const NestModel* find_nest_model(const std::string& model_template) {
  const std::string name =
      model_template.rfind("nest:", 0) == 0 ? model_template.substr(5) : model_template;
  for (const NestModel& model : models())
    if (name == model.name) return &model;
  return nullptr;
}

std::vector<std::string> nest_model_names() {
  std::vector<std::string> names;
  for (const NestModel& model : models()) names.push_back(std::string("nest:") + model.name);
  return names;
}

std::vector<std::string> nest_counterpart_names() {
  std::vector<std::string> names;
  for (const NestModel& model : models()) names.emplace_back(model.model);
  return names;
}

Values translate_parameters(const NestModel& model, const Values& nest) {
  Values out;
  if (std::string(model.model) == "izhikevich") {
    if (nest.at("V_th") != 30)
      throw Error(ErrorKind::unsupported,
                  fmt::format("V_th: {} mV, izhikevich has 30 mV", nest.at("V_th")));
    rename(two_variables, nest, out);
    return out;
  }
  rename(membrane, nest, out);
  out["tau_m"] = nest.count("tau_m") ? nest.at("tau_m") : nest.at("C_m") / nest.at("g_L");
  if (nest.count("tau_syn_ex")) rename(synapses, nest, out);
  if (nest.count("E_ex")) rename(reversals, nest, out);
  if (nest.count("Delta_T")) rename(adaptive, nest, out);
  return out;
}

const NestModel* find_nest_counterpart(const std::string& model) {
  for (const NestModel& one : models())
    if (model == one.model) return &one;
  return nullptr;
}

namespace {

/// The y nearest to x * factor with y / factor == x, where there is one.
double undivided(double x, double factor) {
  const double y = x * factor;
  for (const double near : {y, std::nextafter(y, -HUGE_VAL), std::nextafter(y, HUGE_VAL)})
    if (near / factor == x) return near;
  return y;
}

using Columns = std::map<std::string, std::vector<double>>;

template <std::size_t n>
void rename_back(const Name (&names)[n], const Columns& columns, Columns& out) {
  for (const Name& name : names) {
    std::vector<double>& column = out[name.nest] = columns.at(name.ranvier);
    for (double& x : column) x = undivided(x, name.per_thousand);
  }
}

/// g_L such that C_m / g_L is tau_m again.
std::vector<double> leak_of(const std::vector<double>& c_m, const std::vector<double>& tau_m) {
  std::vector<double> g_l(c_m.size());
  for (std::size_t i = 0; i < g_l.size(); ++i) {
    const double g = c_m[i] / tau_m[i];
    g_l[i] = g;
    for (const double near : {g, std::nextafter(g, 0.0), std::nextafter(g, HUGE_VAL)})
      if (c_m[i] / near == tau_m[i]) g_l[i] = near;
  }
  return g_l;
}

}  // namespace

Columns untranslate_parameters(const NestModel& model, const Columns& columns) {
  Columns out;
  const auto initial = [&](const char* state, const char* nest) {
    if (const auto found = columns.find(std::string("initial ") + state); found != columns.end())
      out[nest] = found->second;
  };
  if (std::string(model.model) == "izhikevich") {
    rename_back(two_variables, columns, out);
    initial("v", "V_m");
    initial("u", "U_m");
    return out;
  }
  rename_back(membrane, columns, out);
  if (model.defaults.count("g_L")) out["g_L"] = leak_of(out["C_m"], columns.at("tau_m"));
  else out["tau_m"] = columns.at("tau_m");
  if (model.defaults.count("tau_syn_ex")) rename_back(synapses, columns, out);
  if (model.defaults.count("E_ex")) rename_back(reversals, columns, out);
  if (model.defaults.count("Delta_T")) rename_back(adaptive, columns, out);
  out["V_m"] = out["E_L"];  // where it starts unless it is said
  initial("v", "V_m");
  return out;
}

double untranslate_weight(const NestModel& model, double weight) {
  return model.weight == NestWeight::jump ? weight : undivided(weight, 1000);
}

double translate_weight(const NestModel& model, double weight) {
  switch (model.weight) {
    case NestWeight::current:
      return weight / 1000;
    case NestWeight::conductance:
      return std::abs(weight) / 1000;
    case NestWeight::jump:
      return weight;
  }
  return weight;
}

}  // namespace ranvier::conversion
