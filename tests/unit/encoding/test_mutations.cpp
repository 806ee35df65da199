// What the fuzzers check, for the files of their corpus and many changed copies of them: bytes
// replaced, cut, doubled, and numbers set to their extremes. It is bounded, the same every time,
// and runs with any compiler, so under the sanitizers too.
#include "tests/fuzz/check_events.h"
#include "tests/unit/encoding/decoding.h"

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

class Changes {
 public:
  explicit Changes(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return static_cast<std::size_t>(state_ >> 33) % n;
  }

  void change(Bytes& bytes) {
    if (bytes.empty()) return bytes.push_back(std::byte{0});
    const std::size_t at = below(bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<std::byte>(below(256));
        break;
      case 1:
        bytes[at] ^= static_cast<std::byte>(1u << below(8));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(place, place + static_cast<std::ptrdiff_t>(
                                       below(std::min<std::size_t>(8, bytes.size() - at))));
        break;
      case 4:
        bytes.insert(place, 1 + below(16), bytes[at]);
        break;
      default: {
        constexpr std::uint32_t extremes[] = {0,           1,           0x7F,   0x7FFF'FFFF,
                                              0x8000'0000, 0xFFFF'FFFF, 0xFFFF, 0x1000};
        const std::uint32_t number = extremes[below(std::size(extremes))];
        for (std::size_t k = 0; k < 4 && at + k < bytes.size(); ++k)
          bytes[at + k] = static_cast<std::byte>(number >> (8 * k));
      }
    }
  }

 private:
  std::uint64_t state_;
};

void check_corpus(const std::string& folder, void (*check)(std::span<const std::byte>)) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/" + folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 3);
  for (const auto& path : files) {
    Bytes file(std::filesystem::file_size(path));
    std::ifstream(path, std::ios::binary)
        .read(reinterpret_cast<char*>(file.data()), static_cast<std::streamsize>(file.size()));
    check(file);
    Changes changes(file.size());
    for (int round = 0; round < 2000; ++round) {
      Bytes changed = file;
      for (std::size_t n = 1 + changes.below(4); n > 0; --n) changes.change(changed);
      check(changed);
    }
  }
}

}  // namespace

TEST_CASE("streamed recordings with any damage are read or refused", "[encoding]") {
  check_corpus("fuzz_events", check_streams);
}

TEST_CASE("array files with any damage are read or refused", "[encoding]") {
  check_corpus("fuzz_array_files", check_array_file);
}
