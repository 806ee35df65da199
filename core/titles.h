// What messages call the parts of a network that need not have a name of their own, and what is
// counted. Tested by tests/unit/python/test_sonata.py, test_nir.py, tests/unit/app/test_plan.py,
// test_command_line.py and tests/unit/core/test_layout.cpp.
#pragma once
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/network.h"

namespace ranvier {

/// The word for it in a document: "poisson", "dc", ...
const char* name_of(Stimulus::Type type);

/// By its name, or else its number, with its type and target: `stimulus 2 (dc on "exc")`.
std::string title_of(const Stimulus& stimulus, std::size_t number);
/// By its number and what it is on: `probe 1 on "exc"`.
std::string title_of(const Probe& probe, std::size_t number);
std::string title_of_stimulus(const Network& network, std::size_t stimulus);

/// A number, rounded to a whole one, and what is counted: `1 rank`, `2 ranks`.
std::string count_of(double n, std::string_view noun);
std::string count_of(std::integral auto n, std::string_view noun) {
  return count_of(static_cast<double>(n), noun);
}

}  // namespace ranvier
