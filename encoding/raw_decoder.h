// A decoder of Prophesee RAW files of one word size: reads the header, hands whole words on in
// blocks.
#pragma once
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "encoding/format.h"
#include "encoding/line_header.h"
#include "encoding/prophesee.h"

namespace ranvier::encoding {

/// \tparam Word  unsigned integer of the word's size
template <class Word>
class RawDecoder : public Decoder {
 public:
  explicit RawDecoder(const ReadOptions& options)
      : given_(options.sensor), sensor_(options.sensor) {}

  std::size_t decode(const Input& in, EventBuffer& out) final {
    std::size_t at = 0;
    if (!has_header_) {
      const auto length = header_length(in.bytes, "% ", "% end", in.last);
      if (!length) return 0;
      RawHeader header = parse_raw_header(text_of(in.bytes.first(*length)));
      sensor_ = named_sensor(header.sensor, given_, in.position);
      header_ = std::move(header);
      has_header_ = true;
      at = *length;
    }
    std::size_t words = (in.bytes.size() - at) / sizeof(Word);
    while (words > 0) {
      const std::size_t block = std::min<std::size_t>(words, 1024);
      const std::size_t good = decode_words(in.bytes.data() + at, block, out);
      at += good * sizeof(Word);
      if (good < block)
        fail_at(in.position + at,
                fmt::format("{} word 0x{:0{}X} is of no defined type", description(),
                            load<Word>(in.bytes.data() + at), 2 * sizeof(Word)));
      words -= block;
    }
    return at;
  }

  std::optional<Sensor> sensor() const final { return sensor_; }

  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (header_.guessed_sensor && !given_)
      all.push_back("the header names no sensor size: taken from plugin_name");
    if (has_header_ && !sensor_) all.push_back("the header names no sensor size");
    if (wraps_ > 0) all.push_back(fmt::format("time wrapped {} times", wraps_));
    return all;
  }

 protected:
  /// Appends the events of n words, up to the first of an undefined type; returns how many words.
  virtual std::size_t decode_words(const std::byte* p, std::size_t n, EventBuffer& out) = 0;
  const RawHeader& header() const { return header_; }
  std::int64_t wraps_ = 0;

 private:
  std::optional<Sensor> given_, sensor_;
  RawHeader header_;
  bool has_header_ = false;
};

}  // namespace ranvier::encoding
