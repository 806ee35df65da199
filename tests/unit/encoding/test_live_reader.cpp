// Live streams: events are there as they arrive, a slow stream holds nobody up, faults come last.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "encoding/live_reader.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

namespace ranvier::encoding {
namespace {

using tests::TemporaryFolder;

/// A named pipe, and the writing end of it.
class Pipe {
 public:
  Pipe() {
    REQUIRE(mkfifo(path().c_str(), 0600) == 0);
    file_ = open(path().c_str(), O_RDWR);
    REQUIRE(file_ >= 0);
  }
  ~Pipe() { end(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::filesystem::path path() const { return folder_ / "pipe"; }
  void write(const std::string& text) {
    REQUIRE(::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (file_ >= 0) close(file_);
    file_ = -1;
  }

 private:
  TemporaryFolder folder_;
  int file_ = -1;
};

bool yes() { return true; }

void take_until(LiveReader& reader, EventBuffer& events, std::size_t n) {
  while (events.size() < n) {
    reader.wait(yes);
    reader.take(events);
  }
}

TEST_CASE("live events are there as they arrive", "[threads]") {
  Pipe pipe;
  LiveReader reader(pipe.path(), {.format = "text"});
  EventBuffer events;
  pipe.write("t_us,x,y,on\n");
  for (int k = 0; k < 50; ++k) {
    pipe.write(std::to_string(10 * k) + ",3," + std::to_string(k) + ",1\n");
    take_until(reader, events, static_cast<std::size_t>(k) + 1);
    CHECK(events.back() == DvsEvent{10 * k, 3, static_cast<std::uint16_t>(k), true});
    CHECK_FALSE(reader.is_over());
  }
  pipe.end();
  while (!reader.is_over()) reader.wait(yes);
  reader.take(events);
  CHECK(events.size() == 50);
}

TEST_CASE("who waits for a silent stream can be told to stop", "[threads]") {
  const Pipe pipe;
  LiveReader reader(pipe.path(), {.format = "text"});
  int asked = 0;
  reader.wait([&asked] { return ++asked < 3; });
  CHECK(asked == 3);
  EventBuffer events;
  reader.take(events);
  CHECK(events.empty());
  CHECK_FALSE(reader.is_over());
}

TEST_CASE("a fault of a live stream comes after the events before it", "[threads]") {
  Pipe pipe;
  LiveReader reader(pipe.path(), {.format = "text"});
  pipe.write("t_us,x,y,on\n1,2,3,1\n5,what,3,1\n");
  EventBuffer events;
  take_until(reader, events, 1);
  pipe.end();
  CHECK(events.size() == 1);
  CHECK_NOTHROW(reader.take(events));  // as long as what came before is not used up
  CHECK_FALSE(reader.is_over());
  events.clear();
  const auto again = [&] {
    for (;;) {
      reader.wait(yes);
      reader.take(events);
    }
  };
  CHECK_THROWS_AS(again(), Error);
  CHECK(reader.is_over());
}

TEST_CASE("a stream that cannot be opened is a fault", "[threads]") {
  LiveReader reader("/no/such/pipe", {.format = "text"});
  EventBuffer events;
  reader.wait(yes);
  CHECK_THROWS_WITH(reader.take(events), Catch::Contains("/no/such/pipe: cannot be opened"));
}

}  // namespace
}  // namespace ranvier::encoding
