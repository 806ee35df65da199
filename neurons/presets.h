// Published parameter sets, by name: data that a model's file takes as its `presets()`, for
// documents ("preset": "FS"), the command line and the docs.
// Izhikevich's seven neocortical and thalamic types, from figure 2 of the 2003 paper (the values
// printed in its panels: regular spiking, intrinsically bursting, chattering, fast spiking,
// thalamo-cortical, resonator, low-threshold spiking). Tested by
// tests/unit/neurons/test_izhikevich.cpp.
#pragma once
#include "core/neuron_model.h"

namespace ranvier::neurons {

/// Example: izhikevich_presets().at("RS").at("d") is 8 mV/ms. Source: Izhikevich 2003, figure 2.
inline Presets izhikevich_presets() {
  return {{"RS", {{"a", 0.02}, {"b", 0.2}, {"c", -65}, {"d", 8}}},
          {"IB", {{"a", 0.02}, {"b", 0.2}, {"c", -55}, {"d", 4}}},
          {"CH", {{"a", 0.02}, {"b", 0.2}, {"c", -50}, {"d", 2}}},
          {"FS", {{"a", 0.1}, {"b", 0.2}, {"c", -65}, {"d", 2}}},
          {"TC", {{"a", 0.02}, {"b", 0.25}, {"c", -65}, {"d", 0.05}}},
          {"RZ", {{"a", 0.1}, {"b", 0.26}, {"c", -65}, {"d", 2}}},
          {"LTS", {{"a", 0.02}, {"b", 0.25}, {"c", -65}, {"d", 2}}}};
}

}  // namespace ranvier::neurons
