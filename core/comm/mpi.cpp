// The only file that calls MPI. MPI_Init of a single process costs 0.4 s, so it is called only
// under a launcher. An exchange is one collective of small fixed blocks that carry each message's
// length and its first bytes; only what does not fit follows from rank to rank, straight out of and
// into the callers' memory. Most windows' spikes fit. Tested by tests/mpi/test_mpi_comm.cpp.
#include <mpi.h>

#include "core/comm/comm.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ranvier {
namespace {

class MpiComm final : public Comm {
 public:
  explicit MpiComm(bool owned) : owned_(owned) {
    MPI_Comm_dup(MPI_COMM_WORLD, &comm_);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
  }
  ~MpiComm() override {
    MPI_Comm_free(&comm_);
    if (owned_) MPI_Finalize();
  }
  MpiComm(const MpiComm&) = delete;
  MpiComm& operator=(const MpiComm&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) override {
    const auto n = static_cast<std::size_t>(size_);
    Bytes send(n * block), receive(n * block);
    for (std::size_t r = 0; r < n; ++r) {
      const std::uint64_t length = static_cast<int>(r) == rank_ ? 0 : to_rank[r].size();
      std::memcpy(send.data() + r * block, &length, sizeof length);
      std::copy_n(to_rank[r].begin(), std::min(length, inside),
                  send.begin() + static_cast<std::ptrdiff_t>(r * block + sizeof length));
    }
    MPI_Alltoall(send.data(), block, MPI_BYTE, receive.data(), block, MPI_BYTE, comm_);
    std::vector<Bytes> result(n);
    std::vector<MPI_Request> requests;
    for (std::size_t r = 0; r < n; ++r) {
      if (static_cast<int>(r) == rank_) continue;
      std::uint64_t length = 0;
      std::memcpy(&length, receive.data() + r * block, sizeof length);
      result[r].resize(length);
      std::copy_n(receive.begin() + static_cast<std::ptrdiff_t>(r * block + sizeof length),
                  std::min(length, inside), result[r].begin());
      rest_in_pieces(result[r], [&](std::byte* piece, int bytes) {
        MPI_Irecv(piece, bytes, MPI_BYTE, static_cast<int>(r), 0, comm_, &requests.emplace_back());
      });
      rest_in_pieces(to_rank[r], [&](std::byte* piece, int bytes) {
        MPI_Isend(piece, bytes, MPI_BYTE, static_cast<int>(r), 0, comm_, &requests.emplace_back());
      });
    }
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
    result[static_cast<std::size_t>(rank_)] = std::move(to_rank[static_cast<std::size_t>(rank_)]);
    return result;
  }

  void sum(std::span<std::int64_t> values) override { reduce(values, MPI_SUM); }
  void max(std::span<std::int64_t> values) override { reduce(values, MPI_MAX); }

  void abort(const std::string& message) override {
    std::fprintf(stderr, "ranvier: %s\n", message.c_str());
    MPI_Abort(comm_, 3);
    std::abort();
  }

 private:
  static constexpr int block = 256;  ///< bytes a rank in the fixed part
  static constexpr std::uint64_t inside = block - sizeof(std::uint64_t);
  static constexpr std::size_t piece_bytes = std::size_t{64} << 20;

  /// f(begin, bytes) for the pieces of what does not fit in the block: MPI counts in int, and keeps
  /// a pair's messages in order.
  template <class F>
  static void rest_in_pieces(Bytes& message, F f) {
    for (std::size_t at = inside; at < message.size(); at += piece_bytes)
      f(message.data() + at, static_cast<int>(std::min(piece_bytes, message.size() - at)));
  }

  void reduce(std::span<std::int64_t> values, MPI_Op op) {
    MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_INT64_T, op,
                  comm_);
  }

  bool owned_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
};

bool under_launcher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name)) return true;
  return false;
}

}  // namespace

std::unique_ptr<Comm> make_world_comm() {
  int initialised = 0;
  MPI_Initialized(&initialised);
  if (initialised) return std::make_unique<MpiComm>(false);
  if (!under_launcher()) return make_local_comm();
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  return std::make_unique<MpiComm>(true);
}

}  // namespace ranvier
