// A recording in slices of time.
#include "encoding/time_slices.h"

#include "core/error.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

std::vector<Events> slices_of(const std::string& text, std::int64_t width) {
  const BytesFile file("ranvier_slices.csv", bytes_of("t,x,y,p\n" + text));
  EventReader reader(file.path());
  TimeSlices slices(reader, width);
  EventBuffer slice;
  std::vector<Events> all;
  while (slices.next(slice)) all.emplace_back(slice.begin(), slice.end());
  return all;
}

}  // namespace

TEST_CASE("slices begin with the first event, and the empty ones are there", "[encoding]") {
  CHECK(slices_of("100,1,0,1\n109,2,0,1\n110,3,0,1\n135,4,0,1\n", 10) ==
        std::vector<Events>{
            {{100, 1, 0, true}, {109, 2, 0, true}}, {{110, 3, 0, true}}, {}, {{135, 4, 0, true}}});
  CHECK(slices_of("", 10).empty());
}

TEST_CASE("an event that steps back belongs to the open slice", "[encoding]") {
  CHECK(slices_of("100,1,0,1\n115,2,0,1\n90,3,0,1\n119,4,0,1\n", 10) ==
        std::vector<Events>{{{100, 1, 0, true}},
                            {{115, 2, 0, true}, {90, 3, 0, true}, {119, 4, 0, true}}});
}

TEST_CASE("the slices of a recording are the recording", "[encoding]") {
  const std::filesystem::path recording = "examples/data/dvs_gesture_1.bin";
  const EventBuffer whole = read_events(recording);
  EventReader reader(recording);
  TimeSlices slices(reader, 1000);
  EventBuffer slice;
  Events joined;
  std::int64_t n = 0;
  for (; slices.next(slice); ++n) {
    for (const DvsEvent& e : slice) REQUIRE((e.t - whole.front().t) / 1000 == n);
    joined.insert(joined.end(), slice.begin(), slice.end());
  }
  CHECK(n == (whole.back().t - whole.front().t) / 1000 + 1);
  CHECK(joined == Events(whole.begin(), whole.end()));
}

TEST_CASE("a fault comes after the events before it", "[encoding]") {
  const BytesFile file("ranvier_slices.csv", bytes_of("t,x,y,p\n0,1,0,1\n5,2,0,1\nnonsense\n"));
  EventReader reader(file.path());
  TimeSlices slices(reader, 2);
  EventBuffer slice;
  for (int k = 0; k < 3; ++k) CHECK(slices.next(slice));
  REQUIRE(slice.size() == 1);
  CHECK(slice[0].t == 5);
  CHECK_THROWS_AS(slices.next(slice), Error);
}
