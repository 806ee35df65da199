// NEST's point-neuron models as SONATA networks name them ("nest:iaf_psc_alpha"), in Ranvier's
// names and units. NEST counts in pA, pF, nS, mV, ms; Ranvier in nA, nF, uS, mV, ms. Defaults are
// those of NEST 3 (the models' documentation and `nest.GetDefaults`). Conductance weights are
// positive in Ranvier whatever the sign by which NEST picks the receptor.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace ranvier::conversion {

/// What a weight of NEST means at a receptor of the model.
enum class NestWeight { current, conductance, jump };

/// A NEST model and its counterpart here.
struct NestModel {
  const char* name;   ///< in NEST
  const char* model;  ///< in Ranvier
  NestWeight weight;
  std::map<std::string, double>
      defaults;  ///< by NEST's names and units; what is not here is not known
};

/// The model that a template names ("nest:NAME" or "NAME"), or null.
const NestModel* find_nest_model(const std::string& model_template);

/// The names of all of them, for messages.
std::vector<std::string> nest_model_names();

/// Parameters in Ranvier's names and units from a full set in NEST's (defaults overlaid with what
/// was given). Throws Error(unsupported) for a value that has no counterpart.
std::map<std::string, double> translate_parameters(const NestModel& model,
                                                   const std::map<std::string, double>& nest);

/// The models of Ranvier that have a NEST model, for messages.
std::vector<std::string> nest_counterpart_names();

/// NEST's model for one of Ranvier's, or null.
const NestModel* find_nest_counterpart(const std::string& model);

/// The inverse of translate_parameters, such that translating back gives the same doubles: columns
/// of values by Ranvier's names, initial states as "initial v" and "initial u". What NEST does not
/// count from (tau_m beside g_L) is said by what it does.
std::map<std::string, std::vector<double>> untranslate_parameters(
    const NestModel& model, const std::map<std::string, std::vector<double>>& columns);

/// The inverse of translate_weight for a receptor whose sign NEST does not need.
double untranslate_weight(const NestModel& model, double weight);

/// A weight of NEST in the unit of the receptor that its sign picks.
double translate_weight(const NestModel& model, double weight);

}  // namespace ranvier::conversion
