// Comm: what ranks say to each other. Every rank reaches every collective; errors are agreed on, so
// that all ranks throw the same one together. Three forms: one rank (local.cpp), ranks as threads
// for tests (threads.cpp), MPI (mpi.cpp). Tested by tests/unit/core/test_comm.cpp and
// tests/mpi/test_mpi_comm.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace ranvier {

/// Bytes of the fixed part of an exchange over MPI, a pair of neighbours and direction; a longer
/// message's rest follows by itself. Small where a rank may have many neighbours.
constexpr int message_block(int ranks) { return ranks <= 64 ? 256 : 64; }

/// The ranks of a run, as one of them sees them.
class Comm {
 public:
  virtual ~Comm() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// One message to every other rank (empty ones are not sent); collective. Result: what each rank
  /// sent here. A rank's part for itself is handed through. Messages may have any size that memory
  /// holds.
  virtual std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) = 0;
  /// The other ranks to which this one may send in an exchange, rising. Collective, before the
  /// first one.
  virtual void set_neighbours(const std::vector<int>& to) { neighbours_ = to; }
  /// The exchange of every window, in two halves so that work goes on while messages travel;
  /// nothing else may be asked of the Comm in between. One message a neighbour, in their order;
  /// they stay where they are until the second half, which returns what others sent here, in the
  /// order of their ranks (valid until the next call).
  virtual void start_exchange(std::span<const Bytes> to_neighbours);
  virtual std::span<const Bytes> finish_exchange();
  /// Every rank's bytes, in rank order, on every rank.
  std::vector<Bytes> all_gather(const Bytes& mine);
  /// Element by element over ranks, in place.
  virtual void sum(std::span<std::int64_t> values) = 0;
  virtual void max(std::span<std::int64_t> values) = 0;
  /// All ranks call it; where any has an error, all throw the one of the lowest rank.
  void agree(const std::optional<Error>& error);
  /// Ends all ranks with the error's message and exit code (where others cannot be waited for).
  [[noreturn]] virtual void abort(const Error& error) = 0;

 private:
  std::vector<int> neighbours_;
  std::vector<Bytes> travelling_;
};

/// Runs f, and lets all ranks throw together if it throws an Error (or runs out of memory) on any.
void agree_on(Comm& comm, const std::function<void()>& f);

/// Runs f while other ranks may wait for this one: its failure ends them all, unless all throw it
/// together. With one rank it is thrown as it is.
void or_abort(Comm& comm, const std::function<void()>& f);

/// A run of one rank.
std::unique_ptr<Comm> make_local_comm();

/// Runs f on n ranks that are threads of this process; rethrows the exception that came first. A
/// rank that waits for one that has thrown gets Error(internal), so that none waits for ever.
void run_as_ranks(int n, const std::function<void(Comm&)>& f);

/// MPI's world where a launcher started this process (or MPI is initialised already), else one
/// rank. MPI is finalised at exit if it was initialised here. Throws Error(unsupported) where it
/// was initialised for no threads, or for another one than this.
std::unique_ptr<Comm> make_world_comm();

}  // namespace ranvier
