#include "app/prepare.h"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>

#include "app/catalogue.h"
#include "core/kernel.h"
#include "core/plan.h"
#include "core/raw_file.h"
#include "core/sha256.h"
#include "encoding/spike_stream.h"

namespace ranvier::app {
namespace {

/// Every rank makes the same one, or all fail together.
Layout agreed_layout(const Document& document, Comm& comm, const Workers& workers,
                     const Layout* before) {
  Layout layout;
  agree_on(comm, [&] {
    layout = layout_of(document, {comm.size(), workers.size(), false, before});
  });
  return layout;
}

}  // namespace

Error named_after(const Document& document, const Error& error, const std::string& input) {
  const ErrorKind kind = error.kind();
  if (document.name.empty() ||
      (kind != ErrorKind::range && kind != ErrorKind::unsupported && kind != ErrorKind::capacity))
    return error;
  Error named(kind, fmt::format("{}: {}{}{}", document.name, input, input.empty() ? "" : ": ",
                                error.what()));
  if (error.is_agreed()) named.set_agreed();
  return named;
}

Layout layout_of(const Document& document, const LayoutOptions& options) {
  return with_name_of(
      document, [&] { return make_layout(document.network, document.run, catalogue(), options); });
}

FileHashes hash_files(const Document& document) {
  FileHashes hashes;
  Bytes block(std::size_t{1} << 20);
  for (const auto& [name, path] : document.files) {
    std::error_code failed;  // what can be read once only was read
    if (!std::filesystem::is_regular_file(path, failed)) continue;
    const RawFile file = RawFile::open(path);
    Sha256 sha;
    std::size_t n = 0;
    for (std::uint64_t at = 0; (n = file.read_at(at, block)) > 0; at += n) sha.add(block.data(), n);
    hashes[name] = sha.hex();
  }
  return hashes;
}

namespace {

constexpr double most_arrivals_a_step = 0.1;

/// Arrivals that the spikes of a run make, the ones on their way among them: as counted, or as the
/// mean number of synapses of a neuron has it, whichever is more.
double arrivals_of(const Layout& layout, const KernelTotals& totals) {
  double sent = 0;
  for (const ProjectionLayout& p : layout.projections)
    sent += static_cast<double>(totals.spikes_of[p.source]) * p.estimate.synapses /
            std::max(1.0, static_cast<double>(layout.network->populations[p.source].size));
  return std::max(sent, static_cast<double>(totals.synaptic_events));
}

/// Whether a neuron of the network has more than one arrival in ten steps on average, as a short
/// biological span has it, which ends where so many have been. Throws what a run does.
bool is_busy(const Document& document, const Layout& layout, Comm& comm, Workers& workers,
             const std::string& input) {
  constexpr double span_ms = 50;
  Kernel kernel = with_name_of(document, [&] { return Kernel(layout, comm, workers); });
  NoRecorder nothing;
  KernelTotals totals = kernel.totals();
  const std::int64_t steps = std::max<std::int64_t>(1, from_ms(span_ms).count() / layout.dt_ns);
  const double most = most_arrivals_a_step * static_cast<double>(steps) *
                      std::max(1.0, static_cast<double>(totals.neurons));
  for (std::int64_t step = 0; step < steps;) {
    step = std::min(steps, step + layout.window_steps);
    run_with_name_of(
        document,
        [&] { return kernel.run(step * layout.dt_ns, nothing, [](std::int64_t) { return true; }); },
        input);
    totals = kernel.totals();
    if (arrivals_of(layout, totals) >= most) return true;
  }
  return false;
}

/// Whether a neuron of the population may fire twice at one instant: none with a refractory time.
bool may_not_rest(const Population& p) {
  const auto given = p.parameters.find("tau_refrac");
  if (given == p.parameters.end()) {
    const NeuronModel& model = *catalogue().neurons.find(p.model);
    const int field = find_field(model.parameters, "tau_refrac");
    return field < 0 || !(model.parameters[static_cast<std::size_t>(field)].default_value > 0);
  }
  const double* everywhere = std::get_if<double>(&given->second);
  return !everywhere || !(*everywhere > 0);
}

/// Bytes of the network with these populations advanced so, as planned.
double planned_bytes(const Document& document, const std::vector<Population*>& open,
                     Advance advance, Comm& comm, const Workers& workers) {
  for (Population* p : open) p->advance = advance;
  return make_plan(agreed_layout(document, comm, workers, nullptr)).total();
}

}  // namespace

// Settles `advance: auto`: the network is run for a short biological span and then started again
// from zero, the same span for every duration. Where a neuron has less than one arrival in ten
// steps on average, touching just the neurons that are reached is cheaper. The trial is of the form
// that takes less memory, and ends where the span's arrivals are used up. The counts are summed
// over all ranks, and the same arithmetic is done on each, so every split decides alike. What the
// event-driven form refuses (a neuron that would fire at one instant for ever) is clocked, which
// refuses it too where it has to: where that can be, no network is event-driven that was not tried
// so.
Document settle_advance(Document document, Comm& comm, Workers& workers, const std::string& input) {
  std::vector<Population*> open;
  for (Population& p : document.network.populations) {
    if (p.advance != Advance::automatic) continue;
    p.advance = Advance::clocked;
    const NeuronModel* model = catalogue().neurons.find(p.model);
    bool can = model && model->make_event;
    double driven = 0;  // arrivals a step from Poisson drives
    for (const Projection& projection : document.network.projections)
      can = can && (projection.target != p.name ||
                    (projection.synapse == "static" && !projection.connector.procedural));
    for (const Stimulus& s : document.network.stimuli) {
      if (s.target != p.name) continue;
      can = can && s.type != Stimulus::Type::noise && s.type != Stimulus::Type::ac;
      if (s.type != Stimulus::Type::poisson) continue;
      const double* rate = std::get_if<double>(&s.rate);
      driven += rate && s.times.empty() ? *rate * 1e-3 * document.run.dt : 1;
    }
    if (can && driven < most_arrivals_a_step) open.push_back(&p);
  }
  // A stream that can be read once is not spent on a trial: such a document is clocked.
  for (const Population& p : document.network.populations)
    if (!p.file.empty() && !encoding::can_read_again(p)) open.clear();
  if (open.empty()) return document;
  const auto bytes = [&](Advance a) { return planned_bytes(document, open, a, comm, workers); };
  const auto settled_by = [&](Advance tried) {
    for (Population* p : open) p->advance = tried;
    const Layout layout = agreed_layout(document, comm, workers, nullptr);
    try {
      return is_busy(document, layout, comm, workers, input) ? Advance::clocked : Advance::event;
    } catch (const Error& error) {
      if (tried != Advance::event || error.kind() != ErrorKind::range) throw;
      return Advance::clocked;
    }
  };
  const bool event_is_smaller = bytes(Advance::event) < bytes(Advance::clocked);
  Advance chosen = settled_by(event_is_smaller ? Advance::event : Advance::clocked);
  if (chosen == Advance::event && !event_is_smaller &&
      std::any_of(open.begin(), open.end(), [](const Population* p) { return may_not_rest(*p); }))
    chosen = settled_by(Advance::event);
  for (Population* p : open) p->advance = chosen;
  return document;
}

void locate_inputs(Document& document, const char* read_again) {
  std::vector<std::filesystem::path> once;
  for (Population& p : document.network.populations) {
    if (p.file.empty()) continue;
    if (p.file != "-") p.file = (document.folder / p.file).string();
    if (encoding::can_read_again(p)) continue;
    const std::string shown = p.file == "-" ? "standard input" : p.file;
    if (read_again)
      throw Error(ErrorKind::unsupported,
                  fmt::format("population \"{}\": {} can be read once only, which {}", p.name,
                              shown, read_again));
    const std::filesystem::path same = std::filesystem::weakly_canonical(p.file);
    if (std::find(once.begin(), once.end(), same) != once.end())
      throw Error(
          ErrorKind::range,
          fmt::format("population \"{}\": another population reads {} already", p.name, shown));
    once.push_back(same);
  }
  document.folder.clear();
}

Layout lay_out(const Document& document, Comm& comm, const Workers& workers, const Layout* before) {
  Layout layout = agreed_layout(document, comm, workers, before);
  const int sharing = ranks_of_this_machine(comm);
  agree_on(comm, [&] {
    with_name_of(document, [&] { require_memory(layout, available_memory() / sharing); });
  });
  return layout;
}

int ranks_of_this_machine(Comm& comm) {
  Bytes name(256);
  gethostname(reinterpret_cast<char*>(name.data()), name.size() - 1);
  int n = 0;
  for (const Bytes& other : comm.all_gather(name)) n += other == name ? 1 : 0;
  return n;
}

}  // namespace ranvier::app
