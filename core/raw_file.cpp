#include "core/raw_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace ranvier {

void sync(const std::filesystem::path& path) { RawFile::open(path).sync(); }

RawFile RawFile::open(const std::filesystem::path& path) {
  return {path, O_RDONLY, "cannot be opened for reading"};
}
RawFile RawFile::edit(const std::filesystem::path& path) {
  return {path, O_RDWR, "cannot be opened for writing"};
}
RawFile RawFile::create(const std::filesystem::path& path) {
  return {path, O_WRONLY | O_CREAT | O_EXCL, "cannot be created"};
}

RawFile::RawFile(const std::filesystem::path& path, int flags, const char* what)
    : path_(path), file_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
  if (file_ < 0) fail(what);
}

RawFile::~RawFile() {
  if (file_ >= 0) ::close(file_);
}

RawFile::RawFile(RawFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), end_(other.end_) {}

RawFile& RawFile::operator=(RawFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(end_, other.end_);
  return *this;
}

void RawFile::fail(const char* what) const {
  throw Error(ErrorKind::io, path_.string() + ": " + what + ": " +
                                 std::error_code(errno, std::generic_category()).message());
}

std::uint64_t RawFile::size() const {
  const off_t size = ::lseek(file_, 0, SEEK_END);
  if (size < 0) fail("cannot be read");
  return static_cast<std::uint64_t>(size);
}

std::size_t RawFile::read_at(std::uint64_t at, std::span<std::byte> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void RawFile::write_at(std::uint64_t at, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    done += static_cast<std::size_t>(n);
  }
}

void RawFile::begin_sync(std::uint64_t at, std::uint64_t n) const {
  static_cast<void>(::sync_file_range(file_, static_cast<off_t>(at), static_cast<off_t>(n),
                                      SYNC_FILE_RANGE_WRITE));
}

void RawFile::append(std::span<const std::byte> bytes) {
  write_at(end_, bytes);
  end_ += bytes.size();
}

void RawFile::truncate(std::uint64_t size) {
  if (::ftruncate(file_, static_cast<off_t>(size)) != 0) fail("cannot be cut");
}

void RawFile::sync() {
  // EINVAL: the file system has nothing to wait for (a folder on some).
  if (::fdatasync(file_) != 0 && errno != EINVAL) fail("cannot be written");
}

bool RawFile::try_lock() {
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno == EINTR) continue;
    if (errno == ENOTSUP || errno == ENOLCK || errno == ENOSYS) return true;  // no locks here
    fail("cannot be locked");
  }
  return true;
}

bool RawFile::has_its_name() const {
  struct stat mine {};
  struct stat named {};
  return ::fstat(file_, &mine) == 0 && ::stat(path_.c_str(), &named) == 0 &&
         mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

}  // namespace ranvier
