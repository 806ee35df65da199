// What a format of event recordings has to give: one file encoding/formats/NAME.cpp that defines
// NAME_format().
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoding/event.h"

namespace ranvier::encoding {

/// Decodes a stream of bytes that comes in pieces. Never reads past a piece; keeps what a piece
/// leaves over.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends the events that end in these bytes. Throws Error(parse) that names the byte's position
  /// in the stream.
  virtual void decode(std::span<const std::byte> bytes, std::vector<DvsEvent>& out) = 0;
  /// The stream is over. Throws Error(parse) when a record was cut.
  virtual void finish() = 0;
};

struct Format {
  std::string name;
  std::string summary;
  std::vector<std::string> extensions;  ///< with the dot
  bool (*matches)(std::span<const std::byte> head) =
      nullptr;  ///< a magic; null: recognised by extension alone
  std::unique_ptr<Decoder> (*decoder)() = nullptr;
};

}  // namespace ranvier::encoding
