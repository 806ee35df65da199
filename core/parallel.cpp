#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#ifdef RANVIER_THREADS_STD
#include <condition_variable>
#else
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace ranvier {
namespace {

/// Flush-to-zero and denormals-are-zero while it lives: decaying conductances would else cost six
/// times as much.
class SubnormalsAreZero {
 public:
#if defined(__x86_64__)
  SubnormalsAreZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~SubnormalsAreZero() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#else
  SubnormalsAreZero() = default;
#endif
};

}  // namespace

struct Workers::Team {
  explicit Team(int n) : size(n) {
#ifndef RANVIER_THREADS_STD
    control = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                    static_cast<std::size_t>(n));
    arena = std::make_unique<tbb::task_arena>(n);
#else
    for (int w = 1; w < n; ++w) threads.emplace_back([this, w] { work(w); });
#endif
  }

  void run_index(IndexFunction f, int i, std::vector<std::exception_ptr>& failures) {
    const SubnormalsAreZero mode;
    ++count_of_this_thread();
    try {
      f(i);
    } catch (...) {
      failures[static_cast<std::size_t>(i)] = std::current_exception();
    }
  }

  /// Written by its own thread alone, read when no index runs.
  std::int64_t& count_of_this_thread() {
    thread_local std::uint64_t known = 0;
    thread_local std::int64_t* count = nullptr;
    if (known == id) return *count;
    const std::lock_guard lock(counts_mutex);
    const auto me = std::this_thread::get_id();
    auto own =
        std::find_if(counts.begin(), counts.end(), [me](const Count& c) { return c.thread == me; });
    if (own == counts.end()) own = counts.insert(own, Count{me, 0});
    known = id;
    count = &own->indices;
    return *count;
  }

  struct alignas(64) Count {  // a cache line each
    std::thread::id thread;
    std::int64_t indices;
  };
  static inline std::atomic<std::uint64_t> teams{0};
  const std::uint64_t id = ++teams;
  int size;
  std::mutex counts_mutex;
  std::list<Count> counts;  // a list, so that a thread's count stays where it is
#ifndef RANVIER_THREADS_STD
  std::unique_ptr<tbb::global_control> control;
  std::unique_ptr<tbb::task_arena> arena;

  void run(int n, IndexFunction f, std::vector<std::exception_ptr>& failures) {
    arena->execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<int>(0, n, 1),
          [&](const tbb::blocked_range<int>& range) {
            for (int i = range.begin(); i < range.end(); ++i) run_index(f, i, failures);
          },
          tbb::static_partitioner());
    });
  }
  ~Team() = default;
#else
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t round = 0;
  int left = 0;
  bool stopping = false;
  const IndexFunction* job = nullptr;
  int job_size = 0;
  std::vector<std::exception_ptr>* job_failures = nullptr;

  void share(int worker, IndexFunction f, int n, std::vector<std::exception_ptr>& failures) {
    for (int i = worker; i < n; i += size) run_index(f, i, failures);
  }

  void run(int n, IndexFunction f, std::vector<std::exception_ptr>& failures) {
    {
      const std::lock_guard lock(mutex);
      job = &f;
      job_size = n;
      job_failures = &failures;
      left = size - 1;
      ++round;
    }
    changed.notify_all();
    share(0, f, n, failures);
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return left == 0; });
  }

  void work(int worker) {
    for (std::uint64_t done = 0;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stopping || round != done; });
      if (stopping) return;
      done = round;
      const IndexFunction f = *job;
      const int n = job_size;
      auto& failures = *job_failures;
      lock.unlock();
      share(worker, f, n, failures);
      lock.lock();
      if (--left == 0) changed.notify_all();
    }
  }

  ~Team() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    for (std::thread& t : threads) t.join();
  }
#endif
};

Workers::Workers(int n) {
  if (n < 1 || n > 1024)
    throw Error(ErrorKind::range, "threads: " + std::to_string(n) + ", must lie in [1, 1024]");
  team_ = std::make_unique<Team>(n);
}

Workers::~Workers() = default;

int Workers::size() const { return team_->size; }

void Workers::parallel_for(int n, IndexFunction f) {
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(n));
  if (n == 1 || team_->size == 1) {
    for (int i = 0; i < n; ++i) team_->run_index(f, i, failures);
  } else {
    team_->run(n, f, failures);
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

std::vector<std::int64_t> Workers::indices_run() const {
  std::vector<std::int64_t> run;
  for (const Team::Count& c : team_->counts) run.push_back(c.indices);
  return run;
}

}  // namespace ranvier
