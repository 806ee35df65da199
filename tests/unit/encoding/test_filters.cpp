// Filters of events: each on a few events by hand, all of them by properties; against tonic in
// tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include <cstring>

#include "core/rng.h"
#include "encoding/filter_chain.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;
using Catch::Matchers::Contains;

namespace {

constexpr Sensor sensor{12, 9};

/// What the filters leave of events that come `piece` at a time.
Events filtered(const std::vector<std::string>& filters, Events events, std::size_t piece = 1000) {
  FilterChain chain(filters);
  chain.start(sensor);
  Events left;
  for (std::size_t at = 0; at < events.size() && !chain.is_over(); at += piece) {
    const std::span<DvsEvent> block(events.data() + at, std::min(piece, events.size() - at));
    const std::size_t n = chain.apply(block);
    left.insert(left.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return left;
}

Events random_events(std::size_t n) {
  Events events;
  std::int64_t t = 1000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto r = random_block(derive_key(1, Stream::source, 7), i, 0);
    t += r[0] % 40;
    const std::int64_t back = r[1] % 50 == 0 ? 30 : 0;
    put(&events.emplace_back(), t - back, r[2] % sensor.width, r[3] % sensor.height, r[1] % 3 == 0);
  }
  return events;
}

std::string message_of(const std::string& filter) {
  try {
    FilterChain chain({filter});
    chain.start(std::nullopt);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// A text for each filter.
const std::vector<std::string> samples{"ba:50us",
                                       "ba:200us:neighbours=4:support=2",
                                       "count:300:skip=100",
                                       "crop:2:1:6:5",
                                       "decimate:3",
                                       "downsample:2",
                                       "downsample:3:y_factor=2",
                                       "drop:0.4:seed=5",
                                       "drop_pixels:3,4/0,0/11,8",
                                       "flip:x",
                                       "flip:y",
                                       "hot_pixel:1kHz:window=3ms",
                                       "polarity:invert",
                                       "polarity:merge",
                                       "polarity:off",
                                       "polarity:on",
                                       "polarity:split",
                                       "refractory:1ms",
                                       "refractory:1ms:since=kept",
                                       "slice:2ms:9ms",
                                       "slice:until=9ms:origin=zero",
                                       "time_scale:1.7",
                                       "transpose",
                                       "zero_time"};

}  // namespace

TEST_CASE("every filter of the build has a sample", "[encoding]") {
  for (const Filter& filter : filters()) {
    INFO(filter.name);
    CHECK(std::any_of(samples.begin(), samples.end(), [&filter](const std::string& text) {
      return text.substr(0, text.find(':')) == filter.name;
    }));
  }
}

TEST_CASE("blocks of any size give the same events, with zeroed padding", "[encoding]") {
  const Events events = random_events(1000);
  std::vector<std::vector<std::string>> chains{{"ba:200us decimate:2", "drop:0.1", "flip:x"}};
  for (const std::string& text : samples) chains.push_back({text});
  for (const auto& chain : chains) {
    INFO(chain[0]);
    const Events whole = filtered(chain, events);
    CHECK(!whole.empty());
    for (const DvsEvent& e : whole) {
      DvsEvent clean;
      put(&clean, e.t, e.x, e.y, e.on);
      REQUIRE(std::memcmp(&clean, &e, sizeof e) == 0);
    }
    for (const std::size_t piece : {1, 7, 64}) REQUIRE(filtered(chain, events, piece) == whole);
  }
}

TEST_CASE("background activity: an event stays with a recent neighbour alone", "[encoding]") {
  const Events events{{0, 5, 5, true},   {10, 6, 6, true},  {15, 0, 0, true},
                      {20, 5, 6, false}, {40, 5, 6, false}, {41, 6, 6, false}};
  CHECK(filtered({"ba:20us"}, events) == Events{events[1], events[3], events[5]});
  CHECK(filtered({"ba:21us:neighbours=4"}, events) == Events{events[3], events[5]});
  CHECK(filtered({"ba:21us:support=2"}, events) == Events{events[3]});
  CHECK(filtered({"ba:1s"}, {{0, 11, 3, true}, {1, 0, 4, true}}).empty());  // not across the edge
}

TEST_CASE("refractory: more than the period since the pixel's last event", "[encoding]") {
  const Events events{{0, 1, 1, true},  {10, 1, 1, true}, {15, 2, 1, true},
                      {20, 1, 1, true}, {31, 1, 1, true}, {42, 1, 1, false}};
  CHECK(filtered({"refractory:10us"}, events) ==
        Events{events[0], events[2], events[4], events[5]});
  CHECK(filtered({"refractory:10us:since=kept"}, events) ==
        Events{events[0], events[2], events[3], events[4], events[5]});
}

TEST_CASE("a hot pixel is dropped until a window in which it is not", "[encoding]") {
  Events events{{0, 5, 5, true}};
  for (std::int64_t t = 100; t < 1500; t += 100) events.push_back({t, 1, 1, true});
  events.push_back({2100, 1, 1, true});
  events.push_back({3100, 1, 1, true});
  // 3 kHz in windows of 1 ms: the fourth event in [0, 1 ms) makes it hot. [1, 2 ms) holds five: hot
  // still in [2, 3 ms), which holds one; good again from 3 ms on.
  CHECK(filtered({"hot_pixel:3kHz:window=1ms"}, events) ==
        Events{events[0], events[1], events[2], events[3], events.back()});
}

TEST_CASE("a box beside the sensor is refused, one over its border is not", "[encoding]") {
  CHECK(filtered({"crop:11:8:5:5"}, {{1, 11, 8, true}}) == Events{{1, 0, 0, true}});
  for (const char* text : {"crop:12:0:5:5", "crop:0:9:5:5"})
    CHECK_THROWS_WITH(filtered({text}, {}), Contains("lies outside the sensor of 12 x 9 pixels"));
  FilterChain unknown({"crop:12:9:5:5"});
  CHECK(unknown.start(std::nullopt) == Sensor{5, 5});
}

TEST_CASE("a pixel of just the rate is not hot, whatever rate and window", "[encoding]") {
  for (const std::int64_t rate : {5, 7, 10, 30, 70, 1100})
    for (const std::int64_t ms : {10, 50, 100, 200, 3000}) {
      const std::int64_t n = rate * ms / 1000;
      if (n * 1000 != rate * ms) continue;
      Events events;
      for (std::int64_t k = 0; k <= n; ++k) events.push_back({k, 1, 1, true});
      const std::string text = fmt::format("hot_pixel:{}Hz:window={}ms", rate, ms);
      CAPTURE(text);
      CHECK(filtered({text}, events) == Events(events.begin(), events.end() - 1));
    }
}

TEST_CASE("drop is a function of seed and place, with the share asked for", "[encoding]") {
  const Events events = random_events(20'000);
  const Events a = filtered({"drop:0.3"}, events);
  CHECK(a == filtered({"drop:0.3:seed=0"}, events));
  CHECK(a != filtered({"drop:0.3:seed=1"}, events));
  for (const std::size_t piece : {1, 997, 4096}) CHECK(filtered({"drop:0.3"}, events, piece) == a);
  // The numbers are those of the filters' stream, which no population or source draws from.
  const RandomKey key = derive_key(0, Stream::event_filter, 0);
  Events stay;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (to_uniform(random_bits(key, i, 0)) >= 0.3) stay.push_back(events[i]);
  CHECK(a == stay);
  // Binomial, sd 65: six of them.
  CHECK(std::abs(static_cast<double>(a.size()) - 14'000) < 390);
  CHECK(filtered({"drop:0"}, events) == events);
  CHECK(filtered({"drop:1"}, events).empty());
}

TEST_CASE("the sensor behind the filters", "[encoding]") {
  const auto behind = [](const std::string& text) { return FilterChain({text}).start(sensor); };
  CHECK(behind("crop:1:2:3:4") == Sensor{3, 4});
  CHECK(behind("downsample:5") == Sensor{3, 2});
  CHECK(behind("transpose flip:x") == Sensor{9, 12});
  CHECK(behind("polarity:split") == Sensor{12, 18});
  CHECK(behind("ba:1ms") == sensor);
  CHECK(FilterChain({"ba:1ms"}).start(std::nullopt) == std::nullopt);
  const Events events{{0, 3, 2, true}, {1, 3, 2, false}};
  CHECK(filtered({"polarity:split"}, events) == Events{{0, 3, 11, true}, {1, 3, 2, false}});
}

TEST_CASE("a filter that is not understood is told with what is accepted", "[encoding]") {
  CHECK(message_of("refractry:1ms") ==
        "unknown filter \"refractry\", did you mean \"refractory\"?");
  CHECK(message_of("ba") ==
        "filter \"ba\": window is missing; usage: ba:window[:neighbours=8][:support=1]");
  CHECK_THAT(message_of("ba:5"),
             Contains("window: \"5\", must be a time > 0 with its unit, e.g. 1.5s"));
  CHECK_THAT(message_of("ba:5ms:suport=2"), Contains("\"suport\", did you mean \"support\"?"));
  CHECK_THAT(message_of("ba:5ms:neighbours=6"), Contains("neighbours: \"6\", must be 4 or 8"));
  CHECK_THAT(message_of("drop:1.5"), Contains("must be a number in [0, 1]"));
  CHECK_THAT(message_of("decimate:0"), Contains("must be a whole number in [1, 1000000000]"));
  CHECK_THAT(message_of("decimate:2:3"), Contains("one argument too many"));
  CHECK_THAT(message_of("decimate:2:every=3"), Contains("every is given twice"));
  CHECK_THAT(message_of("hot_pixel:10"), Contains("must be a rate > 0"));
  CHECK_THAT(message_of("drop_pixels:1,2/3"), Contains("must be X,Y/X,Y/..."));
  CHECK_THAT(message_of("flip:x"), Contains("--sensor WIDTHxHEIGHT"));
}

TEST_CASE("coordinates and times of any size end in a message, not in memory", "[encoding]") {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  const Events far{{0, 65'535, 65'535, true}};
  for (const char* text : {"ba:1ms", "refractory:1ms", "hot_pixel:1kHz", "decimate:2"})
    CHECK_THROWS_WITH(filtered({text}, far), Contains("crop the recording first"));
  CHECK_THROWS_WITH(filtered({"flip:y"}, far), Contains("outside the sensor"));
  CHECK_THROWS_WITH(filtered({"time_scale:3"}, {{last, 1, 1, true}}), Contains("beyond 64 bits"));
  const Events ends{{-last / 2, 1, 1, true}, {last, 1, 1, true}, {-last, 3, 4, true}};
  CHECK(filtered({"refractory:0s"}, ends).size() == 3);
  CHECK(filtered({"slice:0s:1s"}, ends).size() == 1);
  CHECK(filtered({"hot_pixel:1kHz"}, ends).size() == 3);
}

TEST_CASE("a reader applies filters, block by block, and stops when they are over", "[encoding]") {
  const BytesFile file("ranvier_filters.csv",
                       bytes_of("t,x@8,y@6,p\n10,1,0,1\n20,7,5,0\n30,2,0,1\nnonsense\n"));
  EventReader reader(file.path(), {.filters = {"flip:x zero_time", "count:3"}});
  EventBuffer events;
  CHECK_FALSE(reader.sensor().has_value());
  REQUIRE(reader.read(events));
  CHECK(Events(events.begin(), events.end()) ==
        Events{{0, 6, 0, true}, {10, 0, 5, false}, {20, 5, 0, true}});
  CHECK(reader.sensor() == Sensor{8, 6});
  CHECK_FALSE(reader.read(events));  // the fault lies behind what is wanted
  EventReader all(file.path(), {.filters = {"polarity:off"}});
  REQUIRE(all.read(events));
  CHECK(events.size() == 1);
  CHECK_THROWS_AS(all.read(events), Error);
}
