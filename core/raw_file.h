// RawFile: a file of bytes, read and written at given places, with every failure an Error that
// names the file. What core/spool.h and core/results.h stand on; POSIX calls, since streams can
// neither lock a file nor write to one place of a file that others write to. Tested through
// tests/unit/core/test_spool.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace ranvier {

/// Waits until a file, or a folder's list of names, would outlive a crash of the machine. Throws
/// Error(io).
void sync(const std::filesystem::path& path);

/// An open file; closed with the object.
class RawFile {
 public:
  /// Opens for reading. All of these throw Error(io).
  static RawFile open(const std::filesystem::path& path);
  /// Opens for reading and writing.
  static RawFile edit(const std::filesystem::path& path);
  /// Creates a new file, which must not exist, for writing.
  static RawFile create(const std::filesystem::path& path);
  ~RawFile();
  RawFile(RawFile&& other) noexcept;
  RawFile& operator=(RawFile&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  /// Reads from `at` on into `bytes`; returns how many there were, fewer only at the file's end.
  std::size_t read_at(std::uint64_t at, std::span<std::byte> bytes) const;
  void write_at(std::uint64_t at, std::span<const std::byte> bytes);
  /// Writes where the last append ended.
  void append(std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  /// Waits until what was written would outlive a crash of the machine.
  void sync();
  /// Lets the system begin to bring n > 0 bytes to the disk, so that sync() has less to wait for.
  void begin_sync(std::uint64_t at, std::uint64_t n) const;
  /// Takes the file for itself until it is closed, or this process ends. False: another has it.
  bool try_lock();
  /// Whether it is still what has its name: neither removed nor replaced.
  bool has_its_name() const;

 private:
  RawFile(const std::filesystem::path& path, int flags, const char* what);
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t end_ = 0;  // of what was appended
};

}  // namespace ranvier
