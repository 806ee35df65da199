// Izhikevich's model in both forms against recordings of a transcript of the published script and
// of NEST 3.10 (tests/golden/izhikevich_presets.json, made by the script of that name).
#include "core/json.h"
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {
namespace {

const Json& golden() {
  static const Json json =
      parse_json(read_text("tests/golden/izhikevich_presets.json"), "izhikevich_presets.json");
  return json;
}

Presets presets(const std::string& model) {
  static const NeuronCatalogue catalogue = make_catalogue();
  return catalogue.find(model)->presets;
}

std::vector<double> numbers(const Json& array) {
  std::vector<double> out;
  for (const Json& x : array.as_array()) out.push_back(x.as_number());
  return out;
}

std::vector<double> spike_times(OneSlice& neuron, double dt, bool pulsed) {
  const double duration = golden().find("duration")->as_number();
  std::vector<Pulse> pulses;
  if (pulsed)
    for (const Json& p : golden().find("pulses")->as_array())
      pulses.push_back(
          {std::llround(p.as_array()[0].as_number() / dt), 0, p.as_array()[1].as_number()});
  std::vector<double> times;
  for (const std::int64_t step : neuron.run(std::llround(duration / dt), pulses))
    times.push_back(static_cast<double>(step) * dt);
  return times;
}

std::vector<double> until(std::vector<double> times, double end) {
  std::erase_if(times, [end](double t) { return t > end; });
  return times;
}

void require_times(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(!expected.empty());
  REQUIRE(got.size() == expected.size());
  for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(expected[k]).margin(1e-6));
}

TEST_CASE("every preset of the 2003 paper spikes when the published script does", "[neurons]") {
  for (const auto& [name, values] : presets("izhikevich_2003")) {
    INFO(name);
    Values parameters = values;
    parameters["i_offset"] = golden().find("current")->as_number();
    OneSlice neuron("izhikevich_2003", parameters, {}, {.dt = 1});
    require_times(spike_times(neuron, 1, false),
                  numbers(*golden().find("presets")->find(name)->find("published")));
  }
}

// Euler's steps amplify the last bit of a sum until spikes move, and NEST adds the terms in another
// order: the two agree for the first 100 ms (dt 1 ms) or 300 ms (dt 0.1 ms) of every preset, in
// which the pulses fall.
TEST_CASE(
    "izhikevich_2003 spikes for 100 ms as NEST's izhikevich with consistent_integration false",
    "[neurons]") {
  for (const auto& [name, values] : presets("izhikevich_2003")) {
    for (const bool pulsed : {false, true}) {
      INFO(name << (pulsed ? " with pulses" : ""));
      Values parameters = values;
      parameters["i_offset"] = golden().find("current")->as_number();
      OneSlice neuron("izhikevich_2003", parameters, {}, {.dt = 1});
      const Json& record = *golden().find("presets")->find(name);
      const auto expected = numbers(*record.find(pulsed ? "nest_2003_pulses" : "nest_2003"));
      require_times(until(spike_times(neuron, 1, pulsed), 100), until(expected, 100));
    }
  }
}

TEST_CASE("izhikevich spikes for 300 ms as NEST's izhikevich with consistent_integration true",
          "[neurons]") {
  for (const auto& [name, values] : presets("izhikevich")) {
    for (const bool pulsed : {false, true}) {
      INFO(name << (pulsed ? " with pulses" : ""));
      Values parameters = values;
      parameters["i_offset"] = golden().find("current")->as_number() / 1000;
      OneSlice neuron("izhikevich", parameters, {}, {.dt = 0.1});
      const Json& record = *golden().find("presets")->find(name);
      const auto expected = numbers(*record.find(pulsed ? "nest_pulses" : "nest"));
      require_times(until(spike_times(neuron, 0.1, pulsed), 300), until(expected, 300));
    }
  }
}

TEST_CASE("Izhikevich neurons stay at the resting point -70 mV, where 0.04 v^2 + 5 v + 140 = b v",
          "[neurons]") {
  for (const char* model : {"izhikevich", "izhikevich_2003"}) {
    OneSlice neuron(model, {}, {{"v", -70}, {"u", -14}});
    CHECK(neuron.run(10000).empty());
    CHECK(neuron.state("v") == Approx(-70).margin(1e-9));
    CHECK(neuron.state("u") == Approx(-14).margin(1e-9));
  }
}

TEST_CASE("the Izhikevich forms give the same bits in wide registers and in one lane",
          "[neurons]") {
  for (const bool single : {false, true}) {
    require_same_bits("izhikevich", {}, 0.01, 5, 3000, {.dt = 0.1, .single_precision = single});
    require_same_bits("izhikevich_2003", {}, 0.01, 5, 500, {.dt = 1, .single_precision = single});
  }
}

TEST_CASE("only the Izhikevich models have presets, seven each", "[neurons]") {
  CHECK(presets("izhikevich").size() == 7);
  CHECK(presets("izhikevich_2003").size() == 7);
  CHECK(presets("if_curr_exp").empty());
}

}  // namespace
}  // namespace ranvier::neurons::testing
