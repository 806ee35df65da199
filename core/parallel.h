// Workers: the one place where threads meet. Both calls run f(0) ... f(n - 1), each index once, and
// return when all are done; indices are chunks that share nothing. `phase` is for the windows of a
// run and for its results: a team of threads of which each always has the same indices, and which
// wait briefly, then sleep, between phases. `parallel_for` is for work of uneven size, such as
// drawing synapses (TBB).
// Why two: docs/decisions/threads.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace ranvier {

/// A reference to a callable void(int) that outlives the call.
class IndexFunction {
 public:
  template <class F>
  IndexFunction(const F& f)  // NOLINT: a lambda is handed over as it is
      : object_(&f),
        call_([](const void* object, int i) { (*static_cast<const F*>(object))(i); }) {}
  void operator()(int i) const { call_(object_, i); }

 private:
  const void* object_;
  void (*call_)(const void*, int);
};

/// The threads of this rank.
class Workers {
 public:
  /// \param n  number of worker threads, 1 to 1024 (Error(range) else)
  explicit Workers(int n);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int size() const;
  /// Index i runs on worker i % size(), worker 0 being the caller. Subnormal numbers are zero
  /// inside f. The exception of the lowest index that threw is rethrown when all have ended.
  void phase(int n, IndexFunction f);
  /// Any index on any worker; else as `phase`.
  void parallel_for(int n, IndexFunction f);
  /// How many indices of phases each worker has run so far: the proof that the workers work.
  std::vector<std::int64_t> indices_run() const;
  /// How many different threads of the system ran them.
  std::size_t distinct_threads() const;

 private:
  struct Team;
  std::unique_ptr<Team> team_;
};

}  // namespace ranvier
