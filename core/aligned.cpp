#include "core/aligned.h"

#include <cstdint>

#include <sys/mman.h>

namespace ranvier {

namespace {

std::size_t whole(std::size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

}  // namespace

void* map_pages(std::size_t bytes) {
  const std::size_t size = whole(bytes), mapped = size + huge_page;
  void* const p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  auto* const first = static_cast<std::byte*>(p);
  const std::size_t before =
      (huge_page - reinterpret_cast<std::uintptr_t>(p) % huge_page) % huge_page;
  if (before > 0) munmap(first, before);
  if (before < huge_page) munmap(first + before + size, huge_page - before);
  madvise(first + before, size, MADV_HUGEPAGE);
  return first + before;
}

void unmap_pages(void* p, std::size_t bytes) { munmap(p, whole(bytes)); }

}  // namespace ranvier
