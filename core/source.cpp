#include "core/source.h"

#include <fmt/core.h>

#include "core/error.h"

namespace ranvier {

void SpikeSource::check_change(const Population& population) const {
  throw Error(ErrorKind::unsupported,
              fmt::format("population \"{}\": a \"{}\" cannot change while it runs",
                          population.name, population.model));
}

void SpikeSource::change(const Population&, Time) {}
void SpikeSource::save(std::uint32_t, std::vector<std::int64_t>&) const {}
void SpikeSource::load(std::uint32_t, std::span<const std::int64_t>) {}

std::string Catalogue::near_model(const std::string& name) const {
  for (const NeuronModel& model : neurons.all())
    if (("; " + model.source + ";").find("; NEST " + name + ";") != std::string::npos)
      return fmt::format(", did you mean \"{}\" (NEST's {})?", model.name, name);
  std::vector<std::string> known = neurons.names();
  for (const SourceModel& source : sources) known.push_back(source.name);
  return did_you_mean(name, known);
}

}  // namespace ranvier
