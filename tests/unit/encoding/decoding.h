// What tests of the event formats need: bytes as a recording, decoded whole and in small pieces,
// which has to give the same.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "encoding/bytes.h"
#include "encoding/event_file.h"
#include "tests/catch.h"

namespace ranvier::encoding {

using Events = std::vector<DvsEvent>;

struct Decoded {
  Events events;
  std::string fault;  ///< empty: none
  std::string description;
  std::optional<Sensor> sensor;
  std::vector<std::string> notes;
};

/// Decodes bytes that arrive `piece` at a time.
inline Decoded decode_pieces(const std::string& format, const Bytes& bytes, std::size_t piece,
                             const ReadOptions& options) {
  const auto decoder = format_named(format).decoder(options);
  EventBuffer out;
  Decoded result;
  std::size_t used = 0, there = 0;
  try {
    while (there < bytes.size()) {
      there = std::min(bytes.size(), there + piece);
      used += decoder->decode({{bytes.data() + used, there - used}, used, false}, out);
    }
    used += decoder->decode({{bytes.data() + used, there - used}, used, true}, out);
    if (used < bytes.size()) result.fault = "byte " + std::to_string(used) + ": cut";
  } catch (const Error& e) {
    result.fault = e.what();
  }
  result.events.assign(out.begin(), out.end());
  result.description = decoder->description();
  result.sensor = decoder->sensor();
  result.notes = decoder->notes();
  return result;
}

inline Decoded decode(const std::string& format, const Bytes& bytes,
                      const ReadOptions& options = {}) {
  const Decoded whole = decode_pieces(format, bytes, bytes.size() + 1, options);
  for (const std::size_t piece : {1, 3, 7, 64}) {
    const Decoded parts = decode_pieces(format, bytes, piece, options);
    REQUIRE(parts.events == whole.events);
    REQUIRE(parts.fault == whole.fault);
  }
  return whole;
}

inline Bytes bytes_of(std::string_view text) {
  Bytes bytes;
  append_text(bytes, text);
  return bytes;
}

template <class Word>
void append_all(Bytes& bytes, const std::vector<Word>& words) {
  for (const Word word : words) append(bytes, word);
}

inline void append_big(Bytes& bytes, const std::vector<std::uint32_t>& words) {
  for (const std::uint32_t word : words) append(bytes, __builtin_bswap32(word));
}

/// What an encoder has left, its index included.
inline void finish(Encoder& encoder, Bytes& bytes) {
  encoder.finish(bytes);
  const auto index = encoder.index();
  if (!index) return;
  ranvier::append_all(bytes, std::span<const std::byte>(index->bytes));
  std::copy(index->pointer.begin(), index->pointer.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(index->pointer_position));
}

/// A file of the given bytes that goes with the test.
class BytesFile {
 public:
  BytesFile(const std::string& name, const Bytes& bytes)
      : path_(std::filesystem::temp_directory_path() / name) {
    std::ofstream(path_, std::ios::binary) << text_of(bytes);
  }
  ~BytesFile() { std::filesystem::remove(path_); }
  BytesFile(const BytesFile&) = delete;
  BytesFile& operator=(const BytesFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ranvier::encoding

namespace Catch {
template <>
struct StringMaker<ranvier::encoding::DvsEvent> {
  static std::string convert(const ranvier::encoding::DvsEvent& e) {
    return "(" + std::to_string(e.t) + " us, " + std::to_string(e.x) + ", " + std::to_string(e.y) +
           (e.on ? ", on)" : ", off)");
  }
};
}  // namespace Catch
