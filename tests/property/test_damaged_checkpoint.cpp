// A checkpoint that was damaged, or made by another hand: a number that leads out of the network is
// refused by one message that names the file, the data set and the value.
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "core/checkpoint.h"
#include "core/error.h"
#include "core/hdf5.h"
#include "tests/catch.h"
#include "tests/property/networks.h"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

/// What is done to the numbers of a data set.
struct Damage {
  std::string dataset;
  std::function<void(std::vector<std::int64_t>&)> integers{};
  std::function<void(std::vector<double>&)> reals{};
};

void copy(const hdf5::File& from, hdf5::File& to, const std::string& group, const Damage& damage) {
  for (const std::string& member : from.members(group.empty() ? "/" : group)) {
    const std::string name = group + "/" + member;
    if (from.is_group(name)) {
      copy(from, to, name, damage);
    } else if (from.holds_texts(name)) {
      const std::vector<std::string> texts = from.read_strings(name);
      to.write(name, texts, {texts.size()});
    } else if (from.holds_integers(name)) {
      std::vector<std::int64_t> values = from.read_integers(name);
      if (name == damage.dataset) damage.integers(values);
      to.write(name, values);
    } else {
      std::vector<double> values = from.read_doubles(name);
      if (name == damage.dataset) damage.reals(values);
      to.write(name, values);
    }
  }
}

Damage set(const std::string& dataset, std::size_t at, double value) {
  return {dataset, [=](auto& values) { values.at(at) = static_cast<std::int64_t>(value); },
          [=](auto& values) { values.at(at) = value; }};
}
Damage cut(const std::string& dataset) {
  return {dataset, [](auto& values) { values.pop_back(); },
          [](auto& values) { values.pop_back(); }};
}

/// A checkpoint of a network after 30 ms, and what is read of it once it is damaged.
class Damaged {
 public:
  explicit Damaged(const Case& c)
      : c_(c), layout_(make_layout(c_.network, c_.run, app::catalogue(), {1, 1, false})) {
    std::filesystem::create_directories(folder_);
    run_as_ranks(1, [&](Comm& comm) {
      Workers workers(1);
      Kernel kernel(layout_, comm, workers);
      MemoryRecorder recorder(layout_.record);
      kernel.run(30'000'000, recorder, [](std::int64_t) { return true; });
      Checkpoint checkpoint{kernel.save(), {{{.spikes = 2, .last = 20'000'000}, 3}}};
      checkpoint.kernel.handed_over = {{31'000'000, layout_.partition.first_gid[1], 0, 0.1}};
      checkpoint.kernel.injections = {{32'000'000, 0}};
      write_checkpoint(whole_, checkpoint, {"the same"}, layout_, comm);
    });
  }
  ~Damaged() { std::filesystem::remove_all(folder_); }
  Damaged(const Damaged&) = delete;
  Damaged& operator=(const Damaged&) = delete;

  const Layout& layout() const { return layout_; }

  /// The message, or "" where it was read.
  std::string answer(const Damage& damage) const {
    {
      const hdf5::File from = hdf5::File::open(whole_);
      hdf5::File to = hdf5::File::create(path_);
      for (const char* name : {"format", "version", "fingerprint"})
        to.set_attribute("/", name, from.text_attribute("/", name));
      copy(from, to, "", damage);
      to.close();
    }
    try {
      read_checkpoint(path_, {"the same"}, layout_, 0);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::parse);
      return error.what();
    }
    return "";
  }
  void refuses(const std::string& dataset, std::size_t at, double value) const {
    INFO(dataset << "[" << at << "] = " << value);
    CHECK_THAT(answer(set(dataset, at, value)),
               Contains(path_.string() + ": " + dataset + ": ") && Contains(", must be "));
  }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  ("ranvier_damaged_" + std::to_string(::getpid())),
                        whole_ = folder_ / "whole.h5", path_ = folder_ / "damaged.h5";
  Case c_;
  Layout layout_;
};

}  // namespace

TEST_CASE("a copy of a checkpoint is read; one of other lengths is refused", "[core]") {
  const Damaged checkpoint(cases()[3]);
  CHECK(checkpoint.answer({"/nothing"}) == "");
  CHECK_THAT(checkpoint.answer(cut("/handed_over/receptor")),
             Contains("/handed_over/receptor: does not fit the length of /handed_over/gid"));
  CHECK_THAT(checkpoint.answer(cut("/states/0")), Contains("/states/0: must hold"));
  CHECK_THAT(checkpoint.answer(cut("/plastic/projections/0/synapses")),
             Contains("does not fit the length of /plastic/projections/0/target"));
  CHECK_THAT(checkpoint.answer(cut("/plastic/projections/0/rows")), Contains("no whole rows"));
  CHECK_THAT(checkpoint.answer(cut("/now_ns")), Contains("/now_ns: must hold one value"));
}

TEST_CASE("the message tells the value and what is accepted", "[core]") {
  const Damaged checkpoint(cases()[3]);
  CHECK_THAT(checkpoint.answer(set("/handed_over/receptor", 0, 7)),
             Contains("/damaged.h5: /handed_over/receptor: 7, must be from 0 to 1"));
  CHECK_THAT(checkpoint.answer(set("/plastic/projections/0/rows", 0, 0.5)),
             Contains("/rows: 0.5, must be a whole number from 0 to 332"));
}

TEST_CASE("a number of a plastic checkpoint that leads out of the network is refused", "[core]") {
  const Damaged checkpoint(cases()[3]);  // E: 333 neurons, I: 97
  for (const double outside : {-1.0, 430.0, 1e18})
    for (const char* table :
         {"/in_flight", "/handed_over", "/injected", "/intervals", "/plastic/arrivals"})
      checkpoint.refuses(table + std::string("/gid"), 0, outside);
  for (const double outside : {-1.0, 2.0, 4294967296.0})
    for (const char* table : {"/handed_over", "/plastic/arrivals"})
      checkpoint.refuses(table + std::string("/receptor"), 0, outside);
  checkpoint.refuses("/now_ns", 0, -1);
  checkpoint.refuses("/now_ns", 0, 30'000'001);
  checkpoint.refuses("/spikes_of", 0, -1);
  checkpoint.refuses("/in_flight/time_ns", 0, 30'000'001);
  checkpoint.refuses("/in_flight/time_ns", 0, -1e12);
  checkpoint.refuses("/handed_over/time_ns", 0, 30'000'000);
  checkpoint.refuses("/handed_over/weight", 0, std::numeric_limits<double>::infinity());
  checkpoint.refuses("/injected/time_ns", 0, 1);
  checkpoint.refuses("/intervals/last_ns", 0, 30'000'001);
  checkpoint.refuses("/plastic/arrivals/step", 0, 300);
  checkpoint.refuses("/plastic/arrivals/step", 0, 1e9);
  const std::string first = "/plastic/projections/0";
  checkpoint.refuses(first + "/source", 0, 333);
  checkpoint.refuses(first + "/target", 0, -1);
  checkpoint.refuses(first + "/synapses", 0, std::numeric_limits<double>::quiet_NaN());
  checkpoint.refuses(first + "/rows", 0, 1e300);
  checkpoint.refuses(first + "/rows", 1, 301);  // its last spike
  checkpoint.refuses(first + "/rows", 2, -2);   // postsynaptic spikes taken in before that
  checkpoint.refuses(first + "/rows", 3, -1);   // its spikes
  checkpoint.refuses("/plastic/projections/2/waiting", 1, 70'000);  // delay
  checkpoint.refuses("/plastic/projections/2/waiting", 2, 301);     // step
  checkpoint.refuses("/plastic/projections/2/waiting", 3, 301);     // the spike before
  checkpoint.refuses("/plastic/histories/0/neuron", 0, 400);
  checkpoint.refuses("/plastic/histories/0/step", 0, 301);
}

TEST_CASE("a checkpoint with sources and event-driven neurons is checked likewise", "[core]") {
  const Damaged checkpoint(cases()[2]);  // 150 sources, 261 event-driven neurons, 130 clocked
  checkpoint.refuses("/sources/gid", 0, 541);
  checkpoint.refuses("/drives/gid", 0, 541);
  checkpoint.refuses("/drives/stimulus", 0, 3);
  checkpoint.refuses("/drives/stimulus", 0, 2);  // a current
  checkpoint.refuses("/drives/stimulus", 0, 1);  // of clocked neurons
  checkpoint.refuses("/drives/time_ns", 0, 30'000'000);
  checkpoint.refuses("/drives/drawn", 0, 0);
  CHECK_THAT(
      checkpoint.answer(set("/handed_over/gid", 0, 149)),
      Contains("/handed_over/gid: 149, a source of population \"in\", which takes no input"));
  const std::size_t each = checkpoint.layout().populations[1].model->state.size() + 2;
  checkpoint.refuses("/states/1", each - 1, 30'000'001);  // when it was last moved
  checkpoint.refuses("/states/1", each - 1, 0.5);
}

TEST_CASE("a drive whose train is missing from what was saved is refused", "[core]") {
  const Case c = cases()[2];
  Run first = run(c, {{1, 1}, {10'000'000}});
  REQUIRE(!first.state.drives.empty());
  first.state.drives.erase(first.state.drives.begin() + 7);
  CHECK_THROWS_WITH(run(c, {{1, 1}, {20'000'000}, false, &first.state}),
                    Contains("lacks a neuron's train of stimulus 0 (poisson on \"D\")"));
}

TEST_CASE("a source that gets other numbers than it saved is refused", "[core]") {
  const Case c = cases()[2];
  Run first = run(c, {{1, 1}, {10'000'000}});
  first.state.sources.pop_back();
  CHECK_THROWS_WITH(run(c, {{1, 1}, {20'000'000}, false, &first.state}),
                    Contains("not as many numbers of a source of population \"in\""));
}
