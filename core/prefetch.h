// Fetching memory ahead of its use. __builtin_prefetch alone does not do: GCC takes a function that
// only fetches for one without effects, and drops the calls of it that it has not inlined yet.
#pragma once

namespace ranvier {

/// The line of memory at `p`, to be read soon.
[[gnu::always_inline]] inline void prefetch(const void* p) {
  __builtin_prefetch(p);
  asm volatile("");
}

/// The same, to be written as well.
[[gnu::always_inline]] inline void prefetch_to_write(const void* p) {
  __builtin_prefetch(p, 1);
  asm volatile("");
}

/// As far as the second-level cache, which can wait for more lines at once than the first.
[[gnu::always_inline]] inline void prefetch_early(const void* p) {
  __builtin_prefetch(p, 0, 2);
  asm volatile("");
}

}  // namespace ranvier
