#include "learning/catalogue.h"

namespace ranvier::learning {

#define RANVIER_ENTRY(name) SynapseRule name##_rule();
#include "generated/learning/rules.inc"
#undef RANVIER_ENTRY

std::vector<SynapseRule> make_rules() {
  std::vector<SynapseRule> rules;
#define RANVIER_ENTRY(name) rules.push_back(name##_rule());
#include "generated/learning/rules.inc"
#undef RANVIER_ENTRY
  return rules;
}

}  // namespace ranvier::learning
