// Simulation: a network that is built once and moved slice by slice, for closed loops and for
// languages above C++. Between two slices its state and parameters are read and changed, spikes are
// injected, rates and currents set; where nothing is changed, slices give the same bits as one run.
// Every rank makes the same calls in the same order. Tested by tests/unit/app/test_simulation.cpp
// and tests/unit/python/test_simulation.py.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/document.h"
#include "app/network_builder.h"
#include "core/comm/comm.h"
#include "core/kernel.h"
#include "core/memory_sink.h"
#include "core/rule_variables.h"

namespace ranvier::app {

/// How a simulation is run.
struct SimulationOptions {
  int threads = 1;                    ///< 1 to 1024
  std::filesystem::path output;       ///< run folder; empty: results stay in memory alone
  bool overwrite = false;             ///< an earlier run folder of that name
  std::filesystem::path resume;       ///< file that save() wrote, to go on from; empty: begin at 0
  std::optional<double> first_run{};  ///< ms of the first run(), if known: refused before a folder
};

/// A network in motion that can be looked at and changed between slices of time.
class Simulation {
 public:
  /// Builds the network. Collective. Throws Error as make_layout, Kernel, require_can_run (for
  /// `first_run`), make_run_folder and read_checkpoint do.
  Simulation(Document document, const SimulationOptions& options, Comm& comm);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Moves on by `ms` (> 0). `keep_going(now in ms)` is asked about every 10 ms of biological time
  /// and may end the slice early. Collective. Throws Error(range) as require_can_run does, and
  /// where the network does what cannot be computed.
  /// \returns what was recorded on the way, the same on every rank
  RecordedSlice run(double ms, const std::function<bool(double)>& keep_going);
  /// Throws Error(range) unless `ms` is a whole number of nanoseconds, > 0, after which the
  /// simulation stands at a whole step where clocked populations exist.
  void require_can_run(double ms);
  /// Writes where the simulation stands (core/checkpoint.h); a simulation of document() goes on
  /// from there, on any number of ranks and threads, to the same bits. Collective. Throws
  /// Error(usage) before the first run, Error(io).
  void save(const std::filesystem::path& path);
  /// Why a simulation is closed: it was meant to end here, or is left on request or by a fault.
  enum class Ending { as_meant, early, failed };
  /// Ends the run folder, if any: none is left where nothing has run, and of what failed, now or in
  /// run(), what a run leaves that fails (NAME.partial). Nothing can be called afterwards but
  /// close(). Collective, unless `ending` is `failed`.
  void close(Ending ending = Ending::as_meant);

  bool is_closed() const { return !kernel_; }
  double now() const;                             ///< ms
  bool ended_early() const { return !reached_; }  ///< the last slice
  KernelTotals totals();                          ///< collective
  std::string state_digest();                     ///< collective; hexadecimal
  const Document& document() const { return *document_; }
  const RecordPlan& record_plan() const { return layout_->record; }
  const Layout& layout() const { return *layout_; }

  /// A state variable of all neurons of a population. Collective. Throws Error(range) for an
  /// unknown variable.
  std::vector<double> state(std::size_t population, const std::string& variable);
  void set_state(std::size_t population, const std::string& variable,
                 std::span<const std::int64_t> neurons, std::span<const double> values);
  /// A parameter of all neurons (or sources) of a population.
  std::vector<double> parameter(std::size_t population, const std::string& name) const;
  /// Sets it from now() on. Throws Error(range) outside the table's range or where parameters
  /// contradict each other, and changes nothing then.
  void set_parameter(std::size_t population, const std::string& name,
                     std::span<const std::int64_t> neurons, std::span<const double> values);
  /// New spike times (ms) of a spike_source_array; those up to now() are past.
  void set_spike_times(std::size_t population, std::vector<std::vector<double>> times);
  /// Spikes that sources of the population emit beside their own at `times` (ms, > now()), one a
  /// neuron named. Throws Error(range | unsupported).
  void inject(std::size_t population, std::span<const std::int64_t> neurons,
              std::span<const double> times);
  /// Of a projection's synapses, by source, as NetworkBuilder::connections lists them: "weight"
  /// (in the receptor's unit; core/plasticity.h says when it changes), "delay" (ms), a parameter of
  /// their rule, or a variable of its state as the last presynaptic spike left it. Collective.
  /// Throws Error(range) for an unknown name.
  std::vector<double> synapse_values(std::size_t projection, const std::string& name);
  /// Sets "weight", or a variable of the rule's state, from now() on, of the synapses at those
  /// positions of that list. A trace is kept once a source unless parameters vary: all of a
  /// source's synapses are set alike then. Collective. Throws Error(range), or Error(unsupported)
  /// for static synapses and what cannot be set.
  void set_synapse_values(std::size_t projection, const std::string& name,
                          std::span<const std::int64_t> synapses, std::span<const double> values);
  /// A stimulus as it was with the given fields of its document's form replaced: rate, amplitude,
  /// start, stop, times, values, offset, frequency, phase, mean, stdev. Collective.
  void change_stimulus(std::size_t stimulus, const Part& changes);
  /// Goes on with another network from now(): its first populations are those that run (same
  /// names, models and sizes); parameters, projections, weights, delays, stimuli and probes are
  /// what it says, and populations may follow. Neurons and sources keep their state; what is on its
  /// way arrives as it was sent (core/kernel_rebuild.cpp). Collective. Throws Error(unsupported)
  /// where it cannot go on or a run folder is written, and as the constructor does; nothing has
  /// changed then.
  void rebuild(Document next);
  /// What a current stimulus, as it stands, gives to one neuron of its target at `times` (ms), nA:
  /// at a step's begin, what drives the step. Throws Error(range) for poisson stimuli.
  std::vector<double> current(std::size_t stimulus, std::int64_t neuron,
                              std::span<const double> times) const;

 private:
  const Population& population(std::size_t index) const {
    return document_->network.populations[index];
  }
  void keep_decisions(Document& next) const;
  const std::vector<FieldInfo>& parameters_of(std::size_t population) const;
  int variable_of(std::size_t population, const std::string& name) const;
  [[noreturn]] void refuse_alike(std::size_t population, const std::string& name) const;
  Kernel& kernel();
  void set_weights(std::size_t projection, std::span<const double> all);
  void set_variable(std::size_t projection, const VariablePlace& variable,
                    std::span<const double> all);
  template <class F>
  void each_drawn(std::size_t projection, F&& f) const;
  void check_neurons(std::size_t population, std::span<const std::int64_t> neurons) const;

  Comm* comm_;
  std::unique_ptr<Document> document_;
  Workers workers_;
  std::unique_ptr<Layout> layout_;
  std::unique_ptr<Recorder> folder_;
  std::unique_ptr<MemorySink> sink_;
  std::unique_ptr<Kernel> kernel_;
  bool reached_ = true, has_failed_ = false;  ///< the last slice
};

}  // namespace ranvier::app
