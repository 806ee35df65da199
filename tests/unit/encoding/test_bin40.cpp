#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "encoding/dvs_source.h"
#include "encoding/event_file.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

const std::filesystem::path recording = "examples/data/dvs_gesture_1.bin";

BytesFile file_of(const std::string& name, const std::vector<int>& values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return {name, bytes};
}

Population camera(const std::string& file, std::int64_t size, const std::string& polarity) {
  Population p;
  p.name = "camera";
  p.model = "spike_source_events";
  p.size = size;
  p.file = file;
  p.options = {{"width", "128"}, {"height", "128"}, {"polarity", polarity}};
  return p;
}

std::vector<Firing> spikes_of(const Population& population, std::int64_t until_ns,
                              std::int64_t window_ns) {
  const auto source =
      events_source().make({&population, 0, static_cast<std::uint32_t>(population.size), {}});
  std::vector<Firing> all;
  for (std::int64_t t = 0; t < until_ns; t += window_ns)
    source->spikes({Time{t}, Time{t + window_ns}}, all);
  return all;
}

}  // namespace

TEST_CASE("the bundled recording has the counts that tonic's decoder found", "[encoding]") {
  const EventBuffer events = read_events(recording);
  REQUIRE(events.size() == 63'471);
  CHECK(std::count_if(events.begin(), events.end(), [](const DvsEvent& e) { return e.on; }) ==
        32'164);
  CHECK(events.front().t == 28);
  CHECK(events.back().t == 1'449'996);
  for (const DvsEvent& e : events) REQUIRE((e.x < 128 && e.y < 128));
}

TEST_CASE("five bytes are x, y, polarity and time, most significant first", "[encoding]") {
  const BytesFile file =
      file_of("ranvier_bits.bin", {7, 9, 0x81, 0x02, 0x03, 255, 0, 0x00, 0x00, 0x01});
  const EventBuffer events = read_events(file.path(), {.format = "bin40"});
  REQUIRE(events.size() == 2);
  CHECK(events[0] == DvsEvent{0x010203, 7, 9, true});
  CHECK(events[1] == DvsEvent{1, 255, 0, false});
}

TEST_CASE("y = 240 is 8192 us of time where the sensor is said to be lower, a row elsewhere",
          "[encoding]") {
  Bytes bytes;
  for (const int b : {5, 6, 0x80, 0x1F, 0xFF, 0, 240, 0, 0, 0, 7, 8, 0, 0, 3})
    bytes.push_back(static_cast<std::byte>(b));
  const Decoded marked = decode("bin40", bytes, {.sensor = Sensor{240, 180}});
  CHECK(marked.events == Events{{8191, 5, 6, true}, {8195, 7, 8, false}});
  CHECK(marked.notes == std::vector<std::string>{"1 overflows of time (y = 240)"});
  const Events rows{{8191, 5, 6, true}, {0, 0, 240, false}, {3, 7, 8, false}};
  CHECK(decode("bin40", bytes, {.sensor = Sensor{304, 256}}).events == rows);
  const Decoded plain = decode("bin40", bytes);
  CHECK(plain.events == rows);
  REQUIRE(plain.notes.size() == 1);
  CHECK(plain.notes[0].find("1 events have y = 240") == 0);
}

TEST_CASE("a recording cut inside an event is an error that names file and byte", "[encoding]") {
  const BytesFile file = file_of("ranvier_cut.bin", {1, 2, 0, 0, 1, 1, 2});
  try {
    read_events(file.path());
    FAIL("accepted");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::parse);
    CHECK(std::string(e.what()) ==
          file.path().string() +
              ": byte 5: the recording is cut off inside a record, of which 2 bytes are there");
  }
}

TEST_CASE("pixels become neurons row by row, and times count from the first event", "[encoding]") {
  const auto merged =
      spikes_of(camera(recording.string(), 16'384, "merge"), 2'000'000'000, 1'000'000);
  const EventBuffer events = read_events(recording);
  REQUIRE(merged.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(merged[i].neuron == events[i].y * 128u + events[i].x);
    REQUIRE(merged[i].time == std::max<std::int64_t>(1, (events[i].t - 28) * 1000));
  }
  const auto split =
      spikes_of(camera(recording.string(), 32'768, "split"), 2'000'000'000, 7'000'000);
  REQUIRE(split.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    REQUIRE(split[i].neuron == merged[i].neuron + (events[i].on ? 16'384u : 0u));
  CHECK(spikes_of(camera(recording.string(), 16'384, "on"), 2'000'000'000, 1'000'000).size() ==
        32'164);
  CHECK(spikes_of(camera(recording.string(), 16'384, "off"), 2'000'000'000, 1'000'000).size() ==
        31'307);
}

TEST_CASE("a size that does not fit the sensor, and an event outside it, are refused",
          "[encoding]") {
  const auto message = [](const Population& population) -> std::string {
    try {
      spikes_of(population, 1'000'000, 1'000'000);
    } catch (const Error& e) {
      return e.what();
    }
    return "accepted";
  };
  CHECK(message(camera(recording.string(), 100, "merge")) ==
        "population \"camera\": size: 100, must be 16384 for 128 x 128 pixels with polarity merge");
  const BytesFile file = file_of("ranvier_outside.bin", {200, 2, 0, 0, 1});
  CHECK(message(camera(file.path().string(), 16'384, "merge")) ==
        file.path().string() +
            ": an event at (200, 2) lies outside the sensor of 128 x 128 pixels (population "
            "\"camera\": options)");
}
