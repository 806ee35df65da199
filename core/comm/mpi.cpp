// The only file that calls MPI. MPI_Init of a single process costs 0.4 s, so it is called only
// under a launcher. An exchange is one collective of small fixed blocks that carry each message's
// length and its first bytes; only what does not fit follows from rank to rank, straight out of and
// into the callers' memory. Most windows' spikes fit. The windows' exchange runs over a graph of
// neighbours, the ranks that hold targets of each other, and without waiting until its end is asked
// for. Tested by tests/mpi/test_mpi_comm.cpp.
#include <mpi.h>

#include "core/comm/comm.h"
#include "core/comm/mpi_library.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string_view>

namespace ranvier {
namespace {

class MpiComm final : public Comm {
 public:
  explicit MpiComm(bool owned) : owned_(owned) {
    MPI_Comm_dup(MPI_COMM_WORLD, &comm_);
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_ARE_FATAL);  // mpi4py has them returned
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
    block_ = message_block(size_);
  }
  ~MpiComm() override {
    if (graph_ != MPI_COMM_NULL) MPI_Comm_free(&graph_);
    MPI_Comm_free(&comm_);
    if (owned_) MPI_Finalize();
  }
  MpiComm(const MpiComm&) = delete;
  MpiComm& operator=(const MpiComm&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) override {
    std::vector<int> all(static_cast<std::size_t>(size_));  // its own block is empty
    std::iota(all.begin(), all.end(), 0);
    Bytes mine = std::move(to_rank[static_cast<std::size_t>(rank_)]);
    to_rank[static_cast<std::size_t>(rank_)].clear();
    Travel travel{to_rank, all, all, {}, {}, {}};
    pack(travel);
    MPI_Alltoall(travel.send.data(), block_, MPI_BYTE, travel.receive.data(), block_, MPI_BYTE,
                 comm_);
    unpack(travel);
    travel.received[static_cast<std::size_t>(rank_)] = std::move(mine);
    return std::move(travel.received);
  }

  void set_neighbours(const std::vector<int>& to) override {
    std::vector<Bytes> mine(static_cast<std::size_t>(size_));
    for (const int r : to) mine[static_cast<std::size_t>(r)].resize(1);
    const std::vector<Bytes> theirs = all_to_all(std::move(mine));
    travel_.to = to;
    travel_.from.clear();
    for (int r = 0; r < size_; ++r)
      if (r != rank_ && !theirs[static_cast<std::size_t>(r)].empty()) travel_.from.push_back(r);
    if (graph_ != MPI_COMM_NULL) MPI_Comm_free(&graph_);
    MPI_Dist_graph_create_adjacent(comm_, static_cast<int>(travel_.from.size()),
                                   travel_.from.data(), MPI_UNWEIGHTED,
                                   static_cast<int>(travel_.to.size()), travel_.to.data(),
                                   MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &graph_);
  }

  void start_exchange(std::span<const Bytes> to_neighbours) override {
    travel_.messages = to_neighbours;
    pack(travel_);
    MPI_Ineighbor_alltoall(travel_.send.data(), block_, MPI_BYTE, travel_.receive.data(), block_,
                           MPI_BYTE, graph_, &request_);
  }

  std::span<const Bytes> finish_exchange() override {
    MPI_Wait(&request_, MPI_STATUS_IGNORE);
    unpack(travel_);
    return travel_.received;
  }

  void sum(std::span<std::int64_t> values) override { reduce(values, MPI_SUM); }
  void max(std::span<std::int64_t> values) override { reduce(values, MPI_MAX); }

  void abort(const Error& error) override {
    std::fprintf(stderr, "ranvier: %s\n", error.what());
    MPI_Abort(comm_, exit_code(error.kind()));
    std::abort();
  }

 private:
  /// Messages on their way, one a rank of `to`, their blocks, and what came from those of `from`.
  struct Travel {
    std::span<const Bytes> messages;
    std::vector<int> to, from;
    Bytes send, receive;
    std::vector<Bytes> received;
  };

  void pack(Travel& t) const {
    t.send.resize(begin_of(t.to.size()));
    t.receive.resize(begin_of(t.from.size()));
    for (std::size_t k = 0; k < t.to.size(); ++k) {
      const Bytes& message = t.messages[k];
      const std::uint64_t length = message.size();
      std::memcpy(t.send.data() + begin_of(k), &length, sizeof length);
      std::copy_n(message.begin(), std::min(length, inside()),
                  t.send.begin() + static_cast<std::ptrdiff_t>(begin_of(k) + sizeof length));
    }
  }

  void unpack(Travel& t) {
    t.received.resize(t.from.size());
    requests_.clear();
    for (std::size_t k = 0; k < t.from.size(); ++k) {
      std::uint64_t length = 0;
      std::memcpy(&length, t.receive.data() + begin_of(k), sizeof length);
      Bytes& message = t.received[k];
      message.resize(length);
      std::copy_n(t.receive.begin() + static_cast<std::ptrdiff_t>(begin_of(k) + sizeof length),
                  std::min(length, inside()), message.begin());
      rest_in_pieces(message, [&](std::byte* piece, int bytes) {
        MPI_Irecv(piece, bytes, MPI_BYTE, t.from[k], 0, comm_, &requests_.emplace_back());
      });
    }
    for (std::size_t k = 0; k < t.to.size(); ++k)
      rest_in_pieces(t.messages[k], [&](const std::byte* piece, int bytes) {
        MPI_Isend(piece, bytes, MPI_BYTE, t.to[k], 0, comm_, &requests_.emplace_back());
      });
    if (!requests_.empty())
      MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
  }

  static constexpr std::size_t piece_bytes = std::size_t{64} << 20;

  /// Where the k-th block begins, and how much of a message it holds.
  std::size_t begin_of(std::size_t k) const { return k * static_cast<std::size_t>(block_); }
  std::uint64_t inside() const { return begin_of(1) - sizeof(std::uint64_t); }

  /// f(begin, bytes) for the pieces of what does not fit in the block: MPI counts in int, and keeps
  /// a pair's messages in order.
  template <class Message, class F>
  void rest_in_pieces(Message& message, F f) const {
    for (std::size_t at = inside(); at < message.size(); at += piece_bytes)
      f(message.data() + at, static_cast<int>(std::min(piece_bytes, message.size() - at)));
  }

  void reduce(std::span<std::int64_t> values, MPI_Op op) {
    MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_INT64_T, op,
                  comm_);
  }

  bool owned_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  MPI_Comm graph_ = MPI_COMM_NULL;
  MPI_Request request_ = MPI_REQUEST_NULL;
  std::vector<MPI_Request> requests_;
  Travel travel_;
  int rank_ = 0;
  int size_ = 1;
  int block_ = 0;  ///< bytes of the fixed part
};

bool under_launcher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name)) return true;
  return false;
}

/// Workers run beside the thread that calls MPI, which has to be the one that MPI knows.
void require_threads(int level) {
  if (level < MPI_THREAD_FUNNELED)
    throw Error(ErrorKind::unsupported,
                "MPI was initialised for programs without threads; ask for MPI_THREAD_FUNNELED or "
                "more (MPI_Init_thread; mpi4py: mpi4py.rc.thread_level, \"multiple\" unless set)");
  int main_thread = 0;
  MPI_Is_thread_main(&main_thread);
  if (level == MPI_THREAD_FUNNELED && !main_thread)
    throw Error(ErrorKind::unsupported,
                "MPI was initialised for calls of one thread (MPI_THREAD_FUNNELED), and this is "
                "another one; ask for MPI_THREAD_SERIALIZED or more");
}

}  // namespace

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string_view all(text.data(), static_cast<std::size_t>(length));
  return std::string(all.substr(0, all.find_first_of(",\n")));
}

std::unique_ptr<Comm> make_world_comm() {
  int initialised = 0;
  MPI_Initialized(&initialised);
  if (!initialised && !under_launcher()) return make_local_comm();
  int level = 0;
  if (initialised) MPI_Query_thread(&level);
  else MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
  require_threads(level);
  return std::make_unique<MpiComm>(!initialised);
}

}  // namespace ranvier
