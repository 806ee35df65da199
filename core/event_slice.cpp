#include "core/event_slice.h"

#include <fmt/core.h>

#include "core/error.h"

namespace ranvier {

void refuse_to_fire_for_ever(std::int64_t neuron, Time at) {
  throw Error(
      ErrorKind::range,
      fmt::format("neuron {} fires at {} ms again and again: a parameter, weight or input is "
                  "beyond what can be computed with; tau_refrac > 0 ends it",
                  neuron, to_ms(at)));
}

}  // namespace ranvier
