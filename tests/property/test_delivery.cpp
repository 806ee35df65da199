// Delivery against an independent form: one slice a neuron, each with its own list of future
// arrivals, windows of one step, and synapses drawn once for whole populations. Nothing of chunks,
// target tables, calendars, windows or routes is used, so a fault that every split shares (a lost
// group of delays, say) shows here. Same spikes, bit for bit.
#include <map>

#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;

namespace {

struct Neuron {
  Gid gid = 0;
  std::size_t population = 0;
  std::uint32_t index = 0;
  std::unique_ptr<ClockedSlice> clocked;
  std::unique_ptr<EventSlice> event;
  std::unique_ptr<SpikeSource> source;
  struct Train {
    PoissonDrive drive;
    std::uint32_t receptor;
    std::int64_t weight;
  };
  std::vector<Train> trains;
  std::vector<CurrentDrive> currents;
  double injected = 0;
  std::multimap<std::int64_t, std::pair<std::uint32_t, std::int64_t>>
      arrivals;  ///< ns (clocked: the step's end): receptor, weight
};

class BruteForce {
 public:
  explicit BruteForce(const Case& c)
      : network_(c.network), layout_(make_layout(network_, c.run, app::catalogue(), {})) {
    for (std::size_t p = 0; p < network_.populations.size(); ++p)
      for (std::int64_t i = 0; i < network_.populations[p].size; ++i)
        neurons_.push_back(make_neuron(p, i));
    for (std::size_t i = 0; i < network_.projections.size(); ++i) connect(i);
  }

  std::vector<RecordedSpike> run(std::int64_t steps) {
    for (std::int64_t step = 1; step <= steps; ++step) {
      const std::size_t before = spikes_.size();
      for (Neuron& n : neurons_) advance(n, step);
      for (std::size_t s = before; s < spikes_.size(); ++s) send(spikes_[s]);
    }
    std::erase_if(spikes_, [this](const RecordedSpike& s) {
      return !layout_.record.populations[neurons_[s.gid].population].spikes;
    });
    std::sort(spikes_.begin(), spikes_.end());
    return spikes_;
  }

 private:
  using Columns = std::vector<std::vector<double>>;
  static Columns columns(const std::vector<FieldInfo>& fields,
                         const std::map<std::string, Value>& given, ValueRange one, RandomKey key) {
    Columns result(fields.size());
    for (std::size_t k = 0; k < fields.size(); ++k)
      if (const auto found = given.find(fields[k].name); found != given.end())
        result[k] = evaluate(found->second, one, derive_key(key.value, Stream::parameter, k));
    return result;
  }

  Neuron make_neuron(std::size_t p, std::int64_t i) {
    const Population& population = network_.populations[p];
    const PopulationLayout& chosen = layout_.populations[p];
    const std::uint64_t seed = layout_.run.seed;
    Neuron n;
    n.gid = neurons_.size();
    n.population = p;
    n.index = static_cast<std::uint32_t>(i);
    if (chosen.source) {
      n.source = chosen.source->make({&population, i, 1, derive_key(seed, Stream::source, p)});
      return n;
    }
    SliceSpec spec;
    spec.first = i;
    spec.size = 1;
    spec.dt = layout_.run.dt;
    spec.single_precision = chosen.single_precision;
    spec.plain = true;
    spec.random = derive_key(seed, Stream::escape_noise, p);
    spec.parameters = columns(chosen.model->parameters, population.parameters,
                              {i, 1, population.size}, derive_key(seed, Stream::parameter, p));
    for (const FieldInfo& field : chosen.model->parameters) {
      const auto given = population.parameters.find(field.name);
      spec.by_neuron.push_back(given != population.parameters.end() &&
                               !std::holds_alternative<double>(given->second));
    }
    spec.initial = columns(chosen.model->state, population.initial, {i, 1, population.size},
                           derive_key(seed, Stream::initial_state, p));
    if (chosen.event) n.event = chosen.model->make_event(spec);
    else n.clocked = chosen.model->make_clocked(spec);
    for (std::size_t s = 0; s < network_.stimuli.size(); ++s) {
      const Stimulus& stimulus = network_.stimuli[s];
      if (stimulus.target != population.name) continue;
      const std::uint32_t receptor = layout_.stimulus_receptor[s];
      if (stimulus.type == Stimulus::Type::poisson)
        n.trains.push_back({PoissonDrive(stimulus, s, layout_.run, i, 1, population.size), receptor,
                            std::llround(stimulus.weight / chosen.quantum[receptor])});
      else n.currents.emplace_back(stimulus, s, layout_.run, i, 1, population.size);
    }
    return n;
  }

  void connect(std::size_t projection) {
    const ProjectionLayout& p = layout_.projections[projection];
    const double per_quantum = 1.0 / layout_.populations[p.target].quantum[p.receptor];
    const auto n_sources = static_cast<std::uint32_t>(network_.populations[p.source].size);
    const auto n_targets = static_cast<std::uint32_t>(network_.populations[p.target].size);
    const auto rows = make_rows(network_, projection, layout_.run, {0, n_targets});
    synapses_.resize(neurons_.size());
    for (std::uint32_t source = 0; source < n_sources; ++source) {
      std::vector<Synapse> row;
      rows->append(source, row);
      for (const Synapse& s : row)
        synapses_[layout_.partition.first_gid[p.source] + source].push_back(
            {layout_.partition.first_gid[p.target] + s.target, p.receptor, s.delay,
             std::llrint(s.weight * per_quantum)});
    }
  }

  void send(const RecordedSpike& spike) {
    const std::int64_t dt = layout_.dt_ns;
    for (const auto& s : synapses_[spike.gid]) {
      Neuron& target = neurons_[s.target];
      const std::int64_t from = target.clocked ? (spike.time + dt - 1) / dt * dt : spike.time;
      target.arrivals.emplace(from + s.delay * dt, std::pair{s.receptor, s.weight});
    }
  }

  void advance(Neuron& n, std::int64_t step) {
    const std::int64_t begin = (step - 1) * layout_.dt_ns, end = step * layout_.dt_ns;
    std::vector<Firing> fired;
    if (n.source) n.source->spikes({Time{begin}, Time{end}}, fired);
    else if (n.clocked) advance_clocked(n, step, fired);
    else advance_event(n, begin, end, fired);
    for (const Firing& f : fired) spikes_.push_back({f.time, n.gid});
  }

  void advance_clocked(Neuron& n, std::int64_t step, std::vector<Firing>& fired) {
    const PopulationLayout& chosen = layout_.populations[n.population];
    std::array<std::array<std::int64_t, slice_padding>, max_receptors> sums{};
    alignas(64) std::array<double, slice_padding> current{};
    const auto [first, last] = n.arrivals.equal_range(step * layout_.dt_ns);
    for (auto a = first; a != last; ++a) sums[a->second.first][0] += a->second.second;
    n.arrivals.erase(first, last);
    for (Neuron::Train& t : n.trains) t.drive.add(step, t.weight, sums[t.receptor].data());
    for (const CurrentDrive& drive : n.currents) drive.add(step, current.data());
    std::vector<std::uint32_t> indices;
    ClockedSlice::Step s;
    s.number = step;
    for (std::size_t r = 0; r < chosen.quantum.size(); ++r) {
      s.sums64[r] = sums[r].data();
      s.quantum[r] = chosen.quantum[r];
    }
    s.current = n.currents.empty() ? nullptr : current.data();
    s.fired = &indices;
    n.clocked->step(s);
    if (!indices.empty()) fired.push_back({step * layout_.dt_ns, 0});
  }

  void advance_event(Neuron& n, std::int64_t begin, std::int64_t end, std::vector<Firing>& fired) {
    std::vector<std::int64_t> ends;
    for (const std::int64_t cut : layout_.cuts)
      if (cut > begin && cut < end) ends.push_back(cut);
    ends.push_back(end);
    for (const std::int64_t until : ends) {
      double now = 0;
      for (const CurrentDrive& drive : n.currents) now += drive.at(0, to_ms(Time{begin}));
      if (now != n.injected) n.event->change_current(Time{begin}, 0, now - n.injected);
      n.injected = now;
      std::vector<std::pair<std::int64_t, std::uint32_t>> driven;
      for (Neuron::Train& t : n.trains) {
        driven.clear();
        t.drive.arrivals({Time{begin}, Time{until}}, driven);
        for (const auto& [time, i] : driven)
          n.arrivals.emplace(time, std::pair{t.receptor, t.weight});
      }
      std::vector<Arrival> now_due;
      while (!n.arrivals.empty() && n.arrivals.begin()->first <= until) {
        const auto& [time, what] = *n.arrivals.begin();
        now_due.push_back({0, time - begin, what.first, what.second});
        n.arrivals.erase(n.arrivals.begin());
      }
      n.event->advance({Time{begin}, Time{until}}, now_due,
                       layout_.populations[n.population].quantum, fired);
      begin = until;
    }
  }

  struct Target {
    Gid target;
    std::uint32_t receptor, delay;
    std::int64_t weight;
  };
  Network network_;
  Layout layout_;
  std::vector<Neuron> neurons_;
  std::vector<std::vector<Target>> synapses_;
  std::vector<RecordedSpike> spikes_;
};

}  // namespace

TEST_CASE("the kernel delivers what a brute-force simulator delivers", "[core]") {
  for (const Case& c : cases()) {
    INFO(c.name);
    const auto& projections = c.network.projections;
    const auto is_static = [](const Projection& p) { return p.synapse == "static"; };
    if (!std::all_of(projections.begin(), projections.end(), is_static)) continue;
    const std::vector<RecordedSpike> expected = BruteForce(c).run(1000);
    CHECK(expected.size() > 100);
    CHECK(run(c, {{1, 1}, {100'000'000}}).spikes == expected);
  }
}
