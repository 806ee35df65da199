// Where a circuit is written (conversion/sonata_folder.h): nothing goes but what was to be
// replaced, and that not before the new one is in its place.
#include "conversion/sonata_folder.h"

#include <fstream>

#include "core/error.h"
#include "core/json.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using namespace ranvier::conversion;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

/// A folder with files of the given names, each of one letter.
fs::path folder_of(const fs::path& folder, const std::vector<std::string>& files) {
  fs::create_directories(folder);
  for (const std::string& name : files) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << "x";
  }
  return folder;
}

const std::vector<std::string> circuit_files{"circuit_config.json",
                                             "simulation_config.json",
                                             "pointnet_config.json",
                                             "node_sets.json",
                                             "network/nodes.h5",
                                             "network/node_types.csv",
                                             "network/edges.h5",
                                             "network/edge_types.csv",
                                             "inputs/spikes.h5",
                                             "components/population_0_12.json",
                                             "components/static_synapse.json"};

}  // namespace

TEST_CASE("a new folder takes the place of the one that had its name", "[conversion]") {
  const TemporaryFolder here;
  const fs::path old = folder_of(here / "circuit", {"a"}), whole = folder_of(here / "new", {"b"});
  replace_folder(whole, old);
  CHECK(fs::exists(here / "circuit/b"));
  CHECK_FALSE(fs::exists(here / "circuit/a"));
  CHECK_FALSE(fs::exists(whole));
  CHECK_FALSE(fs::exists(here / "circuit.old"));
}

TEST_CASE("a folder that cannot be replaced is put back", "[conversion]") {
  const TemporaryFolder here;
  const fs::path old = folder_of(here / "circuit", {"a"});
  CHECK_THROWS_WITH(replace_folder(here / "nothing", old),
                    old.string() + ": cannot be written: " +
                        std::make_error_code(std::errc::no_such_file_or_directory).message());
  CHECK(read_text(here / "circuit/a") == "x");
  CHECK_FALSE(fs::exists(here / "circuit.old"));
}

TEST_CASE("a folder of a circuit's files alone may be replaced", "[conversion]") {
  const TemporaryFolder here;
  const fs::path circuit = folder_of(here / "circuit", circuit_files);
  CHECK_THROWS_WITH(make_way(circuit, {}),
                    circuit.string() + ": exists already; give another name");
  CHECK(make_way(circuit, true) == here / "circuit.partial");
  CHECK(make_way(circuit / "", true) == here / "circuit.partial");
  CHECK(fs::exists(circuit / "network/nodes.h5"));
}

TEST_CASE("a folder that holds anything else is not replaced", "[conversion]") {
  const TemporaryFolder here;
  const fs::path circuit = folder_of(here / "circuit", circuit_files);
  const std::string name =
      GENERATE("net.json", "run.py", "network/net.json", "components/population_a_1.json",
               "components/population_0_1.json.bak", "inputs/more/spikes.h5", "output/spikes.h5");
  folder_of(circuit, {name});
  CHECK_THROWS_WITH(make_way(circuit, true),
                    Catch::Contains("circuit: holds " + (circuit / "").string()) &&
                        Catch::Contains("which is no part of a circuit as Ranvier writes it: not "
                                        "overwritten; give another name"));
  CHECK(read_text(circuit / name) == "x");
}

TEST_CASE("an empty folder and a link that are none of a circuit's stay too", "[conversion]") {
  const TemporaryFolder here;
  const fs::path circuit = folder_of(here / "circuit", {"circuit_config.json"});
  const std::string entry = GENERATE("output", "network");
  if (entry == "output") fs::create_directory(circuit / entry);
  else fs::create_directory_symlink(folder_of(here / "elsewhere", {"nodes.h5"}), circuit / entry);
  CHECK_THROWS_WITH(make_way(circuit, true),
                    Catch::Contains("holds " + (circuit / entry).string()));
}

TEST_CASE("what a killed writer left goes where that is asked for", "[conversion]") {
  const TemporaryFolder here;
  const fs::path circuit = folder_of(here / "circuit", circuit_files),
                 partial = folder_of(here / "circuit.partial",
                                     {"network/nodes.h5", "node_sets.json.new"}),
                 old = folder_of(here / "circuit.old", circuit_files);
  CHECK_THROWS_WITH(make_way(here / "circuit", {}), Catch::Contains("circuit: exists already"));
  make_way(circuit, true);
  CHECK_FALSE(fs::exists(partial));
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(circuit));
}

TEST_CASE("what a killed writer left is said to be removable where it stays", "[conversion]") {
  const TemporaryFolder here;
  const fs::path partial = folder_of(here / "circuit.partial", {"network/nodes.h5"});
  const std::string message = partial.string() +
                              ": exists already, left by a conversion that was cut short (or is "
                              "under way); it may be removed";
  CHECK_THROWS_WITH(make_way(here / "circuit", {}), message);
  CHECK_THROWS_WITH(make_way(here / "circuit", false), message + ", as --overwrite does");
  folder_of(partial, {"mine"});
  for (const bool overwrite : {false, true})
    CHECK_THROWS_WITH(make_way(here / "circuit", overwrite),
                      partial.string() + ": exists already; give the output another name");
  CHECK(fs::exists(partial / "mine"));
}
