// Comm over MPI: run under mpirun with 1, 2 and 4 ranks. Every rank runs every test case.
#include <cstddef>

#include "core/comm/comm.h"
#include "tests/catch.h"
#include "tests/mpi/world.h"

using namespace ranvier;

namespace {

Bytes message(int from, int to, std::size_t size) {
  Bytes bytes(size, static_cast<std::byte>(from * 16 + to));
  for (std::size_t i = 0; i < size; i += 1009) bytes[i] = static_cast<std::byte>(i / 1009 % 251);
  return bytes;
}

}  // namespace

TEST_CASE("messages between MPI ranks arrive whole, empty ones too, and longer than one piece",
          "[mpi]") {
  Comm& comm = tests::world();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{248}, std::size_t{249},
                                 std::size_t{100'000}, (std::size_t{64} << 20) + 3}) {
    const auto length = [&](int from, int to) {
      return (from + to) % 2 == 1 && (size < 1'000'000 || from == 0) ? size : 0;
    };
    std::vector<Bytes> to;
    for (int r = 0; r < comm.size(); ++r)
      to.push_back(message(comm.rank(), r, length(comm.rank(), r)));
    const std::vector<Bytes> from = comm.all_to_all(std::move(to));
    REQUIRE(from.size() == static_cast<std::size_t>(comm.size()));
    for (int r = 0; r < comm.size(); ++r) {
      const bool whole =
          from[static_cast<std::size_t>(r)] == message(r, comm.rank(), length(r, comm.rank()));
      CHECK(whole);
    }
  }
}

TEST_CASE("MPI ranks agree on sums, largest values and errors", "[mpi]") {
  Comm& comm = tests::world();
  const std::int64_t n = comm.size();
  std::vector<std::int64_t> values{comm.rank() + 1, std::int64_t{1} << 40};
  comm.sum(values);
  CHECK(values == std::vector<std::int64_t>{n * (n + 1) / 2, n << 40});
  std::int64_t largest = -comm.rank();
  comm.max({&largest, 1});
  CHECK(largest == 0);
  const auto fail_on_last = [&] {
    agree_on(comm, [&] {
      if (comm.rank() == comm.size() - 1) throw Error(ErrorKind::range, "the last rank's error");
    });
  };
  CHECK_THROWS_WITH(fail_on_last(), "the last rank's error");
}

TEST_CASE("the launcher's number of ranks is the one in use", "[mpi]") {
  CHECK(tests::world().size() == tests::launched_ranks());
}
