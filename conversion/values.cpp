#include "conversion/values.h"

#include <algorithm>

namespace ranvier::conversion {

Value as_value(std::vector<double> values) {
  if (std::all_of(values.begin(), values.end(), [&values](double x) { return x == values[0]; }))
    return values[0];
  return Array(std::make_shared<std::vector<double>>(std::move(values)));
}

}  // namespace ranvier::conversion
