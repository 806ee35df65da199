// SONATA networks: a small one made here with every form that the reader knows, and the
// point-neuron example of the SONATA repository where the sample data are present (RANVIER_SAMPLES,
// or ../shared/data). Expected defaults are those of NEST 3.10.0 (nest.GetDefaults of each model);
// the example's figures were read from its files with h5dump 1.10.8.
#include "conversion/sonata.h"

#include "conversion/sonata_nest.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "tests/catch.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <numeric>

using namespace ranvier;
using namespace ranvier::conversion;

namespace {

/// A circuit of four neurons (two models, ids 10, 20, 30, 40) and two virtual nodes, in a folder
/// that is gone afterwards.
struct Circuit {
  std::filesystem::path path;

  explicit Circuit(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("ranvier_sonata_" + name)) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path / "models");
    write("circuit.json", R"({"manifest": {"$BASE": ".", "$MODELS": "${BASE}/models"},
      "components": {"point_neuron_models_dir": "$MODELS", "synaptic_models_dir": "$MODELS"},
      "networks": {"nodes": [{"nodes_file": "$BASE/nodes.h5", "node_types_file": "$BASE/node_types.csv"}],
                   "edges": [{"edges_file": "$BASE/edges.h5", "edge_types_file": "$BASE/edge_types.csv"}]}})");
    write("simulation.json",
          R"({"network": "circuit.json", "run": {"tstop": 100.0, "dt": 0.1, "random_seed": 7},
      "conditions": {"v_init": -66.5}, "node_sets_file": "sets.json",
      "inputs": {"drive": {"input_type": "spikes", "module": "sonata", "input_file": "spikes.h5", "node_set": "drivers"}},
      "reports": {"v": {"cells": {"population": "cells", "node_id": [20, 40]}, "variable_name": "V_m", "module": "membrane_report", "dt": 0.5}}})");
    write("sets.json", R"({"drivers": {"population": "in"}})");
    write("node_types.csv",
          "node_type_id model_type model_template dynamics_params name\n"
          "1 point_process nest:iaf_psc_alpha exc.json \"first \"\"type\"\"\"\n2 point_neuron "
          "nest:iaf_cond_exp NULL NULL\n3 virtual NULL NULL NULL\n");
    write("edge_types.csv",
          "edge_type_id syn_weight delay model_template\n5 12.5 2.0 static_synapse\n6 -4 NULL "
          "static_synapse\n");
    write("models/exc.json", R"({"tau_m": 15.0, "C_m": 200.0, "I_e": 375.0})");
    write_hdf5();
  }
  ~Circuit() { std::filesystem::remove_all(path); }

  void write(const std::string& file, const std::string& text) const {
    std::ofstream(path / file) << text;
  }

  void write_hdf5() const {
    using Integers = std::vector<std::int64_t>;
    hdf5::File nodes = hdf5::File::create(path / "nodes.h5");
    nodes.write("/nodes/cells/node_id", Integers{10, 20, 30, 40});
    nodes.write("/nodes/cells/node_type_id", Integers{1, 2, 1, 2});
    nodes.write("/nodes/cells/node_group_id", Integers{0, 1, 0, 1});
    nodes.write("/nodes/cells/node_group_index", Integers{1, 0, 0, 1});
    nodes.write("/nodes/cells/0/dynamics_params/V_th", std::vector<double>{-51, -52});
    nodes.write("/nodes/cells/1/x", std::vector<double>{1, 2});
    nodes.write("/nodes/in/node_type_id", Integers{3, 3});
    hdf5::File edges = hdf5::File::create(path / "edges.h5");
    edges.write("/edges/in_cells/source_node_id", Integers{0, 1, 1});
    edges.write("/edges/in_cells/target_node_id", Integers{10, 20, 40});
    edges.write("/edges/in_cells/edge_type_id", Integers{5, 5, 6});
    edges.write("/edges/in_cells/edge_group_id", Integers{0, 0, 0});
    edges.write("/edges/in_cells/edge_group_index", Integers{0, 1, 2});
    edges.write("/edges/in_cells/0/delay", std::vector<double>{1.5, 1.6, 1.7});
    edges.set_attribute("/edges/in_cells/source_node_id", "node_population", "in");
    edges.set_attribute("/edges/in_cells/target_node_id", "node_population", "cells");
    hdf5::File spikes = hdf5::File::create(path / "spikes.h5");
    spikes.write("/spikes/in/timestamps", std::vector<double>{5, 3, 4});
    spikes.write("/spikes/in/node_ids", Integers{1, 1, 0});
    spikes.set_attribute("/spikes/in/timestamps", "units", "ms");
  }

  std::string answer(const std::string& file = "simulation.json") const {
    try {
      load_sonata(path / file);
    } catch (const Error& error) {
      return error.what();
    }
    return "loaded";
  }
};

const Population& population(const Network& network, const std::string& name) {
  return network.populations[network.find(name)];
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a SONATA circuit of two models and virtual nodes becomes a network in Ranvier's units",
          "[conversion][sonata]") {
  const Circuit circuit("small");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  CHECK(model.run.duration == 100);
  CHECK(model.run.seed == 7);
  REQUIRE(model.network.populations.size() == 3);
  const Population& alpha = population(model.network, "cells.iaf_psc_alpha");
  CHECK(alpha.model == "if_curr_alpha");
  CHECK(alpha.size == 2);
  CHECK(std::get<double>(alpha.parameters.at("tau_m")) == 15);
  CHECK(std::get<double>(alpha.parameters.at("cm")) == 0.2);
  CHECK(std::get<double>(alpha.parameters.at("i_offset")) == 0.375);
  CHECK(std::get<double>(alpha.parameters.at("tau_refrac")) == 2);
  CHECK(*std::get<Array>(alpha.parameters.at("v_thresh")) ==
        std::vector<double>{-52, -51});  // rows 1, 0 of the group
  CHECK(std::get<double>(alpha.initial.at("v")) == -66.5);
  const Population& cond = population(model.network, "cells.iaf_cond_exp");
  CHECK(cond.model == "if_cond_exp");
  CHECK(std::get<double>(cond.parameters.at("tau_m")) == Approx(250 / 16.6667));
  CHECK(std::get<double>(cond.parameters.at("e_rev_I")) == -85);
  CHECK(population(model.network, "in").spike_times ==
        std::vector<std::vector<double>>{{4}, {3, 5}});
}

TEST_CASE("edges are parted by target model and sign, weights in nA and uS",
          "[conversion][sonata]") {
  const Circuit circuit("edges");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  REQUIRE(model.network.projections.size() == 3);
  const auto weight = [&model](std::size_t i) {
    return std::get<double>(model.network.projections[i].weight);
  };
  std::map<std::string, std::size_t> by_target;
  for (std::size_t i = 0; i < 3; ++i)
    by_target[model.network.projections[i].target + " " + model.network.projections[i].receptor] =
        i;
  REQUIRE(by_target.count("cells.iaf_psc_alpha excitatory") == 1);
  const std::size_t a = by_target.at("cells.iaf_psc_alpha excitatory");
  CHECK(weight(a) == 0.0125);
  CHECK(std::get<double>(model.network.projections[a].delay) ==
        1.5);  // the HDF5 attribute wins over the table
  CHECK(*model.network.projections[a].connector.targets == std::vector<std::uint32_t>{0});
  const std::size_t i = by_target.at("cells.iaf_cond_exp inhibitory");
  CHECK(weight(i) == 0.004);
  CHECK(*model.network.projections[i].connector.sources == std::vector<std::uint32_t>{1});
  CHECK(*model.network.projections[i].connector.targets == std::vector<std::uint32_t>{1});
  CHECK(std::get<double>(model.network.projections[i].delay) == 1.7);
}

TEST_CASE("reports become probes, and the spikes of every neuron are recorded",
          "[conversion][sonata]") {
  const Circuit circuit("probes");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  REQUIRE(model.network.probes.size() == 3);
  CHECK(model.network.probes[0].population == "cells.iaf_cond_exp");
  CHECK(model.network.probes[0].neurons == std::vector<std::int64_t>{0, 1});
  CHECK(model.network.probes[0].variables == std::vector<std::string>{"v"});
  CHECK(model.network.probes[0].interval == 0.5);
  CHECK(model.network.probes[1].variables == std::vector<std::string>{"spikes"});
}

TEST_CASE("node sets that overlap count every node once", "[conversion][sonata]") {
  const Circuit circuit("sets");
  circuit.write("sets.json",
                R"({"drivers": ["first", "both"], "first": {"population": "in", "node_id": 1},
      "both": {"population": "in", "node_id": [0, 1]}})");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  CHECK(population(model.network, "in").spike_times ==
        std::vector<std::vector<double>>{{4}, {3, 5}});
  for (const std::string& note : model.notes) CHECK_FALSE(contains(note, "left aside"));
  circuit.write(
      "sets.json",
      R"({"drivers": ["first", {"population": "in"}], "first": {"population": "in", "node_id": 1}})");
  CHECK(population(load_sonata(circuit.path / "simulation.json").network, "in").spike_times ==
        std::vector<std::vector<double>>{{4}, {3, 5}});
}

TEST_CASE("a report of a part of the run is one of the whole run, which is noted",
          "[conversion][sonata]") {
  const Circuit circuit("report_times");
  const auto notes = [&](const std::string& times) {
    circuit.write(
        "simulation.json",
        R"({"network": "circuit.json", "run": {"tstop": 100.0, "dt": 0.1, "random_seed": 1},
      "reports": {"v": {"cells": {"population": "cells"}, "variable_name": "V_m", )" +
            times + R"("module": "membrane_report", "dt": 0.5}}})");
    std::size_t n = 0;
    for (const std::string& note : load_sonata(circuit.path / "simulation.json").notes)
      n += contains(note, "/reports/v: start_time and end_time are left aside") ? 1 : 0;
    return n;
  };
  CHECK(notes("") == 0);
  CHECK(notes(R"("start_time": 0.0, "end_time": 100.0, )") == 0);
  CHECK(notes(R"("start_time": 10.0, "end_time": 100.0, )") == 1);
  CHECK(notes(R"("start_time": 0.0, "end_time": 50.0, )") == 1);
}

TEST_CASE("a report of several node sets of a population is one probe", "[conversion][sonata]") {
  const Circuit circuit("report");
  circuit.write("simulation.json",
                R"({"network": "circuit.json", "run": {"tstop": 100.0, "dt": 0.1},
      "reports": {"v": {"cells": [{"population": "cells", "node_id": 40}, {"population": "cells", "node_id": [20, 40]}],
                        "variable_name": "V_m", "module": "membrane_report", "dt": 0.5}}})");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  REQUIRE(model.network.probes.size() == 3);  // and the spikes of two populations
  CHECK(model.network.probes[0].neurons == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("attributes that are texts are read past, and seeds have 64 bits",
          "[conversion][sonata]") {
  const Circuit circuit("attributes");
  {
    hdf5::File nodes = hdf5::File::create(circuit.path / "nodes.h5");
    nodes.write("/nodes/cells/node_type_id", std::vector<std::int64_t>{1, 2});
    nodes.write("/nodes/cells/0/pop_name", std::vector<std::string>{"e", "i"}, {2});
  }
  circuit.write("circuit.json", R"({"components": {"point_neuron_models_dir": "models"},
      "networks": {"nodes": [{"nodes_file": "nodes.h5", "node_types_file": "node_types.csv"}]}})");
  const auto load = [&circuit](const std::string& seed) {
    circuit.write(
        "simulation.json",
        R"({"network": "circuit.json", "run": {"tstop": 1, "random_seed": )" + seed + "}}");
    return load_sonata(circuit.path / "simulation.json");
  };
  CHECK(load("18446744073709551615").run.seed == 18446744073709551615U);
  for (const char* seed : {"-1", "1.5", "\"one\"", "18446744073709551616"})
    CHECK_THROWS_WITH(load(seed), Catch::Contains("/run/random_seed: must be a whole number"));
}

TEST_CASE("a circuit without a simulation configuration takes defaults and says so",
          "[conversion][sonata]") {
  const Circuit circuit("alone");
  const SonataModel model = load_sonata(circuit.path / "circuit.json");
  CHECK(model.run.dt == 0.1);
  REQUIRE_FALSE(model.notes.empty());
  CHECK(contains(model.notes[0], "no run settings"));
  CHECK(std::get<double>(population(model.network, "cells.iaf_psc_alpha").initial.at("v")) == -70);
}

TEST_CASE("a missing parameter file means NEST's defaults, listed among the notes",
          "[conversion][sonata]") {
  const Circuit circuit("missing");
  std::filesystem::remove(circuit.path / "models/exc.json");
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  CHECK(std::get<double>(population(model.network, "cells.iaf_psc_alpha").parameters.at("tau_m")) ==
        10);
  const bool noted =
      std::any_of(model.notes.begin(), model.notes.end(),
                  [](const std::string& note) { return contains(note, "exc.json: no such file"); });
  CHECK(noted);
}

TEST_CASE("what a SONATA network asks for and Ranvier has not is refused with file and field",
          "[conversion][sonata][bad_input]") {
  const Circuit circuit("bad");
  REQUIRE(circuit.answer() == "loaded");
  const std::string types = "node_type_id model_type model_template\n";
  circuit.write("node_types.csv",
                types + "1 biophysical NULL\n2 point_neuron nest:iaf_cond_exp\n3 virtual NULL\n");
  CHECK(contains(circuit.answer(),
                 "nodes.h5: cells: node 10 (type 1): model_type \"biophysical\", must be virtual "
                 "or point_neuron"));
  circuit.write(
      "node_types.csv",
      types +
          "1 point_neuron nest:iaf_psc_alfa\n2 point_neuron nest:iaf_cond_exp\n3 virtual NULL\n");
  CHECK(contains(circuit.answer(), "did you mean \"nest:iaf_psc_alpha\"?"));
  circuit.write("node_types.csv", types + "1 point_neuron nest:iaf_psc_alpha\n3 virtual NULL\n");
  CHECK(contains(circuit.answer(), "nodes.h5: node_type_id 2 is not in the table of types"));
  circuit.write("node_types.csv", types + "1 point_neuron\n");
  CHECK(contains(circuit.answer(), "node_types.csv: line 2: 2 columns, the header has 3"));
}

TEST_CASE("malformed parts of a SONATA network are refused by name",
          "[conversion][sonata][bad_input]") {
  const Circuit circuit("malformed");
  circuit.write("edge_types.csv",
                "edge_type_id delay model_template\n5 0.01 static_synapse\n6 1 stdp_synapse\n");
  CHECK(contains(circuit.answer(),
                 "edge type 6: model_template \"stdp_synapse\", must be static_synapse"));
  circuit.write("edge_types.csv", "edge_type_id syn_weight\n5 heavy\n6 1\n");
  CHECK(contains(circuit.answer(), "syn_weight: \"heavy\", must be a number"));
  circuit.write("edge_types.csv", "edge_type_id syn_weight\n5 1\n6 1\n");
  REQUIRE(circuit.answer() == "loaded");
  circuit.write("models/exc.json", R"({"tau_m": 15.0, "tau_membrane": 3})");
  CHECK(contains(circuit.answer(),
                 "exc.json: /tau_membrane: not a supported parameter of iaf_psc_alpha"));
  circuit.write("models/exc.json", "{}");
  circuit.write("sets.json", R"({"driver": {"population": "in"}})");
  CHECK(contains(circuit.answer(),
                 "simulation.json: /inputs/drive/node_set: unknown node set \"drivers\", did you "
                 "mean \"driver\"?"));
  circuit.write("sets.json", R"({"drivers": ["drivers"]})");
  CHECK(contains(circuit.answer(), "node sets refer to each other"));
  circuit.write("sets.json",
                R"({"drivers": {"population": "in", "node_id": 18446744073709551615}})");
  CHECK(
      contains(circuit.answer(), "node set, node_id: must hold whole numbers from 0 to 2^63 - 1"));
  const auto many = [](const std::string& name) {
    std::string list = "\"" + name + "\"";
    for (int k = 1; k < 1100; ++k) list += ", \"" + name + "\"";
    return "[" + list + "]";
  };
  circuit.write("sets.json", R"({"drivers": )" + many("a") + R"(, "a": )" + many("b") +
                                 R"(, "b": {"population": "in"}})");
  CHECK(contains(circuit.answer(), "node sets name others more than 1000000 times"));
  circuit.write("sets.json", R"({"drivers": {"population": "out"}})");
  CHECK(contains(circuit.answer(), "there is no node population \"out\""));
  circuit.write("circuit.json",
                R"({"networks": {"nodes": [{"nodes_file": "$NETWORK/nodes.h5"}]}})");
  CHECK(contains(circuit.answer(), "names the variable $NETWORK, which is not there"));
  circuit.write(
      "circuit.json",
      R"({"manifest": {"$A": "$B", "$B": "$A"}, "networks": {"nodes": [{"nodes_file": "$A/nodes.h5"}]}})");
  CHECK(contains(circuit.answer(), "variables refer to each other"));
  std::filesystem::resize_file(circuit.path / "nodes.h5", 900);
  circuit.write("circuit.json", R"({"networks": {"nodes": [{"nodes_file": "nodes.h5"}]}})");
  CHECK(contains(circuit.answer(), "nodes.h5"));
  CHECK(circuit.answer("nothing.json").find("nothing.json: no such file") != std::string::npos);
}

TEST_CASE("edges and spikes that name no node are refused", "[conversion][sonata][bad_input]") {
  const Circuit circuit("nodes");
  {
    hdf5::File edges = hdf5::File::create(circuit.path / "edges.h5");
    edges.write("/edges/e/source_node_id", std::vector<std::int64_t>{0, 2});
    edges.write("/edges/e/target_node_id", std::vector<std::int64_t>{10, 20});
    edges.set_attribute("/edges/e/source_node_id", "node_population", "in");
    edges.set_attribute("/edges/e/target_node_id", "node_population", "cells");
  }
  circuit.write("edge_types.csv", "edge_type_id\n0\n");
  CHECK(contains(circuit.answer(), "edges.h5: e: edge 1: \"in\" has no node 2"));
  circuit.write_hdf5();
  circuit.write("edge_types.csv", "edge_type_id delay\n5 0.01\n6 1\n");
  {
    hdf5::File spikes = hdf5::File::create(circuit.path / "spikes.h5");
    spikes.write("/spikes/timestamps", std::vector<double>{5, 3});
    spikes.write("/spikes/gids", std::vector<std::int64_t>{1, 9});
  }
  CHECK(contains(circuit.answer(), "spikes.h5: spike 1: \"in\" has no node 9"));
}

TEST_CASE("spikes of a population of another name are taken where there are no others, and noted",
          "[conversion][sonata]") {
  const Circuit circuit("spike_names");
  {
    hdf5::File spikes = hdf5::File::create(circuit.path / "spikes.h5");
    spikes.write("/spikes/trains/timestamps", std::vector<double>{5, 3});
    spikes.write("/spikes/trains/node_ids", std::vector<std::int64_t>{1, 0});
  }
  const SonataModel model = load_sonata(circuit.path / "simulation.json");
  CHECK(std::any_of(model.notes.begin(), model.notes.end(), [](const std::string& note) {
    return contains(note, "spikes.h5: has spikes of \"trains\" alone, taken for those of \"in\"");
  }));
}

TEST_CASE("NEST's parameters are translated with their units", "[conversion][sonata]") {
  const NestModel* adex = find_nest_model("nest:aeif_cond_exp");
  REQUIRE(adex);
  const auto out = translate_parameters(*adex, adex->defaults);
  CHECK(out.at("cm") == 0.281);
  CHECK(out.at("tau_m") == Approx(281.0 / 30));
  CHECK(out.at("a") == 4);
  CHECK(out.at("b") == 0.0805);
  CHECK(out.at("v_spike") == 0);
  CHECK(out.at("delta_T") == 2);
  CHECK(translate_weight(*adex, -3) == 0.003);
  CHECK(translate_weight(*find_nest_model("iaf_psc_exp"), -3) == -0.003);
  CHECK(translate_weight(*find_nest_model("iaf_psc_delta"), -3) == -3);
  CHECK(find_nest_model("nest:hh_psc_alpha") == nullptr);
}

TEST_CASE("the SONATA example of 300 point neurons loads", "[conversion][sonata]") {
  const char* folder = std::getenv("RANVIER_SAMPLES");
  const std::filesystem::path config = std::filesystem::path(folder ? folder : "../shared/data") /
                                       "sonata/300_pointneurons/config.json";
  if (!std::filesystem::exists(config)) return;
  const SonataModel model = load_sonata(config);
  const Network& network = model.network;
  CHECK(model.run.duration == 1500);
  CHECK(model.run.dt == 0.01);
  CHECK(population(network, "internal").size == 300);
  CHECK(population(network, "internal").model == "if_curr_alpha");
  CHECK(population(network, "internal").positions.size() == 300);
  CHECK(std::get<double>(population(network, "internal").initial.at("v")) == -80);
  const auto& trains = population(network, "external").spike_times;
  const std::size_t spikes =
      std::accumulate(trains.begin(), trains.end(), std::size_t{0},
                      [](std::size_t n, const auto& train) { return n + train.size(); });
  CHECK(trains.size() == 100);
  CHECK(spikes == 4334);
  std::size_t internal = 0, external = 0;
  for (const Projection& p : network.projections)
    (p.source == "internal" ? internal : external) += p.connector.sources->size();
  CHECK(internal == 27588);
  CHECK(external == 20844);
  CHECK(std::get<double>(population(network, "internal").parameters.at("tau_refrac")) ==
        3);  // cell_models/*.json
  CHECK(std::count(model.notes.begin(), model.notes.end(),
                   "external_to_internal: edges without delay have 1 ms, NEST's default") == 1);
}
