// Spikes from a text stream: the lines that were written, through a file and through a named pipe
// whose writer is ahead of, and behind, the reader; faults by line.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/error.h"
#include "encoding/spike_stream.h"
#include "tests/catch.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

class TextFile {
 public:
  explicit TextFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("ranvier_stream_" + std::to_string(getpid()))) {
    std::ofstream(path_) << text;
  }
  ~TextFile() { std::filesystem::remove(path_); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

Population reader_of(const std::string& file) {
  Population p;
  p.name = "in";
  p.model = "spike_source_stream";
  p.size = 10;
  p.file = file;
  return p;
}

std::unique_ptr<SpikeSource> open(const Population& population) {
  return stream_source().make({&population, 0, static_cast<std::uint32_t>(population.size), {}});
}

std::vector<Firing> read_all(SpikeSource& source, std::int64_t from, std::int64_t until,
                             std::int64_t window) {
  std::vector<Firing> all;
  for (std::int64_t t = from; t < until; t += window)
    source.spikes({Time{t}, Time{t + window}}, all);
  return all;
}

std::string fault_of(const std::string& text) {
  const TextFile file(text);
  const Population population = reader_of(file.path());
  const auto source = open(population);
  try {
    read_all(*source, 0, 100'000'000, 1'000'000);
  } catch (const Error& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(file.path() + ": "));
    return message.substr(file.path().size() + 2);
  }
  return "no fault";
}

}  // namespace

TEST_CASE("a stream's lines become spikes in their windows, whatever the windows", "[encoding]") {
  const TextFile file("# a comment\n0.5 3\n\n 1.0,4\r\n1.0\t5\n1.000001 , 3\n7.25 9 \n20 0");
  const Population population = reader_of(file.path());
  const std::vector<std::pair<std::int64_t, std::uint32_t>> expected = {
      {500'000, 3},   {1'000'000, 4}, {1'000'000, 5},
      {1'000'001, 3}, {7'250'000, 9}, {20'000'000, 0}};
  for (const std::int64_t window : {100'000, 1'000'000, 50'000'000}) {
    const auto source = open(population);
    const auto all = read_all(*source, 0, 50'000'000, window);
    REQUIRE(all.size() == expected.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      CHECK(all[k].time == expected[k].first);
      CHECK(all[k].neuron == expected[k].second);
    }
  }
}

TEST_CASE("a file is read again from where a checkpoint was, a pipe is not", "[encoding]") {
  const TextFile file("1 0\n2 1\n3 2\n4 3\n");
  const Population population = reader_of(file.path());
  const auto source = open(population);
  read_all(*source, 0, 4'000'000, 1'000'000);
  source->restart_at(Time{2'000'000});
  const auto rest = read_all(*source, 2'000'000, 5'000'000, 1'000'000);
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].neuron == 2);
  CHECK(can_read_again(population));
  CHECK(!can_read_again(reader_of("-")));
  const Population standard_input = reader_of("-");
  const auto once = open(standard_input);
  CHECK_THROWS_WITH(once->restart_at(Time{1}), Catch::Contains("can be read once only"));
}

TEST_CASE("a named pipe is read as it is written: 200,000 lines through 64 KiB", "[encoding]") {
  const std::string pipe =
      (std::filesystem::temp_directory_path() / ("ranvier_pipe_" + std::to_string(getpid())))
          .string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  constexpr std::int64_t lines = 200'000;
  std::thread writer([&pipe] {
    std::ofstream out(pipe);
    for (std::int64_t k = 1; k <= lines; ++k)
      out << k / 100 << '.' << k % 100 + 100 << ' ' << k % 10 << '\n';
  });
  const Population population = reader_of(pipe);
  CHECK(!can_read_again(population));
  const auto source = open(population);
  std::int64_t n = 0;
  std::vector<Firing> window;
  for (std::int64_t t = 0; t < 2'001'000'000; t += 5'000'000) {
    window.clear();
    source->spikes({Time{t}, Time{t + 5'000'000}}, window);
    for (const Firing& f : window) {
      ++n;
      if (f.neuron != static_cast<std::uint32_t>(n % 10)) n = -lines;
    }
  }
  writer.join();
  std::filesystem::remove(pipe);
  CHECK(n == lines);
}

TEST_CASE("faults of a stream name the line", "[encoding]") {
  CHECK(fault_of("1 2\n0.5 3\n") == "line 2: 0.5 ms comes after 1 ms, times must not step back");
  CHECK(fault_of("1 2\n2 10\n") == "line 2: neuron 10, must lie in [0, 10) (population \"in\")");
  CHECK(fault_of("\n1\n") == "line 2: \"1\", must be a time in ms and the index of a neuron");
  CHECK(fault_of("1 -2\n") == "line 1: \"1 -2\", must be a time in ms and the index of a neuron");
  CHECK(fault_of("1 2 3\n") == "line 1: \"1 2 3\", must be a time in ms and the index of a neuron");
  CHECK(fault_of("one 2\n") == "line 1: \"one 2\", must be a time in ms and the index of a neuron");
  CHECK(fault_of("0 2\n") == "line 1: 0 ms, must be > 0 and below 9e+12 ms");
  CHECK(fault_of("nan 2\n") == "line 1: nan ms, must be > 0 and below 9e+12 ms");
  CHECK(fault_of(std::string(200'000, '1')) == "line 1: longer than 4096 characters");
  CHECK_THROWS_WITH(open(reader_of("nothing_here.txt")), Catch::Contains("cannot be opened"));
}
