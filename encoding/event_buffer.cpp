#include "encoding/event_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "core/aligned.h"

namespace ranvier::encoding {

void EventBuffer::Free::operator()(DvsEvent* p) const {
  if (mapped > 0) unmap_pages(p, mapped);
  else std::free(p);
}

void EventBuffer::move_to(std::size_t capacity) {
  if (capacity > (std::size_t{1} << 48)) throw std::bad_alloc();
  const std::size_t bytes = capacity * sizeof(DvsEvent);
  const bool large = bytes >= 2 * huge_page;
  const std::size_t unit = large ? huge_page : 64;
  const std::size_t whole = (bytes + unit - 1) / unit * unit;
  void* const memory = large ? map_pages(whole) : std::aligned_alloc(unit, whole);
  if (!memory) throw std::bad_alloc();
  std::unique_ptr<DvsEvent, Free> larger(static_cast<DvsEvent*>(memory), Free(large ? whole : 0));
  const std::size_t mapped = data_.get_deleter().mapped;
  if (mapped > 0 && mapped <= whole) {  // the pages themselves move
    void* const moved = mremap(static_cast<void*>(data_.get()), mapped, mapped,
                               MREMAP_MAYMOVE | MREMAP_FIXED, memory);
    if (moved == MAP_FAILED) throw std::bad_alloc();
    (void)data_.release();
  } else if (size_ > 0) {
    std::memcpy(memory, data_.get(), size_ * sizeof(DvsEvent));
  }
  data_ = std::move(larger);
  capacity_ = whole / sizeof(DvsEvent);
}

void EventBuffer::grow(std::size_t n) {
  move_to(std::max({size_ + n, capacity_ + capacity_ / 2, std::size_t{1024}}));
}

void EventBuffer::reserve(std::size_t n) {
  if (n > capacity_) move_to(n);
}

void EventBuffer::push_back(const DvsEvent& event) {
  put(claim(1), event.t, event.x, event.y, event.on);
  commit(1);
}

bool operator==(const EventBuffer& a, const EventBuffer& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace ranvier::encoding
