// What Prophesee's file formats share: the header of '%' lines.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "encoding/bytes.h"
#include "encoding/event.h"
#include "encoding/format.h"

namespace ranvier::encoding {

/// A RAW file's header; `format` is EVT2, EVT21, EVT3, EVT4, or empty where no line names one.
struct RawHeader {
  std::string format;
  WrittenSensor sensor;
  bool guessed_sensor = false;  ///< from the plugin's name
  bool legacy_words = false;    ///< EVT 2.1: the halves of a word are swapped
};
RawHeader parse_raw_header(std::string_view header);

/// Whether the head of a file is a RAW header of that format.
bool is_raw(std::span<const std::byte> head, std::string_view format);

}  // namespace ranvier::encoding
