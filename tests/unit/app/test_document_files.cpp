// Documents whose arrays lie in files beside them: what is saved loads as the same network, and
// files that are cut, missing or of the wrong lengths are refused by name.
#include "app/document.h"
#include "app/document_write.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "encoding/event_file.h"
#include "tests/catch.h"
#include "tests/unit/app/model_table.h"

#include <fstream>

using namespace ranvier;
using namespace ranvier::app;

namespace {

/// A folder that is gone at the end of the test.
struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("ranvier_" + name)) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

const Catalogue& table() {
  static const Catalogue catalogue = table_catalogue();
  return catalogue;
}

Array numbers(std::size_t n, double scale) {
  auto values = std::make_shared<std::vector<double>>(n);
  for (std::size_t i = 0; i < n; ++i) (*values)[i] = scale * static_cast<double>(i + 1) / 3;
  return values;
}

Document long_document() {
  constexpr std::size_t n = 20000;
  Document d;
  d.run.duration = 10;
  Population p;
  p.name = "p";
  p.model = "if_curr_exp";
  p.size = n;
  p.parameters["tau_m"] = numbers(n, 1e-3);
  p.positions.resize(n, Position{1.0 / 3, 2, 3});
  Population in;
  in.name = "in";
  in.model = "spike_source_array";
  in.size = 3;
  in.spike_times = {*numbers(n, 0.1), {}, {7.5, 1.25}};
  Projection list;
  list.name = "list";
  list.source = list.target = "p";
  list.connector.rule = Connector::Rule::list;
  auto targets = std::make_shared<std::vector<std::uint32_t>>(n);
  for (std::uint32_t i = 0; i < n; ++i) (*targets)[i] = static_cast<std::uint32_t>((i * 7) % n);
  list.connector.sources = std::make_shared<std::vector<std::uint32_t>>(n, 5);
  list.connector.targets = targets;
  list.weight = numbers(n, 1e-2);
  list.delay = 1.5;
  d.network = {{p, in}, {list}, {}, {}};
  return d;
}

/// A document with one projection over the given connector, loaded from `folder`.
std::string answer_to(const std::string& connector, const Folder& folder) {
  try {
    parse_document(
        R"({"ranvier":1,"populations":{"p":{"model":"izhikevich","size":4}},"projections":[{"source":"p","target":"p",
      "weight":1,"connector":)" +
            connector + "}]}",
        "net.json", folder.path, {&table(), {}});
  } catch (const Error& error) {
    return error.what();
  }
  return "loaded";
}

}  // namespace

TEST_CASE("a saved document with long arrays loads as the same network", "[app][document]") {
  const Folder folder("save");
  const Document first = long_document();
  save_document(first, folder.path / "net.json");
  CHECK(std::filesystem::file_size(folder.path / "net.json") < 2000);
  CHECK(std::filesystem::exists(folder.path / "net.h5"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "net.h5.partial"));
  const Document second = load_document(folder.path / "net.json", {&table(), {}});
  CHECK(to_json(second) == to_json(first));
  CHECK(second.network.populations[1].spike_times == first.network.populations[1].spike_times);
  CHECK(*second.network.projections[0].connector.targets ==
        *first.network.projections[0].connector.targets);
}

TEST_CASE("a document that cannot be put in its place leaves nothing aside", "[app][document]") {
  const Folder folder("taken");
  const char* taken = GENERATE("net.json", "net.h5");
  std::filesystem::create_directories(folder.path / taken / "by a folder");
  CHECK_THROWS_WITH(save_document(long_document(), folder.path / "net.json"),
                    Catch::Contains((folder.path / taken).string() + ": cannot be written: "));
  CHECK_FALSE(std::filesystem::exists(folder.path / "net.json.partial"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "net.h5.partial"));
}

TEST_CASE("a document without long arrays leaves another's file of theirs alone",
          "[app][document]") {
  const Folder folder("short");
  std::ofstream(folder.path / "net.h5.partial") << "another's";
  const Document d =
      parse_document(R"({"ranvier":1,"populations":{"p":{"model":"izhikevich","size":4}}})",
                     "net.json", folder.path, {&table(), {}});
  save_document(d, folder.path / "net.json");
  CHECK(std::filesystem::file_size(folder.path / "net.h5.partial") == 9);
}

TEST_CASE("equal documents are saved as equal bytes", "[app][document]") {
  const Folder folder("bytes");
  std::filesystem::create_directories(folder.path / "a");
  std::filesystem::create_directories(folder.path / "b");
  const auto bytes = [&folder](const char* name) {
    std::ifstream file(folder.path / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  save_document(long_document(), folder.path / "a/net.json");
  save_document(long_document(), folder.path / "b/net.json");
  CHECK(bytes("a/net.h5") == bytes("b/net.h5"));
  CHECK(bytes("a/net.json") == bytes("b/net.json"));
}

TEST_CASE("a file named in a document is found from the new place", "[app][document]") {
  const Folder folder("moved");
  std::filesystem::create_directories(folder.path / "sub");
  std::ofstream(folder.path / "events.bin") << "x";
  Document d = parse_document(
      R"({"ranvier":1,"populations":{"e":{"model":"spike_source_events","size":4,"file":"events.bin"}}})",
      "net.json", folder.path, {&table(), {}});
  save_document(d, folder.path / "sub/net.json");
  CHECK(load_document(folder.path / "sub/net.json", {&table(), {}}).network.populations[0].file ==
        "../events.bin");
}

// The hashes: hashlib of Python over length (8 bytes) and values, little-endian.
TEST_CASE("a long network as a run folder keeps it has the lengths and hashes of its arrays",
          "[app][document]") {
  Document document = long_document();
  const std::string text = brief_json(document);
  CHECK(text.size() < 5000);
  const Json json = parse_json(text, "run.json");
  const Json& list = json.find("projections")->as_array()[0];
  CHECK(to_compact_text(*list.find("connector")) ==
        R"({"rule":"list","length":20000,"sha256":)"
        R"("7a404d62c67e580f87ca2eb899b6f32e96a0a11da7bcda248b1f4ab48005cbea"})");
  CHECK(to_compact_text(*list.find("weight")) ==
        R"({"length":20000,"sha256":)"
        R"("ffff0f9683617e73faf0f9a91e39dada33fa9b94d77d4f66a5e30a0a2201ef56"})");
  CHECK(list.find("delay")->as_number() == 1.5);
  CHECK(json.find("populations")->find("in")->find("spike_times")->find("length")->as_integer() ==
        20002);
  document.network.populations[1].spike_times[2][1] = 1.5;
  CHECK(brief_json(document) != text);
}

TEST_CASE("spike times are those of the population that is named", "[app][document]") {
  const Folder folder("trains");
  {
    hdf5::File spikes = hdf5::File::create(folder.path / "spikes.h5");
    spikes.write("/spikes/exc/timestamps", std::vector<double>{1.5, 2});
    spikes.write("/spikes/exc/node_ids", std::vector<std::int64_t>{1, 0});
  }
  const auto trains = [&](const char* name) {
    const std::string text =
        std::string(R"({"ranvier": 1, "populations": {"in": {"model": "spike_source_array",
            "size": 2, "spike_times": {"file": "spikes.h5", "population": ")") +
        name + R"("}}}})";
    return parse_document(text, "net.json", folder.path, {&table(), {}})
        .network.populations[0]
        .spike_times;
  };
  CHECK(trains("exc") == std::vector<std::vector<double>>{{2}, {1.5}});
  CHECK_THROWS_WITH(
      trains("noise"),
      "net.json: /populations/in/spike_times: " + (folder.path / "spikes.h5").string() +
          ": there are no spikes of \"noise\", those of \"exc\" alone");
}

TEST_CASE("connections in HDF5 are checked against the populations", "[app][document][bad_input]") {
  const Folder folder("hdf5");
  {
    hdf5::File file = hdf5::File::create(folder.path / "c.h5");
    file.write("/good/source", std::vector<std::uint32_t>{0, 1});
    file.write("/good/target", std::vector<std::uint32_t>{3, 2});
    file.write("/far/source", std::vector<std::uint32_t>{0, 1});
    file.write("/far/target", std::vector<std::uint32_t>{3, 4});
    file.write("/short/source", std::vector<std::uint32_t>{0, 1});
    file.write("/short/target", std::vector<std::uint32_t>{3});
    file.write("/none/source", std::vector<std::uint32_t>{0, 1});
    file.write("/none/target", std::vector<std::uint32_t>{3, 2});
    file.write("/none/weight", std::vector<double>{});
  }
  const auto hdf5 = [&folder](const std::string& group) {
    return answer_to(R"({"rule":"hdf5","file":"c.h5","group":")" + group + "\"}", folder);
  };
  CHECK(hdf5("good") == "loaded");
  CHECK(hdf5("far") ==
        "net.json: /projections/0/connector/group: connection 1: target 4, must be from 0 to 3");
  CHECK(hdf5("short") ==
        "net.json: /projections/0/connector/group: 1 targets, must be one a connection: 2");
  CHECK(hdf5("none") ==
        "net.json: /projections/0/connector/group: 0 weights, must be one a connection: 2");
  CHECK(hdf5("absent").find("net.json: /projections/0/connector/file: ") == 0);
  CHECK(hdf5("absent").find("/absent/source") != std::string::npos);
}

TEST_CASE("an HDF5 file cut short or of another kind is refused by name",
          "[app][document][bad_input]") {
  const Folder folder("cut");
  {
    hdf5::File file = hdf5::File::create(folder.path / "c.h5");
    file.write("/g/source", std::vector<std::uint32_t>(5000, 1));
    file.write("/g/target", std::vector<std::uint32_t>(5000, 1));
  }
  const std::string connector = R"({"rule":"hdf5","file":"c.h5","group":"g"})";
  REQUIRE(answer_to(connector, folder) == "loaded");
  const auto size = std::filesystem::file_size(folder.path / "c.h5");
  for (const std::uintmax_t kept :
       {size / 2, std::uintmax_t{100}, std::uintmax_t{7}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(folder.path / "c.h5", kept);
    INFO(kept);
    const std::string answer = answer_to(connector, folder);
    CHECK(answer.find("net.json: /projections/0/connector/file: ") == 0);
    CHECK(answer.find("c.h5") != std::string::npos);
  }
  std::ofstream(folder.path / "c.h5") << "source,target\n";
  CHECK(answer_to(connector, folder).find("c.h5") != std::string::npos);
  CHECK(answer_to(R"({"rule":"sonata","file":"c.h5","population":"p"})", folder).find("c.h5") !=
        std::string::npos);
}

TEST_CASE("a SONATA configuration loads as a document, checked against the tables",
          "[app][document]") {
  const Folder folder("sonata");
  std::ofstream(folder.path / "circuit.json")
      << R"({"networks": {"nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}]},
    "run": {"tstop": 20, "dt": 0.1}})";
  const auto types = [&folder](const char* model, const char* tau_m) {
    std::ofstream(folder.path / "types.csv")
        << "node_type_id model_type model_template tau_m\n1 point_neuron " << model << " " << tau_m
        << "\n";
  };
  {
    hdf5::File nodes = hdf5::File::create(folder.path / "nodes.h5");
    nodes.write("/nodes/cells/node_type_id", std::vector<std::int64_t>{1, 1, 1});
  }
  const auto answer = [&folder]() -> std::string {
    try {
      const Document d = load_document(folder.path / "circuit.json", {&table(), {40.0, {}, 9, {}}});
      return to_json(d).find("\"tau_m\": 12.5") != std::string::npos && d.run.duration == 40 &&
                     d.run.seed == 9
                 ? "loaded"
                 : to_json(d);
    } catch (const Error& error) {
      return error.what();
    }
  };
  types("nest:iaf_psc_exp", "12.5");
  CHECK(answer() == "loaded");
  types("nest:iaf_psc_exp", "-12.5");
  CHECK(answer() == (folder.path / "circuit.json").string() +
                        ": /populations/cells/parameters/tau_m: -12.5 ms, must be > 0");
  types("nest:iaf_psc_delta", "12.5");
  CHECK(answer().find("unknown neuron model \"if_curr_delta\"") !=
        std::string::npos);  // not among the test's models
}

TEST_CASE("an event recording cut inside an event is refused with the byte", "[app][bad_input]") {
  const Folder folder("events");
  std::ofstream(folder.path / "e.bin", std::ios::binary) << std::string(50, '\1');
  REQUIRE(encoding::read_events(folder.path / "e.bin").size() == 10);
  std::filesystem::resize_file(folder.path / "e.bin", 27);
  std::string message;
  try {
    encoding::read_events(folder.path / "e.bin");
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.find("e.bin") != std::string::npos);
  CHECK(message.find("byte 25: the recording is cut off inside a record") != std::string::npos);
}
