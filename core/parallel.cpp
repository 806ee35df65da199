#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>

#include "core/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#ifndef RANVIER_THREADS_STD
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace ranvier {
namespace {

using namespace std::chrono_literals;

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

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// How many looks, a pause each, fill the time that a waiting thread spends awake: a pause takes 10
/// to 60 ns, by processor.
int looks_awake() {
  using Clock = std::chrono::steady_clock;
  constexpr int samples = 20, pauses = 50;
  constexpr std::int64_t awake_ns = 400'000;
  std::int64_t least = awake_ns;  // a sample that the system interrupted says nothing
  for (int k = 0; k < samples; ++k) {
    const auto start = Clock::now();
    for (int n = 0; n < pauses; ++n) pause();
    least = std::min<std::int64_t>(least, (Clock::now() - start) / 1ns);
  }
  return static_cast<int>(awake_ns * pauses / std::max<std::int64_t>(1, least));
}

/// The cores that this process may use.
cpu_set_t allowed_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  static_cast<void>(sched_getaffinity(0, sizeof cores, &cores));
  return cores;
}

/// Moves the calling thread to another of the allowed cores, if there is one; afterwards the system
/// is free again to move it as it likes.
bool leave_core(int core, const cpu_set_t& allowed) {
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<std::size_t>(core), &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return false;
  return sched_setaffinity(0, sizeof allowed, &allowed) == 0;
}

/// Where threads wait between phases: by looking again and again, a number of times, then asleep.
class Gate {
 public:
  std::uint32_t value() const { return value_.load(std::memory_order_acquire); }
  void set(std::uint32_t value) {
    value_.store(value, std::memory_order_release);
    value_.notify_all();
  }
  /// One less; wakes who waits once it is 0.
  void count_down() {
    if (value_.fetch_sub(1, std::memory_order_acq_rel) == 1) value_.notify_all();
  }
  /// Returns once it is (`equal`) or is no longer `value`.
  void wait(std::uint32_t value, bool equal, int looks) const {
    for (int n = 0; n < looks; ++n) {
      if ((this->value() == value) == equal) return;
      pause();
    }
    for (std::uint32_t seen = this->value(); (seen == value) != equal; seen = this->value())
      value_.wait(seen, std::memory_order_acquire);
  }

 private:
  alignas(64) std::atomic<std::uint32_t> value_ = 0;
};

void rethrow_first(const std::vector<std::exception_ptr>& failures) {
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

struct Workers::Team {
  explicit Team(int n) : size(n), counts(static_cast<std::size_t>(n)) {
#ifndef RANVIER_THREADS_STD
    control = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                    static_cast<std::size_t>(n));
    arena = std::make_unique<tbb::task_arena>(n);
#endif
    for (int w = 1; w < n; ++w) threads.emplace_back([this, w] { work(w); });
  }
  ~Team() {
    stopping = true;
    round.set(round.value() + 1);
    for (std::thread& t : threads) t.join();
  }

  static void run_index(IndexFunction f, int i, std::exception_ptr& failure) {
    const SubnormalsAreZero mode;
    try {
      f(i);
    } catch (...) {
      failure = std::current_exception();
    }
  }

  /// The worker's indices of a phase, every `step`-th.
  void share(int worker, int step) {
    Count& count = counts[static_cast<std::size_t>(worker)];
    count.core.store(sched_getcpu(), std::memory_order_relaxed);
    for (int i = worker; i < job_size; i += step) {
      run_index(*job, i, failures[static_cast<std::size_t>(i)]);
      ++count.indices;
      count.thread = std::this_thread::get_id();
    }
  }
  /// A worker that another was last seen beside on the same core holds that one up while it looks:
  /// it sleeps at once. The later of the two moves to another core first, now and then: some
  /// systems leave two threads that take turns where they are, with the other cores idle.
  int looks_of(int worker) {
    static const int looks = looks_awake();
    constexpr int now_and_then = 16;
    Count& mine = counts[static_cast<std::size_t>(worker)];
    const int core = sched_getcpu();
    for (int w = 0; w < size; ++w) {
      if (w == worker ||
          counts[static_cast<std::size_t>(w)].core.load(std::memory_order_relaxed) != core)
        continue;
      if (w > worker || mine.crowded++ % now_and_then != 0) return 0;
      return leave_core(core, allowed) ? looks : 0;
    }
    return looks;
  }
  void work(int worker) {
    for (std::uint32_t done = 0;; ++done) {
      round.wait(done, false, looks_of(worker));
      if (stopping) return;
      share(worker, size);
      left.count_down();
    }
  }
  void run_phase(int n, IndexFunction f) {
    job = &f;
    job_size = n;
    if (n > 1 && size > 1) {
      left.set(static_cast<std::uint32_t>(size - 1));
      round.set(round.value() + 1);
      share(0, size);
      left.wait(0, true, looks_of(0));
    } else {
      share(0, 1);
    }
  }

  struct alignas(64) Count {  // a cache line each
    std::int64_t indices = 0;
    std::thread::id thread;
    std::atomic<int> core = -1;  ///< where it last worked
    int crowded = 0;             ///< how often another worker was there too
  };
  int size;
  std::vector<Count> counts;  ///< a worker's, written by it alone
  std::vector<std::exception_ptr> failures;
  const IndexFunction* job = nullptr;
  int job_size = 0;
  const cpu_set_t allowed = allowed_cores();
  bool stopping = false;
  Gate round, left;
  std::vector<std::thread> threads;
#ifndef RANVIER_THREADS_STD
  std::unique_ptr<tbb::global_control> control;
  std::unique_ptr<tbb::task_arena> arena;
#endif
};

Workers::Workers(int n) {
  if (n < 1 || n > 1024)
    throw Error(ErrorKind::range, "threads: " + std::to_string(n) + ", must lie in [1, 1024]");
  team_ = std::make_unique<Team>(n);
}

Workers::~Workers() = default;

int Workers::size() const { return team_->size; }

void Workers::phase(int n, IndexFunction f) {
  team_->failures.assign(static_cast<std::size_t>(n), nullptr);
  team_->run_phase(n, f);
  rethrow_first(team_->failures);
}

void Workers::parallel_for(int n, IndexFunction f) {
#ifdef RANVIER_THREADS_STD
  phase(n, f);
#else
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(n));
  team_->arena->execute([&] {
    tbb::parallel_for(0, n,
                      [&](int i) { Team::run_index(f, i, failures[static_cast<std::size_t>(i)]); });
  });
  rethrow_first(failures);
#endif
}

std::size_t Workers::distinct_threads() const {
  std::set<std::thread::id> threads;
  for (const Team::Count& c : team_->counts)
    if (c.indices > 0) threads.insert(c.thread);
  return threads.size();
}

std::vector<std::int64_t> Workers::indices_run() const {
  std::vector<std::int64_t> run;
  for (const Team::Count& c : team_->counts) run.push_back(c.indices);
  return run;
}

}  // namespace ranvier
