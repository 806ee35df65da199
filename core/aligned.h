// AlignedVector: for what SIMD reads, and for large tables that are read here and there. On pages
// of 4 KiB such a read first misses the processor's table of pages: a chunk finds the row of a
// spike in half of the time, and sends it on in a third, on huge ones (measured on a million
// neurons).
#pragma once
#include <cstddef>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace ranvier {

/// Allocator of vectors that SIMD loads may read: 64-byte alignment, and huge pages where a vector
/// fills one.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: rebinding is implicit by the standard
  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    if (bytes < large) return static_cast<T*>(::operator new(bytes, alignment(bytes)));
    const std::size_t whole = (bytes + large - 1) / large * large;
    void* p = ::operator new(whole, alignment(bytes));
    madvise(p, whole, MADV_HUGEPAGE);
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t n) { ::operator delete(p, alignment(n * sizeof(T))); }
  static constexpr std::size_t large = std::size_t{2} << 20;
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes >= large ? large : 64};
  }
  bool operator==(const AlignedAllocator&) const { return true; }
};
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace ranvier
