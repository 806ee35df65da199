// Ranks as threads of one process: gives property tests any number of ranks without a launcher.
#include "core/comm/comm.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace ranvier {
namespace {

struct Room {
  explicit Room(int n)
      : size(n), messages(static_cast<std::size_t>(n)), values(static_cast<std::size_t>(n)) {}
  int size;
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  std::int64_t round = 0;
  bool broken = false;
  std::exception_ptr first_failure;
  std::vector<std::vector<Bytes>> messages;
  std::vector<std::vector<std::int64_t>> values;

  void wait() {
    std::unique_lock lock(mutex);
    if (broken) throw Error(ErrorKind::internal, "another rank stopped");
    const std::int64_t mine = round;
    if (++waiting == size) {
      waiting = 0;
      ++round;
      changed.notify_all();
      return;
    }
    changed.wait(lock, [&] { return round != mine || broken; });
    if (round == mine) throw Error(ErrorKind::internal, "another rank stopped");
  }

  /// Nobody waits for anybody from now on; the first failure is the one that is told.
  void leave_broken(const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex);
    if (!first_failure) first_failure = failure;
    broken = true;
    changed.notify_all();
  }
};

class ThreadComm final : public Comm {
 public:
  ThreadComm(Room& room, int rank) : room_(room), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return room_.size; }

  std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) override {
    room_.messages[static_cast<std::size_t>(rank_)] = std::move(to_rank);
    room_.wait();
    std::vector<Bytes> received;
    for (auto& from : room_.messages) received.push_back(from[static_cast<std::size_t>(rank_)]);
    room_.wait();
    return received;
  }
  void sum(std::span<std::int64_t> values) override {
    reduce(values, [](std::int64_t a, std::int64_t b) { return a + b; });
  }
  void max(std::span<std::int64_t> values) override {
    reduce(values, [](std::int64_t a, std::int64_t b) { return a > b ? a : b; });
  }
  void abort(const Error& error) override {
    room_.leave_broken(std::make_exception_ptr(error));
    throw error;
  }

 private:
  template <class F>
  void reduce(std::span<std::int64_t> values, F f) {
    room_.values[static_cast<std::size_t>(rank_)].assign(values.begin(), values.end());
    room_.wait();
    for (int r = 0; r < room_.size; ++r) {
      if (r == rank_) continue;
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = f(values[i], room_.values[static_cast<std::size_t>(r)][i]);
    }
    room_.wait();
  }

  Room& room_;
  int rank_;
};

}  // namespace

void run_as_ranks(int n, const std::function<void(Comm&)>& f) {
  Room room(n);
  std::vector<std::thread> ranks;
  for (int r = 0; r < n; ++r)
    ranks.emplace_back([&room, &f, r] {
      try {
        ThreadComm comm(room, r);
        f(comm);
      } catch (...) {
        room.leave_broken(std::current_exception());
      }
    });
  for (std::thread& rank : ranks) rank.join();
  if (room.first_failure) std::rethrow_exception(room.first_failure);
}

}  // namespace ranvier
