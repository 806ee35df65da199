// The bookkeeping of clocked populations: columns of state and coefficients (structure of arrays),
// and the table of loops that core/neuron_loop.h compiles for every SIMD target. A model's
// equations are in its own file.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "core/aligned.h"
#include "core/neuron_model.h"
#include "core/step_random.h"

namespace ranvier {

inline constexpr std::uint32_t slice_padding =
    64;  ///< slices are padded to whole groups: no loop has a tail

/// n rounded up to whole groups.
inline std::uint32_t padded(std::uint32_t n) {
  return (n + slice_padding - 1) / slice_padding * slice_padding;
}

/// State variables that stay zero in a slice whose receptors are alike: a model that can serve both
/// by one declares them.
template <class Model>
constexpr bool is_inert(std::size_t variable) {
  if constexpr (requires { Model::inert_when_alike; })
    for (const std::size_t k : Model::inert_when_alike)
      if (k == variable) return true;
  return false;
}

/// What a loop over one slice reads and writes in one step. A coefficient column of mask 0 holds
/// one value, repeated for the widest register; one of mask ~0 holds a value a neuron.
template <class Real, std::size_t n_state, std::size_t n_derived>
struct LoopArguments {
  std::array<Real*, n_state> state;
  std::array<bool, n_state> inert;  ///< one group of zeros that no step changes
  std::array<const Real*, n_derived> derived;
  std::array<std::size_t, n_derived> derived_mask;
  std::array<std::int32_t*, max_receptors> sums32;
  std::array<std::int64_t*, max_receptors> sums64;
  std::array<double, max_receptors> quantum;
  const Real* current;  ///< or null: none
  const Real* uniform;
  std::uint32_t size;
  std::vector<std::uint32_t>* fired;
};

/// A slice of neurons of one model, with state in `Real`: columns, and the loop that moves them.
template <class Model, class Real>
class ClockedSliceOf final : public ClockedSlice {
 public:
  using State = typename Model::template State<double>;
  using Derived = typename Model::template Derived<double>;
  static constexpr std::size_t n_state = sizeof(State) / sizeof(double);
  static constexpr std::size_t n_derived = sizeof(Derived) / sizeof(double);
  using Arguments = LoopArguments<Real, n_state, n_derived>;
  using Loop = void (*)(const Arguments&);

  template <class MakeParameters>
  ClockedSliceOf(const SliceSpec& spec, const MakeParameters& parameters_of, Loop loop)
      : loop_(loop), size_(spec.size), first_(spec.first), random_(spec.random) {
    const std::uint32_t n = padded(size_);
    for (std::size_t k = 0; k < n_state; ++k) {
      inert_[k] = spec.receptors_alike && is_inert<Model>(k);
      state_[k].resize(inert_[k] ? slice_padding : n);
    }
    for (auto& column : derived_) column.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) fill(spec, parameters_of, i, std::min(i, size_ - 1));
    for (std::size_t k = 0; k < n_derived; ++k) {
      const bool uniform = std::all_of(derived_[k].begin(), derived_[k].end(),
                                       [&](Real x) { return x == derived_[k][0]; });
      if (uniform) derived_[k].resize(slice_padding), derived_[k].shrink_to_fit();
      derived_mask_[k] = uniform ? 0 : ~std::size_t{0};
    }
    if constexpr (requires { Model::stochastic; }) uniform_.resize(n);
  }

  void step(const Step& s) override {
    Arguments a{};
    for (std::size_t k = 0; k < n_state; ++k) a.state[k] = state_[k].data();
    for (std::size_t k = 0; k < n_derived; ++k) a.derived[k] = derived_[k].data();
    a.derived_mask = derived_mask_;
    a.sums32 = s.sums32;
    a.sums64 = s.sums64;
    a.quantum = s.quantum;
    a.inert = inert_;
    if constexpr (std::is_same_v<Real, double>) a.current = s.current;
    else if (s.current) a.current = narrowed(s);
    a.uniform = draw_uniform(s.number);
    a.size = size_;
    a.fired = s.fired;
    loop_(a);
  }

  double state(int variable, std::uint32_t i) const override {
    const auto k = static_cast<std::size_t>(variable);
    return inert_[k] ? 0.0 : static_cast<double>(state_[k][i]);
  }
  void set_state(int variable, std::uint32_t i, double value) override {
    const auto k = static_cast<std::size_t>(variable);
    if (!inert_[k]) state_[k][i] = static_cast<Real>(value);
  }

 private:
  template <class MakeParameters>
  void fill(const SliceSpec& spec, const MakeParameters& parameters_of, std::uint32_t i,
            std::uint32_t from) {
    const auto p = parameters_of(from);
    auto values = std::bit_cast<std::array<double, n_state>>(Model::initial(p));
    for (std::size_t k = 0; k < n_state && k < spec.initial.size(); ++k)
      if (!spec.initial[k].empty())
        values[k] = spec.initial[k][spec.initial[k].size() == 1 ? 0 : from];
    for (std::size_t k = 0; k < n_state; ++k)
      if (!inert_[k]) state_[k][i] = static_cast<Real>(values[k]);
    const auto derived = std::bit_cast<std::array<double, n_derived>>(Model::derive(p, spec.dt));
    for (std::size_t k = 0; k < n_derived; ++k) derived_[k][i] = static_cast<Real>(derived[k]);
  }

  const Real* narrowed(const Step& s) {
    if (!s.same_current || current_.empty()) {
      current_.resize(padded(size_));
      for (std::size_t i = 0; i < current_.size(); i += slice_padding)
        for (std::size_t k = 0; k < slice_padding; ++k)
          current_[i + k] = static_cast<Real>(s.current[i + k]);
    }
    return current_.data();
  }

  const Real* draw_uniform([[maybe_unused]] std::int64_t step) {
    if constexpr (requires { Model::stochastic; })
      uniform_numbers(random_, static_cast<std::uint64_t>(first_), padded(size_),
                      static_cast<std::uint64_t>(step), uniform_.data());
    return uniform_.data();
  }

  Loop loop_;
  std::uint32_t size_;
  std::int64_t first_;
  RandomKey random_;
  std::array<AlignedVector<Real>, n_state> state_;
  std::array<AlignedVector<Real>, n_derived> derived_;
  std::array<std::size_t, n_derived> derived_mask_{};
  std::array<bool, n_state> inert_{};
  AlignedVector<Real> uniform_, current_;
};

/// Reads one neuron's Parameters out of the columns of a SliceSpec.
template <class Model>
auto parameters_from(const SliceSpec& spec) {
  return [&spec](std::uint32_t i) {
    typename Model::Parameters p;
    for (std::size_t k = 0; k < std::size(Model::parameters); ++k)
      if (k < spec.parameters.size() && !spec.parameters[k].empty())
        p.*(Model::parameters[k].member) =
            spec.parameters[k][spec.parameters[k].size() == 1 ? 0 : i];
    return p;
  };
}

/// Whether that parameter is given neuron by neuron, in a population and so in each of its slices.
template <class Model>
bool is_varied(const SliceSpec& spec, double Model::Parameters::*member) {
  for (std::size_t k = 0; k < spec.by_neuron.size(); ++k)
    if (Model::parameters[k].member == member) return spec.by_neuron[k];
  return false;
}

/// The table of a model struct, for documents, docs and checks.
template <class Model>
NeuronModel describe_model(const char* name) {
  NeuronModel m;
  m.name = name;
  m.summary = Model::summary;
  m.methods.assign(std::begin(Model::methods), std::end(Model::methods));
  if constexpr (requires { Model::presets(); }) m.presets = Model::presets();
  m.source = Model::source;
  const typename Model::Parameters defaults;
  for (const auto& f : Model::parameters)
    m.parameters.push_back({f.name, f.unit, defaults.*(f.member), f.range, f.meaning});
  const auto initial =
      std::bit_cast<std::array<double, std::size(Model::state)>>(Model::initial(defaults));
  for (std::size_t k = 0; k < std::size(Model::state); ++k)
    m.state.push_back({Model::state[k].name, Model::state[k].unit, initial[k],
                       Model::state[k].range, Model::state[k].meaning});
  m.receptors.assign(std::begin(Model::receptors), std::end(Model::receptors));
  m.stochastic = requires { Model::stochastic; };
  if constexpr (requires { Model::inert_when_alike; }) {
    for (const std::size_t k : Model::inert_when_alike) m.inert_when_alike.push_back(k);
    m.alike_parameters.assign(std::begin(Model::alike_parameters),
                              std::end(Model::alike_parameters));
  }
  m.check = [](std::span<const double> values) -> std::string {
    typename Model::Parameters p;
    for (std::size_t k = 0; k < values.size(); ++k) p.*(Model::parameters[k].member) = values[k];
    return Model::check(p);
  };
  return m;
}

}  // namespace ranvier
