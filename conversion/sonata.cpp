// SONATA configurations: which files belong together, the run, input spikes, reports. Nodes and
// edges are read in sonata_network.cpp.
#include "conversion/sonata.h"

#include "conversion/sonata_config.h"
#include "conversion/sonata_network.h"
#include "core/error.h"

#include <fmt/core.h>

namespace ranvier::conversion {
namespace {

Json load_node_sets(const SonataConfig& simulation, const SonataConfig& circuit) {
  Json sets = Json::object();
  for (const SonataConfig* config : {&circuit, &simulation}) {
    const Json* file = config->find({"node_sets_file"});
    if (!file) continue;
    if (!file->is_string()) config->fail("/node_sets_file", "must be a text");
    const std::filesystem::path path = config->path(file->as_string());
    const Json read = parse_json(read_text(path), path.string());
    if (!read.is_object())
      throw Error(ErrorKind::parse, fmt::format("{}: must be an object", path.string()));
    for (const auto& [name, set] : read.as_object()) sets.set(name, set);
  }
  return sets;
}

RunSettings read_run(const SonataConfig& simulation, std::vector<std::string>& notes) {
  RunSettings run;
  const Json* given = simulation.find({"run"});
  if (!given) {
    notes.push_back(fmt::format("no run settings: {} ms with dt {} ms", run.duration, run.dt));
    return run;
  }
  const double start = simulation.number(*given, "/run", "tstart", 0);
  if (start != 0) simulation.unsupported("/run/tstart", fmt::format("{} ms, must be 0", start));
  if (!given->find("tstop")) simulation.fail("/run/tstop", "missing");
  run.duration = simulation.number(*given, "/run", "tstop", 0);
  if (!(run.duration > 0 && run.duration < max_ms))
    simulation.fail("/run/tstop", fmt::format("{} ms, must be > 0", run.duration));
  if (!given->find("dt")) notes.push_back(fmt::format("no run/dt: {} ms", run.dt));
  run.dt = simulation.number(*given, "/run", "dt", run.dt);
  if (!(run.dt > 0)) simulation.fail("/run/dt", fmt::format("{} ms, must be > 0", run.dt));
  const Json* seed = given->find("random_seed");
  if (!seed) notes.push_back("no run/random_seed: 1");
  else if (!seed->is_integer() || seed->as_number() < 0)
    simulation.fail("/run/random_seed", "must be a whole number from 0 to 2^64 - 1");
  else run.seed = seed->as_unsigned();
  return run;
}

/// Spikes of one input, added to the virtual nodes of its node set.
void read_spike_input(const SonataConfig& config, const std::string& place, const Json& input,
                      const Json& sets, SonataNetwork& network) {
  const char* file_key = input.find("spike_file") ? "spike_file" : "input_file";
  const std::filesystem::path path = config.path(config.text(input, place, file_key));
  const Json* set = input.find("node_set");
  if (!set) config.fail(place + "/node_set", "missing");
  for (const SonataNodeSet& part : resolve_node_set(config, place + "/node_set", *set, sets)) {
    if (part.population.empty())
      config.unsupported(
          place + "/node_set",
          "a node set of every population cannot be given spikes; name a population");
    const SonataSpikes spikes = read_sonata_spikes(path, part.population);
    if (!spikes.population.empty() && spikes.population != part.population)
      network.note(fmt::format("{}: has spikes of \"{}\" alone, taken for those of \"{}\"",
                               path.string(), spikes.population, part.population));
    network.add_spikes(part, spikes, path.string(), config, place + "/node_set");
  }
}

void read_inputs(const SonataConfig& config, const Json& sets, SonataNetwork& network) {
  const Json* inputs = config.find({"inputs"});
  if (!inputs) return;
  if (!inputs->is_object()) config.fail("/inputs", "must be an object");
  for (const auto& [name, input] : inputs->as_object()) {
    const std::string place = "/inputs/" + name;
    if (!input.is_object()) config.fail(place, "must be an object");
    if (!config.enabled(input, place)) continue;
    const std::string type = config.text(input, place, "input_type");
    if (type != "spikes")
      config.unsupported(place + "/input_type", fmt::format("\"{}\", must be \"spikes\"", type));
    const std::string module = config.text(input, place, "module");
    if (module != "h5" && module != "hdf5" && module != "sonata" && module != "synapse_replay")
      config.unsupported(place + "/module",
                         fmt::format("\"{}\", must be h5, sonata or synapse_replay", module));
    for (const char* key : {"delay", "trial"})
      if (config.number(input, place, key, 0) != 0)
        config.unsupported(place + "/" + key, "must be 0");
    read_spike_input(config, place, input, sets, network);
  }
}

void read_reports(const SonataConfig& config, const Json& sets, double duration,
                  SonataNetwork& network) {
  const Json* reports = config.find({"reports"});
  if (!reports) return;
  if (!reports->is_object()) config.fail("/reports", "must be an object");
  for (const auto& [name, report] : reports->as_object()) {
    const std::string place = "/reports/" + name;
    if (!report.is_object()) config.fail(place, "must be an object");
    if (!config.enabled(report, place)) continue;
    const std::string variable = config.text(report, place, "variable_name");
    if (variable != "V_m" && variable != "v")
      config.unsupported(place + "/variable_name",
                         fmt::format("\"{}\", must be V_m or v", variable));
    if (config.number(report, place, "start_time", 0) > 0 ||
        config.number(report, place, "end_time", duration) < duration)
      network.note(fmt::format(
          "{}: start_time and end_time are left aside, the whole run is recorded", place));
    const char* key = report.find("dt") ? "dt" : "interval";  // SONATA's word, PointNet's
    const double interval = config.number(report, place, key, 0);
    if (!(interval >= 0 && interval < max_ms))
      config.fail(fmt::format("{}/{}", place, key), fmt::format("{} ms, must be >= 0", interval));
    const Json* cells = report.find("cells");
    const Json all("all");
    for (const SonataNodeSet& part :
         resolve_node_set(config, place + "/cells", cells ? *cells : all, sets))
      network.add_probe(part, "v", interval, config, place + "/cells");
  }
}

/// The two configurations that a file is or names.
struct Configs {
  SonataConfig circuit, simulation;
};

Configs load_configs(const std::filesystem::path& path) {
  SonataConfig first(path);
  Configs configs;
  if (first.find({"networks"})) configs.circuit = first;
  if (first.find({"run"})) configs.simulation = first;
  if (const Json* simulation = first.find({"simulation"})) {
    if (!simulation->is_string()) first.fail("/simulation", "must be the name of a file");
    configs.simulation = SonataConfig(first.path(simulation->as_string()));
  }
  for (const SonataConfig* config : {&first, &configs.simulation}) {
    if (configs.circuit.is_loaded() || !config->is_loaded()) continue;
    const Json* network = config->find({"network"});
    if (network && !network->is_string()) config->fail("/network", "must be the name of a file");
    if (network) configs.circuit = SonataConfig(config->path(network->as_string()));
  }
  if (!configs.circuit.is_loaded())
    first.fail("/network", "missing, and there is no networks field either");
  if (!configs.circuit.find({"networks"})) configs.circuit.fail("/networks", "missing");
  return configs;
}

}  // namespace

bool is_sonata_config(const Json& json) {
  if (!json.is_object() || json.find("ranvier")) return false;
  const Json* network = json.find("network");
  return json.find("networks") ||
         (network && network->is_string() && (json.find("run") || json.find("simulation")));
}

SonataModel load_sonata(const std::filesystem::path& config) {
  const Configs configs = load_configs(config);
  std::vector<std::string> notes;
  const RunSettings run = read_run(configs.simulation, notes);
  SonataNetwork network(configs.circuit, run, std::move(notes));
  network.read_nodes();
  network.read_edges();
  if (const Json* v = configs.simulation.find({"conditions", "v_init"})) {
    if (!v->is_number()) configs.simulation.fail("/conditions/v_init", "must be a number (mV)");
    network.set_initial_potential(v->as_number());
  }
  if (configs.simulation.find({"conditions", "celsius"}))
    network.note("conditions/celsius: left aside, no model here depends on it");
  const Json sets = load_node_sets(configs.simulation, configs.circuit);
  read_inputs(configs.simulation, sets, network);
  read_reports(configs.simulation, sets, run.duration, network);
  SonataModel model = network.finish();
  for (const SonataConfig* part : {&configs.circuit, &configs.simulation})
    if (part->is_loaded()) model.files.push_back(part->file());
  return model;
}

}  // namespace ranvier::conversion
