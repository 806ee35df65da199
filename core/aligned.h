// AlignedVector: for what SIMD reads, and for large tables that are read here and there. On pages
// of 4 KiB such a read first misses the processor's table of pages: a chunk finds the row of a
// spike in half of the time, and sends it on in a third, on huge ones (measured on a million
// neurons).
#pragma once
#include <cstddef>
#include <limits>
#include <new>
#include <vector>

namespace ranvier {

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Zeroed memory of its own, mapped from the system in whole huge pages where there are any. Unlike
/// what malloc keeps for later, it goes back when it is unmapped. Throws std::bad_alloc.
void* map_pages(std::size_t bytes);
void unmap_pages(void* p, std::size_t bytes);

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
    return static_cast<T*>(bytes < large ? ::operator new(bytes, alignment) : map_pages(bytes));
  }
  void deallocate(T* p, std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    if (bytes < large) ::operator delete(p, alignment);
    else unmap_pages(p, bytes);
  }
#ifdef __SANITIZE_ADDRESS__  // watches the bounds of what malloc gives
  static constexpr std::size_t large = std::numeric_limits<std::size_t>::max();
#else
  static constexpr std::size_t large = huge_page;
#endif
  static constexpr std::align_val_t alignment{64};
  bool operator==(const AlignedAllocator&) const { return true; }
};
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace ranvier
