// Files under a temporary name (core/aside_file.h): whole, or not there.
#include "core/aside_file.h"

#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/json.h"
#include "core/run_folder.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

void write(AsideFile& aside, const char* text) { std::ofstream(aside.temporary()) << text; }

}  // namespace

TEST_CASE("a file that is published takes the place of the one that had its name", "[core]") {
  const TemporaryFolder here;
  write_file(here / "a", "old");
  {
    AsideFile aside(here / "a", here / "a.new");
    write(aside, "new");
    CHECK(read_text(here / "a") == "old");
    aside.publish();
  }
  CHECK(read_text(here / "a") == "new");
  CHECK_FALSE(fs::exists(here / "a.new"));
}

TEST_CASE("a file that an exception cuts short is removed, and the old one stays", "[core]") {
  const TemporaryFolder here;
  write_file(here / "a", "old");
  const auto fail = [&] {
    AsideFile aside(here / "a", here / "a.new");
    write(aside, "half of the n");
    throw Error(ErrorKind::range, "no more");
  };
  CHECK_THROWS_WITH(fail(), "no more");
  CHECK(read_text(here / "a") == "old");
  CHECK_FALSE(fs::exists(here / "a.new"));
}

TEST_CASE("a file of the temporary name that was not asked for is another's, and stays", "[core]") {
  const TemporaryFolder here;
  write_file(here / "a.new", "another's");
  { const AsideFile aside(here / "a", here / "a.new"); }
  CHECK(read_text(here / "a.new") == "another's");
}

TEST_CASE("a file whose name is taken by a folder is refused and removed", "[core]") {
  const TemporaryFolder here;
  fs::create_directories(here / "taken" / "by a folder");
  {
    AsideFile aside(here / "taken", here / "taken.new");
    write(aside, "text");
    CHECK_THROWS_WITH(aside.publish(),
                      (here / "taken").string() + ": cannot be written: " +
                          std::make_error_code(std::errc::is_a_directory).message());
  }
  CHECK_FALSE(fs::exists(here / "taken.new"));
  CHECK(fs::exists(here / "taken" / "by a folder"));
}

TEST_CASE("no file takes the place of a pipe, which is written into", "[core]") {
  const TemporaryFolder here;
  const fs::path pipe = here / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int end = open(pipe.c_str(), O_RDWR);
  write_file(pipe, "text");
  std::string told(10, ' ');
  CHECK(read(end, told.data(), told.size()) == 4);
  CHECK(told.starts_with("text"));
  close(end);
  {
    AsideFile aside(pipe, here / "pipe.new");
    write(aside, "text");
    CHECK_THROWS_WITH(aside.publish(), pipe.string() + ": is a device or a pipe, must be a file");
  }
  CHECK(fs::is_fifo(pipe));
  CHECK_FALSE(fs::exists(here / "pipe.new"));
}

TEST_CASE("a full disk leaves the old file and nothing aside", "[core]") {
  const TemporaryFolder here;
  write_file(here / "a", "old");
  const auto on_signal = signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{30'000, before.rlim_max};  // stands for a full disk
  setrlimit(RLIMIT_FSIZE, &small);
  std::string told;
  try {
    write_file(here / "a", std::string(100'000, 'x'));
  } catch (const Error& error) {
    told = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, on_signal);
  CHECK(told == (here / "a").string() + ": cannot be written");
  CHECK(read_text(here / "a") == "old");
  CHECK_FALSE(fs::exists(here / "a.new"));
}
