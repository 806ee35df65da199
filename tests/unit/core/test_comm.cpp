// Comm (core/comm/comm.h): one rank, and ranks as threads. MPI itself: tests/mpi/test_mpi_comm.cpp.
#include "core/comm/comm.h"

#include <cstring>
#include <stdexcept>

#include "tests/catch.h"

using namespace ranvier;

namespace {

/// What rank `from` sends to rank `to` in a round: its length and every byte are a function of the
/// three.
Bytes message(int from, int to, int round) {
  return Bytes(static_cast<std::size_t>((from * 7 + to * 3 + round) % 5),
               static_cast<std::byte>(from * 16 + to + round));
}

}  // namespace

TEST_CASE("a message arrives at the rank it was sent to, whole, for any number of ranks",
          "[core][threads]") {
  const int n = GENERATE(1, 2, 3, 5);
  std::vector<int> wrong(static_cast<std::size_t>(n), 0);
  run_as_ranks(n, [&](Comm& comm) {
    for (int round = 0; round < 20; ++round) {
      std::vector<Bytes> to;
      for (int r = 0; r < n; ++r) to.push_back(message(comm.rank(), r, round));
      const std::vector<Bytes> from = comm.all_to_all(std::move(to));
      for (int r = 0; r < n; ++r)
        if (from.at(static_cast<std::size_t>(r)) != message(r, comm.rank(), round))
          ++wrong[static_cast<std::size_t>(comm.rank())];
    }
  });
  CHECK(wrong == std::vector<int>(static_cast<std::size_t>(n), 0));
}

TEST_CASE("sums and largest values are the same on every rank", "[core][threads]") {
  const int n = GENERATE(1, 2, 4);
  std::vector<std::vector<std::int64_t>> results(static_cast<std::size_t>(n));
  run_as_ranks(n, [&](Comm& comm) {
    std::vector<std::int64_t> values{comm.rank() + 1, -comm.rank()};
    comm.sum(values);
    std::int64_t largest = -comm.rank() - 5;
    comm.max({&largest, 1});
    values.push_back(largest);
    results[static_cast<std::size_t>(comm.rank())] = values;
  });
  for (const auto& result : results)
    CHECK(result == std::vector<std::int64_t>{n * (n + 1) / 2, -n * (n - 1) / 2, -5});
}

TEST_CASE("all ranks throw the error of the lowest rank that has one", "[core][threads]") {
  std::vector<std::string> told(4);
  run_as_ranks(4, [&](Comm& comm) {
    try {
      agree_on(comm, [&] {
        if (comm.rank() >= 2)
          throw Error(ErrorKind::capacity, "rank " + std::to_string(comm.rank()));
      });
    } catch (const Error& error) {
      told[static_cast<std::size_t>(comm.rank())] = error.what();
      if (error.kind() != ErrorKind::capacity)
        told[static_cast<std::size_t>(comm.rank())] += " of another kind";
    }
    agree_on(comm, [] {});  // and the ranks are in step afterwards
  });
  CHECK(told == std::vector<std::string>(4, "rank 2"));
}

TEST_CASE(
    "a rank that fails alone does not leave the others waiting, and its own error is the one told",
    "[core][threads]") {
  const int culprit = GENERATE(0, 1, 2);
  const auto run = [&] {
    run_as_ranks(3, [&](Comm& comm) {
      if (comm.rank() == culprit) throw std::runtime_error("the cause");
      agree_on(comm, [&] {
        std::int64_t value = 1;
        comm.sum(
            {&value,
             1});  // throws here, and again inside agree: never a result made without the culprit
      });
    });
  };
  CHECK_THROWS_WITH(run(), "the cause");
}

TEST_CASE("abort ends all ranks with its message", "[core][threads]") {
  const auto run = [] {
    run_as_ranks(3, [](Comm& comm) {
      if (comm.rank() == 1) comm.abort(Error(ErrorKind::capacity, "events exceed the budget"));
      comm.all_gather({});
    });
  };
  CHECK_THROWS_WITH(run(), "events exceed the budget");
}

TEST_CASE("a failure on one rank ends all with its kind, one that all share is thrown by all",
          "[core][threads]") {
  const auto alone = [] {
    run_as_ranks(3, [](Comm& comm) {
      or_abort(comm, [&] {
        if (comm.rank() == 2) throw Error(ErrorKind::parse, "line 3");
      });
      comm.all_gather({});
    });
  };
  try {
    alone();
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.what() == std::string("line 3"));
    CHECK(error.kind() == ErrorKind::parse);
    CHECK_FALSE(error.is_agreed());
  }
  std::vector<int> agreed(3, 0);
  run_as_ranks(3, [&](Comm& comm) {
    try {
      or_abort(comm, [&] {
        agree_on(comm, [&] {
          if (comm.rank() == 1) throw Error(ErrorKind::io, "gone");
        });
      });
    } catch (const Error& error) {
      agreed[static_cast<std::size_t>(comm.rank())] = error.is_agreed() ? 1 : 0;
    }
    comm.all_gather({});  // in step: nobody was ended
  });
  CHECK(agreed == std::vector<int>(3, 1));
}

TEST_CASE("one rank alone gets back what it sent itself", "[core]") {
  const std::unique_ptr<Comm> comm = make_local_comm();
  CHECK(comm->rank() == 0);
  CHECK(comm->size() == 1);
  CHECK(comm->all_gather(message(3, 1, 0)) == std::vector<Bytes>{message(3, 1, 0)});
  CHECK_THROWS_WITH(comm->agree(Error(ErrorKind::io, "gone")), "gone");
}
