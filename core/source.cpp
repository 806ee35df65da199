#include "core/source.h"

#include <fmt/core.h>

#include "core/error.h"

namespace ranvier {

void SpikeSource::change(const Population& population, Time) {
  throw Error(ErrorKind::unsupported,
              fmt::format("population \"{}\": a \"{}\" cannot change while it runs",
                          population.name, population.model));
}

}  // namespace ranvier
