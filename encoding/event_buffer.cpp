#include "encoding/event_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace ranvier::encoding {
namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;

DvsEvent* fresh(std::size_t n) {
  if (n > (std::size_t{1} << 48)) throw std::bad_alloc();
  const std::size_t bytes = n * sizeof(DvsEvent);
  const bool large = bytes >= 2 * huge_page;
  const std::size_t unit = large ? huge_page : 64;
  const std::size_t whole = (bytes + unit - 1) / unit * unit;
  void* memory = std::aligned_alloc(unit, whole);
  if (!memory) throw std::bad_alloc();
  if (large) madvise(memory, whole, MADV_HUGEPAGE);
  return static_cast<DvsEvent*>(memory);
}

}  // namespace

void EventBuffer::Free::operator()(DvsEvent* p) const { std::free(p); }

void EventBuffer::move_to(std::size_t capacity) {
  std::unique_ptr<DvsEvent, Free> larger(fresh(capacity));
  if (size_ > 0)
    std::memcpy(static_cast<void*>(larger.get()), data_.get(), size_ * sizeof(DvsEvent));
  data_ = std::move(larger);
  capacity_ = capacity;
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
