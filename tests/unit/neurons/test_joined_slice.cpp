// JoinedSlice: neurons that are moved by another slice do what they do in a slice of their own, to
// the bit.
#include "core/joined_slice.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "core/arrivals.h"
#include "neurons/catalogue.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr double quantum = 0x1p-40;
const std::vector<double> quanta{quantum, quantum};

const NeuronModel& if_curr_exp() {
  static const NeuronCatalogue catalogue = neurons::make_catalogue();
  return *catalogue.find("if_curr_exp");
}

using Values = std::map<std::string, double>;
const Values usual{{"tau_syn_E", 2}, {"tau_syn_I", 2}, {"tau_refrac", 2}, {"i_offset", 0.8}};

Values but(Values values, const std::string& name, double value) {
  values[name] = value;
  return values;
}

/// Some are driven above the threshold. `varied`: this parameter is given neuron by neuron.
std::unique_ptr<EventSlice> make(std::uint32_t size, const Values& values,
                                 const std::string& varied = "i_offset", bool plain = false) {
  SliceSpec spec;
  spec.size = size;
  spec.plain = plain;
  for (const FieldInfo& f : if_curr_exp().parameters) {
    std::vector<double> column{values.count(f.name) ? values.at(f.name) : f.default_value};
    if (f.name == varied) {
      column.resize(size, column[0]);
      for (std::uint32_t i = 0; f.name == "i_offset" && i < size; ++i) column[i] *= 0.7 + 0.05 * i;
    }
    spec.by_neuron.push_back(column.size() > 1);
    spec.parameters.push_back(std::move(column));
  }
  spec.initial = {{-57}, {0.05}, {-0.1}, {1.25}};
  return if_curr_exp().make_event(spec);
}

using Fired = std::tuple<std::uint32_t, std::uint32_t, std::int64_t>;  // population, neuron, ns

/// Populations that are moved for seconds, one by one or by the first of them.
struct Moved {
  struct Member {
    std::unique_ptr<EventSlice> slice;
    std::uint32_t size, distance;
  };
  void run(std::vector<Member>& members, bool joined, std::int64_t from, std::int64_t to) {
    std::mt19937 bits(static_cast<unsigned>(from / ms) + 5);
    for (std::int64_t begin = from; begin < to; begin += 10 * ms) {
      std::vector<std::vector<Arrival>> arrivals(members.size());
      std::int64_t time = begin;
      while ((time += 1 + static_cast<std::int64_t>(bits() % (ms / 3))) <= begin + 10 * ms) {
        const std::size_t p = bits() % members.size();
        const std::uint32_t target = static_cast<std::uint32_t>(bits()) % members[p].size,
                            receptor = bits() % 2;
        const double nA = receptor == 0 ? 0.3 : -0.4;
        arrivals[joined ? 0 : p].push_back({target + (joined ? members[p].distance : 0),
                                            time - begin, receptor, std::llround(nA / quantum)});
      }
      for (std::size_t p = 0; p < (joined ? 1 : members.size()); ++p) {
        std::vector<Firing> found;
        members[p].slice->advance({Time{begin}, Time{begin + 10 * ms}}, arrivals[p], quanta, found);
        for (const Firing& f : found) note(members, joined, p, f);
      }
      if (begin % (100 * ms) == 0)
        for (Member& m : members) look(m, Time{begin + 10 * ms});
    }
    std::sort(fired.begin(), fired.end());
  }
  void note(const std::vector<Member>& members, bool joined, std::size_t p, const Firing& f) {
    while (joined && p + 1 < members.size() && f.neuron >= members[p + 1].distance) ++p;
    const std::uint32_t i = f.neuron - (joined ? members[p].distance : 0);
    REQUIRE(i < members[p].size);
    fired.emplace_back(p, i, f.time);
  }
  void look(Member& m, Time now) {
    std::vector<double> saved;
    std::int64_t moved = 0;
    for (std::uint32_t i = 0; i < m.size; ++i) {
      for (int v = 0; v < 4; ++v) seen.push_back(m.slice->state(v, i, now));
      m.slice->save(i, saved, moved);
      seen.insert(seen.end(), saved.begin(), saved.end());
      seen.push_back(static_cast<double>(moved));
    }
    m.slice->change_current(now, 1, now.count() / (100 * ms) % 2 == 0 ? 0.05 : -0.05);
  }
  std::vector<Fired> fired;
  std::vector<double> seen;
};

}  // namespace

TEST_CASE("joined populations do what they do apart, to the bit", "[neurons]") {
  const auto members = [] {
    std::vector<Moved::Member> all;
    all.push_back({make(12, usual), 12, 0});
    all.push_back({make(7, but(usual, "v_thresh", -52)), 7, 12});
    all.push_back({make(20, but(usual, "i_offset", 0.9), "v_rest"), 20, 64});  // behind a gap
    return all;
  };
  std::vector<Moved::Member> apart = members(), joined = members();
  Moved expected, found;
  const auto join = [](std::vector<Moved::Member>& all, std::size_t p) {
    REQUIRE(all[p].slice->join(*all[0].slice, all[p].distance));
  };
  join(joined, 1);
  join(joined, 2);
  constexpr std::int64_t later = 1500 * ms;  // beyond an epoch of 1,024 ms
  expected.run(apart, false, 0, later);
  found.run(joined, true, 0, later);
  REQUIRE(found.fired == expected.fired);
  REQUIRE(found.seen == expected.seen);
  std::vector<int> spikes(3);
  for (const Fired& f : expected.fired) ++spikes[std::get<0>(f)];
  for (const int n : spikes) REQUIRE(n > 50);

  // Apart until now, and on together.
  join(apart, 1);
  join(apart, 2);
  expected.run(apart, true, later, 2 * later);
  found.run(joined, true, later, 2 * later);
  REQUIRE(found.fired == expected.fired);
  REQUIRE(found.seen == expected.seen);

  REQUIRE(!joined[1].slice->first_not_finite(0, 7));
  joined[1].slice->place(
      3, std::vector<double>{std::numeric_limits<double>::infinity(), 0, 0, 0, 0}, Time{2 * later});
  REQUIRE(joined[1].slice->first_not_finite(0, 7) == 3u);
  for (const std::size_t p : {0, 2}) REQUIRE(!joined[p].slice->first_not_finite(0, joined[p].size));
}

TEST_CASE("populations that differ in what their neurons share are not joined", "[neurons]") {
  const auto first = make(5, usual);
  for (const char* name : {"cm", "tau_m", "tau_syn_E", "tau_syn_I", "tau_refrac", "v_reset"}) {
    const double value = name == std::string("v_reset") ? -66 : 1.5;
    const auto other = make(5, but(usual, name, value));
    REQUIRE(!other->join(*first, 5));
    REQUIRE(!make(5, usual, name)->join(*first, 5));  // the general form
  }
  REQUIRE(!make(5, usual, "i_offset", true)->join(*first, 5));  // the plain form
  REQUIRE(make(5, usual)->join(*first, 5));
}

TEST_CASE("a neuron of joined populations that would fire for ever is told", "[neurons]") {
  const Values endless = but(but(but(usual, "tau_refrac", 0), "v_reset", -45), "i_offset", 2);
  const auto first = make(3, but(endless, "v_thresh", 1000)), second = make(3, endless);
  REQUIRE(second->join(*first, 64));
  std::vector<Firing> fired;
  try {
    first->advance({Time{0}, Time{50 * ms}}, {}, quanta, fired);
    FAIL("it fires for ever");
  } catch (const EndlessFiring& e) {
    REQUIRE(e.neuron == 64);
  }
}
