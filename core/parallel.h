// Workers: the one place where threads meet. `parallel_for(n, f)` runs f(0) ... f(n - 1), each
// index on one worker, and returns when all are done: one such call a phase of the kernel, chunks
// that share nothing as indices.
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
  /// Subnormal numbers are zero inside f. The exception of the lowest index that threw is rethrown
  /// when all have ended.
  void parallel_for(int n, IndexFunction f);
  /// How many indices each thread of the system that took part has run so far, in the order in
  /// which they first did: the proof that the workers work.
  std::vector<std::int64_t> indices_run() const;
  /// How many different threads that are.
  std::size_t distinct_threads() const { return indices_run().size(); }

 private:
  struct Team;
  std::unique_ptr<Team> team_;
};

}  // namespace ranvier
