// What a format of event recordings has to give: one file encoding/formats/NAME.cpp that defines
// NAME_format(). A format is a stream of bytes (Decoder), which may come from a pipe, or a whole
// file (Recording: HDF5, NumPy); it may also be written (Encoder or RecordingWriter).
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "encoding/event.h"
#include "encoding/event_buffer.h"

namespace ranvier::encoding {

/// How a recording is to be read where its bytes leave it open.
struct ReadOptions {
  std::string format{};            ///< a format's name; empty: recognised
  std::optional<Sensor> sensor{};  ///< wins over the file's own
  bool flip = true;                ///< false: coordinates as stored (AEDAT 2.0, Event Stream)
  std::string columns{};           ///< of text, e.g. "x,y,p,t"; empty: by header, else t x y p
  std::string time_unit{};  ///< of text: "s" or "us"; empty: by header, else by the decimal point
  std::vector<std::string> filters{};  ///< texts of FilterChain, applied as the events are read
};

/// Bytes of a stream that are not used yet.
struct Input {
  std::span<const std::byte> bytes;
  std::uint64_t position = 0;  ///< of the first of them in the stream
  bool last = false;           ///< the stream ends with them
};

/// Decodes a stream of bytes that comes in pieces; the events do not depend on how it is cut.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends the events of the whole records in `in`, and returns how many bytes those take; the
  /// others come again with more behind them. Throws Error(parse) that names the byte's position,
  /// after appending the events before it.
  virtual std::size_t decode(const Input& in, EventBuffer& out) = 0;
  /// Bytes that the next call of decode() can make use of, with those that come again, where the
  /// stream has said how long its next record is; 0: not known.
  virtual std::size_t wanted() const { return 0; }
  /// The format with its variant, e.g. "EVT 2.1 (legacy word order)"; known once events are.
  virtual std::string description() const = 0;
  virtual std::optional<Sensor> sensor() const { return std::nullopt; }
  /// What a user should know of this stream so far: assumptions, wraps, what was left out.
  virtual std::vector<std::string> notes() const { return {}; }
};

/// A recording in a file that has to be there as a whole.
class Recording {
 public:
  virtual ~Recording() = default;
  /// Appends the next events, at most a piece of bounded size; false when there are none left.
  /// Throws Error(parse).
  virtual bool read(EventBuffer& out) = 0;
  /// Events in all that the file says it holds, not more than its bytes can; 0: not known.
  virtual std::size_t size() const { return 0; }
  virtual std::string description() const = 0;
  virtual std::optional<Sensor> sensor() const { return std::nullopt; }
  virtual std::vector<std::string> notes() const { return {}; }
};

/// How a recording is to be written.
struct WriteOptions {
  std::optional<Sensor> sensor{};
  std::string compression{};  ///< AEDAT 4: none, lz4 or zstd; empty: lz4
};

/// Encodes events into a stream of bytes.
class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Appends the bytes of further events. Throws Error(range) for an event that the format cannot
  /// hold.
  virtual void encode(std::span<const DvsEvent> events, Bytes& out) = 0;
  /// Appends what is left.
  virtual void finish(Bytes& out) = 0;
  /// An index behind the events, and what has to be written earlier to point at it: only where the
  /// output can be gone back in.
  struct Index {
    Bytes bytes;
    std::uint64_t pointer_position;
    Bytes pointer;
  };
  virtual std::optional<Index> index() { return std::nullopt; }
};

/// Writes a file that cannot be written as a stream.
class RecordingWriter {
 public:
  virtual ~RecordingWriter() = default;
  virtual void write(std::span<const DvsEvent> events) = 0;
  virtual void finish() = 0;
};

/// A format by name, with what it can do: null members are what it cannot.
struct Format {
  std::string name{};
  std::string summary{};
  std::vector<std::string> extensions{};  ///< with the dot
  /// Whether a file that starts so is of this format: a magic. Null: has none.
  bool (*matches)(std::span<const std::byte> head) = nullptr;
  /// Without a magic: whether a file of one of the extensions that starts so may be of this format;
  /// `whole`: the head is all there is.
  bool (*plausible)(std::span<const std::byte> head, bool whole) = nullptr;
  std::unique_ptr<Decoder> (*decoder)(const ReadOptions&) = nullptr;
  std::unique_ptr<Recording> (*open)(const std::filesystem::path&, const ReadOptions&) = nullptr;
  std::unique_ptr<Encoder> (*encoder)(const WriteOptions&) = nullptr;
  std::unique_ptr<RecordingWriter> (*create)(const std::filesystem::path&,
                                             const WriteOptions&) = nullptr;
};

/// Throws the Error(parse) of a fault at a byte.
[[noreturn]] void fail_at(std::uint64_t position, const std::string& what);

/// Throws the Error(range) of a writer whose format cannot count time up from the last event's
/// (none: from 0) to `to` us, with what helps. \param limit  why, e.g. "X counts time in wraps
/// of 16.8 s"
[[noreturn]] void fail_gap(const std::string& limit, std::optional<std::int64_t> from,
                           std::int64_t to);

/// What of --zero-time helps a writer whose format holds times in [0, latest] us and which meets
/// one outside, to be appended to its message: "" where nothing does. \param first  time of the
/// recording's first event, us
std::string help_for_time(std::int64_t time, std::int64_t first, std::int64_t latest);

/// What is wrong with a sensor of such sides (pixels); empty where both are at most longest_side.
std::string fault_of_sides(std::uint64_t width, std::uint64_t height);

/// A sensor as a header writes it.
struct WrittenSensor {
  std::optional<Sensor> sensor{};  ///< none where a side is no whole number above zero
  std::string fault{};             ///< as fault_of_sides() has it, of numbers of any length
  bool is_missing() const { return !sensor && fault.empty(); }
};
WrittenSensor written_sensor(std::string_view width, std::string_view height);

/// The sensor that a header names, none where the user's own wins over it (`given`). Throws the
/// Error(parse), at that byte, of one with a side beyond longest_side.
std::optional<Sensor> named_sensor(const WrittenSensor& written, const std::optional<Sensor>& given,
                                   std::uint64_t position);

}  // namespace ranvier::encoding
