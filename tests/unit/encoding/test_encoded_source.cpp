// spike_source_encoded: the spikes of encode_samples, whatever the slices and windows, also after a
// restart.
#include "encoding/encoded_source.h"

#include "tests/catch.h"

#include <algorithm>

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

Population population_of(const std::string& code, std::int64_t size, std::size_t n_values) {
  Population p;
  p.name = "in";
  p.model = "spike_source_encoded";
  p.size = size;
  auto values = std::make_shared<std::vector<double>>();
  for (std::size_t i = 0; i < n_values; ++i)
    values->push_back(to_uniform(random_bits(RandomKey{3}, i, 0)));
  p.values = values;
  p.options = {{"code", code}, {"window", "100"}, {"gap", "7.5"}};
  return p;
}

using Spikes = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// The population's spikes from slices of 3 neurons, in windows of the given length.
Spikes spikes_of(const Population& population, RandomKey random, std::int64_t window,
                 std::int64_t restart = -1) {
  Spikes all;
  for (std::int64_t first = 0; first < population.size; first += 3) {
    const auto size =
        static_cast<std::uint32_t>(std::min<std::int64_t>(3, population.size - first));
    const auto source = encoded_source().make({&population, first, size, random});
    if (restart >= 0) source->restart_at(Time{restart});
    std::vector<Firing> some;
    for (std::int64_t t = std::max<std::int64_t>(0, restart); t < 500'000'000; t += window)
      source->spikes({Time{t}, Time{t + window}}, some);
    for (const Firing& spike : some) all.emplace_back(spike.time, first + spike.neuron);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("a source spikes as its samples encode, whatever the slices and windows", "[encoding]") {
  const RandomKey random = derive_key(5, Stream::source, 0);
  for (const char* code : {"rate_poisson", "rank_order"}) {
    const Population population = population_of(code, 8, 32);
    const EncodedSpikes encoded = encode_samples(settings_of(population), *population.values, 5);
    Spikes expected;
    for (std::size_t i = 0; i < encoded.times.size(); ++i)
      expected.emplace_back(from_ms(encoded.times[i]).count(), encoded.channels[i]);
    std::sort(expected.begin(), expected.end());
    REQUIRE(expected.size() > 30);
    CHECK(expected.back().first > 3 * 107'500'000);
    CHECK(spikes_of(population, random, 1'000'000) == expected);
    CHECK(spikes_of(population, random, 73'000'001) == expected);
    const std::int64_t at = 150'000'000;
    std::erase_if(expected, [at](const auto& spike) { return spike.first <= at; });
    CHECK(spikes_of(population, random, 1'000'000, at) == expected);
  }
}

TEST_CASE("the values of a signal are one sample unless its steps are given", "[encoding]") {
  Population population = population_of("delta_modulation", 8, 32);
  CHECK(settings_of(population).shape.n_channels == 4);
  CHECK(settings_of(population).shape.n_steps == 8);
  population.options["steps"] = "4";
  CHECK(settings_of(population).shape.n_steps == 4);
  CHECK(encoded_source().check(population).empty());
}

TEST_CASE("options that do not go with the values and the size are refused", "[encoding]") {
  const auto fault = [](const std::string& key, const std::string& text, std::int64_t size = 8) {
    Population population = population_of("isi", size, 32);
    population.options[key] = text;
    return encoded_source().check(population);
  };
  CHECK(fault("code", "isis") == "unknown code \"isis\", did you mean \"isi\"?");
  CHECK(fault("window", "x") == "options/window: \"x\", must be a number");
  CHECK(fault("windw", "3") ==
        "code isi has no parameter \"windw\"; accepted: interval_min, "
        "interval_max");
  CHECK(fault("gap", "-1").starts_with("gap: -1 ms"));
  CHECK(fault("steps", "2.5") == "options/steps: 2.5, must be a whole number from 1 to 1e9");
  CHECK(fault("window", "200", 5).starts_with("32 values, must be a multiple of 5"));
  CHECK(fault("code", "population", 11) ==
        "size: 11, must be a multiple of 12: so many neurons a channel");
}
