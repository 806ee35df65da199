// The only file that calls MPI. MPI_Init of a single process costs 0.4 s, so it is called only under a launcher.
#include <mpi.h>

#include "core/comm/comm.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

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
    std::vector<int> send_counts(n), receive_counts(n), send_at(n), receive_at(n);
    std::size_t total = 0;
    for (std::size_t r = 0; r < n; ++r) {
      send_at[r] = static_cast<int>(std::min<std::size_t>(total, std::numeric_limits<int>::max()));
      if (static_cast<int>(r) == rank_) continue;
      send_counts[r] = static_cast<int>(to_rank[r].size());
      total += to_rank[r].size();
    }
    if (total > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      abort("a message between ranks exceeds 2 GiB: use more ranks");
    Bytes send;
    send.reserve(total);
    for (std::size_t r = 0; r < n; ++r)
      if (static_cast<int>(r) != rank_) send.insert(send.end(), to_rank[r].begin(), to_rank[r].end());
    MPI_Alltoall(send_counts.data(), 1, MPI_INT, receive_counts.data(), 1, MPI_INT, comm_);
    std::size_t incoming = 0;
    for (std::size_t r = 0; r < n; ++r) {
      receive_at[r] = static_cast<int>(incoming);
      incoming += static_cast<std::size_t>(receive_counts[r]);
    }
    Bytes receive(incoming);
    MPI_Alltoallv(send.data(), send_counts.data(), send_at.data(), MPI_BYTE, receive.data(), receive_counts.data(),
                  receive_at.data(), MPI_BYTE, comm_);
    std::vector<Bytes> result(n);
    for (std::size_t r = 0; r < n; ++r) {
      const auto from = receive.begin() + receive_at[r];
      if (static_cast<int>(r) == rank_) result[r] = std::move(to_rank[r]);
      else result[r].assign(from, from + receive_counts[r]);
    }
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
  void reduce(std::span<std::int64_t> values, MPI_Op op) {
    MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_INT64_T, op, comm_);
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
