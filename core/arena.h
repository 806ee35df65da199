// Arena: one growing array of plain records in memory mapped from the system, on huge pages where
// they are to be had. Growing moves page tables, not bytes, so that a build never holds its
// synapses twice.
#pragma once
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

#include <sys/mman.h>

#include "core/aligned.h"

namespace ranvier {

/// An array of trivially copyable records; owns its memory, movable.
template <class T>
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Arena() {
    if (data_) munmap(data_, capacity_ * sizeof(T));
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

  /// Appends n zeroed records and returns the first. Throws std::bad_alloc.
  T* extend(std::size_t n) {
    if (size_ + n > capacity_) grow(size_ + n);
    T* first = data_ + size_;
    size_ += n;
    return first;
  }

 private:
  void swap(Arena& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  void grow(std::size_t needed) {
    std::size_t bytes = capacity_ * sizeof(T) * 2;
    if (bytes < needed * sizeof(T)) bytes = needed * sizeof(T);
    bytes = (bytes + huge_page - 1) / huge_page * huge_page;
    void* p = data_ ? moved(bytes) : mapped(bytes);
    if (p == MAP_FAILED) throw std::bad_alloc();
    madvise(p, bytes, MADV_HUGEPAGE);
    data_ = static_cast<T*>(p);
    capacity_ = bytes / sizeof(T);
  }

  static void* mapped(std::size_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1, 0);
  }
  void* moved(std::size_t bytes) const {
#ifdef __SANITIZE_THREAD__  // does not see mremap: the new place would still be whose it was before
    void* p = mapped(bytes);
    if (p == MAP_FAILED) return p;
    std::memcpy(p, data_, size_ * sizeof(T));
    munmap(data_, capacity_ * sizeof(T));
    return p;
#else
    return mremap(data_, capacity_ * sizeof(T), bytes / sizeof(T) * sizeof(T), MREMAP_MAYMOVE);
#endif
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ranvier
