#include "encoding/event_writer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "encoding/event_file.h"

namespace ranvier::encoding {
namespace {

constexpr std::size_t flush_bytes = std::size_t{1} << 18;

bool can_write(const Format& format) { return format.encoder || format.create; }

}  // namespace

const Format& output_format(const std::filesystem::path& path, const std::string& name) {
  std::string accepted;
  for (const Format& f : formats())
    if (can_write(f)) accepted += (accepted.empty() ? "" : ", ") + f.name;
  if (!name.empty()) {
    const Format& format = format_named(name);
    if (can_write(format)) return format;
    throw Error(
        ErrorKind::usage,
        fmt::format("recordings of format {} are read only; written are {}", name, accepted));
  }
  for (const Format& f : formats())
    if (can_write(f) && std::count(f.extensions.begin(), f.extensions.end(), path.extension()) > 0)
      return f;
  throw Error(ErrorKind::usage,
              fmt::format("{}: its extension names no format that is written; --to takes {}",
                          path.string(), accepted));
}

std::filesystem::path EventWriter::partial_of(const std::filesystem::path& path) {
  return path.string() + ".partial";
}

EventWriter::EventWriter(const std::filesystem::path& path, const Format& format,
                         const WriteOptions& options)
    : path_(path), partial_(partial_of(path)), is_output_(path == "-") {
  if (!options.compression.empty() && format.name != "aedat4")
    throw Error(
        ErrorKind::usage,
        fmt::format("--compression: is of AEDAT 4, the output is of format {}", format.name));
  if (format.create) {
    if (is_output_)
      throw Error(ErrorKind::unsupported,
                  fmt::format("recordings of format {} cannot be written to a pipe", format.name));
    recording_ = format.create(partial_, options);
    return;
  }
  encoder_ = format.encoder(options);
  file_ = is_output_ ? STDOUT_FILENO
                     : ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) fail("cannot be made");
}

EventWriter::~EventWriter() {
  if (file_ >= 0 && !is_output_) ::close(file_);
  recording_.reset();
  std::error_code ignored;
  if (!finished_ && !is_output_) std::filesystem::remove(partial_, ignored);
}

void EventWriter::fail(const std::string& what) const {
  throw Error(ErrorKind::io,
              fmt::format("{}: {}: {}", is_output_ ? "standard output" : partial_.string(), what,
                          std::strerror(errno)));
}

void EventWriter::flush() {
  std::size_t at = 0;
  while (at < bytes_.size()) {
    const ssize_t n = ::write(file_, bytes_.data() + at, bytes_.size() - at);
    if (n < 0 && errno != EINTR) fail("cannot be written");
    at += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  bytes_.clear();
}

void EventWriter::write(std::span<const DvsEvent> events) {
  try {
    if (recording_) return recording_->write(events);
    while (!events.empty()) {
      const std::size_t n = std::min<std::size_t>(events.size(), 16'384);
      encoder_->encode(events.first(n), bytes_);
      events = events.subspan(n);
      if (bytes_.size() >= flush_bytes) flush();
    }
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::range) throw;
    throw Error(e.kind(), path_.string() + ": " + e.what());
  }
}

void EventWriter::finish() {
  if (recording_) {
    recording_->finish();
    recording_.reset();
    finished_ = true;
    return;
  }
  encoder_->finish(bytes_);
  const auto index = is_output_ ? std::nullopt : encoder_->index();
  if (index) append_all(bytes_, std::span<const std::byte>(index->bytes));
  flush();
  if (index && ::pwrite(file_, index->pointer.data(), index->pointer.size(),
                        static_cast<off_t>(index->pointer_position)) !=
                   static_cast<ssize_t>(index->pointer.size()))
    fail("cannot be written");
  if (!is_output_ && ::close(std::exchange(file_, -1)) != 0) fail("cannot be written");
  finished_ = true;
}

void EventWriter::publish() {
  RANVIER_ASSERT(finished_, "a recording is finished before it gets its name");
  if (is_output_) return;
  std::error_code error;
  std::filesystem::rename(partial_, path_, error);
  if (error) throw Error(ErrorKind::io, fmt::format("{}: {}", path_.string(), error.message()));
}

}  // namespace ranvier::encoding
