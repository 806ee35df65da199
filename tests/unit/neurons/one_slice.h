// A small clocked slice for tests of neuron models: parameters and initial values by name, arrivals
// by number of the step, steps of dt, the state after each.
#pragma once
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clocked_slice.h"
#include "neurons/catalogue.h"
#include "tests/catch.h"

namespace ranvier::neurons::testing {

using Values = std::map<std::string, double>;

struct Pulse {
  std::int64_t step;  ///< arrives at step * dt
  std::size_t receptor;
  double weight;
};

struct SliceOptions {
  double dt = 0.1;
  bool plain = false;
  bool single_precision = false;
  std::uint32_t size = 1;
  std::string method = "";  ///< by name; empty: the model's default
};

/// A population of equal neurons in 64-bit sums of quantum 2^-40.
class OneSlice {
 public:
  static constexpr double quantum = 0x1p-40;

  OneSlice(const std::string& model, const Values& parameters, const Values& initial,
           SliceOptions options = {})
      : OneSlice(*find_model(model), parameters, initial, options) {}
  OneSlice(NeuronModel model, const Values& parameters, const Values& initial,
           SliceOptions options = {})
      : model_(std::move(model)), size_(options.size), current_(padded(options.size)) {
    SliceSpec spec;
    spec.size = options.size;
    spec.dt = options.dt;
    spec.plain = options.plain;
    spec.single_precision = options.single_precision;
    const Method* method = find_method(model_, options.method);
    REQUIRE(method != nullptr);
    spec.scheme = method->scheme;
    spec.parameters = columns(model_.parameters, parameters);
    spec.initial = columns(model_.state, initial);
    std::vector<double> values;
    for (std::size_t k = 0; k < model_.parameters.size(); ++k)
      values.push_back(spec.parameters[k].empty() ? model_.parameters[k].default_value
                                                  : spec.parameters[k][0]);
    REQUIRE(model_.check(values).empty());
    slice_ = model_.make_clocked(spec);
    for (std::size_t r = 0; r < model_.receptors.size(); ++r) sums_[r].resize(padded(options.size));
  }

  /// Adds `weight` to every neuron's next step, times (1 + spread * index).
  void receive(std::size_t receptor, double weight, double spread = 0) {
    for (std::uint32_t i = 0; i < size_; ++i)
      sums_[receptor][i] += std::llround(weight * (1 + spread * i) / quantum);
  }

  /// Injects nA times (1 + spread * index).
  void inject(double nA, double spread = 0) {
    for (std::uint32_t i = 0; i < size_; ++i) current_[i] = nA * (1 + spread * i);
  }

  /// One step; returns the neurons that fired.
  std::vector<std::uint32_t> step() {
    std::vector<std::uint32_t> fired;
    ClockedSlice::Step s;
    s.number = ++number_;
    for (std::size_t r = 0; r < model_.receptors.size(); ++r) s.sums64[r] = sums_[r].data();
    s.quantum.fill(quantum);
    s.current = current_.data();
    s.fired = &fired;
    slice_->step(s);
    return fired;
  }

  /// Steps to `last`; returns the numbers of the steps in which neuron 0 fired.
  std::vector<std::int64_t> run(std::int64_t last, const std::vector<Pulse>& pulses = {}) {
    std::vector<std::int64_t> spikes;
    while (number_ < last) {
      for (const Pulse& p : pulses)
        if (p.step == number_ + 1) receive(p.receptor, p.weight);
      if (const auto fired = step(); !fired.empty() && fired[0] == 0) spikes.push_back(number_);
    }
    return spikes;
  }

  double state(const std::string& name, std::uint32_t i = 0) const {
    const int variable = find_field(model_.state, name);
    REQUIRE(variable >= 0);
    return slice_->state(variable, i);
  }
  std::vector<double> states(std::uint32_t i) const {
    std::vector<double> out;
    for (std::size_t k = 0; k < model_.state.size(); ++k)
      out.push_back(slice_->state(static_cast<int>(k), i));
    return out;
  }

 private:
  static const NeuronModel* find_model(const std::string& name) {
    static const NeuronCatalogue catalogue = make_catalogue();
    const NeuronModel* model = catalogue.find(name);
    REQUIRE(model != nullptr);
    return model;
  }
  static std::vector<std::vector<double>> columns(const std::vector<FieldInfo>& fields,
                                                  const Values& values) {
    std::vector<std::vector<double>> out(fields.size());
    for (const auto& [name, value] : values) {
      const int k = find_field(fields, name);
      REQUIRE(k >= 0);
      out[static_cast<std::size_t>(k)] = {value};
    }
    return out;
  }

  NeuronModel model_;
  std::uint32_t size_;
  AlignedVector<double> current_;
  std::array<AlignedVector<std::int64_t>, max_receptors> sums_;
  std::unique_ptr<ClockedSlice> slice_;
  std::int64_t number_ = 0;
};

/// Drives 37 neurons, each a little differently, through `steps` steps once with the widest
/// registers and once with one lane, and requires the same bits of every state variable and the
/// same spikes, of which there must be some.
inline void require_same_bits(const std::string& model, const Values& parameters, double nA,
                              double weight, int steps, SliceOptions options = {}) {
  options.size = 37;
  OneSlice wide(model, parameters, {}, options);
  options.plain = true;
  OneSlice plain(model, parameters, {}, options);
  std::size_t spikes = 0;
  for (int n = 0; n < steps; ++n) {
    for (OneSlice* slice : {&wide, &plain}) {
      slice->inject(nA, 0.01);
      if (n % 50 == 7) slice->receive(0, weight, 0.03);
      if (n % 70 == 9) slice->receive(1, weight, 0.02);
    }
    const auto fired = wide.step();
    REQUIRE(fired == plain.step());
    spikes += fired.size();
    for (std::uint32_t i = 0; i < options.size; ++i) REQUIRE(wide.states(i) == plain.states(i));
  }
  CHECK(spikes > 0);
}

}  // namespace ranvier::neurons::testing
