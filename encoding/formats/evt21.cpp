// evt21: Prophesee RAW, EVT 2.1. '%' lines, then 64-bit words; the top four bits are the type:
//
//   0x0 OFF, 0x1 ON   t bits 0-5 in bits 54-59, x of the first pixel in 43-53, y in 32-42;
//                     each set bit k of bits 0-31 is an event at x + k
//   0x8 TIME_HIGH     t bits 6-33 in bits 32-59
//   0xA trigger, 0xE other, 0xF continued: left out
//
// In "legacy" files the two 32-bit halves of a word are swapped. Time as in EVT 2.0.
//
// Source: Prophesee's public description of EVT 2.1. Tested by tests/unit/encoding/test_evt.cpp.
#include "encoding/pixel_vectors.h"
#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

constexpr std::uint32_t types =
    1u << 0x0 | 1u << 0x1 | 1u << 0x8 | 1u << 0xA | 1u << 0xE | 1u << 0xF;

class Evt21Decoder final : public RawDecoder<std::uint64_t> {
 public:
  explicit Evt21Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override {
    return header().legacy_words ? "EVT 2.1 (legacy word order)" : "EVT 2.1 (little endian)";
  }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t n, EventBuffer& buffer) override {
    DvsEvent* const begin = buffer.claim(32 * n + room_behind_vectors);
    DvsEvent* out = begin;
    const bool legacy = header().legacy_words;
    const auto order = legacy ? HalfOrder::high_first : HalfOrder::low_first;
    std::size_t i = 0;
    while (i < n) {
      const auto done = put_pixel_vectors(p + 8 * i, n - i, order, high_ << 6, out);
      if (started_) out += done.events;
      i += done.words;
      if (i == n) break;
      const auto word = std::rotl(load<std::uint64_t>(p + 8 * i), legacy ? 32 : 0);
      const auto type = static_cast<std::uint32_t>(word >> 60);
      if (type < 2) continue;
      if (!(types >> type & 1)) break;
      if (type == 0x8) set_time(word >> 32 & 0xFFF'FFFF);
      ++i;
    }
    buffer.commit(static_cast<std::size_t>(out - begin));
    return i;
  }

  void set_time(std::uint64_t time) {
    const std::uint64_t wrapped = time + (std::uint64_t{1} << 27) < (high_ & 0xFFF'FFFF);
    wraps_ += static_cast<std::int64_t>(wrapped);
    high_ = (high_ & ~std::uint64_t{0xFFF'FFFF}) + (wrapped << 28) + time;
    started_ = true;
  }

  std::uint64_t high_ = 0;  ///< t >> 6, wraps included
  bool started_ = false;    ///< a TIME_HIGH has come
};

}  // namespace

Format evt21_format() {
  return {.name = "evt21",
          .summary = "Prophesee RAW, EVT 2.1",
          .extensions = {".raw"},
          .matches = [](std::span<const std::byte> head) { return is_raw(head, "EVT21"); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Evt21Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
