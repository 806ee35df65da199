#include "core/titles.h"

#include <fmt/core.h>

namespace ranvier {

const char* name_of(Stimulus::Type type) {
  static constexpr const char* names[] = {"poisson", "dc", "step", "ac", "noise"};
  return names[static_cast<std::size_t>(type)];
}

std::string title_of(const Stimulus& s, std::size_t number) {
  const std::string which =
      s.name.empty() ? fmt::format("{}", number) : fmt::format("\"{}\"", s.name);
  return fmt::format("stimulus {} ({} on \"{}\")", which, name_of(s.type), s.target);
}

std::string title_of(const Probe& probe, std::size_t number) {
  return fmt::format("probe {} on \"{}\"", number,
                     probe.projection.empty() ? probe.population : probe.projection);
}

std::string title_of_stimulus(const Network& network, std::size_t stimulus) {
  return title_of(network.stimuli[stimulus], stimulus);
}

std::string count_of(double n, std::string_view noun) {
  const std::string number = fmt::format("{:.0f}", n);
  return fmt::format("{} {}{}", number, noun, number == "1" ? "" : "s");
}

}  // namespace ranvier
