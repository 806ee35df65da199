// Bytes: what ranks send each other and what files hold in between, as plain values one after the
// other in this machine's own form. Tested through what uses it (tests/unit/core/test_comm.cpp,
// test_run_folder.cpp).
#pragma once
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace ranvier {

using Bytes = std::vector<std::byte>;

/// Adds values at the end.
template <class T>
void append_all(Bytes& bytes, std::span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size_bytes());
}

/// Adds one value at the end.
template <class T>
void append(Bytes& bytes, const T& value) {
  append_all(bytes, std::span<const T>(&value, 1));
}

/// The i-th of values of one kind; `bytes` has to hold it.
template <class T>
T take(std::span<const std::byte> bytes, std::size_t i) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

/// All values of one kind; a rest that is shorter than one is left out.
template <class T>
std::vector<T> take_all(std::span<const std::byte> bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace ranvier
