// Writing a recording: under NAME.partial until publish() gives it its name. "-" is standard
// output.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "encoding/format.h"

namespace ranvier::encoding {

/// The format that a file of that name is written in: the one named, else by the extension (.raw is
/// EVT 3.0). Throws Error(usage) for one that cannot be written.
const Format& output_format(const std::filesystem::path& path, const std::string& name);

/// A recording in the making.
class EventWriter {
 public:
  /// Throws Error(usage) for options that the format does not take, Error(io) when the file cannot
  /// be made.
  EventWriter(const std::filesystem::path& path, const Format& format, const WriteOptions& options);
  /// Without finish(), NAME.partial is removed.
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  /// Throws Error(range) that names the file for an event that the format cannot hold, Error(io).
  void write(std::span<const DvsEvent> events);
  /// Ends the content: NAME.partial is a recording. Throws Error(io).
  void finish();
  /// Gives NAME.partial, finished before, its name. Throws Error(io).
  void publish();
  const std::filesystem::path& partial() const { return partial_; }
  /// Its name, for a recording that is to be called `path`.
  static std::filesystem::path partial_of(const std::filesystem::path& path);

 private:
  void flush();
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path path_, partial_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<RecordingWriter> recording_;
  Bytes bytes_;
  int file_ = -1;
  bool is_output_ = false, finished_ = false;
};

}  // namespace ranvier::encoding
