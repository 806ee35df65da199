// What a file of learning/rules includes: the parts that a rule is made of (core/plasticity.h), and
// the meaning of its last line.
#pragma once
#include "core/math.h"
#include "core/plastic_rule.h"

#undef RANVIER_REGISTER
/// Compiles the loops over a rule's synapses and gives its description a name that the catalogue
/// knows.
#define RANVIER_REGISTER(kind, name, Type) \
  kind name##_rule() { return describe_rule<Type>(#name); }
