// Columns of numbers as a network's values. Used by conversion/*.cpp alone.
#pragma once
#include <vector>

#include "core/network.h"

namespace ranvier::conversion {

/// One value where all are the same, else the array. There must be one or more.
Value as_value(std::vector<double> values);

}  // namespace ranvier::conversion
