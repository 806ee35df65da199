// Opening a recording of whatever format: by its first bytes, or, where the format has no magic, by
// its name's extension and a check of its first events. "-" is standard input.
#pragma once
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoding/filter_chain.h"
#include "encoding/format.h"

namespace ranvier::encoding {

/// The formats of this build, sorted by name (one file each in encoding/formats).
const std::vector<Format>& formats();

/// The format of that name. Throws Error(usage).
const Format& format_named(const std::string& name);

/// Events of a recording, in file order, by pieces of bounded size.
class EventReader {
 public:
  /// Throws Error(io) or Error(parse) that names the file, Error(usage) for an unknown format.
  explicit EventReader(const std::filesystem::path& path, const ReadOptions& options = {});
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  /// Replaces `out` by the next piece; false when the recording is over. A fault comes after the
  /// events before it: Error(parse) that names file and byte.
  bool read(EventBuffer& out);
  /// Appends all that is left; the events before a fault are in `out` when it is thrown.
  void read_all(EventBuffer& out);

  const Format& format() const { return *format_; }
  /// The three are complete when the recording is over; the sensor is that behind the filters,
  /// known once events have come through them.
  std::string description() const;
  std::optional<Sensor> sensor() const;
  std::vector<std::string> notes() const;

 private:
  void recognise();
  bool fill();
  bool append_piece(EventBuffer& out);
  void append_events(EventBuffer& out);
  void decode_piece(EventBuffer& out);
  void reserve_for_all(EventBuffer& out, std::size_t before) const;
  void apply_filters(EventBuffer& out, std::size_t before);
  template <class Step>
  void keep_fault_of(Step step);
  std::string name() const;
  std::optional<Sensor> sensor_of_file() const;

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t file_bytes_ = 0;  ///< 0: not known (a pipe)
  const Format* format_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Recording> recording_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;  ///< of bytes_; [begin_, end_) is not used yet
  std::uint64_t position_ = 0;                      ///< in the file, of begin_
  bool at_end_ = false;                             ///< the file has no more bytes
  bool has_new_ = false;  ///< bytes, or the end, that the decoder has not seen
  bool over_ = false;
  FilterChain filters_;
  bool has_started_ = false;        ///< the filters
  std::optional<Sensor> sensor_{};  ///< behind the filters
  std::exception_ptr fault_;
};

/// A whole recording.
EventBuffer read_events(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace ranvier::encoding
