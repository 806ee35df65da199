// Neurons of the form by amplitudes, as its tests make them, and the bits that are saved of them.
#pragma once
#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/event_slice.h"
#include "neurons/catalogue.h"

namespace ranvier::neurons::testing {

inline constexpr std::uint32_t size = 12;
inline constexpr double quantum = 0x1p-40;
inline constexpr std::int64_t ms = 1'000'000;

inline const std::vector<double> quanta{quantum, quantum};

inline const NeuronModel& if_curr_exp() {
  static const NeuronCatalogue catalogue = make_catalogue();
  return *catalogue.find("if_curr_exp");
}

struct Case {
  std::map<std::string, double> values;
  double excitatory, inhibitory;  ///< nA
  std::int64_t grid;              ///< ns that arrivals lie on
};

/// The form by amplitudes, or, with `varied`, the general one of the same neurons. i_offset differs
/// from neuron to neuron: some are driven above threshold.
inline SliceSpec spec_of(const NeuronModel& model, const Case& c, bool varied) {
  SliceSpec spec;
  spec.size = size;
  for (const FieldInfo& f : model.parameters) {
    const double value = c.values.count(f.name) ? c.values.at(f.name) : f.default_value;
    std::vector<double> column{value};
    if (f.name == "i_offset") {
      column.resize(size);
      for (std::uint32_t i = 0; i < size; ++i) column[i] = value * (0.7 + 0.05 * i);
    } else if (varied && f.name == "cm") {
      column.assign(size, value);
    }
    spec.by_neuron.push_back(column.size() > 1);
    spec.parameters.push_back(std::move(column));
  }
  spec.initial = {{-57}, {0.05}, {-0.1}, {1.25}};
  return spec;
}

/// Appends the bits of what is saved of the first n neurons.
inline void save_bits(const EventSlice& slice, std::vector<std::uint64_t>& bits,
                      std::uint32_t n = size) {
  std::vector<double> saved;
  std::int64_t moved = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    slice.save(i, saved, moved);
    for (const double x : saved) bits.push_back(std::bit_cast<std::uint64_t>(x));
    bits.push_back(static_cast<std::uint64_t>(moved));
  }
}

}  // namespace ranvier::neurons::testing
