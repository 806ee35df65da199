#include "app/simulation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/catalogue.h"
#include "app/document_write.h"
#include "app/prepare.h"
#include "app/session.h"
#include "core/checkpoint.h"
#include "core/drive.h"
#include "core/run_folder.h"
#include "core/titles.h"
#include "neurons/sources.h"

namespace ranvier::app {
namespace {

std::string title(const Population& p) { return fmt::format("population \"{}\"", p.name); }

std::vector<std::string> names_of(const std::vector<FieldInfo>& fields) {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields) names.push_back(field.name);
  return names;
}

/// What has to agree between what was saved and the simulation that goes on from it.
/// The document's hash has all that came from files in it.
Fingerprint fingerprint(const Document& document, const Layout& layout) {
  return {fmt::format("{} {}", layout.compact ? "compact" : "exact", document_hash(document)), {}};
}

/// Refuses networks that differ between ranks, whose scripts have made other calls: messages would
/// be taken for what they are not.
void require_one_network(const Document& document, Comm& comm) {
  if (comm.size() == 1) return;
  const std::string hash = document_hash(document);
  Bytes mine;
  append_all(mine, std::span<const char>(hash));
  const std::vector<Bytes> all = comm.all_gather(mine);
  agree_on(comm, [&] {
    for (std::size_t rank = 1; rank < all.size(); ++rank)
      if (all[rank] != all[0])
        throw Error(ErrorKind::usage,
                    fmt::format("the network of rank {} is not that of rank 0; all ranks have to "
                                "make the same calls, with the same values",
                                rank));
  });
}

}  // namespace

Simulation::Simulation(Document document, const SimulationOptions& options, Comm& comm)
    : comm_(&comm), workers_(options.threads) {
  FileHashes files;
  agree_on(comm, [&] {
    files = hash_files(document);
    locate_inputs(document, nullptr);
    if (!options.output.empty() && comm.rank() == 0)
      require_new_run(options.output, options.overwrite, "overwrite=True");
  });
  if (!options.resume.empty() && !options.output.empty())
    throw Error(ErrorKind::usage,
                "resume: a run folder begins at time 0: only one of \"resume\" and \"output\"");
  require_one_network(document, comm);
  document_ = std::make_unique<Document>(settle_advance(std::move(document), comm, workers_));
  layout_ = std::make_unique<Layout>(lay_out(*document_, comm, workers_));
  // The folder comes after the network, so that nothing is left of one that cannot be built.
  with_name_of(*document_, [&] { kernel_ = std::make_unique<Kernel>(*layout_, comm, workers_); });
  if (options.first_run) agree_on(comm, [&] { require_can_run(*options.first_run); });
  if (!options.output.empty()) {
    if (document_->text.empty()) document_->text = brief_json(*document_);
    folder_ = make_run_folder(layout_->record,
                              {.path = options.output,
                               .run_json = run_json(*document_, *layout_, files),
                               .overwrite = options.overwrite,
                               .workers = &workers_},
                              comm);
  }
  document_->text.clear();  // changes from here on do not stand in it
  sink_ = std::make_unique<MemorySink>(layout_->record, comm, folder_.get());
  if (options.resume.empty()) return;
  Checkpoint checkpoint;
  agree_on(comm, [&] {
    checkpoint =
        read_checkpoint(options.resume, fingerprint(*document_, *layout_), *layout_, comm.rank());
  });
  kernel_->load(checkpoint.kernel);
}

Simulation::~Simulation() = default;

Kernel& Simulation::kernel() {
  if (!kernel_) throw Error(ErrorKind::usage, "the simulation is closed");
  return *kernel_;
}

void Simulation::require_can_run(double ms) {
  const std::int64_t now = kernel().now();
  const double end = to_ms(Time{now}) + ms;
  const Json shown;
  const Place place(shown, "run");
  check_time(place, ms, ErrorKind::range, end);
  if (!(end < max_ms)) place.fail(fmt::format("{} ms, must end before {:g} ms", ms, max_ms));
  if (layout_->has_clocked && (now + from_ms(ms).count()) % layout_->dt_ns != 0)
    place.fail(
        fmt::format("{} ms, must end at a multiple of dt ({} ms), since clocked populations exist",
                    ms, document_->run.dt));
}

RecordedSlice Simulation::run(double ms, const std::function<bool(double)>& keep_going) {
  Kernel& k = kernel();
  require_can_run(ms);
  has_failed_ = true;  // until it has not
  reached_ = run_with_name_of(*document_, [&] {
    return k.run(k.now() + from_ms(ms).count(), *sink_,
                 [&keep_going](std::int64_t now) { return keep_going(to_ms(Time{now})); });
  });
  sink_->flush(k.now());
  has_failed_ = false;
  return sink_->take();
}

void Simulation::save(const std::filesystem::path& path) {
  Kernel& k = kernel();
  if (k.now() == 0) throw Error(ErrorKind::usage, "save: nothing has run yet");
  write_checkpoint(path, {k.save(), {}}, fingerprint(*document_, *layout_), *layout_, *comm_);
}

void Simulation::close(Ending ending) {
  if (!kernel_) return;
  if (folder_ && ending != Ending::failed && !has_failed_ && kernel_->now() > 0)
    sink_->finish({reached_ && ending == Ending::as_meant, now(), kernel_->state_digest()});
  kernel_.reset();
  sink_.reset();
  folder_.reset();
}

double Simulation::now() const { return kernel_ ? to_ms(Time{kernel_->now()}) : 0; }
KernelTotals Simulation::totals() { return kernel().totals(); }
std::string Simulation::state_digest() { return kernel().state_digest(); }

int Simulation::variable_of(std::size_t p, const std::string& name) const {
  const NeuronModel* model = layout_->populations[p].model;
  const int index = model ? find_field(model->state, name) : -1;
  if (index < 0) {
    const std::vector<std::string> known =
        model ? names_of(model->state) : std::vector<std::string>{};
    throw Error(ErrorKind::range,
                fmt::format("{}: {} has no state variable \"{}\"{}", title(population(p)),
                            population(p).model, name, did_you_mean(name, known)));
  }
  const bool of_receptors =
      name != "v" && model->state[static_cast<std::size_t>(index)].unit.rfind("steps", 0) != 0;
  if (layout_->populations[p].receptors_alike && of_receptors) refuse_alike(p, name);
  return index;
}

// Compact storage keeps one current where the receptors decay alike (core/layout.cpp).
void Simulation::refuse_alike(std::size_t p, const std::string& name) const {
  throw Error(ErrorKind::unsupported,
              fmt::format("{}: {}: its receptors act alike and are kept as one in compact storage; "
                          "record the variable, or use storage \"exact\"",
                          title(population(p)), name));
}

const std::vector<FieldInfo>& Simulation::parameters_of(std::size_t p) const {
  const PopulationLayout& chosen = layout_->populations[p];
  return chosen.model ? chosen.model->parameters : chosen.source->parameters;
}

void Simulation::check_neurons(std::size_t p, std::span<const std::int64_t> neurons) const {
  for (const std::int64_t i : neurons)
    if (i < 0 || i >= population(p).size)
      throw Error(ErrorKind::range, fmt::format("{}: index {}, must be from 0 to {}",
                                                title(population(p)), i, population(p).size - 1));
}

std::vector<double> Simulation::state(std::size_t p, const std::string& variable) {
  return kernel().state(p, variable_of(p, variable));
}

void Simulation::set_state(std::size_t p, const std::string& variable,
                           std::span<const std::int64_t> neurons, std::span<const double> values) {
  const int index = variable_of(p, variable);
  check_neurons(p, neurons);
  const Range range = layout_->populations[p].model->state[static_cast<std::size_t>(index)].range;
  for (const double x : values)
    if (!in_range(x, range))
      throw Error(ErrorKind::range, fmt::format("{}: {}: {}, {}", title(population(p)), variable, x,
                                                describe(range)));
  kernel().set_state(p, index, neurons, values);
}

std::vector<double> Simulation::parameter(std::size_t p, const std::string& name) const {
  const std::vector<FieldInfo>& table = parameters_of(p);
  const int index = find_field(table, name);
  if (index < 0)
    throw Error(ErrorKind::range,
                fmt::format("{}: {} has no parameter \"{}\"{}", title(population(p)),
                            population(p).model, name, did_you_mean(name, names_of(table))));
  const auto given = population(p).parameters.find(name);
  const auto size = static_cast<std::size_t>(population(p).size);
  const auto k = static_cast<std::size_t>(index);
  if (given == population(p).parameters.end())
    return std::vector<double>(size, table[k].default_value);
  // The keys under which core/chunk.cpp and neurons/sources.cpp draw a law.
  const bool neurons = layout_->populations[p].model != nullptr;
  const RandomKey key =
      derive_key(document_->run.seed, neurons ? Stream::parameter : Stream::source, p);
  return evaluate(
      given->second, {0, population(p).size, population(p).size},
      derive_key(key.value, Stream::parameter, neurons ? k : neurons::parameter_number(name)));
}

void Simulation::set_parameter(std::size_t p, const std::string& name,
                               std::span<const std::int64_t> neurons,
                               std::span<const double> values) {
  std::vector<double> all = parameter(p, name);
  check_neurons(p, neurons);
  const Json shown;
  const Place place(shown, fmt::format("{}: {}", title(population(p)), name));
  const FieldInfo& field =
      parameters_of(p)[static_cast<std::size_t>(find_field(parameters_of(p), name))];
  std::vector<std::int64_t> changed;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    check_number(place, values[i], {.unit = field.unit, .range = field.range});
    double& value = all[static_cast<std::size_t>(neurons[i])];
    if (value != values[i]) changed.push_back(neurons[i]);
    value = values[i];
  }
  if (changed.empty()) return;
  if (const PopulationLayout& chosen = layout_->populations[p]; chosen.receptors_alike) {
    const auto& alike = chosen.model->alike_parameters;
    if (std::find(alike.begin(), alike.end(), name) != alike.end()) refuse_alike(p, name);
  }
  std::sort(changed.begin(), changed.end());
  Population& stored = document_->network.populations[p];
  Population next = stored;
  const bool same = std::all_of(all.begin(), all.end(), [&](double x) { return x == all[0]; });
  next.parameters[name] =
      same ? Value(all[0]) : Value(Array(std::make_shared<std::vector<double>>(std::move(all))));
  if (const NeuronModel* model = layout_->populations[p].model)
    check_together(Place(shown, title(stored)), *model, next);
  Population before = std::exchange(stored, std::move(next));
  try {
    kernel().change_parameters(p, changed);
  } catch (...) {
    stored = std::move(before);
    throw;
  }
}

void Simulation::set_spike_times(std::size_t p, std::vector<std::vector<double>> times) {
  Population& stored = document_->network.populations[p];
  if (stored.model != "spike_source_array")
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: only spike_source_array takes spike times, the model is \"{}\"",
                            title(stored), stored.model));
  std::swap(stored.spike_times, times);
  try {
    kernel().change_parameters(p, {});
  } catch (...) {
    std::swap(stored.spike_times, times);
    throw;
  }
}

void Simulation::inject(std::size_t p, std::span<const std::int64_t> neurons,
                        std::span<const double> times) {
  if (layout_->populations[p].model)
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: spikes are injected through a spike source, the model is \"{}\"",
                            title(population(p)), population(p).model));
  check_neurons(p, neurons);
  const std::int64_t now = kernel().now();
  std::vector<RecordedSpike> spikes;
  std::map<std::pair<std::int64_t, std::int64_t>, int> in_step;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    if (!(times[i] < max_ms) || from_ms(times[i]).count() <= now)
      throw Error(ErrorKind::range,
                  fmt::format("{}: spike at {} ms, must be later than now ({} ms)",
                              title(population(p)), times[i], to_ms(Time{now})));
    const std::int64_t at = from_ms(times[i]).count();
    if (layout_->may_narrow_sums() &&
        ++in_step[{neurons[i], (at + layout_->dt_ns - 1) / layout_->dt_ns}] > max_spikes_a_step)
      throw Error(ErrorKind::capacity,
                  fmt::format("{}: over {} spikes of source {} in one step of dt",
                              title(population(p)), max_spikes_a_step, neurons[i]));
    spikes.push_back({at, layout_->partition.first_gid[p] + static_cast<Gid>(neurons[i])});
  }
  kernel().inject(spikes);
}

void Simulation::change_stimulus(std::size_t index, const Part& changes) {
  Stimulus& stored = document_->network.stimuli.at(index);
  Document form;  // the stimulus alone, with its target, in a document's form
  form.run = document_->run;
  form.network.populations.push_back(
      document_->network.populations[document_->network.find(stored.target)]);
  form.network.stimuli.push_back(stored);
  Json json = document_json(form, nullptr).find("stimuli")->as_array()[0];
  const Place place(changes.json, fmt::format("stimulus {}", index));
  for (const auto& [key, value] : place.object()) {
    for (const char* fixed :
         {"type", "name", "target", "neurons", "weight", "receptor", "interval"})
      if (key == fixed)
        place.inside(key, value)
            .fail("cannot change while the network runs", ErrorKind::unsupported);
    json.set(key, value);
  }
  const std::size_t target = document_->network.find(stored.target);
  const bool event = layout_->populations[target].event;
  if (event && stored.type == Stimulus::Type::poisson && !stored.times.empty())
    place.fail("a course of rates into an event-driven population cannot change",
               ErrorKind::unsupported);
  form.network.stimuli.clear();
  Loading loading{form, &catalogue(), changes.arrays};
  read_stimulus(loading, Place(json, fmt::format("stimulus {}", index)));
  Stimulus before = std::exchange(stored, form.network.stimuli[0]);
  std::vector<std::int64_t> cuts_before = layout_->cuts;
  if (event && stored.type != Stimulus::Type::poisson) {
    layout_->cuts.push_back(kernel().now());
    for (const double ms : change_times(stored)) layout_->cuts.push_back(from_ms(ms).count());
    std::sort(layout_->cuts.begin(), layout_->cuts.end());
    layout_->cuts.erase(std::unique(layout_->cuts.begin(), layout_->cuts.end()),
                        layout_->cuts.end());
  }
  try {
    check_stimulus(document_->network, index, document_->run.dt);
    kernel().change_stimulus(index);
  } catch (...) {
    stored = std::move(before);
    layout_->cuts = std::move(cuts_before);
    throw;
  }
}

// What the first build decided counts for the neurons that go on: how they are moved, with how many
// digits, and how weights are kept.
void Simulation::keep_decisions(Document& next) const {
  const auto& known = document_->network.populations;
  auto& all = next.network.populations;
  const auto fail = [](const std::string& what) { throw Error(ErrorKind::unsupported, what); };
  if (next.run.dt != document_->run.dt || next.run.seed != document_->run.seed)
    fail("rebuild: dt and seed cannot change while the network runs");
  if (all.size() < known.size())
    fail(fmt::format("rebuild: {} populations, must begin with the {} that run", all.size(),
                     known.size()));
  for (std::size_t p = 0; p < known.size(); ++p) {
    if (all[p].name != known[p].name || all[p].model != known[p].model ||
        all[p].size != known[p].size || all[p].file != known[p].file)
      fail(fmt::format("rebuild: {}: {} x {}, must be {} as it runs: {} x {}", title(all[p]),
                       all[p].size, all[p].model, title(known[p]), known[p].size, known[p].model));
    all[p].advance = known[p].advance;
    if (!layout_->populations[p].model) continue;
    all[p].precision =
        layout_->populations[p].single_precision ? Precision::single_ : Precision::double_;
  }
  next.run.storage = layout_->compact ? Storage::compact : Storage::exact;
}

void Simulation::rebuild(Document next) {
  Kernel& before = kernel();
  if (folder_)
    throw Error(ErrorKind::unsupported,
                "rebuild: a run folder is being written, whose populations and reports are fixed");
  agree_on(*comm_, [&] {
    locate_inputs(next, nullptr);
    keep_decisions(next);
    next.text.clear();
  });
  require_one_network(next, *comm_);
  auto document = std::make_unique<Document>(settle_advance(std::move(next), *comm_, workers_));
  auto layout = std::make_unique<Layout>(lay_out(*document, *comm_, workers_, layout_.get()));
  layout->cuts.insert(std::upper_bound(layout->cuts.begin(), layout->cuts.end(), before.now()),
                      before.now());
  auto sink = std::make_unique<MemorySink>(layout->record, *comm_);
  auto kernel =
      with_name_of(*document, [&] { return std::make_unique<Kernel>(*layout, *comm_, workers_); });
  kernel->take_over(before, *sink);
  kernel_ = std::move(kernel);
  sink_ = std::move(sink);
  layout_ = std::move(layout);
  document_ = std::move(document);
}

std::vector<double> Simulation::current(std::size_t index, std::int64_t neuron,
                                        std::span<const double> times) const {
  const Stimulus& s = document_->network.stimuli.at(index);
  if (s.type == Stimulus::Type::poisson)
    throw Error(ErrorKind::range, fmt::format("{}: must be a current", title_of(s, index)));
  const std::size_t target = document_->network.find(s.target);
  check_neurons(target, {&neuron, 1});
  const CurrentDrive drive(s, index, document_->run, neuron, 1, population(target).size);
  std::vector<double> values;
  for (const double ms : times) values.push_back(drive.at(0, ms));
  return values;
}

}  // namespace ranvier::app
