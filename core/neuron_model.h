// What a neuron model is to the rest of Ranvier, and what its file has to define.
//
// A file neurons/models/NAME.cpp holds one struct (see if_curr_exp.cpp) with
//
//   Parameters, parameters     doubles with their defaults (ms, mV, nA, nF, uS), and their table
//   template <class V> State   what a neuron carries from step to step, and `state`, its table in
//                              the order of the members
//   receptors                  names and units of the inputs; a weight is in the receptor's unit
//   template <class V> Derived, derive(Parameters, dt)   coefficients, made in double precision
//   initial(Parameters)        the state at time 0
//   check(Parameters)          a fault between parameters, or ""
//   methods                    the methods of integration that it offers, the default first
//   step(State&, Derived, Input)   one step of dt by the default method; returns who fired.
//                              Order of events: dynamics over dt, then the arrivals stamped with
//                              the step's end are added, then the threshold is tested
//
// and optionally an event-driven form (core/event_slice.h), published parameter sets (`presets`),
// and, for the general methods (neurons/methods.h), `slope` and `settle`. It is written once over
// the lane type V; the build makes every SIMD target, single and double precision, and the one-lane
// reference of it (cmake/model.cpp.in, core/neuron_loop.h).
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/arrivals.h"
#include "core/rng.h"
#include "core/table.h"
#include "core/time.h"

namespace ranvier {

inline constexpr int max_receptors = 4;
static_assert(max_receptors <= 4, "an Arrival keeps the receptor in 2 bits");

/// A state variable of a model's table.
struct FieldText {
  const char* name;
  const char* unit;
  const char* meaning;
  Range range = Range::any;
};

/// An input of a model, and the unit of its weights.
struct Receptor {
  const char* name;
  const char* unit;
};

/// Who moves a model's equations over a step: the model's own `step`, its own `exponential_euler`,
/// or a general scheme under its `slope` (neurons/methods.h).
enum class Scheme { own, exponential_euler, rk4, adaptive };

/// A method of integration that a model offers, chosen by name.
struct Method {
  const char* name;
  const char* text;
  Scheme scheme = Scheme::own;
};

namespace method {
inline constexpr Method exact{"exact", "exact integration"};
inline constexpr Method exponential_euler{
    "exponential_euler",
    "exponential Euler: every variable exactly, the others as at the step's beginning (order 1)",
    Scheme::exponential_euler};
inline constexpr Method rk4{"rk4", "classical Runge-Kutta with a fixed step (order 4)",
                            Scheme::rk4};
inline constexpr Method rk_adaptive{
    "rk_adaptive",
    "Dormand & Prince's adaptive Runge-Kutta (order 5) to 1e-10 a part of a step, in double "
    "precision: slow, the reference",
    Scheme::adaptive};
}  // namespace method

/// Whether a model's table of methods has one of that scheme.
template <class Model>
constexpr bool offers(Scheme scheme) {
  for (const Method& m : Model::methods)
    if (m.scheme == scheme) return true;
  return false;
}

/// What a step receives, in every lane: sums of arrivals a receptor (in its unit), injected current
/// (nA), and, for models that declare `static constexpr bool stochastic = true`, a uniform random
/// number in (0, 1).
template <class V>
struct Input {
  std::array<V, max_receptors> sum;
  V current;
  V uniform;
};

/// A slice of a population that is moved step by step on the grid. Local indices [0, size).
class ClockedSlice {
 public:
  /// Inputs of one step; sums are set to zero again by the step. Exactly one of sums32, sums64 is
  /// used.
  struct Step {
    std::int64_t number = 0;  ///< of the step: it ends at number * dt
    std::array<std::int32_t*, max_receptors>
        sums32{};  ///< [size padded to 64] a receptor, or null: no input
    std::array<std::int64_t*, max_receptors> sums64{};
    std::array<double, max_receptors> quantum{};  ///< unit of the sums
    const double* current = nullptr;              ///< [size padded to 64] nA, or null: none
    bool same_current = false;                    ///< and what it was in the last step
    std::vector<std::uint32_t>* fired = nullptr;  ///< local indices, appended in rising order
  };
  virtual ~ClockedSlice() = default;
  virtual void step(const Step& step) = 0;
  /// State variable `variable` (position in the model's table) of neuron i.
  virtual double state(int variable, std::uint32_t i) const = 0;
  virtual void set_state(int variable, std::uint32_t i, double value) = 0;
};

/// A spike of neuron number `neuron` of a slice.
struct Firing {
  std::int64_t time;  ///< ns
  std::uint32_t neuron;
};

/// A slice of a population whose neurons are touched only by arrivals and their own firings.
class EventSlice {
 public:
  virtual ~EventSlice() = default;
  /// Moves the neurons through (begin, end]. A neuron's `arrivals` follow in rising time, those of
  /// one instant one upon the other; firings are appended, a neuron's in rising time. `quantum` a
  /// receptor.
  virtual void advance(Window window, std::span<const Arrival> arrivals,
                       std::span<const double> quantum, std::vector<Firing>& fired) = 0;
  /// The same, of arrivals as they were collected: a slice may move its neurons row by row.
  virtual void advance_through(Window window, ArrivalList& arrivals,
                               std::span<const double> quantum, std::vector<Firing>& fired) {
    advance(window, arrivals.ordered(), quantum, fired);
  }
  /// Adds `nA` to neuron i's injected current from `at` on (moves the neuron there).
  virtual void change_current(Time at, std::uint32_t i, double nA) = 0;
  /// State variable as seen at `at` (>= the neuron's last move): a copy is moved, the neuron is
  /// not.
  virtual double state(int variable, std::uint32_t i, Time at) const = 0;
  /// Puts neuron i into a state at `at`: variables in the table's order, injected current (nA).
  virtual void place(std::uint32_t i, std::span<const double> state, Time at) = 0;
  /// The raw state for checkpoints, from which a neuron of the same parameters goes on to the bit:
  /// a number a state variable, in the slice's own form; injected current; time of the last move
  /// (ns).
  virtual void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const = 0;
  virtual void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) = 0;
  /// The first neuron of [begin, end) with a variable that is not finite.
  virtual std::optional<std::uint32_t> first_not_finite(std::uint32_t begin,
                                                        std::uint32_t end) const = 0;
  /// Has its neurons moved by `before` from now on, where both can be moved as one: advance() there
  /// numbers them from `distance` on, which is not below the number of neurons moved there; all
  /// else goes on here. Returns whether it has (core/joined_slice.h).
  virtual bool join(EventSlice& /*before*/, std::uint32_t /*distance*/) { return false; }
};

/// Thrown by EventSlice::advance() where a neuron would fire at one instant for ever: the first
/// such neuron as the slice numbers them.
struct EndlessFiring {
  std::uint32_t neuron;
  Time at;
};

/// What a slice is made from. Columns have one entry (the same for all) or `size` entries.
struct SliceSpec {
  std::int64_t first = 0;  ///< index in the population of the slice's first neuron
  std::uint32_t size = 0;
  std::vector<std::vector<double>> parameters;  ///< a column a parameter, in the table's order
  std::vector<std::vector<double>>
      initial;      ///< a column a state variable; empty: the model's initial state
  double dt = 0.1;  ///< ms
  bool single_precision = false;
  Scheme scheme = Scheme::own;
  bool receptors_alike = false;  ///< one receptor serves all (PopulationLayout::receptors_alike)
  bool plain = false;            ///< the one-lane loop, the firing queue: what tests compare with
  RandomKey random{};            ///< of a stochastic model
  /// Which parameters the population gives neuron by neuron; a slice of one does not show it.
  std::vector<bool> by_neuron{};
};

/// Published parameter sets: name of a preset -> name of a parameter -> value, in the units of the
/// model's table.
using Presets = std::map<std::string, std::map<std::string, double>>;

/// A model as the kernel, the documents and the docs see it.
struct NeuronModel {
  std::string name;
  std::string summary;
  std::string source;  ///< papers; then, where it is the same model, "NEST NAME", "PyNN NAME"
  std::vector<Method> methods;  ///< of the clocked form; the first is the default
  Presets presets;
  std::vector<FieldInfo> parameters;
  std::vector<FieldInfo> state;
  std::vector<Receptor> receptors;
  bool stochastic = false;
  /// Where these parameters are equal, the receptors act alike and the first may take every input;
  /// the state variables that then stay zero. Empty: never.
  std::vector<std::string> alike_parameters;
  std::vector<std::size_t> inert_when_alike;
  std::unique_ptr<ClockedSlice> (*make_clocked)(const SliceSpec&) =
      nullptr;  ///< null: no clocked form
  std::unique_ptr<EventSlice> (*make_event)(const SliceSpec&) =
      nullptr;  ///< null: no event-driven form
  std::string (*check)(std::span<const double> parameters) =
      nullptr;  ///< a fault between parameters, or ""
};

/// The method of that name, or the default for ""; null where the model has no such method.
const Method* find_method(const NeuronModel& model, std::string_view name);

/// The models that a program knows, by name: handed to the kernel and the readers of documents.
class NeuronCatalogue {
 public:
  explicit NeuronCatalogue(std::vector<NeuronModel> models) : models_(std::move(models)) {}
  /// The model of that name, or null.
  const NeuronModel* find(std::string_view name) const;
  const std::vector<NeuronModel>& all() const { return models_; }
  std::vector<std::string> names() const;

 private:
  std::vector<NeuronModel> models_;
};

}  // namespace ranvier

// Last line of a model's file; the unit that compiles the file gives it its meaning
// (cmake/model.cpp.in).
#ifndef RANVIER_REGISTER
#define RANVIER_REGISTER(kind, name, Type)
#endif
