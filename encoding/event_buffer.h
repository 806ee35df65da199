// Events in memory that nothing has cleared before: a decoder claims room for the most that a block
// can give, writes, and commits what it wrote. Large buffers ask for huge pages, for the first
// touch of fresh memory costs more than decoding does, and grow by moving their pages, not the
// events.
#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "encoding/event.h"

namespace ranvier::encoding {

/// A growing row of events; see above.
class EventBuffer {
 public:
  /// Room for n more events behind the last; valid until the next claim. Throws std::bad_alloc.
  DvsEvent* claim(std::size_t n) {
    if (capacity_ - size_ < n) grow(n);
    return data_.get() + size_;
  }
  /// The first n events of the claimed room are written; n at most what was claimed.
  void commit(std::size_t n) { size_ += n; }
  /// Room for n events in all.
  void reserve(std::size_t n);
  void push_back(const DvsEvent& event);
  void clear() { size_ = 0; }
  /// Drops all but the first n events.
  void cut(std::size_t n) { size_ = n < size_ ? n : size_; }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  const DvsEvent* data() const { return data_.get(); }
  const DvsEvent* begin() const { return data_.get(); }
  const DvsEvent* end() const { return data_.get() + size_; }
  const DvsEvent& operator[](std::size_t i) const { return data_.get()[i]; }
  const DvsEvent& front() const { return data_.get()[0]; }
  const DvsEvent& back() const { return data_.get()[size_ - 1]; }
  std::span<const DvsEvent> events() const { return {begin(), size_}; }
  std::span<DvsEvent> events() { return {data_.get(), size_}; }
  friend bool operator==(const EventBuffer& a, const EventBuffer& b);

 private:
  struct Free {
    Free() : mapped(0) {}
    explicit Free(std::size_t bytes) : mapped(bytes) {}
    std::size_t mapped;  ///< bytes that are pages of their own; 0: they come from malloc
    void operator()(DvsEvent* p) const;
  };
  void grow(std::size_t n);
  void move_to(std::size_t capacity);

  std::unique_ptr<DvsEvent, Free> data_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace ranvier::encoding
